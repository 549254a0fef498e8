//! The key of a record within its type.
//!
//! A key is made of identifiers alone and holds no personal data. Its parts
//! are joined by `/`; a slash or percent sign inside a part is written `%2F`,
//! `%25`, so that two records never meet in one key. A part longer than an
//! identifier may be makes no key: keys stand in every message about a record.

use rmd_proto::v1::{BusinessEntity, Lot, MineSite};

use crate::{
    Entity, Record, Severity,
    finding::{Ground, Issue},
    model::{Fault, Form, Message, Trail, shortened},
    site_id,
};

/// The key, or what is missing for it.
pub(crate) fn of(record: &Record) -> Result<String, Box<Issue>> {
    match record {
        Record::MineSite(site) => site_key(site),
        Record::Lot(lot) => lot_key(lot),
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
        Record::ReportingPeriod(period) => joined(
            period.as_ref(),
            &[("country", &period.country), ("period", &period.period), ("feed", &period.feed)],
        ),
    }
}

/// Whether the field is a part of the key although its table does not insist on it.
pub(crate) fn insists_on(entity: Entity, path: &str) -> bool {
    entity == Entity::Lot && path == "creator.identifier"
}

fn number(line: u32) -> String {
    if line == 0 { String::new() } else { line.to_string() }
}

fn site_key(site: &MineSite) -> Result<String, Box<Issue>> {
    let fault = if site.icglr_id.is_empty() { Fault::Missing } else { Fault::Unreadable };
    site_id::key_of(&site.icglr_id).ok_or_else(|| {
        let trail = Trail::ROOT.field("icglr_id");
        let mut issue = lacking::<MineSite>("icglr_id", trail, fault);
        issue.value = shortened(&site.icglr_id);
        issue
    })
}

fn lot_key(lot: &Lot) -> Result<String, Box<Issue>> {
    let creator = lot.creator.as_ref().map_or("", |creator| creator.identifier.as_str());
    if creator.is_empty() || creator.len() > Form::IDENTIFIER_BYTES_MAX {
        let trail = Trail::ROOT.field("creator").field("identifier");
        let fault = if creator.is_empty() { Fault::Missing } else { Fault::OutOfRange };
        return Err(lacking::<BusinessEntity>("identifier", trail, fault));
    }
    joined(lot, &[("country", &lot.country), ("creator", creator), ("lot_number", &lot.lot_number)])
}

fn joined<M: Message>(_message: &M, parts: &[(&'static str, &str)]) -> Result<String, Box<Issue>> {
    let mut key = String::with_capacity(48);
    for (name, part) in parts {
        if part.is_empty() {
            return Err(lacking::<M>(name, Trail::ROOT.field(name), Fault::Missing));
        }
        if !key.is_empty() {
            key.push('/');
        }
        if part.len() > Form::IDENTIFIER_BYTES_MAX {
            return Err(lacking::<M>(name, Trail::ROOT.field(name), Fault::OutOfRange));
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

fn lacking<M: Message>(name: &str, trail: Trail, fault: Fault) -> Box<Issue> {
    let field = M::FIELDS.iter().find(|field| field.spec.name == name);
    let spec = &field.expect("parts of keys are rows of the tables, which a test reads").spec;
    let ground = Ground::Field { code: M::CODE, spec, fault };
    Box::new(Issue { ground, severity: Severity::Refuse, trail, value: String::new() })
}

#[cfg(test)]
mod tests;
