//! What came since it was judged last.
//!
//! Owns the table `reconcile_cursor`. The queue of a feed is not written by anybody: it
//! is what `record` holds after the seq that was taken into account last, withdrawn and
//! void records among it. A record that was revised again has its place at its newer
//! seq, and is judged once.

use std::collections::{BTreeMap, BTreeSet};

use rmd_standard::Entity;
use sqlx::{AnyConnection, Row as _};

use crate::{ledger, store};

/// Keys by the type of their records.
pub(super) type Keys = BTreeMap<Entity, BTreeSet<String>>;

/// What of a feed is still to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Coming {
    /// Everything that the owner has was applied.
    Nothing,
    /// It has more.
    Some,
    /// Large frames come one after the other.
    Load,
}

/// A followed feed, and how far it was taken into account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Queue {
    node_id: String,
    feed: String,
    epoch: i64,
    /// Last seq that was applied.
    cursor: i64,
    owner_size: i64,
    /// Epoch and seq up to which it was judged; none before the first time.
    judged: Option<(i64, i64)>,
}

impl Queue {
    /// The seq after which to go on: a feed that began anew, or lost its tail, is taken
    /// from there.
    fn from(&self) -> i64 {
        match self.judged {
            Some((epoch, seq)) if epoch == self.epoch => seq.min(self.cursor),
            _ => 0,
        }
    }

    /// Whether something came that was not judged.
    pub(super) fn is_behind(&self) -> bool {
        self.judged != Some((self.epoch, self.cursor))
    }

    /// What of it is still to come.
    pub(super) async fn coming(
        &self,
        connection: &mut AnyConnection,
        now_us: i64,
    ) -> Result<Coming, store::Error> {
        let of = (&*self.node_id, &*self.feed);
        Ok(if ledger::is_loading(connection, of, self.epoch, now_us).await? {
            Coming::Load
        } else if self.cursor < self.owner_size {
            Coming::Some
        } else {
            Coming::Nothing
        })
    }

    /// How many entries are in it.
    pub(super) fn entries(&self) -> i64 {
        self.cursor - self.from()
    }

    /// The same queue with at most so many entries in it.
    pub(super) fn cut(&self, entries_max: i64) -> Self {
        let cursor = self.cursor.min(self.from().saturating_add(entries_max));
        Self { cursor, ..self.clone() }
    }
}

/// Every followed feed, master data first.
pub(super) async fn queues(connection: &mut AnyConnection) -> Result<Vec<Queue>, store::Error> {
    let rows = sqlx::query(
        "SELECT f.node_id, f.feed, f.epoch, f.cursor, f.owner_size,
                c.epoch AS judged_epoch, c.seq AS judged_seq
         FROM feed_cursor f
         LEFT JOIN reconcile_cursor c ON c.node_id = f.node_id AND c.feed = f.feed
         ORDER BY f.feed, f.node_id",
    )
    .fetch_all(connection)
    .await?;
    let queue = |row: &sqlx::any::AnyRow| {
        let judged: (Option<i64>, Option<i64>) =
            (row.try_get("judged_epoch")?, row.try_get("judged_seq")?);
        Ok(Queue {
            node_id: row.try_get("node_id")?,
            feed: row.try_get("feed")?,
            epoch: row.try_get("epoch")?,
            cursor: row.try_get("cursor")?,
            owner_size: row.try_get("owner_size")?,
            judged: judged.0.zip(judged.1),
        })
    };
    rows.iter().map(queue).collect()
}

/// Runs for each step: the index holds the seqs of a type apart for both levels.
pub(crate) const TOUCHED: &str = "SELECT record_key \
     FROM record \
     WHERE node_id = $1 AND feed = $2 AND epoch = $3 AND entity = $4 AND shadow = $5 \
     AND seq > $6 AND seq <= $7";

/// Adds the records whose newest revision is in the queue.
pub(super) async fn touched(
    connection: &mut AnyConnection,
    queue: &Queue,
    keys: &mut Keys,
) -> Result<(), store::Error> {
    for entity in Entity::ALL.into_iter().filter(|entity| entity.feed() == queue.feed) {
        // What went into shadow was shown before, perhaps.
        for shadow in [0_i64, 1] {
            let rows = sqlx::query(TOUCHED)
                .bind(&queue.node_id)
                .bind(&queue.feed)
                .bind(queue.epoch)
                .bind(entity.name())
                .bind(shadow)
                .bind(queue.from())
                .bind(queue.cursor)
                .fetch_all(&mut *connection)
                .await?;
            for row in rows {
                keys.entry(entity).or_default().insert(row.try_get(0)?);
            }
        }
    }
    Ok(())
}

/// Notes that these queues were judged.
pub(super) async fn advance(
    connection: &mut AnyConnection,
    queues: &[Queue],
) -> Result<(), store::Error> {
    for queue in queues.iter().filter(|queue| queue.is_behind()) {
        let affected = sqlx::query(
            "INSERT INTO reconcile_cursor (node_id, feed, epoch, seq)
             VALUES ($1, $2, $3, $4)
             ON CONFLICT (node_id, feed) DO UPDATE SET
                 epoch = excluded.epoch,
                 seq = excluded.seq",
        )
        .bind(&queue.node_id)
        .bind(&queue.feed)
        .bind(queue.epoch)
        .bind(queue.cursor)
        .execute(&mut *connection)
        .await?
        .rows_affected();
        store::expect_rows("reconcile_cursor", 1, affected)?;
    }
    Ok(())
}
