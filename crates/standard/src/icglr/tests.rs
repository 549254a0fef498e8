mod faults;
mod records;
mod variants;

use jiff::{civil::date, tz::TimeZone};
use serde_json::{Value as Json, json};

use super::{Usage, read, write};
use crate::{Context, Entity, National, Record, Refusal, Valid};

/// The documents that the integration tests use as well.
const LOT: &str = include_str!("../../tests/examples/lot.json");
const SITE: &str = include_str!("../../tests/examples/mine-site.json");
const CERTIFICATE: &str = include_str!("../../tests/examples/export-certificate.json");

fn context(country: &str) -> Context {
    Context { country: country.to_owned(), today: date(2026, 11, 22), zone: zone() }
}

fn zone() -> TimeZone {
    TimeZone::fixed(jiff::tz::offset(2))
}

/// An example with members put in the place of others; null takes one out.
fn changed(text: &str, members: &[(&str, Json)]) -> Json {
    let mut document: Json = serde_json::from_str(text).unwrap();
    for (pointer, value) in members {
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        let parent = document.pointer_mut(parent).unwrap();
        match parent {
            Json::Object(map) if value.is_null() => drop(map.remove(name)),
            Json::Object(map) => drop(map.insert(name.to_owned(), value.clone())),
            Json::Array(list) => list[name.parse::<usize>().unwrap()] = value.clone(),
            _ => panic!("{pointer} leads nowhere"),
        }
    }
    document
}

fn read_as(entity: Entity, document: &Json) -> Result<Valid<Record, National>, Refusal> {
    let country = match entity {
        Entity::ExportCertificate => "TZ",
        _ => "BI",
    };
    read(entity, document, &context(country))
}

fn record(entity: Entity, document: &Json) -> Record {
    let valid =
        read_as(entity, document).unwrap_or_else(|refusal| panic!("{:#?}", refusal.findings));
    let written = write(valid.record(), Usage::Icglr, &zone());
    let again =
        read_as(entity, &written).unwrap_or_else(|refusal| panic!("{:#?}", refusal.findings));
    assert_eq!(valid.record(), again.record(), "{written:#}");
    valid.record().clone()
}

fn lot(members: &[(&str, Json)]) -> Box<rmd_proto::v1::Lot> {
    match record(Entity::Lot, &changed(LOT, members)) {
        Record::Lot(lot) => lot,
        other => panic!("{other:?}"),
    }
}

fn site(members: &[(&str, Json)]) -> Box<rmd_proto::v1::MineSite> {
    match record(Entity::MineSite, &changed(SITE, members)) {
        Record::MineSite(site) => site,
        other => panic!("{other:?}"),
    }
}

fn certificate(members: &[(&str, Json)]) -> Box<rmd_proto::v1::ExportCertificate> {
    match record(Entity::ExportCertificate, &changed(CERTIFICATE, members)) {
        Record::ExportCertificate(certificate) => certificate,
        other => panic!("{other:?}"),
    }
}

fn written(record: &Record, usage: Usage) -> Json {
    write(record, usage, &zone())
}

#[test]
fn usages_are_named() {
    for usage in [Usage::Icglr, Usage::Rwanda] {
        assert_eq!(usage.to_string().parse(), Ok(usage));
    }
    assert!("cd".parse::<Usage>().unwrap_err().to_string().contains("icglr, rw"));
}

#[test]
fn the_context_gives_every_written_name_a_term() {
    let terms = &super::context()["@context"];
    assert_eq!(terms["@vocab"], "https://icglr.org/vocab/");
    assert_eq!(terms["mass"], json!({ "@id": "schema:weight", "@type": "xsd:decimal" }));
    assert_eq!(terms["polygon"]["@type"], "@json");
    assert_eq!(terms["certificationStatus"]["@type"], "xsd:integer");
    for text in [LOT, SITE, CERTIFICATE] {
        let document: Json = serde_json::from_str(text).unwrap();
        for name in document.as_object().unwrap().keys() {
            assert!(terms.get(name).is_some(), "{name}");
        }
    }
}
