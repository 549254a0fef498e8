//! Loads what a batch touches and gives its rows and records their numbers.

use std::collections::BTreeSet;

use sqlx::SqliteConnection;

use super::{
    super::{
        Error,
        plan::{Found, Incoming},
        state::{load_records, load_refused, load_rows},
        world::World,
    },
    incoming::{Outcome, Released},
};

/// Fills the world with every row, record and quarantine entry that the batch
/// can change, and numbers the items.
pub(super) async fn load(
    connection: &mut SqliteConnection,
    world: &mut World,
    released: Vec<Released>,
) -> Result<Vec<Incoming>, Error> {
    let source_keys: Vec<&str> = released.iter().map(|item| item.source_key.as_str()).collect();
    let row_ids = world.number_rows(connection, &source_keys).await?;
    let record_keys: Vec<&str> = released.iter().filter_map(record_key).collect();
    let record_ids = world.number_records(connection, &record_keys).await?;
    load_neighbours(connection, world, &row_ids, &record_ids).await?;

    let mut record_ids = record_ids.into_iter();
    let mut incoming = Vec::with_capacity(released.len());
    for (item, row_id) in released.into_iter().zip(row_ids) {
        let record_id = record_key(&item).and_then(|_| record_ids.next());
        let Released { source_key, outcome } = item;
        let found = match (outcome, record_id) {
            (Outcome::Valid { record_key, revision }, Some(record_id)) => {
                Found::Valid { record_id, record_key, revision }
            }
            (Outcome::Refused { record_key, findings }, record_id) => {
                Found::Refused { claim: record_id.zip(record_key), findings }
            }
            _ => Found::Gone,
        };
        incoming.push(Incoming { row_id, source_key, found });
    }
    Ok(incoming)
}

fn record_key(item: &Released) -> Option<&str> {
    match &item.outcome {
        Outcome::Valid { record_key, .. } => Some(record_key),
        Outcome::Refused { record_key, .. } => record_key.as_deref(),
        Outcome::Gone => None,
    }
}

/// The records that the rows hold or ask for, all who ask for the same, the
/// records that those hold, and so on: a row that gets its key leaves another.
async fn load_neighbours(
    connection: &mut SqliteConnection,
    world: &mut World,
    row_ids: &[i64],
    record_ids: &[i64],
) -> Result<(), Error> {
    let mut found: BTreeSet<i64> = record_ids.iter().copied().collect();
    found.extend(row_ids.iter().filter_map(|id| world.row(*id)?.record_id));
    world.know_refused(load_refused(connection, row_ids, &[]).await?);
    found.extend(world.all_refused().filter_map(|entry| entry.claim));
    loop {
        let fresh = world.touch(found);
        if fresh.is_empty() {
            return Ok(());
        }
        let missing: Vec<i64> =
            fresh.iter().copied().filter(|id| world.record(*id).is_none()).collect();
        if !missing.is_empty() {
            world.know_records(load_records(connection, &missing).await?);
        }
        world.know_refused(load_refused(connection, &[], &fresh).await?);
        let holders = fresh.iter().filter_map(|id| Some(world.record(*id)?.row_id));
        let claimants = world.all_refused().map(|entry| entry.row_id);
        let others: Vec<i64> =
            holders.chain(claimants).filter(|id| world.row(*id).is_none()).collect();
        if !others.is_empty() {
            world.know_rows(load_rows(connection, &others).await?);
        }
        found =
            world.all_refused().filter_map(|entry| world.row(entry.row_id)?.record_id).collect();
    }
}
