//! What is still to be judged.
//!
//! Owns the tables `verdict_turn`, `verdict_cursor` and `verdict_due`. The queue
//! of a feed is not written by anybody: it is what `record` and `quarantine`
//! hold after the seq that was judged last. A record that was revised again has
//! its place at its newer seq, and is judged once.

use std::collections::{BTreeMap, BTreeSet};

use rmd_standard::{Entity, country};
use sqlx::{AnyConnection, FromRow, Row as _};

use super::{
    Error,
    source::{self, InForce},
    subject::Whose,
};
use crate::{
    ledger,
    registry::{entitlement::Level, node},
    store,
};

/// Keys by the type of their records.
pub(super) type Keys = BTreeMap<String, BTreeSet<String>>;

/// A followed feed, and how far it was judged.
#[derive(Debug, Clone)]
pub(super) struct Queue {
    pub(super) whose: Whose,
    pub(super) feed: String,
    pub(super) epoch: i64,
    /// Last seq that was applied.
    pub(super) cursor: i64,
    pub(super) owner_size: i64,
    /// None before the first look.
    pub(super) judged: Option<Judged>,
    /// Whether frames of many entries are coming.
    pub(super) is_loading: bool,
}

/// How far a feed was judged.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub(super) struct Judged {
    epoch: i64,
    seq: i64,
    /// Levels under which it was judged.
    pub(super) levels: String,
    /// When nothing was left to judge.
    #[sqlx(rename = "judged_at_us")]
    pub(super) at_us: i64,
}

impl Queue {
    /// The seq after which to go on: a feed that began anew, or lost its tail, is
    /// judged again from there.
    pub(super) fn from(&self) -> i64 {
        match &self.judged {
            Some(judged) if judged.epoch == self.epoch => judged.seq.min(self.cursor),
            _ => 0,
        }
    }

    pub(super) fn is_behind(&self) -> bool {
        self.judged.is_none() || self.from() < self.cursor
    }

    /// Whether everything that the owner has was applied.
    pub(super) const fn is_caught_up(&self) -> bool {
        self.cursor >= self.owner_size
    }

    /// Levels under which it was judged other than those in force.
    pub(super) fn is_moved(&self, levels: &str) -> bool {
        self.judged.as_ref().is_some_and(|judged| judged.levels != levels)
    }
}

/// Every followed feed of an enrolled node, master data first.
pub(super) async fn queues(
    connection: &mut AnyConnection,
    now_us: i64,
) -> Result<Vec<Queue>, Error> {
    let nodes = node::all(connection).await?;
    let rows = sqlx::query(
        "SELECT node_id, feed, epoch, cursor, owner_size FROM feed_cursor ORDER BY feed, node_id",
    )
    .fetch_all(&mut *connection)
    .await?;
    let mut queues = Vec::with_capacity(rows.len());
    for row in rows {
        let node_id: String = row.try_get("node_id")?;
        let of_node = nodes.iter().find(|node| node.id == node_id);
        let Some(alpha2) = of_node.and_then(|node| country::alpha2_of(&node.country)) else {
            continue;
        };
        let feed: String = row.try_get("feed")?;
        let epoch = row.try_get("epoch")?;
        queues.push(Queue {
            judged: judged(connection, &node_id, &feed).await?,
            is_loading: ledger::is_loading(connection, (&node_id, &feed), epoch, now_us).await?,
            whose: Whose { node_id, country: alpha2.to_owned() },
            feed,
            epoch,
            cursor: row.try_get("cursor")?,
            owner_size: row.try_get("owner_size")?,
        });
    }
    Ok(queues)
}

async fn judged(
    connection: &mut AnyConnection,
    node_id: &str,
    feed: &str,
) -> Result<Option<Judged>, store::Error> {
    Ok(sqlx::query_as(
        "SELECT epoch, seq, levels, judged_at_us
         FROM verdict_cursor
         WHERE node_id = $1 AND feed = $2",
    )
    .bind(node_id)
    .bind(feed)
    .fetch_optional(connection)
    .await?)
}

/// Takes the turn to judge until the transaction ends.
pub(super) async fn turn(connection: &mut AnyConnection) -> Result<(), store::Error> {
    let affected = sqlx::query("UPDATE verdict_turn SET steps = steps + 1 WHERE turn_id = 1")
        .execute(connection)
        .await?
        .rows_affected();
    store::expect_rows("verdict_turn", 1, affected)
}

/// The same queue as it is within the turn.
pub(super) async fn again(
    connection: &mut AnyConnection,
    queue: &Queue,
) -> Result<Queue, store::Error> {
    let judged = judged(connection, &queue.whose.node_id, &queue.feed).await?;
    Ok(Queue { judged, ..queue.clone() })
}

/// Runs for each step: the index holds the seqs of a type apart for both levels.
pub(crate) const ACCEPTED: &str = "SELECT record_key \
     FROM record \
     WHERE node_id = $1 AND feed = $2 AND epoch = $3 AND entity = $4 AND shadow = $5 \
     AND seq > $6 AND seq <= $7";

/// Runs beside it.
pub(crate) const REFUSED: &str = "SELECT entity, record_key \
     FROM quarantine \
     WHERE node_id = $1 AND feed = $2 AND epoch = $3 AND seq > $4 AND seq <= $5 \
     AND superseded_by_seq IS NULL";

/// The records whose newest revision lies between two seqs.
pub(super) async fn touched(
    connection: &mut AnyConnection,
    queue: &Queue,
    to: i64,
) -> Result<Keys, store::Error> {
    let from = queue.from();
    let mut keys = Keys::new();
    for entity in Entity::ALL.into_iter().filter(|entity| entity.feed() == queue.feed) {
        for shadow in [0_i64, 1] {
            let rows = sqlx::query(ACCEPTED)
                .bind(&queue.whose.node_id)
                .bind(&queue.feed)
                .bind(queue.epoch)
                .bind(entity.name())
                .bind(shadow)
                .bind(from)
                .bind(to)
                .fetch_all(&mut *connection)
                .await?;
            for row in rows {
                keys.entry(entity.name().to_owned()).or_default().insert(row.try_get(0)?);
            }
        }
    }
    let rows = sqlx::query(REFUSED)
        .bind(&queue.whose.node_id)
        .bind(&queue.feed)
        .bind(queue.epoch)
        .bind(from)
        .bind(to)
        .fetch_all(connection)
        .await?;
    for row in rows {
        keys.entry(row.try_get(0)?).or_default().insert(row.try_get(1)?);
    }
    Ok(keys)
}

/// Notes that a feed was judged up to a seq; `at_us` is given where nothing is left.
pub(super) async fn advance(
    connection: &mut AnyConnection,
    queue: &Queue,
    to: i64,
    levels: &str,
    at_us: i64,
) -> Result<(), store::Error> {
    let affected = sqlx::query(
        "INSERT INTO verdict_cursor (node_id, feed, epoch, seq, levels, judged_at_us)
         VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (node_id, feed) DO UPDATE SET
             epoch = excluded.epoch,
             seq = excluded.seq,
             levels = excluded.levels,
             judged_at_us = excluded.judged_at_us",
    )
    .bind(&queue.whose.node_id)
    .bind(&queue.feed)
    .bind(queue.epoch)
    .bind(to)
    .bind(levels)
    .bind(at_us)
    .execute(connection)
    .await?
    .rows_affected();
    store::expect_rows("verdict_cursor", 1, affected)
}

/// The levels in force of a feed as its row keeps them.
pub(super) async fn levels(
    connection: &mut AnyConnection,
    queue: &Queue,
) -> Result<(InForce, String), Error> {
    let mut levels = source::in_force(connection, &queue.whose.node_id).await?;
    levels.retain(|entity, _| entity.feed() == queue.feed);
    let words: Vec<String> =
        levels.iter().map(|(entity, level)| format!("{entity}={level}")).collect();
    Ok((levels, words.join(";")))
}

/// Whether records still stand where another level wants them: follow moves them
/// at the begin of its next stream.
pub(super) async fn is_unsettled(
    connection: &mut AnyConnection,
    queue: &Queue,
    levels: &InForce,
) -> Result<bool, store::Error> {
    for (entity, level) in levels {
        let row = sqlx::query(
            "SELECT record_key
             FROM record
             WHERE node_id = $1 AND feed = $2 AND epoch = $3 AND entity = $4 AND shadow = $5
             LIMIT 1",
        )
        .bind(&queue.whose.node_id)
        .bind(&queue.feed)
        .bind(queue.epoch)
        .bind(entity.name())
        .bind(i64::from(*level == Level::Live))
        .fetch_optional(&mut *connection)
        .await?;
        if row.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Has a record of a node judged again.
pub(crate) async fn due(
    connection: &mut AnyConnection,
    node_id: &str,
    entity: &str,
    record_key: &str,
) -> Result<(), store::Error> {
    sqlx::query(
        "INSERT INTO verdict_due (node_id, entity, record_key)
         VALUES ($1, $2, $3)
         ON CONFLICT (node_id, entity, record_key) DO NOTHING",
    )
    .bind(node_id)
    .bind(entity)
    .bind(record_key)
    .execute(connection)
    .await?;
    Ok(())
}

/// Some records of one node that are due; they are no longer.
pub(super) async fn take_due(
    connection: &mut AnyConnection,
    limit: i64,
) -> Result<Option<(Whose, Keys)>, Error> {
    let rows = sqlx::query(
        "SELECT node_id, entity, record_key
         FROM verdict_due
         WHERE node_id = (SELECT MIN(node_id) FROM verdict_due)
         ORDER BY entity, record_key
         LIMIT $1",
    )
    .bind(limit)
    .fetch_all(&mut *connection)
    .await?;
    let Some(first) = rows.first() else { return Ok(None) };
    let node_id: String = first.try_get(0)?;
    let mut keys = Keys::new();
    for row in &rows {
        let (entity, key): (String, String) = (row.try_get(1)?, row.try_get(2)?);
        let affected = sqlx::query(
            "DELETE FROM verdict_due WHERE node_id = $1 AND entity = $2 AND record_key = $3",
        )
        .bind(&node_id)
        .bind(&entity)
        .bind(&key)
        .execute(&mut *connection)
        .await?
        .rows_affected();
        store::expect_rows("verdict_due", 1, affected)?;
        keys.entry(entity).or_default().insert(key);
    }
    let known = node::find(connection, &node_id).await?;
    let country = known.and_then(|node| country::alpha2_of(&node.country)).unwrap_or_default();
    Ok(Some((Whose { node_id, country: country.to_owned() }, keys)))
}
