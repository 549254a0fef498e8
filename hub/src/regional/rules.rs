//! The rules of the hub itself, beside those of the standard.
//!
//! They concern what a record is in its feed: its type, its key, its state, its
//! owner, and whether the stores can hold it. Each message names record, field,
//! value, rule and remedy, in English and French.

use prost::DecodeError;
use rmd_feed::Defect;
use rmd_proto::v1::EntryHeader;
use rmd_standard::{Entity, Finding, Record, Severity};

/// Keys and quoted identifiers stand in indexes; PostgreSQL refuses an index
/// row above 2 700 bytes, and the standard's identifiers have at most 64.
const INDEXED_BYTES_MAX: usize = 512;

/// Unknown record type.
pub(super) fn entity(header: &EntryHeader) -> Finding {
    finding(
        header,
        "HUB-ENTITY",
        "entity",
        &header.entity,
        "this version of the hub does not know the record type; upgrade the hub",
        "cette version du pivot ne connaît pas ce type de fiche ; mettez le pivot à jour",
    )
}

/// A record type in a feed that does not carry it.
pub(super) fn feed(header: &EntryHeader, entity: Entity) -> Finding {
    finding(
        header,
        "HUB-FEED",
        "feed",
        &header.feed,
        &format!("the record type belongs to the feed {}; publish it there", entity.feed()),
        &format!("ce type de fiche relève du flux {} ; publiez-le là", entity.feed()),
    )
}

/// An operation that this version cannot execute.
pub(super) fn op(header: &EntryHeader) -> Finding {
    finding(
        header,
        "HUB-OP",
        "op",
        header.op().as_str_name(),
        "this version of the hub cannot execute the operation; upgrade the hub",
        "cette version du pivot ne sait pas exécuter l'opération ; mettez le pivot à jour",
    )
}

/// An order to erase that cannot be executed.
pub(super) fn order(header: &EntryHeader, defect: &Defect) -> Finding {
    finding(
        header,
        "HUB-ERASURE",
        defect.field,
        &defect.seen,
        &format!(
            "expected {}; have the owner write the order again, or upgrade the hub",
            defect.expected
        ),
        &format!(
            "attendu {} ; que le propriétaire réécrive l'ordre, ou mettez le pivot à jour",
            defect.expected
        ),
    )
}

/// Bytes that are no such record.
pub(super) fn decode(header: &EntryHeader, error: &DecodeError) -> Finding {
    finding(
        header,
        "HUB-DECODE",
        "payload",
        &error.to_string(),
        "the bytes are no record of this type; publish the record again, or upgrade the hub",
        "les octets ne sont pas une fiche de ce type ; republiez la fiche, ou mettez le pivot à jour",
    )
}

/// A record under another key than its own.
pub(super) fn key(header: &EntryHeader, own: &str) -> Finding {
    finding(
        header,
        "HUB-KEY",
        "key",
        &header.key,
        &format!("the record's own key is {own:?}; publish it under that key"),
        &format!("la clé propre de la fiche est {own:?} ; publiez-la sous cette clé"),
    )
}

/// A record of another state.
pub(super) fn country(header: &EntryHeader, seen: &str, expected: &str) -> Finding {
    finding(
        header,
        "HUB-COUNTRY",
        "country",
        seen,
        &format!("a node publishes records of its own state, {expected}; correct the mapping"),
        &format!("un nœud publie les fiches de son État, {expected} ; corrigez la correspondance"),
    )
}

/// A key that another node holds.
pub(super) fn owner(header: &EntryHeader, holder: &str) -> Finding {
    finding(
        header,
        "HUB-OWNER",
        "key",
        &header.key,
        &format!("the record belongs to node {holder}; withdraw it there first"),
        &format!("la fiche appartient au nœud {holder} ; retirez-la d'abord là-bas"),
    )
}

/// A revision that does not count up.
pub(super) fn rev(header: &EntryHeader, known: u64) -> Finding {
    finding(
        header,
        "HUB-REV",
        "rev",
        &header.rev.to_string(),
        &format!("revision {known} is applied already; revisions count up by one"),
        &format!("la révision {known} est déjà appliquée ; les révisions montent d'une unité"),
    )
}

/// A header that the tables cannot hold.
pub(super) fn storable_header(header: &EntryHeader) -> Option<Finding> {
    if header.key.len() > INDEXED_BYTES_MAX {
        return Some(length(header, "key", &header.key));
    }
    if i64::try_from(header.rev).is_err() {
        return Some(rev(header, i64::MAX.unsigned_abs()));
    }
    [
        ("key", &header.key),
        ("reason", &header.reason),
        ("schema_id", &header.schema_id),
        ("mapping_id", &header.mapping_id),
    ]
    .into_iter()
    .find(|(_, value)| value.contains('\0'))
    .map(|(field, value)| nul(header, field, value))
}

/// A record that the tables cannot hold: a NUL character, or an identifier too
/// long for an index.
pub(super) fn storable_record(
    header: &EntryHeader,
    payload: &[u8],
    record: &Record,
) -> Option<Finding> {
    // Text without a zero byte has no NUL; the costly look is for the few others.
    if payload.contains(&0) && record.to_json().to_string().contains("\\u0000") {
        return Some(nul(header, "payload", ""));
    }
    if payload.len() <= INDEXED_BYTES_MAX {
        return None;
    }
    indexed(record)
        .into_iter()
        .find(|(_, value)| value.len() > INDEXED_BYTES_MAX)
        .map(|(field, value)| length(header, field, value))
}

/// The texts of a record that stand in an index.
fn indexed(record: &Record) -> Vec<(&'static str, &str)> {
    match record {
        Record::MineSite(_)
        | Record::ExporterStatus(_)
        | Record::ProductionDeclaration(_)
        | Record::StockDeclaration(_)
        | Record::ReportingPeriod(_) => Vec::new(),
        Record::Lot(lot) => {
            let mut texts = vec![
                ("mine_site_id", lot.mine_site_id.as_str()),
                ("mineral", &lot.mineral),
                ("export_certificate_id", &lot.export_certificate_id),
            ];
            texts
                .extend(lot.input_lot.iter().map(|input| ("input_lot", input.lot_number.as_str())));
            texts.extend(lot.tag.iter().map(|tag| ("tag", tag.identifier.as_str())));
            texts
        }
        Record::ExportCertificate(certificate) => {
            vec![
                ("date_of_issuance", &certificate.date_of_issuance),
                ("type_of_ore", &certificate.type_of_ore),
            ]
        }
        Record::ExportDeclaration(declaration) => vec![
            ("certificate_country", &declaration.certificate_country),
            ("certificate_identifier", &declaration.certificate_identifier),
        ],
        Record::ImportDeclaration(declaration) => vec![
            ("certificate_country", &declaration.certificate_country),
            ("certificate_identifier", &declaration.certificate_identifier),
        ],
        Record::Audit(audit) => vec![
            ("exporter_identifier", &audit.exporter_identifier),
            ("audit_date", &audit.audit_date),
        ],
        Record::Incident(incident) => vec![
            ("exporter_identifier", &incident.exporter_identifier),
            ("incident_date", &incident.incident_date),
        ],
    }
}

fn length(header: &EntryHeader, field: &str, value: &str) -> Finding {
    finding(
        header,
        "HUB-LENGTH",
        field,
        value,
        &format!("an identifier has at most {INDEXED_BYTES_MAX} bytes; shorten it"),
        &format!("un identifiant a au plus {INDEXED_BYTES_MAX} octets ; raccourcissez-le"),
    )
}

fn nul(header: &EntryHeader, field: &str, value: &str) -> Finding {
    finding(
        header,
        "HUB-NUL",
        field,
        value,
        "a text holds the character NUL; remove it at the source",
        "un texte contient le caractère NUL ; supprimez-le à la source",
    )
}

fn finding(
    header: &EntryHeader,
    rule: &str,
    path: &str,
    value: &str,
    en: &str,
    fr: &str,
) -> Finding {
    let record = format!("{} {}", header.entity, cut(&header.key));
    let value = cut(value);
    Finding {
        rule: rule.to_owned(),
        severity: Severity::Refuse,
        path: path.to_owned(),
        en: format!("{record}, {path} {value:?}: {en} ({rule})"),
        fr: format!("{record}, {path} {value:?} : {fr} ({rule})"),
        value,
    }
}

/// A text of a peer as it may stand in a message and in every store.
fn cut(text: &str) -> String {
    const CHARACTERS_MAX: usize = 120;
    let mut cut: String = text.chars().take(CHARACTERS_MAX).map(storable).collect();
    if cut.len() < text.len() && text.chars().nth(CHARACTERS_MAX).is_some() {
        cut.push('…');
    }
    cut
}

const fn storable(character: char) -> char {
    if character == '\0' { char::REPLACEMENT_CHARACTER } else { character }
}

/// A header's text as quarantine can hold it: without NUL, short enough for an index.
pub(crate) fn storable_text(text: &str) -> String {
    let mut end = text.len().min(INDEXED_BYTES_MAX);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text[..end].chars().map(storable).collect()
}
