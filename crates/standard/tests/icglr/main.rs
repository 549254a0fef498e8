//! The standard's JSON, lossless both ways, over generated documents.
//!
//! Goal: whatever a tolerated document says is there after it was read and
//! written, and reading it again gives the same record. Method: documents are
//! drawn out of a handful of bytes, in every variant that is tolerated, each
//! with what must be found in the document that is written.

mod compare;
mod generate;
mod lots;
mod robust;
mod sites;
mod trade;

use jiff::{civil::date, tz::TimeZone};
use proptest::prelude::*;
use rmd_standard::{
    Context, Entity, Record, Valid,
    icglr::{self, Usage},
};
use serde_json::Value as Json;

use generate::{Pair, Source};

fn context() -> Context {
    let zone = TimeZone::fixed(jiff::tz::offset(2));
    Context { country: "RW".to_owned(), today: date(2026, 11, 22), zone }
}

fn document(entity: Entity, usage: Usage, bytes: &[u8]) -> Pair {
    let mut source = Source::new(bytes.to_vec(), usage);
    match entity {
        Entity::MineSite => sites::site(&mut source),
        Entity::Lot => lots::lot(&mut source),
        _ => trade::certificate(&mut source),
    }
}

fn read(entity: Entity, document: &Json) -> Result<Record, TestCaseError> {
    icglr::read(entity, document, &context())
        .map(|valid| valid.record().clone())
        .map_err(|refusal| TestCaseError::fail(format!("{:#?}\n{document:#}", refusal.findings)))
}

fn entities() -> impl Strategy<Value = Entity> {
    prop::sample::select(vec![Entity::MineSite, Entity::Lot, Entity::ExportCertificate])
}

fn usages() -> impl Strategy<Value = Usage> {
    prop::sample::select(vec![Usage::Icglr, Usage::Rwanda])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_is_lost_on_the_way_through_a_record(
        entity in entities(),
        usage in usages(),
        bytes in prop::collection::vec(any::<u8>(), 0..600),
    ) {
        let Pair { given, expected } = document(entity, usage, &bytes);
        let given = Json::Object(given);
        let record = read(entity, &given)?;
        let written = icglr::write(&record, usage, &context().zone);
        let mut losses = Vec::new();
        compare::losses(&Json::Object(expected), &written, "", &mut losses);
        prop_assert!(losses.is_empty(), "{losses:#?}\nfrom {given:#}\nto {written:#}");
        prop_assert_eq!(&read(entity, &written)?, &record, "{:#}", written);
        let mut bytes = Vec::new();
        icglr::write_to(&record, usage, &context().zone, &mut bytes);
        prop_assert_eq!(icglr::parse(&bytes).map_err(|finding| TestCaseError::fail(finding.en))?, written);
    }

    #[test]
    fn a_document_in_one_usage_is_read_and_written_in_the_other(
        entity in entities(),
        usage in usages(),
        bytes in prop::collection::vec(any::<u8>(), 0..600),
    ) {
        let record = read(entity, &Json::Object(document(entity, usage, &bytes).given))?;
        let other = if usage == Usage::Icglr { Usage::Rwanda } else { Usage::Icglr };
        let written = icglr::write(&record, other, &context().zone);
        prop_assert_eq!(read(entity, &written)?, record, "{:#}", written);
    }

    #[test]
    fn what_was_released_is_read_as_it_was_released(
        entity in entities(),
        usage in usages(),
        bytes in prop::collection::vec(any::<u8>(), 0..600),
    ) {
        let record = read(entity, &Json::Object(document(entity, usage, &bytes).given))?;
        let valid = Valid::recheck(record, &context()).map_err(|refusal| TestCaseError::fail(format!("{refusal:?}")))?;
        let released = valid.release().into_record();
        let written = icglr::write(&released, usage, &context().zone);
        prop_assert_eq!(read(entity, &written)?, released, "{:#}", written);
    }
}
