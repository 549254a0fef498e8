//! Unusually many deletions and changes wait; everything else goes on.

mod holding;
mod model;
mod released;
mod window;

use std::collections::BTreeMap;

use super::super::{
    Item, Journal,
    brake::{
        mapping::{self, Word},
        release::{self, ReleaseError, Released},
        report::{self, Braking},
    },
    entitlement::Level,
    testing::{TestJournal, batch, gone},
};

const WORD: Word<'_> = Word { by: "Cadastre", reason: "sites were closed" };

/// A journal with a brake, whose record type is live.
pub(super) async fn live() -> TestJournal {
    let test = TestJournal::braked().await;
    test.set(Level::Live).await;
    test
}

/// Rows `from..to` are gone.
fn all_gone(from: u32, to: u32) -> Vec<Item> {
    (from..to).map(|month| gone(&format!("r{month}"))).collect()
}

pub(super) async fn open_trips(journal: &Journal) -> Vec<Braking> {
    report::trips(journal.store(), false, None).await.unwrap()
}

/// Keys that wait, with what would become of them.
async fn waiting(journal: &Journal) -> BTreeMap<String, &'static str> {
    let mut waiting = BTreeMap::new();
    for trip in open_trips(journal).await {
        let held = report::waiting(journal.store(), trip.trip_id, u32::MAX).await.unwrap();
        assert_eq!(i64::try_from(held.len()).unwrap(), trip.held, "{trip:?}");
        let deletes = held.iter().filter(|held| held.op == "tombstone").count();
        assert_eq!(i64::try_from(deletes).unwrap(), trip.deletes, "{trip:?}");
        waiting.extend(held.into_iter().map(|held| (held.record_key, held.op)));
    }
    waiting
}

async fn release(journal: &Journal, trip_id: i64) -> Result<Released, ReleaseError> {
    release::release(journal.store(), Some(journal.owner()), trip_id, WORD, &|_| ()).await
}

/// Lets the mapping of the batches through.
async fn release_mapping(test: &TestJournal) {
    let id = batch(Vec::new()).mapping_id;
    let entity = super::super::testing::ENTITY;
    mapping::release(test.journal.store(), &id, &[entity], WORD).await.unwrap();
}
