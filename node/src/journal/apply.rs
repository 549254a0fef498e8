//! Applies a batch of capture in one transaction.
//!
//! Owns the order: release before anything touches the file, then entitlement,
//! keys, hash gate, quarantine, append, row state and mark, then one commit.
//! Refuses to let one row spoil a batch: what no feed would take is refused as
//! a record. Invariant: after a crash at any point the same batch, applied
//! again, leaves the same records.

mod incoming;
pub(super) mod load;

pub(crate) use self::incoming::Released;
pub(super) use self::incoming::release_one;

use std::collections::HashMap;

use rmd_standard::Finding;
use sqlx::SqliteConnection;
use tracing::{debug, instrument};

use super::{
    Applied, BATCH_ITEMS_MAX, Batch, Error, Fate, Item, Journal, brake, entitlement, erase,
    feeds::OpenFeed,
    imprint::Imprint,
    marks,
    plan::{self, Change, Plan},
    state::{RowState, save_records, save_refused, save_rows},
    world::World,
};

/// Which items of a batch are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Taking {
    /// All of them; what is refused goes to quarantine.
    Everything,
    /// Those that nothing stands against.
    Publishable,
}

/// See [`Journal::apply`] and [`Journal::offer`].
#[instrument(skip_all, fields(entity = batch.entity.name(), items = batch.items.len()), err)]
pub(super) async fn apply(
    journal: &Journal,
    batch: Batch,
    taking: Taking,
    imprints: Vec<Option<Imprint>>,
) -> Result<Applied, Error> {
    if batch.items.len() > BATCH_ITEMS_MAX {
        return Err(Error::BatchOversized { items: batch.items.len(), max: BATCH_ITEMS_MAX });
    }
    let Batch { entity, mode, mapping_id, items, mark } = batch;
    let items: Vec<Item> = items.into_iter().map(|item| item.stored(mode)).collect();
    let (released, places) = incoming::release(entity, &mapping_id, items);

    let mut writing = journal.store().write().await;
    let mut transaction = writing.begin().await?;
    let standing = entitlement::standing(&mut transaction, entity).await?;
    let mut world = World::new(entity, standing.level);
    let mut incoming = load::load(&mut transaction, &mut world, released).await?;
    erase::keep_out(&mut transaction, journal.seals(), entity, &mut incoming).await?;
    if standing.held > 0 {
        let held = brake::known(&mut transaction, world.touched().iter().copied()).await?;
        world.know_held(held);
    }
    let imprints = places.iter().zip(imprints).filter_map(|((place, _), imprint)| {
        imprint.map(|imprint| (incoming[*place].row_id, imprint))
    });
    world.know_imprints(imprints);
    let row_ids = places.into_iter().map(|(place, is_present)| {
        let row_id = incoming[place].row_id;
        (is_present || world.row(row_id).is_some()).then_some(row_id)
    });
    let row_ids: Vec<Option<i64>> = row_ids.collect();
    let (incoming, mut declined) = match taking {
        Taking::Everything => (incoming, HashMap::new()),
        Taking::Publishable => plan::part(&world, incoming),
    };

    let mut plan = plan::decide(&mut world, incoming, &mapping_id);
    let with = (journal.store(), journal.brake());
    brake::brake(&mut transaction, with, &mut world, &standing, &mut plan, &mapping_id).await?;
    let mut applied = counts(&plan, row_ids);
    applied.refused += declined.len() as u64;
    let fates = applied.row_ids.iter().map(|row_id| fate(&world, &mut declined, *row_id));
    applied.fates = fates.collect();
    let feed = append(&mut transaction, journal, &mut world, plan).await?;
    save(&mut transaction, journal, &world).await?;
    if let Some((table, mark)) = &mark {
        marks::set(&mut transaction, journal, entity, table, mark, standing.generation).await?;
    }
    applied.appended = feed.as_ref().map_or(0, |(_, count)| *count);
    // A batch in which nothing changed has no phase to be cut in.
    let is_altered = world.altered().is_some();
    if is_altered {
        debug!(phase = "mid-batch", appended = applied.appended, "batch written");
    }
    // Said before the commit: whoever sees the entries is to know that more may follow.
    if feed.is_some() {
        journal.store().appended(applied.appended);
    }
    transaction.commit().await?;
    if is_altered {
        debug!(phase = "committed", appended = applied.appended, "batch committed");
    }
    if let Some((feed, _)) = feed {
        feed.keep(journal.store());
        journal.announce();
    }
    Ok(applied)
}

fn fate(world: &World, declined: &mut HashMap<i64, Vec<Finding>>, row_id: Option<i64>) -> Fate {
    let Some(row_id) = row_id else { return Fate::Gone };
    if let Some(findings) = declined.remove(&row_id) {
        return Fate::Refused(findings);
    }
    let row = world.row(row_id);
    match row.map_or(RowState::Gone, |row| row.state) {
        RowState::Published => {
            let held = row.and_then(|row| row.record_id).and_then(|id| world.held(id));
            if held.is_some() { Fate::Held } else { Fate::Published }
        }
        RowState::Off => Fate::Withheld,
        RowState::Refused => {
            let findings = world.refused(row_id).map(|entry| entry.findings.clone());
            Fate::Refused(findings.unwrap_or_default())
        }
        RowState::Gone => Fate::Gone,
    }
}

fn counts(plan: &Plan, row_ids: Vec<Option<i64>>) -> Applied {
    Applied {
        row_ids,
        fates: Vec::new(),
        appended: 0,
        unchanged: plan.unchanged,
        refused: plan.refused,
        tombstones: plan.tombstones.len() as u64,
        held: plan.held,
        withheld_by_entitlement: plan.withheld_by_entitlement,
    }
}

/// Gives each change its revision and seq, and appends them all.
async fn append(
    connection: &mut SqliteConnection,
    journal: &Journal,
    world: &mut World,
    plan: Plan,
) -> Result<Option<(OpenFeed, u64)>, Error> {
    let changes: Vec<Change> = plan.tombstones.into_iter().chain(plan.changes).collect();
    if changes.is_empty() {
        return Ok(None);
    }
    let mut feed =
        OpenFeed::open(connection, journal.store(), journal.owner(), world.entity.feed()).await?;
    let mut entries = Vec::with_capacity(changes.len());
    for (seq, change) in (feed.size() + 1..).zip(changes) {
        let record = world.record(change.record_id).cloned();
        let record = record.ok_or(Error::inconsistent("record", "record_id", change.record_id))?;
        let (record, entry) =
            change.revision.append_to(world.entity, record, seq, feed.captured_at_us);
        world.put_record(record);
        entries.push(entry);
    }
    feed.append(connection, journal.owner(), &entries).await?;
    Ok(Some((feed, entries.len() as u64)))
}

pub(super) async fn save(
    connection: &mut SqliteConnection,
    journal: &Journal,
    world: &World,
) -> Result<(), Error> {
    let Some(altered) = world.altered() else { return Ok(()) };
    save_rows(connection, world.entity, &altered.rows, altered.rows_new).await?;
    save_records(connection, world.entity, &altered.records, altered.records_new).await?;
    let now_us = journal.store().now_us();
    save_refused(connection, &altered.refused, &altered.refused_left, now_us).await?;
    entitlement::count_known(connection, world.entity, world.known_delta).await?;
    entitlement::count(connection, world.entity, world.published_delta, world.off_delta).await
}
