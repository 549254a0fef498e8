//! Level 3 of the standard: records as linked data.
//!
//! A linked record is the plain one with keywords added: a context that we serve
//! ourselves, an `@id` that is the path of the record, and links to the records
//! that it names. No plain member is changed or left out, so a client that knows
//! nothing of links reads the same record, and what we give can be posted back.

use axum::{http::StatusCode, response::Response};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use rmd_proto::v1::{ExportCertificate, InputLot, Lot, OriginatingOperation};
use rmd_standard::{Record, icglr};
use serde_json::{Map, Value, json};

use crate::answer::{self, LINKED};

/// Where the context is served, relative to the records.
pub(crate) const CONTEXT_PATH: &str = "/v1/context.jsonld";
/// What a segment of a path or a parameter may hold as it is.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// `GET /v1/context.jsonld`.
pub(crate) async fn context() -> Response {
    answer::value(StatusCode::OK, LINKED, icglr::context())
}

/// The path of a record; none for record types that the standard's API does not serve.
pub(crate) fn path(record: &Record) -> Option<String> {
    match record {
        Record::MineSite(site) => Some(site_path(&site.icglr_id)),
        Record::ExportCertificate(certificate) => Some(certificate_path(certificate)),
        Record::Lot(lot) => Some(own_lot_path(lot)),
        _ => None,
    }
}

/// The plain form of a record with its links.
pub(crate) fn link(record: &Record, mut plain: Value) -> Value {
    let Some(members) = plain.as_object_mut() else { return plain };
    if let Some(path) = path(record) {
        members.insert("@id".to_owned(), Value::from(path));
    }
    members.insert("@type".to_owned(), Value::from(record.entity().name()));
    if let Record::Lot(lot) = record {
        link_lot(lot, members);
    }
    plain
}

/// The context in front of a document.
pub(crate) fn with_context(mut document: Value) -> Value {
    if let Some(members) = document.as_object_mut() {
        members.insert("@context".to_owned(), Value::from(CONTEXT_PATH));
    }
    document
}

/// A record without the keywords of linked data and without the links that are nothing else.
pub(crate) fn unlink(document: &mut Value) {
    match document {
        Value::Object(members) => {
            members.retain(|name, value| !name.starts_with('@') && !is_link(value));
            members.values_mut().for_each(unlink);
        }
        Value::Array(items) => items.iter_mut().for_each(unlink),
        _ => {}
    }
}

fn is_link(value: &Value) -> bool {
    let members = value.as_object();
    members.is_some_and(|members| {
        members.contains_key("@id") && members.keys().all(|name| name.starts_with('@'))
    })
}

fn link_lot(lot: &Lot, members: &mut Map<String, Value>) {
    if !lot.mine_site_id.is_empty() {
        members.insert("mineSite".to_owned(), to("MineSite", &site_path(&lot.mine_site_id)));
    }
    // The serial is unique within the state that issued it. An imported lot names a
    // certificate of another state, which the record does not say.
    let is_imported = lot.originating_operation.contains(&(OriginatingOperation::Import as i32));
    if !lot.export_certificate_id.is_empty() && !is_imported {
        let path = certificate_of(&lot.country, &lot.export_certificate_id);
        members.insert("exportCertificate".to_owned(), to("ExportCertificate", &path));
    }
    let inputs = members.get_mut("inputLot").and_then(Value::as_array_mut);
    for (member, input) in inputs.into_iter().flatten().zip(&lot.input_lot) {
        if let Some(member) = member.as_object_mut() {
            member.insert("@id".to_owned(), Value::from(input_path(input, lot)));
            member.insert("@type".to_owned(), Value::from("Lot"));
        }
    }
}

fn to(entity: &str, path: &str) -> Value {
    json!({ "@id": path, "@type": entity })
}

fn site_path(icglr_id: &str) -> String {
    format!("/v1/mine-sites/{}", plain(icglr_id))
}

fn certificate_path(certificate: &ExportCertificate) -> String {
    certificate_of(&certificate.issuing_country, &certificate.identifier)
}

fn certificate_of(country: &str, identifier: &str) -> String {
    format!("/v1/export-certificates/{}?issuingCountry={}", plain(identifier), plain(country))
}

fn own_lot_path(lot: &Lot) -> String {
    let creator = lot.creator.as_ref().map_or("", |creator| creator.identifier.as_str());
    lot_path(&lot.lot_number, &lot.country, creator)
}

/// A lot that names no state came from the state of the one that names it.
fn input_path(input: &InputLot, lot: &Lot) -> String {
    let country = if input.country.is_empty() { &lot.country } else { &input.country };
    lot_path(&input.lot_number, country, &input.creator_identifier)
}

fn lot_path(number: &str, country: &str, creator: &str) -> String {
    let mut path = format!("/v1/lots/{}?country={}", plain(number), plain(country));
    if !creator.is_empty() {
        path.push_str("&creatorIdentifier=");
        path.push_str(&plain(creator));
    }
    path
}

fn plain(text: &str) -> String {
    utf8_percent_encode(text, PLAIN).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lot_links_to_what_it_names_and_loses_nothing() {
        let lot = Lot {
            country: "CD".into(),
            lot_number: "L/1".into(),
            mine_site_id: "CD-1.9403+29.8739-00001".into(),
            export_certificate_id: "C 1".into(),
            input_lot: vec![InputLot {
                lot_number: "L0".into(),
                creator_identifier: "é".into(),
                ..InputLot::default()
            }],
            ..Lot::default()
        };
        let plain = json!({"lotNumber": "L/1", "mineSiteId": lot.mine_site_id, "inputLot": [{"lotNumber": "L0"}]});
        let mut linked = with_context(link(&Record::Lot(Box::new(lot)), plain.clone()));
        assert_eq!(linked["@context"], "/v1/context.jsonld");
        assert_eq!(linked["@id"], "/v1/lots/L%2F1?country=CD");
        assert_eq!(linked["@type"], "Lot");
        assert_eq!(linked["mineSite"]["@id"], "/v1/mine-sites/CD-1.9403%2B29.8739-00001");
        assert_eq!(
            linked["exportCertificate"]["@id"],
            "/v1/export-certificates/C%201?issuingCountry=CD"
        );
        assert_eq!(linked["inputLot"][0]["@id"], "/v1/lots/L0?country=CD&creatorIdentifier=%C3%A9");
        unlink(&mut linked);
        assert_eq!(linked, plain);
    }

    #[test]
    fn an_imported_lot_does_not_guess_who_issued_its_certificate() {
        let lot = Lot {
            export_certificate_id: "C1".into(),
            originating_operation: vec![OriginatingOperation::Import as i32],
            ..Lot::default()
        };
        let linked = link(&Record::Lot(Box::new(lot)), json!({}));
        assert_eq!(linked.get("exportCertificate"), None);
    }

    #[test]
    fn an_object_that_is_more_than_a_link_stays() {
        let mut document = json!({"owner": {"@type": "BusinessEntity", "name": "x"}, "empty": {}, "a": [{"@id": "b"}]});
        unlink(&mut document);
        assert_eq!(document, json!({"owner": {"name": "x"}, "empty": {}, "a": [{}]}));
    }
}
