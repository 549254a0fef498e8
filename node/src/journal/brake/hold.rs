//! Revisions that wait, and the trips to which they belong.
//!
//! Owns the tables `brake_held` and `brake_trip`. Refuses to close a trip while
//! a record of it waits. Invariant: `held` and `deletes` of a trip are the
//! numbers of its rows in `brake_held` and of the tombstones among them.

use std::collections::BTreeMap;

use rmd_proto::v1::Op;
use rmd_standard::Entity;
use serde_json::Value;
use sqlx::{FromRow, SqliteConnection};
use tracing::warn;

use super::{
    super::{
        Error, ids,
        plan::{Change, Plan},
        world::World,
    },
    count,
    decide::{Seen, Verdict, Waits},
    limit::{Kind, Place, hour_of},
};

/// A record that waits, as deciding about it needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::journal) struct Held {
    pub(in crate::journal) trip_id: i64,
    pub(in crate::journal) is_tombstone: bool,
    content_hash: Vec<u8>,
}

#[derive(Debug, FromRow)]
struct RowOfHeld {
    record_id: i64,
    trip_id: i64,
    op: i32,
    content_hash: Vec<u8>,
}

/// Those of these records that wait.
pub(in crate::journal) async fn known(
    connection: &mut SqliteConnection,
    records: impl IntoIterator<Item = i64>,
) -> Result<Vec<(i64, Held)>, Error> {
    let records: Vec<i64> = records.into_iter().collect();
    let rows: Vec<RowOfHeld> = sqlx::query_as(
        "SELECT h.record_id,
                h.trip_id,
                h.op,
                h.content_hash
         FROM json_each(?1) j
         CROSS JOIN brake_held h ON h.record_id = j.value",
    )
    .bind(Value::from(records).to_string())
    .fetch_all(connection)
    .await?;
    let held = |row: RowOfHeld| {
        let is_tombstone = row.op == Op::Tombstone as i32;
        let RowOfHeld { trip_id, content_hash, .. } = row;
        (row.record_id, Held { trip_id, is_tombstone, content_hash })
    };
    Ok(rows.into_iter().map(held).collect())
}

/// How a batch moves the numbers of a trip.
#[derive(Debug, Default, Clone, Copy)]
struct Move {
    held: i64,
    deletes: i64,
}

/// Writes what waits and what waits no more; what flows goes back into the plan.
pub(super) async fn write(
    connection: &mut SqliteConnection,
    now_us: i64,
    world: &mut World,
    verdict: Verdict,
    plan: &mut Plan,
) -> Result<(), Error> {
    let Verdict { settled, again, held, tombstones, changes, seen } = verdict;
    (plan.tombstones, plan.changes) = (tombstones, changes);
    plan.held = (again.len() + held.len()) as u64;
    let mut moves: BTreeMap<i64, Move> = BTreeMap::new();
    for record_id in settled {
        if let Some(before) = world.let_go(record_id) {
            let trip = moves.entry(before.trip_id).or_default();
            trip.held -= 1;
            trip.deletes -= i64::from(before.is_tombstone);
            remove(connection, record_id).await?;
        }
    }
    let mut waiting = Vec::with_capacity(again.len() + held.len());
    for change in again {
        let Some(before) = world.held(change.record_id) else { continue };
        waiting.push((before.trip_id, change));
    }
    let mut open = BTreeMap::new();
    for (waits, change) in held {
        let trip_id = match waits {
            Waits::With(trip_id) => trip_id,
            Waits::Open(kind) => {
                if let Some(trip_id) = open.get(&kind) {
                    *trip_id
                } else {
                    let seen = seen[usize::from(kind == Kind::Change)];
                    let trip_id = open_trip(connection, now_us, world.entity, kind, seen).await?;
                    open.insert(kind, trip_id);
                    trip_id
                }
            }
        };
        waiting.push((trip_id, change));
    }
    for (trip_id, change) in waiting {
        let trip = moves.entry(trip_id).or_default();
        let is_tombstone = change.revision.op == Op::Tombstone;
        let content_hash = change.revision.content_hash();
        let held = Held { trip_id, is_tombstone, content_hash };
        // Every sweep meets again what waits; what it would publish is as it was.
        if world.held(change.record_id) == Some(&held) {
            continue;
        }
        put(connection, now_us, &held, &change).await?;
        let before = world.hold(change.record_id, held);
        trip.held += i64::from(before.is_none());
        trip.deletes +=
            i64::from(is_tombstone) - i64::from(before.is_some_and(|before| before.is_tombstone));
    }
    for (trip_id, moved) in moves {
        move_trip(connection, now_us, trip_id, moved).await?;
    }
    Ok(())
}

/// The open trip of a record type and kind; a new one with what it has seen.
async fn open_trip(
    connection: &mut SqliteConnection,
    now_us: i64,
    entity: Entity,
    kind: Kind,
    seen: Option<Seen>,
) -> Result<i64, Error> {
    let open: Option<i64> = sqlx::query_scalar(
        "SELECT trip_id FROM brake_trip WHERE entity = ?1 AND kind = ?2 AND state = 'open'",
    )
    .bind(entity.name())
    .bind(kind.as_str())
    .fetch_optional(&mut *connection)
    .await?;
    if let Some(trip_id) = open {
        return Ok(trip_id);
    }
    let seen = seen.unwrap_or(Seen { counted: 0, allowed: 0, base: 0, emptied: false });
    let trip_id = sqlx::query_scalar(
        "INSERT INTO brake_trip (
             entity, kind, state, held, deletes, counted, allowed, base, emptied, tripped_at_us)
         VALUES (?1, ?2, 'open', 0, 0, ?3, ?4, ?5, ?6, ?7)
         RETURNING trip_id",
    )
    .bind(entity.name())
    .bind(kind.as_str())
    .bind(seen.counted)
    .bind(seen.allowed)
    .bind(seen.base)
    .bind(seen.emptied)
    .bind(now_us)
    .fetch_one(connection)
    .await?;
    warn!(
        entity = entity.name(),
        kind = kind.as_str(),
        trip = trip_id,
        counted = seen.counted,
        allowed = seen.allowed,
        base = seen.base,
        emptied = seen.emptied,
        "the brake holds records; see `rmd-node brake list`"
    );
    Ok(trip_id)
}

/// Writes what a record would publish; it keeps its place if it waits already.
async fn put(
    connection: &mut SqliteConnection,
    now_us: i64,
    held: &Held,
    change: &Change,
) -> Result<(), Error> {
    let revision = &change.revision;
    let written = sqlx::query(
        "INSERT INTO brake_held (
             record_id, trip_id, place, op, payload, content_hash, reason, event_time_us,
             mapping_id, held_at_us)
         VALUES (
             ?1, ?2,
             (SELECT COALESCE(MAX(place), 0) + 1 FROM brake_held WHERE trip_id = ?2),
             ?3, ?4, ?5, ?6, ?7, ?8, ?9)
         ON CONFLICT (record_id) DO UPDATE SET
             op = excluded.op,
             payload = excluded.payload,
             content_hash = excluded.content_hash,
             reason = CASE WHEN op = ?10 AND excluded.op = ?10 AND excluded.reason = ''
                           THEN reason ELSE excluded.reason END,
             event_time_us = excluded.event_time_us,
             mapping_id = excluded.mapping_id",
    )
    .bind(change.record_id)
    .bind(held.trip_id)
    .bind(revision.op as i32)
    .bind(&revision.payload)
    .bind(&held.content_hash)
    .bind(&revision.reason)
    .bind(revision.event_time_us)
    .bind(&revision.mapping_id)
    .bind(now_us)
    // A record that names the key which its row had goes on naming it.
    .bind(Op::Upsert as i32)
    .execute(connection)
    .await?;
    Error::expect_rows("brake_held", written.rows_affected(), 1)
}

async fn remove(connection: &mut SqliteConnection, record_id: i64) -> Result<(), Error> {
    let removed = sqlx::query("DELETE FROM brake_held WHERE record_id = ?1")
        .bind(record_id)
        .execute(connection)
        .await?;
    Error::expect_rows("brake_held", removed.rows_affected(), 1)
}

/// Takes a record out of what waits, because it is erased; what it would have published.
pub(super) async fn take(
    connection: &mut SqliteConnection,
    now_us: i64,
    record_id: i64,
) -> Result<Option<Vec<u8>>, Error> {
    let row: Option<(i64, i32, Vec<u8>)> =
        sqlx::query_as("SELECT trip_id, op, payload FROM brake_held WHERE record_id = ?1")
            .bind(record_id)
            .fetch_optional(&mut *connection)
            .await?;
    let Some((trip_id, op, payload)) = row else { return Ok(None) };
    remove(connection, record_id).await?;
    let moved = Move { held: -1, deletes: -i64::from(op == Op::Tombstone as i32) };
    move_trip(connection, now_us, trip_id, moved).await?;
    Ok(Some(payload))
}

/// Moves the numbers of a trip; one without a record that waits is over.
async fn move_trip(
    connection: &mut SqliteConnection,
    now_us: i64,
    trip_id: i64,
    moved: Move,
) -> Result<(), Error> {
    let written = sqlx::query(
        "UPDATE brake_trip SET
             held = held + ?2,
             deletes = deletes + ?3,
             state = CASE WHEN held + ?2 = 0 THEN 'settled' ELSE state END,
             ended_at_us = CASE WHEN held + ?2 = 0 THEN ?4 ELSE ended_at_us END
         WHERE trip_id = ?1",
    )
    .bind(trip_id)
    .bind(moved.held)
    .bind(moved.deletes)
    .bind(now_us)
    .execute(connection)
    .await?;
    Error::expect_rows("brake_trip", written.rows_affected(), 1)
}

/// Forgets what waits of a record type and what was counted: nothing of it leaves
/// any more.
pub(in crate::journal) async fn forget(
    connection: &mut SqliteConnection,
    now_us: i64,
    entity: Entity,
) -> Result<(), Error> {
    let (low, high) = ids::range(entity);
    sqlx::query("DELETE FROM brake_held WHERE record_id BETWEEN ?1 AND ?2")
        .bind(low)
        .bind(high)
        .execute(&mut *connection)
        .await?;
    sqlx::query(
        "UPDATE brake_trip SET state = 'withdrawn', held = 0, deletes = 0, ended_at_us = ?2
         WHERE entity = ?1 AND state = 'open'",
    )
    .bind(entity.name())
    .bind(now_us)
    .execute(&mut *connection)
    .await?;
    count::clear(connection, Place { entity, hour: hour_of(now_us) }).await
}
