//! Checkpoints on their way into the feed `checkpoints`.
//!
//! Owns the table `audit_checkpoint`. Published is the checkpoint at the cursor: one
//! that the hub verified and whose entries it has durably applied. Not each of them:
//! a first load has one every few milliseconds. A feed that moved is published at
//! most once in an interval, and always once more after it stopped moving; so within
//! an interval auditors have the last checkpoint of every feed. Sizes of one feed and
//! epoch only rise. Entries and what was published are one transaction. Answers to cases
//! are left out: how often a state answers is nobody else's to know.

use std::{sync::Arc, time::Duration};

use jiff::Timestamp;
use prost::Message as _;
use rmd_feed::{FeedKey, Log, NewEntry, Origin, RightEdge};
use rmd_proto::v1;
use rmd_runtime::{SharedClock, lifecycle::chain};
use sqlx::{AnyConnection, FromRow};
use tokio_util::sync::CancellationToken;
use tracing::{debug, info, warn};

use super::{CHECKPOINT, Error, epoch, evidence, revoked};
use crate::{
    recover, share,
    share::log,
    store::{self, Store, expect_rows},
};

const TABLE: &str = "audit_checkpoint";

/// Right edges that are kept of each feed: a week, where one is published each minute.
const EDGES_MAX: i64 = 7 * 24 * 60;

/// Publishes checkpoints. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Publisher {
    pub(crate) store: Store,
    pub(crate) clock: SharedClock,
    /// The hub's feed key, and its name on checkpoints.
    pub(crate) signer: (Arc<FeedKey>, String),
    /// How long a feed that was published waits for its next checkpoint.
    pub(crate) interval: Duration,
}

/// A checkpoint that stands at a cursor, or at the end of an epoch.
#[derive(Debug, FromRow)]
struct Standing {
    node_id: String,
    feed: String,
    epoch: i64,
    size: i64,
    edge: Vec<u8>,
    checkpoint: String,
    feed_vkey: String,
    /// The last published one; none if there is none.
    last_size: Option<i64>,
    published_at_us: Option<i64>,
}

impl Standing {
    fn is_due(&self, interval_us: i64, now_us: i64) -> bool {
        let is_new = self.last_size.is_none_or(|last| self.size > last);
        // A clock that was set back must not silence a feed.
        let is_time = self
            .published_at_us
            .is_none_or(|at_us| now_us < at_us || now_us.saturating_sub(at_us) >= interval_us);
        is_new && is_time
    }

    /// Name of the feed on its checkpoints, from the key of its owner.
    fn origin(&self) -> Origin {
        let owner = self.feed_vkey.split('+').next().unwrap_or_default();
        Origin::new(owner, &self.feed, u32::try_from(self.epoch).unwrap_or(0))
    }

    fn entry(&self, now: Timestamp) -> NewEntry {
        let seen = v1::SeenCheckpoint {
            node_id: self.node_id.clone(),
            feed: self.feed.clone(),
            epoch: u32::try_from(self.epoch).unwrap_or(0),
            vkey: self.feed_vkey.clone(),
            checkpoint: self.checkpoint.clone(),
            seen_at_us: now.as_microsecond(),
        };
        let key = format!("{}@{}", self.origin(), self.size);
        epoch::entry(CHECKPOINT, key, seen.encode_to_vec(), now)
    }
}

/// Publishes what is due until the shutdown.
pub(crate) async fn run(
    publisher: Publisher,
    poll: Duration,
    shutdown: CancellationToken,
) -> Result<(), Error> {
    loop {
        match publisher.publish().await {
            Ok(0) => {}
            Ok(entries) => debug!(entries, "checkpoints published"),
            Err(Error::Share(share::Error::Recover(recover::Error::Held { nodes }))) => {
                info!(nodes, "no checkpoints are published until the nodes were heard");
            }
            Err(error) => warn!(error = chain(&error), "checkpoints not published"),
        }
        publisher.tell_revoked().await;
        tokio::select! {
            biased;
            () = shutdown.cancelled() => return Ok(()),
            () = tokio::time::sleep(poll) => {}
        }
    }
}

impl Publisher {
    /// Tells the nodes of revoked auditors; a failure is tried again at the next look.
    async fn tell_revoked(&self) {
        let (key, hub) = &self.signer;
        match revoked::tell(&self.store, (key, hub), self.clock.now()).await {
            Ok(0) => {}
            Ok(certificates) => info!(certificates, "nodes are told of revoked auditors"),
            Err(error) => warn!(error = chain(&error), "nodes are not told of revoked auditors"),
        }
    }

    /// Publishes what is due now; how many entries.
    pub(crate) async fn publish(&self) -> Result<usize, Error> {
        let now = self.clock.now();
        {
            let mut connection = self.store.acquire().await?;
            let due = self.due(&mut connection, now).await?;
            let is_due = !due.is_empty()
                || !evidence::due(&mut connection).await?.is_empty()
                || epoch::is_due(&mut connection).await?;
            if !is_due {
                return Ok(0);
            }
        }
        let (key, hub) = (self.signer.0.as_ref(), self.signer.1.as_str());
        let mut transaction = self.store.begin().await?;
        let feed = epoch::current(&mut transaction, (key, hub), now).await?;
        let mut locked = log::lock(&mut transaction, &feed, hub).await?;
        // Looked at again under the lock: another process may have been faster.
        let due = self.due(&mut transaction, now).await?;
        let found = evidence::due(&mut transaction).await?;
        let mut entries: Vec<NewEntry> = due.iter().map(|one| one.entry(now)).collect();
        entries.extend(found.iter().map(|one| one.entry(now)));
        let mut rest = &entries[..];
        while !rest.is_empty() {
            let (block, later) = rest.split_at(Log::fitting(rest));
            log::append(&mut transaction, &mut locked, block, key, now).await?;
            rest = later;
        }
        for one in &due {
            keep(&mut transaction, one, now).await?;
        }
        for one in &found {
            evidence::keep(&mut transaction, one, now).await?;
        }
        transaction.commit().await?;
        Ok(entries.len())
    }

    async fn due(
        &self,
        connection: &mut AnyConnection,
        now: Timestamp,
    ) -> Result<Vec<Standing>, Error> {
        let interval_us = i64::try_from(self.interval.as_micros()).unwrap_or(i64::MAX);
        let now_us = now.as_microsecond();
        let mut due = ended(connection).await?;
        // An epoch ends once, and nothing comes after it to wait for.
        due.retain(|one| one.is_due(0, now_us));
        let following = following(connection).await?;
        due.extend(following.into_iter().filter(|one| one.is_due(interval_us, now_us)));
        Ok(due)
    }
}

/// The checkpoint at every cursor.
async fn following(connection: &mut AnyConnection) -> Result<Vec<Standing>, store::Error> {
    Ok(sqlx::query_as(
        "SELECT c.node_id, c.feed, c.epoch, c.cursor AS size, c.edge, c.checkpoint, n.feed_vkey,
                (SELECT MAX(a.size)
                 FROM audit_checkpoint a
                 WHERE a.node_id = c.node_id AND a.feed = c.feed AND a.epoch = c.epoch
                ) AS last_size,
                (SELECT a.published_at_us
                 FROM audit_checkpoint a
                 WHERE a.node_id = c.node_id AND a.feed = c.feed AND a.epoch = c.epoch
                 ORDER BY a.size DESC
                 LIMIT 1
                ) AS published_at_us
         FROM feed_cursor c
         JOIN node n ON n.node_id = c.node_id
         WHERE c.cursor > 0 AND c.checkpoint IS NOT NULL AND c.feed <> 'answers'
         ORDER BY c.node_id, c.feed",
    )
    .fetch_all(connection)
    .await?)
}

/// The last checkpoint of every epoch that ended.
async fn ended(connection: &mut AnyConnection) -> Result<Vec<Standing>, store::Error> {
    Ok(sqlx::query_as(
        "SELECT e.node_id, e.feed, e.epoch, e.size, e.edge, e.checkpoint, e.feed_vkey,
                (SELECT MAX(a.size)
                 FROM audit_checkpoint a
                 WHERE a.node_id = e.node_id AND a.feed = e.feed AND a.epoch = e.epoch
                ) AS last_size,
                (SELECT a.published_at_us
                 FROM audit_checkpoint a
                 WHERE a.node_id = e.node_id AND a.feed = e.feed AND a.epoch = e.epoch
                 ORDER BY a.size DESC
                 LIMIT 1
                ) AS published_at_us
         FROM epoch_end e
         WHERE e.size > 0 AND e.checkpoint <> '' AND e.feed <> 'answers'
         ORDER BY e.node_id, e.feed, e.epoch",
    )
    .fetch_all(connection)
    .await?)
}

async fn keep(connection: &mut AnyConnection, one: &Standing, now: Timestamp) -> Result<(), Error> {
    let edge = RightEdge::from_bytes(one.size.unsigned_abs(), &one.edge)?;
    let affected = sqlx::query(
        "INSERT INTO audit_checkpoint
             (node_id, feed, epoch, size, root, edge, published_at_us)
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(&one.node_id)
    .bind(&one.feed)
    .bind(one.epoch)
    .bind(one.size)
    .bind(edge.root().to_vec())
    .bind(one.edge.clone())
    .bind(now.as_microsecond())
    .execute(&mut *connection)
    .await?
    .rows_affected();
    expect_rows(TABLE, 1, affected)?;
    // One that an auditor was away for longer is proven from the first leaf.
    sqlx::query(
        "UPDATE audit_checkpoint SET edge = $1
         WHERE node_id = $2 AND feed = $3 AND epoch = $4 AND size =
             (SELECT size
              FROM audit_checkpoint
              WHERE node_id = $2 AND feed = $3 AND epoch = $4
              ORDER BY size DESC
              LIMIT 1 OFFSET $5)",
    )
    .bind(Vec::<u8>::new())
    .bind(&one.node_id)
    .bind(&one.feed)
    .bind(one.epoch)
    .bind(EDGES_MAX)
    .execute(connection)
    .await?;
    Ok(())
}
