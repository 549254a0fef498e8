//! Records: the standard's JSON, and the payload of an entry.
//!
//! The first byte chooses the record type, the others are the document.

use jiff::{civil::date, tz::TimeZone};
use rmd_standard::{
    Context, Entity, Finding, Record, Refusal, Valid,
    icglr::{self, Usage},
};

use crate::{Answer, owner::named};

/// Findings that a reader gives at most for one document.
const FINDINGS_MAX: usize = 3000;

/// A document of the standard.
pub fn json(bytes: &[u8]) -> Answer {
    let Some((entity, bytes)) = chosen(bytes) else { return Answer::Refused };
    let tree = match icglr::parse(bytes) {
        Ok(tree) => tree,
        Err(finding) => return refused(&[finding]),
    };
    match icglr::read(entity, &tree, &context(entity)) {
        Ok(valid) => {
            same_again(entity, valid.record());
            let released = valid.release();
            same_again(entity, released.record());
            Answer::Taken
        }
        Err(Refusal { findings, .. }) => refused(&findings),
    }
}

/// The payload of an entry of a node's feed.
pub fn record(bytes: &[u8]) -> Answer {
    let Some((entity, bytes)) = chosen(bytes) else { return Answer::Refused };
    let Ok(record) = Record::decode(entity, bytes) else { return Answer::Refused };
    let again = Record::decode(entity, &record.encode());
    assert_eq!(again.as_ref(), Ok(&record), "it was written");
    match Valid::check(record, &context(entity)) {
        Ok(valid) => {
            assert!(!valid.key().is_empty(), "a record has a key");
            assert!(valid.record().to_json().is_object());
            for usage in [Usage::Icglr, Usage::Rwanda] {
                let mut text = Vec::new();
                icglr::write_to(valid.record(), usage, &context(entity).zone, &mut text);
                serde_json::from_slice::<serde_json::Value>(&text).expect("JSON was written");
            }
            Answer::Taken
        }
        Err(Refusal { findings, .. }) => refused(&findings),
    }
}

/// The number of a record type, as the first byte of an input.
pub(crate) fn number(entity: Entity) -> u8 {
    let number = Entity::ALL.iter().position(|known| *known == entity);
    number.and_then(|number| u8::try_from(number).ok()).expect("there are few record types")
}

fn chosen(bytes: &[u8]) -> Option<(Entity, &[u8])> {
    let (first, rest) = bytes.split_first()?;
    Some((Entity::ALL[usize::from(*first) % Entity::ALL.len()], rest))
}

fn same_again(entity: Entity, record: &Record) {
    for usage in [Usage::Icglr, Usage::Rwanda] {
        let written = icglr::write(record, usage, &context(entity).zone);
        match icglr::read(entity, &written, &context(entity)) {
            Ok(again) => assert_eq!(again.record(), record, "{written:#}"),
            Err(refusal) => panic!("what was written is refused: {refusal:#?}\n{written:#}"),
        }
    }
}

fn refused(findings: &[Finding]) -> Answer {
    assert!((1..=FINDINGS_MAX).contains(&findings.len()), "{} findings", findings.len());
    for finding in findings {
        assert!(!finding.rule.is_empty(), "{finding:?}");
        named(&finding.en, &finding.fr);
    }
    Answer::Refused
}

/// The state and the day that go with the kept documents.
pub(crate) fn context(entity: Entity) -> Context {
    let country = if entity == Entity::ExportCertificate { "TZ" } else { "BI" };
    let zone = TimeZone::fixed(jiff::tz::offset(2));
    Context { country: country.to_owned(), today: date(2026, 11, 22), zone }
}
