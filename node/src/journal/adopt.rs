//! Takes entries of the node's own feeds back, or drops a tail of them.
//!
//! Owns the way from a frame to blocks, tree and record state: what an append
//! would have left is left, in one transaction a frame. Believes nothing but its
//! own key and tree. Invariant: whatever is dropped lies in a file first, and
//! after the last entry is back all capture begins anew, so that the hash gate
//! finds what changed since.

pub(crate) mod epoch;
pub(crate) mod gone;
mod records;
mod tail;

use std::path::Path;

use rmd_feed::{Adopted, Block, Log, Origin, Refusal, RightEdge, StoredEntry};
use rmd_proto::v1;
use sqlx::SqliteConnection;

pub(crate) use self::tail::Discarded;
use super::{
    Error, Journal, answers, erase,
    feeds::{self, FEEDS, number},
    recovery,
};

/// Why a frame was not taken back.
#[derive(Debug)]
pub(crate) enum Stop {
    /// It does not go on from what is here; nothing changed.
    Refused(Box<Refusal>),
    /// It could not be written; nothing changed.
    Failed(Error),
}

impl<E: Into<Error>> From<E> for Stop {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

/// A feed as it lies in the file.
pub(super) struct Written {
    pub(super) epoch: u32,
    pub(super) edge: RightEdge,
    pub(super) last_entry_us: i64,
}

impl Journal {
    /// Takes a frame of one of our own feeds back; a known one changes nothing.
    /// Returns the size of the feed afterwards.
    pub(crate) async fn adopt(&self, frame: &v1::Frame) -> Result<u64, Stop> {
        let Some(feed) = FEEDS.into_iter().find(|feed| *feed == frame.feed) else {
            return Err(Error::inconsistent("feed", "feed", 0).into());
        };
        let mut writing = self.store().write().await;
        let mut transaction = writing.begin().await?;
        let known = written(&mut transaction, feed).await?;
        let is_new = known.is_none();
        let known = known.unwrap_or(Written {
            epoch: frame.epoch,
            edge: RightEdge::default(),
            last_entry_us: 0,
        });
        let origin = Origin::new(&self.owner().name, feed, known.epoch);
        let mut log = Log::restore(feed, known.epoch, origin, known.edge);
        let first = log.size() + 1;
        let adopted = log.adopt(frame, &self.owner().key).map_err(Stop::Refused)?;
        let Adopted { entries, blocks } = adopted;
        if !entries.is_empty() {
            if is_new {
                let (owner, now_us) = (&self.owner().name, self.store().now_us());
                let epoch = (feed, known.epoch);
                feeds::insert_epoch(&mut transaction, owner, epoch, "", now_us).await?;
            }
            put_back(&mut transaction, &log, &blocks).await?;
            let newest = entries.iter().map(|entry| entry.header.captured_at_us).max();
            let last_entry_us = newest.unwrap_or(0).max(known.last_entry_us);
            move_to(&mut transaction, &log, last_entry_us).await?;
            let orders: Vec<StoredEntry> =
                entries.iter().filter(|entry| entry.op() == v1::Op::Erase).cloned().collect();
            answers::put_back(&mut transaction, &entries).await?;
            records::put_back(&mut transaction, self, entries).await?;
            erase::returned(&mut transaction, self, &orders).await?;
            let seqs = (first, log.size());
            let now_us = self.store().now_us();
            recovery::happened(&mut transaction, (feed, "returned"), seqs, "", now_us).await?;
            if recovery::find(&mut *transaction, feed).await?.is_none() {
                // Nobody announced the loss: what capture knows is of before it all the same.
                capture_anew(&mut transaction, feed).await?;
            }
        }
        self.end_if_whole(&mut transaction, feed, log.size()).await?;
        transaction.commit().await?;
        // What this process remembers is of the tree before.
        feeds::forget(self.store(), feed);
        self.announce();
        Ok(log.size())
    }

    /// Drops what lies after a size, once it lies in a file of `folder`.
    pub(crate) async fn discard(
        &self,
        feed: &'static str,
        common_size: u64,
        folder: &Path,
    ) -> Result<Option<Discarded>, Error> {
        let mut writing = self.store().write().await;
        let mut transaction = writing.begin().await?;
        let Some(known) = written(&mut transaction, feed).await? else { return Ok(None) };
        let discarded =
            tail::discard(&mut transaction, self, (feed, &known), common_size, folder).await?;
        transaction.commit().await?;
        feeds::forget(self.store(), feed);
        Ok(discarded)
    }

    /// Lets the feed go on once everything that the hub holds is here.
    async fn end_if_whole(
        &self,
        connection: &mut SqliteConnection,
        feed: &'static str,
        size: u64,
    ) -> Result<(), Error> {
        let Some(lost) = recovery::find(&mut *connection, feed).await? else { return Ok(()) };
        if lost.is_final() || size < lost.held_size {
            return Ok(());
        }
        resume(connection, feed, (lost.held_size, size), self.store().now_us()).await
    }
}

/// Lets a feed be appended to again; everything is captured anew.
pub(crate) async fn resume(
    connection: &mut SqliteConnection,
    feed: &str,
    (held, size): (u64, u64),
    now_us: i64,
) -> Result<(), Error> {
    recovery::clear(connection, feed).await?;
    recovery::happened(connection, (feed, "resumed"), (held, size), "", now_us).await?;
    capture_anew(connection, feed).await
}

/// Forgets how far capture was with the record types of a feed; a pass that runs
/// cannot save its mark.
pub(super) async fn capture_anew(
    connection: &mut SqliteConnection,
    feed: &str,
) -> Result<(), Error> {
    sqlx::query("UPDATE entitlement SET generation = generation + 1 WHERE feed = ?1")
        .bind(feed)
        .execute(&mut *connection)
        .await?;
    sqlx::query(
        "DELETE FROM capture_mark
         WHERE entity IN (SELECT entity FROM entitlement WHERE feed = ?1)",
    )
    .bind(feed)
    .execute(connection)
    .await?;
    Ok(())
}

/// A feed as it lies in the file; none before its first epoch.
async fn written(connection: &mut SqliteConnection, feed: &str) -> Result<Option<Written>, Error> {
    let row: Option<(u32, i64, Vec<u8>, i64)> =
        sqlx::query_as("SELECT epoch, size, edge, last_entry_us FROM feed WHERE feed = ?1")
            .bind(feed)
            .fetch_optional(connection)
            .await?;
    let Some((epoch, size, edge, last_entry_us)) = row else { return Ok(None) };
    let size = u64::try_from(size).map_err(|_| Error::inconsistent("feed", "size", size))?;
    Ok(Some(Written { epoch, edge: RightEdge::from_bytes(size, &edge)?, last_entry_us }))
}

async fn put_back(
    connection: &mut SqliteConnection,
    log: &Log,
    blocks: &[Block],
) -> Result<(), Error> {
    for block in blocks {
        feeds::insert_block(connection, log.feed(), log.epoch(), block).await?;
    }
    let Some(last) = blocks.last() else { return Ok(()) };
    let written = sqlx::query("UPDATE feed SET checkpoint = ?2 WHERE feed = ?1")
        .bind(log.feed())
        .bind(&last.checkpoint)
        .execute(connection)
        .await?;
    Error::expect_rows("feed", written.rows_affected(), 1)
}

/// Writes size and edge of the log.
async fn move_to(
    connection: &mut SqliteConnection,
    log: &Log,
    last_entry_us: i64,
) -> Result<(), Error> {
    let written =
        sqlx::query("UPDATE feed SET size = ?2, edge = ?3, last_entry_us = ?4 WHERE feed = ?1")
            .bind(log.feed())
            .bind(number(log.size())?)
            .bind(log.edge().to_bytes())
            .bind(last_entry_us)
            .execute(connection)
            .await?;
    Error::expect_rows("feed", written.rows_affected(), 1)
}
