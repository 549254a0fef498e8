//! What the brake can tell: its trips, and what each holds.

use rmd_proto::v1::Op;
use serde::Serialize;
use sqlx::FromRow;

use super::super::{Error, store::Store};

/// One trip of the brake.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, FromRow)]
pub(crate) struct Braking {
    /// Its number.
    pub(crate) trip_id: i64,
    /// Name of the record type.
    pub(crate) entity: String,
    /// `delete` or `change`.
    pub(crate) kind: String,
    /// `open`, `released`, `settled` or `withdrawn`.
    pub(crate) state: String,
    /// Records that wait now.
    pub(crate) held: i64,
    /// Tombstones among them.
    pub(crate) deletes: i64,
    /// Records that were counted when it tripped.
    pub(crate) counted: i64,
    /// The most that may be counted.
    pub(crate) allowed: i64,
    /// Published records when the window began.
    pub(crate) base: i64,
    /// The type would have had no record any more.
    pub(crate) emptied: bool,
    /// When, UTC microseconds.
    pub(crate) tripped_at_us: i64,
    /// When it was over.
    pub(crate) ended_at_us: Option<i64>,
    /// Who released it.
    pub(crate) released_by: Option<String>,
    /// On what ground.
    pub(crate) reason: Option<String>,
    /// Entries that the release appended.
    pub(crate) published: Option<i64>,
    /// The first of them.
    pub(crate) first_seq: Option<i64>,
    /// The last of them.
    pub(crate) last_seq: Option<i64>,
}

/// One record that waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Waiting {
    /// Key of the record.
    pub(crate) record_key: String,
    /// `upsert`, `tombstone` or `annul`.
    pub(crate) op: &'static str,
    /// What the entry would say.
    pub(crate) reason: String,
    /// The mapping by which it was read.
    pub(crate) mapping_id: String,
    /// Since when, UTC microseconds.
    pub(crate) held_at_us: i64,
    /// The last published revision; 0 if there is none.
    pub(crate) rev: i64,
    /// Bytes that would leave.
    #[serde(skip)]
    pub(crate) payload: Vec<u8>,
}

#[derive(Debug, FromRow)]
struct RowOfWaiting {
    record_key: String,
    op: i32,
    reason: String,
    mapping_id: String,
    held_at_us: i64,
    rev: i64,
    payload: Vec<u8>,
}

/// Trips, the latest first: open ones, or all of them, or the one of a number.
pub(crate) async fn trips(
    store: &Store,
    is_all: bool,
    trip_id: Option<i64>,
) -> Result<Vec<Braking>, Error> {
    Ok(sqlx::query_as(
        "SELECT trip_id,
                entity,
                kind,
                state,
                held,
                deletes,
                counted,
                allowed,
                base,
                emptied,
                tripped_at_us,
                ended_at_us,
                released_by,
                reason,
                published,
                first_seq,
                last_seq
         FROM brake_trip
         WHERE (?1 OR state = 'open') AND (?2 IS NULL OR trip_id = ?2)
         ORDER BY trip_id DESC",
    )
    .bind(is_all)
    .bind(trip_id)
    .fetch_all(store.readers())
    .await?)
}

/// What a trip holds, in the order in which it would be published.
pub(crate) async fn waiting(
    store: &Store,
    trip_id: i64,
    limit: u32,
) -> Result<Vec<Waiting>, Error> {
    let rows: Vec<RowOfWaiting> = sqlx::query_as(
        "SELECT r.record_key,
                h.op,
                h.reason,
                h.mapping_id,
                h.held_at_us,
                CASE WHEN r.op IN (?4, ?5) THEN r.rev ELSE 0 END AS rev,
                h.payload
         FROM brake_held h
         JOIN record r ON r.record_id = h.record_id
         WHERE h.trip_id = ?1
         ORDER BY h.op <> ?2, h.place
         LIMIT ?3",
    )
    .bind(trip_id)
    .bind(Op::Tombstone as i32)
    .bind(limit)
    .bind(Op::Upsert as i32)
    .bind(Op::Annul as i32)
    .fetch_all(store.readers())
    .await?;
    let waiting = rows.into_iter().map(|row| Waiting {
        record_key: row.record_key,
        op: word(row.op),
        reason: row.reason,
        mapping_id: row.mapping_id,
        held_at_us: row.held_at_us,
        rev: row.rev,
        payload: row.payload,
    });
    Ok(waiting.collect())
}

fn word(op: i32) -> &'static str {
    match Op::try_from(op) {
        Ok(Op::Upsert) => "upsert",
        Ok(Op::Tombstone) => "tombstone",
        Ok(Op::Annul) => "annul",
        _ => "unknown",
    }
}
