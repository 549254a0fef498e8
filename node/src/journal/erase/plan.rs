//! What an order would erase: entries, what waits, rows, files.
//!
//! Only reads. An entry is meant when it still has its payload, or when it lost it
//! to an order that is in no feed any more, because the tail that held it was given
//! up: then it is named again, so that followers hear of it.

use std::collections::HashSet;

use rmd_feed::{Body, StoredEntry, erase};
use rmd_proto::v1::Op;
use rmd_standard::Entity;
use serde::Serialize;
use sqlx::{FromRow, SqliteConnection};

use super::{
    super::{Error, ids, state::RecordState, state::find_records},
    EraseError,
    trace::trace,
};

/// A record and all of its entries.
#[derive(Debug)]
pub(super) struct Subject {
    pub(super) entity: Entity,
    pub(super) epoch: u32,
    pub(super) record: RecordState,
    /// Oldest first.
    pub(super) entries: Vec<StoredEntry>,
}

/// An entry that loses its payload.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Leaves {
    /// Its epoch.
    pub(crate) epoch: u32,
    /// Its number.
    pub(crate) seq: u64,
    /// Revision of the record.
    pub(crate) rev: u64,
    /// When it was written, UTC microseconds.
    pub(crate) written_at_us: i64,
    /// Bytes of the payload.
    pub(crate) bytes: usize,
}

/// A file that somebody has and that holds what is erased.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, FromRow)]
pub(crate) struct BundleFile {
    /// Its path when it was written; empty if that was not noted.
    pub(crate) file: String,
    /// First seq in it.
    pub(crate) first_seq: i64,
    /// Last seq in it.
    pub(crate) last_seq: i64,
    /// When it was written, UTC microseconds.
    pub(crate) written_at_us: i64,
}

/// What an order takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Planned {
    /// Name of the record type.
    pub(crate) entity: &'static str,
    /// Key of the record.
    pub(crate) record_key: String,
    /// Its feed.
    pub(crate) feed: &'static str,
    /// The entries, oldest first; none if all were erased before.
    pub(crate) entries: Vec<Leaves>,
    /// Entries of the record that were erased before.
    pub(crate) erased_before: usize,
    /// Whether a change of it waits in the brake; it is dropped.
    pub(crate) held: bool,
    /// Keys of its rows at the source; they are refused until they are corrected.
    pub(crate) source_rows: Vec<String>,
    /// Bundles that hold the payloads, to be destroyed by who has them.
    pub(crate) bundles: Vec<BundleFile>,
}

/// The record and its entries.
pub(super) async fn subject(
    connection: &mut SqliteConnection,
    entity: Entity,
    record_key: &str,
) -> Result<Subject, EraseError> {
    let key = || record_key.to_owned();
    let found = find_records(connection, &[ids::hash(entity, record_key)]).await?;
    // A hash is shared, seldom: the key itself is compared.
    let record = found.into_iter().find(|record| record.key == record_key);
    let record = record.ok_or_else(|| EraseError::Unknown { entity, key: key() })?;
    let epoch: Option<u32> = sqlx::query_scalar("SELECT epoch FROM feed WHERE feed = ?1")
        .bind(entity.feed())
        .fetch_optional(&mut *connection)
        .await?;
    let epoch = epoch.unwrap_or(1);
    let entries = trace(connection, entity, (epoch, &record)).await?;
    if entries.is_empty() {
        return Err(EraseError::NeverPublished { entity, key: key() });
    }
    Ok(Subject { entity, epoch, record, entries })
}

impl Subject {
    /// The entries that an order names.
    pub(super) fn meant(&self) -> impl Iterator<Item = &StoredEntry> {
        let orders = self.entries.iter().filter_map(|entry| erase::read(entry).ok());
        let named: HashSet<(u32, u64)> = orders
            .flat_map(|order| order.erased)
            .map(|erased| (erased.epoch, erased.seq))
            .collect();
        self.entries.iter().filter(move |entry| match &entry.body {
            Body::Released { payload, .. } => !payload.is_empty() && entry.op() != Op::Erase,
            Body::Erased => !named.contains(&(entry.header.epoch, entry.seq())),
        })
    }
}

/// What an order would take.
pub(super) async fn plan(
    connection: &mut SqliteConnection,
    subject: &Subject,
) -> Result<Planned, Error> {
    let Subject { entity, record, .. } = subject;
    let leaves = |entry: &StoredEntry| Leaves {
        epoch: entry.header.epoch,
        seq: entry.seq(),
        rev: entry.header.rev,
        written_at_us: entry.header.captured_at_us,
        bytes: entry.payload().map_or(0, <[u8]>::len),
    };
    let entries: Vec<Leaves> = subject.meant().map(leaves).collect();
    let erased = subject.entries.iter().filter(|entry| entry.body == Body::Erased).count();
    let again = subject.meant().filter(|entry| entry.body == Body::Erased).count();
    let held: bool =
        sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM brake_held WHERE record_id = ?1)")
            .bind(record.id)
            .fetch_one(&mut *connection)
            .await?;
    let source_rows = sqlx::query_scalar(
        "SELECT source_key FROM source_row WHERE row_id = ?1 AND record_id = ?2
         UNION
         SELECT source_key FROM quarantine WHERE claim_id = ?2
         ORDER BY 1",
    )
    .bind(record.row_id)
    .bind(record.id)
    .fetch_all(&mut *connection)
    .await?;
    let places: Vec<(u32, u64)> = entries.iter().map(|leaves| (leaves.epoch, leaves.seq)).collect();
    Ok(Planned {
        entity: entity.name(),
        record_key: record.key.clone(),
        feed: entity.feed(),
        erased_before: erased - again,
        held,
        source_rows,
        bundles: bundles(connection, entity.feed(), &places, i64::MAX).await?,
        entries,
    })
}

/// The bundles that were written before an instant and hold one of these entries.
pub(super) async fn bundles(
    connection: &mut SqliteConnection,
    feed: &str,
    places: &[(u32, u64)],
    before_us: i64,
) -> Result<Vec<BundleFile>, Error> {
    Ok(sqlx::query_as(
        "WITH place AS (SELECT value ->> 0 AS epoch, value ->> 1 AS seq FROM json_each(?2)),
              written AS (
                  SELECT epoch, first_seq, last_seq, file, written_at_us
                  FROM bundle_file
                  WHERE feed = ?1
                  UNION ALL
                  SELECT a.epoch, a.first_seq, a.last_seq, '', a.last_at_us
                  FROM audit a
                  WHERE a.feed = ?1 AND a.call = 'Bundle'
                    AND NOT EXISTS (
                        SELECT 1
                        FROM bundle_file f
                        WHERE f.feed = a.feed AND f.epoch = a.epoch AND f.last_seq = a.last_seq)
              )
         SELECT file, first_seq, last_seq, written_at_us
         FROM written w
         WHERE written_at_us < ?3
           AND EXISTS (
               SELECT 1
               FROM place p
               WHERE p.epoch = w.epoch AND p.seq BETWEEN w.first_seq AND w.last_seq)
         ORDER BY written_at_us, first_seq, file",
    )
    .bind(feed)
    .bind(serde_json::json!(places).to_string())
    .bind(before_us)
    .fetch_all(connection)
    .await?)
}
