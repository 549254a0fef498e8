//! The key of a record within its type.
//!
//! A key is made of identifiers alone and holds no personal data. Its parts
//! are joined by `/`; a slash or percent sign inside a part is written `%2F`,
//! `%25`, so that two records never meet in one key. A part longer than an
//! identifier may be makes no key: keys stand in every message about a record.

use rmd_proto::v1::BusinessEntity;

use crate::{
    Entity, Record, Severity,
    finding::{Ground, Issue},
    mineral,
    model::{Fault, Form, Message, Trail, shortened},
    site_id,
};

/// The key, or what is missing for it.
pub(crate) fn of(record: &Record) -> Result<String, Issue> {
    match record {
        Record::MineSite(site) => site_part(site.as_ref(), "icglr_id", &site.icglr_id),
        Record::ExporterStatus(status) => {
            party_key(status.as_ref(), &status.country, ("exporter", status.exporter.as_ref()), &[])
        }
        Record::Lot(lot) => {
            let number = [("lot_number", lot.lot_number.as_str())];
            party_key(lot.as_ref(), &lot.country, ("creator", lot.creator.as_ref()), &number)
        }
        Record::ExportCertificate(certificate) => joined(
            certificate.as_ref(),
            &[
                ("issuing_country", &certificate.issuing_country),
                ("identifier", &certificate.identifier),
            ],
        ),
        Record::ExportDeclaration(declaration) => joined(
            declaration.as_ref(),
            &[
                ("country", &declaration.country),
                ("declaration_number", &declaration.declaration_number),
                ("line", &number(declaration.line)),
            ],
        ),
        Record::ImportDeclaration(declaration) => joined(
            declaration.as_ref(),
            &[
                ("country", &declaration.country),
                ("declaration_number", &declaration.declaration_number),
                ("line", &number(declaration.line)),
            ],
        ),
        Record::ProductionDeclaration(one) => joined(
            one.as_ref(),
            &[
                ("mine_site_id", &site_part(one.as_ref(), "mine_site_id", &one.mine_site_id)?),
                ("mineral", &mineral_part(one.as_ref(), &one.mineral)?),
                ("period", &one.period),
            ],
        ),
        Record::StockDeclaration(one) => joined(
            one.as_ref(),
            &[
                ("country", &one.country),
                ("party_identifier", &one.party_identifier),
                ("mineral", &mineral_part(one.as_ref(), &one.mineral)?),
                ("period", &one.period),
            ],
        ),
        Record::Audit(audit) => joined(
            audit.as_ref(),
            &[("country", &audit.country), ("audit_number", &audit.audit_number)],
        ),
        Record::Incident(incident) => joined(
            incident.as_ref(),
            &[("country", &incident.country), ("incident_number", &incident.incident_number)],
        ),
        Record::ReportingPeriod(period) => joined(
            period.as_ref(),
            &[("country", &period.country), ("period", &period.period), ("feed", &period.feed)],
        ),
    }
}

/// Whether the field is a part of the key although its table does not insist on it.
pub(crate) fn insists_on(entity: Entity, path: &str) -> bool {
    matches!(
        (entity, path),
        (Entity::Lot, "creator.identifier") | (Entity::ExporterStatus, "exporter.identifier")
    )
}

fn number(line: u32) -> String {
    if line == 0 { String::new() } else { line.to_string() }
}

/// The parsed form of a mine-site id.
fn site_part<M: Message>(_message: &M, name: &'static str, id: &str) -> Result<String, Issue> {
    let fault = if id.is_empty() { Fault::Missing } else { Fault::Unreadable };
    site_id::key_of(id).ok_or_else(|| {
        let mut issue = lacking::<M>(name, None, fault);
        issue.value = shortened(id);
        issue
    })
}

/// The six digits by which two codes of a mineral are compared.
fn mineral_part<M: Message>(_message: &M, code: &str) -> Result<String, Issue> {
    let fault = if code.is_empty() { Fault::Missing } else { Fault::Unlisted };
    mineral::hs6(code).ok_or_else(|| {
        let mut issue = lacking::<M>("mineral", None, fault);
        issue.value = shortened(code);
        issue
    })
}

/// Country, party, and what numbers the record of that party.
fn party_key<M: Message>(
    message: &M,
    country: &str,
    (role, entity): (&'static str, Option<&BusinessEntity>),
    number: &[(&'static str, &str)],
) -> Result<String, Issue> {
    let identifier = entity.map_or("", |entity| entity.identifier.as_str());
    if identifier.is_empty() || identifier.len() > Form::IDENTIFIER_BYTES_MAX {
        let fault = if identifier.is_empty() { Fault::Missing } else { Fault::OutOfRange };
        let role = number_of::<M>(role);
        return Err(lacking::<BusinessEntity>("identifier", Some(role), fault));
    }
    let parts = [("country", country), (role, identifier)];
    match number {
        [number] => joined(message, &[parts[0], parts[1], *number]),
        _ => joined(message, &parts),
    }
}

fn joined<M: Message>(_message: &M, parts: &[(&'static str, &str)]) -> Result<String, Issue> {
    let mut key = String::with_capacity(48);
    for (name, part) in parts {
        if part.is_empty() {
            return Err(lacking::<M>(name, None, Fault::Missing));
        }
        if !key.is_empty() {
            key.push('/');
        }
        if part.len() > Form::IDENTIFIER_BYTES_MAX {
            return Err(lacking::<M>(name, None, Fault::OutOfRange));
        }
        if !part.bytes().any(|byte| matches!(byte, b'/' | b'%')) {
            key.push_str(part);
            continue;
        }
        for piece in part.split_inclusive(['/', '%']) {
            let plain = piece.trim_end_matches(['/', '%']);
            key.push_str(plain);
            match &piece[plain.len()..] {
                "/" => key.push_str("%2F"),
                "%" => key.push_str("%25"),
                _ => {}
            }
        }
    }
    Ok(key)
}

/// What is wrong with a field of the record, or of the part in its field `inside`.
fn lacking<M: Message>(name: &str, inside: Option<usize>, fault: Fault) -> Issue {
    let number = number_of::<M>(name);
    let trail = inside.map_or(Trail::ROOT, |part| Trail::ROOT.field(part)).field(number);
    let ground = Ground::Field { code: M::CODE, spec: &M::FIELDS[number].spec, fault };
    Issue { ground, severity: Severity::Refuse, trail, value: String::new() }
}

fn number_of<M: Message>(name: &str) -> usize {
    let number = M::FIELDS.iter().position(|field| field.spec.name == name);
    number.expect("parts of keys are rows of the tables, which a test reads")
}

#[cfg(test)]
mod tests;
