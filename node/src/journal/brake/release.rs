//! A person lets go of what a trip holds.
//!
//! Owns the order of what is published then: tombstones first, so that a
//! follower frees a key before it meets its successor, and each in the order in
//! which it came to be held. Invariant: the whole trip is one transaction, and
//! each entry says which trip was released and on what ground, so that every
//! follower has it under the owner's signature.

use std::collections::{HashMap, HashSet};

use rmd_feed::{BLOCK_ENTRIES_MAX, NewEntry, limits::HEADER_BYTES_MAX};
use rmd_proto::v1::Op;
use rmd_standard::Entity;
use serde::Serialize;
use serde_json::Value;
use sqlx::{FromRow, SqliteConnection};
use tracing::info;

use super::{
    super::{
        Error, Owner, entitlement,
        feeds::{OpenFeed, number},
        state::{RecordState, Revision, load_records, save_records},
        store::Store,
    },
    count::Counting,
    limit::{Place, Tally, hour_of},
    mapping::Word,
};

/// Most bytes of a ground: a header holds it beside two keys.
pub(crate) const REASON_BYTES_MAX: usize = HEADER_BYTES_MAX / 8;

/// What a release has published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Released {
    /// The trip.
    pub(crate) trip_id: i64,
    /// Name of the record type.
    pub(crate) entity: &'static str,
    /// Its feed.
    pub(crate) feed: &'static str,
    /// Entries appended.
    pub(crate) published: u64,
    /// Tombstones among them.
    pub(crate) tombstones: u64,
    /// First and last seq of the entries; 0 if nothing was left to publish.
    pub(crate) first_seq: u64,
    /// See `first_seq`.
    pub(crate) last_seq: u64,
}

/// Why a trip cannot be released.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReleaseError {
    /// Nobody has seen it.
    #[error("the brake has no trip {0}; see `rmd-node brake list --all` / aucun freinage {0}")]
    Unknown(i64),
    /// It is over.
    #[error(
        "trip {trip_id} is over ({state}) and holds nothing / le freinage {trip_id} est terminé ({state}) et ne retient rien"
    )]
    Over {
        /// The trip.
        trip_id: i64,
        /// What became of it.
        state: String,
    },
    /// The journal cannot be written.
    #[error(transparent)]
    Journal(#[from] Error),
}

#[derive(Debug, FromRow)]
struct RowOfHeld {
    record_id: i64,
    op: i32,
    payload: Vec<u8>,
    reason: String,
    event_time_us: i64,
    mapping_id: String,
}

/// Publishes what a trip holds. `progress` is told how many entries were
/// appended so far.
pub(crate) async fn release(
    store: &Store,
    owner: Option<&Owner>,
    trip_id: i64,
    word: Word<'_>,
    progress: &(dyn Fn(u64) + Sync),
) -> Result<Released, ReleaseError> {
    let owner = owner.ok_or(Error::NotEnrolled)?;
    let mut writing = store.write().await;
    let mut transaction = writing.begin().await?;
    let entity = open_trip(&mut transaction, trip_id).await?;
    let note = format!("released:{trip_id}: {}", word.reason);
    let mut released = Released {
        trip_id,
        entity: entity.name(),
        feed: entity.feed(),
        published: 0,
        tombstones: 0,
        first_seq: 0,
        last_seq: 0,
    };
    loop {
        let page = page(&mut transaction, trip_id).await?;
        if page.is_empty() {
            break;
        }
        publish(&mut transaction, (store, owner), (entity, &note), page, &mut released).await?;
        progress(released.published);
    }
    end_trip(&mut transaction, store.now_us(), word, &released).await?;
    transaction.commit().await.map_err(Error::from)?;
    info!(
        entity = entity.name(),
        trip = trip_id,
        published = released.published,
        "held records released"
    );
    Ok(released)
}

impl From<sqlx::Error> for ReleaseError {
    fn from(error: sqlx::Error) -> Self {
        Self::Journal(error.into())
    }
}

async fn open_trip(
    connection: &mut SqliteConnection,
    trip_id: i64,
) -> Result<Entity, ReleaseError> {
    let row: Option<(String, String)> =
        sqlx::query_as("SELECT entity, state FROM brake_trip WHERE trip_id = ?1")
            .bind(trip_id)
            .fetch_optional(connection)
            .await?;
    let (entity, state) = row.ok_or(ReleaseError::Unknown(trip_id))?;
    if state != "open" {
        return Err(ReleaseError::Over { trip_id, state });
    }
    let entity = Entity::from_name(&entity);
    Ok(entity.ok_or(Error::inconsistent("brake_trip", "entity", trip_id))?)
}

/// The next revisions in the order in which they are published.
async fn page(connection: &mut SqliteConnection, trip_id: i64) -> Result<Vec<RowOfHeld>, Error> {
    Ok(sqlx::query_as(
        "SELECT record_id,
                op,
                payload,
                reason,
                event_time_us,
                mapping_id
         FROM brake_held
         WHERE trip_id = ?1
         ORDER BY op <> ?2, place
         LIMIT ?3",
    )
    .bind(trip_id)
    .bind(Op::Tombstone as i32)
    .bind(i64::try_from(BLOCK_ENTRIES_MAX).unwrap_or(i64::MAX))
    .fetch_all(connection)
    .await?)
}

/// Appends a page and takes it out of the hold.
async fn publish(
    connection: &mut SqliteConnection,
    (store, owner): (&Store, &Owner),
    (entity, note): (Entity, &str),
    page: Vec<RowOfHeld>,
    released: &mut Released,
) -> Result<(), Error> {
    let ids: Vec<i64> = page.iter().map(|row| row.record_id).collect();
    let known = load_records(connection, &ids).await?;
    let mut known: HashMap<i64, RecordState> =
        known.into_iter().map(|record| (record.id, record)).collect();
    let mut feed = OpenFeed::open(connection, store, owner, entity.feed()).await?;
    let (mut entries, mut records, mut tally) = (Vec::new(), Vec::new(), Tally::default());
    for row in page {
        let record_id = row.record_id;
        let record = known.remove(&record_id);
        let record = record.ok_or(Error::inconsistent("record", "record_id", record_id))?;
        let was = record.is_published();
        let revision = row.into_revision()?;
        if is_as_published(&record, &revision) {
            continue;
        }
        let seq = feed.size() + 1 + entries.len() as u64;
        let (record, entry) = revision.append_to(entity, record, seq, feed.captured_at_us);
        match (was, record.is_published()) {
            (false, true) => tally.added += 1,
            (true, false) => tally.ended += 1,
            _ => {}
        }
        records.push(record);
        entries.push(noted(entry, note));
    }
    let (first, last) = (feed.size() + 1, feed.size() + entries.len() as u64);
    feed.append(connection, owner, &entries).await?;
    save_records(connection, entity, &records.iter().collect::<Vec<_>>(), &HashSet::new()).await?;
    if !entries.is_empty() {
        if released.published == 0 {
            released.first_seq = first;
        }
        released.last_seq = last;
    }
    let tombstones = entries.iter().filter(|entry| entry.op == Op::Tombstone).count();
    released.published += entries.len() as u64;
    released.tombstones += tombstones as u64;
    entitlement::count(connection, entity, tally.added - tally.ended, 0).await?;
    // A person has vouched for them: they do not count for those that come.
    let place = Place { entity, hour: hour_of(store.now_us()) };
    let mut counting = Counting::load(connection, place, &ids).await?;
    for id in &ids {
        counting.forget(*id);
    }
    counting.flowed(tally);
    counting.save(connection).await?;
    remove(connection, &ids).await
}

/// Whether followers hold just that, after the node's store was restored.
fn is_as_published(record: &RecordState, revision: &Revision) -> bool {
    match revision.op {
        Op::Tombstone => !record.is_published(),
        _ => record.is_published() && record.content_hash == revision.content_hash(),
    }
}

/// The entry with the word of who let it go; the record's own hash is without it.
fn noted(entry: NewEntry, note: &str) -> NewEntry {
    let separator = if entry.reason.is_empty() { "" } else { "; " };
    NewEntry { reason: format!("{}{separator}{note}", entry.reason), ..entry }
}

impl RowOfHeld {
    fn into_revision(self) -> Result<Revision, Error> {
        let Self { record_id, op, payload, reason, event_time_us, mapping_id } = self;
        let op = Op::try_from(op).ok().filter(|op| *op != Op::Unspecified);
        let op = op.ok_or(Error::inconsistent("brake_held", "op", record_id))?;
        Ok(Revision { payload, op, reason, event_time_us, mapping_id })
    }
}

async fn remove(connection: &mut SqliteConnection, records: &[i64]) -> Result<(), Error> {
    let removed =
        sqlx::query("DELETE FROM brake_held WHERE record_id IN (SELECT value FROM json_each(?1))")
            .bind(Value::from(records.to_vec()).to_string())
            .execute(connection)
            .await?;
    Error::expect_rows("brake_held", removed.rows_affected(), records.len())
}

async fn end_trip(
    connection: &mut SqliteConnection,
    now_us: i64,
    word: Word<'_>,
    released: &Released,
) -> Result<(), Error> {
    let written = sqlx::query(
        "UPDATE brake_trip SET
             state = 'released',
             held = 0,
             deletes = 0,
             ended_at_us = ?2,
             released_by = ?3,
             reason = ?4,
             published = ?5,
             first_seq = ?6,
             last_seq = ?7
         WHERE trip_id = ?1",
    )
    .bind(released.trip_id)
    .bind(now_us)
    .bind(word.by)
    .bind(word.reason)
    .bind(number(released.published)?)
    .bind(number(released.first_seq)?)
    .bind(number(released.last_seq)?)
    .execute(connection)
    .await?;
    Error::expect_rows("brake_trip", written.rows_affected(), 1)
}
