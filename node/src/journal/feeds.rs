//! The feeds of this node as they lie in the file.
//!
//! Owns the tables `epoch`, `feed` and `block`. Entries are stored in the
//! blocks in which they are served and are never re-encoded. Invariant: the
//! size in `feed`, the last seq in `block` and the right edge stand at the same
//! number, because they are written in one transaction.

use std::{collections::HashMap, sync::PoisonError};

use futures_util::TryStreamExt as _;
use rmd_feed::{BLOCK_ENTRIES_MAX, Block, Log, NewEntry, Origin, RightEdge, frame};
use sqlx::{FromRow, SqliteConnection, SqlitePool};

use super::{Error, Owner, block, clock, recovery, store::Store};

/// The feeds that a node writes.
pub(crate) const FEEDS: [&str; 3] = ["master-data", "transactions", ANSWERS];

/// The one of them that holds no records and flows whatever is entitled.
pub(crate) const ANSWERS: &str = "answers";

/// The epoch of a feed that never lost its store or key.
const FIRST_EPOCH: u32 = 1;

/// The logs as the last transaction left them; what the file says counts.
pub(super) type Logs = std::sync::Mutex<HashMap<&'static str, Log>>;

#[derive(Debug, FromRow)]
struct RowOfFeed {
    epoch: u32,
    size: i64,
    edge: Vec<u8>,
    last_entry_us: i64,
}

/// One feed, opened for writing inside a transaction.
#[derive(Debug)]
pub(super) struct OpenFeed {
    feed: &'static str,
    log: Log,
    /// What entries written now carry as their instant; never before the last one.
    pub(super) captured_at_us: i64,
}

impl OpenFeed {
    /// Opens a feed where the file has it, or begins its first epoch. The log of
    /// the transaction before is taken if nobody has written since.
    pub(super) async fn open(
        connection: &mut SqliteConnection,
        store: &Store,
        owner: &Owner,
        feed: &'static str,
    ) -> Result<Self, Error> {
        let now_us = store.now_us();
        clock::check_build(store)?;
        recovery::check(connection, feed).await?;
        let row: Option<RowOfFeed> =
            sqlx::query_as("SELECT epoch, size, edge, last_entry_us FROM feed WHERE feed = ?1")
                .bind(feed)
                .fetch_optional(&mut *connection)
                .await?;
        let Some(row) = row else {
            let log = begin_epoch(connection, owner, feed, now_us).await?;
            return Ok(Self { feed, log, captured_at_us: now_us });
        };
        clock::check_entry(feed, row.last_entry_us, now_us)?;
        let size = u64::try_from(row.size).map_err(|_| Error::inconsistent("feed", "size", 0))?;
        let known = store.logs().lock().unwrap_or_else(PoisonError::into_inner).remove(feed);
        // Another process may have dropped a tail and written as many entries again.
        let known = known
            .filter(|log| log.epoch() == row.epoch && log.size() == size)
            .filter(|log| log.edge().to_bytes() == row.edge);
        let log = if let Some(log) = known {
            log
        } else {
            let edge = RightEdge::from_bytes(size, &row.edge)?;
            let origin = Origin::new(&owner.name, feed, row.epoch);
            Log::restore(feed, row.epoch, origin, edge)
        };
        Ok(Self { feed, log, captured_at_us: now_us.max(row.last_entry_us) })
    }

    /// The epoch that is written.
    pub(super) fn epoch(&self) -> u32 {
        self.log.epoch()
    }

    /// Entries in the feed.
    pub(super) fn size(&self) -> u64 {
        self.log.size()
    }

    /// Appends entries in blocks of up to 256 and writes blocks and size.
    pub(super) async fn append(
        &mut self,
        connection: &mut SqliteConnection,
        owner: &Owner,
        mut entries: &[NewEntry],
    ) -> Result<(), Error> {
        let mut checkpoint = None;
        let first;
        if self.log.size() == 0 && self.log.epoch() > FIRST_EPOCH {
            first = following(connection, self.feed, self.log.epoch(), entries).await?;
            entries = &first;
        }
        while !entries.is_empty() {
            let (now, later) = entries.split_at(Log::fitting(entries));
            let block = self.log.append(now, &owner.key)?;
            insert_block(connection, self.feed, self.log.epoch(), &block).await?;
            checkpoint = Some(block.checkpoint);
            entries = later;
        }
        let Some(checkpoint) = checkpoint else { return Ok(()) };
        let written = sqlx::query(
            "UPDATE feed
             SET size = ?2, edge = ?3, checkpoint = ?4, last_entry_us = ?5
             WHERE feed = ?1",
        )
        .bind(self.feed)
        .bind(number(self.log.size())?)
        .bind(self.log.edge().to_bytes())
        .bind(checkpoint)
        .bind(self.captured_at_us)
        .execute(connection)
        .await?;
        Error::expect_rows("feed", written.rows_affected(), 1)
    }

    /// Keeps the log for the next transaction; called once this one is committed.
    pub(super) fn keep(self, store: &Store) {
        let mut logs = store.logs().lock().unwrap_or_else(PoisonError::into_inner);
        logs.insert(self.feed, self.log);
    }
}

async fn begin_epoch(
    connection: &mut SqliteConnection,
    owner: &Owner,
    feed: &'static str,
    now_us: i64,
) -> Result<Log, Error> {
    insert_epoch(connection, &owner.name, (feed, FIRST_EPOCH), "", now_us).await?;
    let origin = Origin::new(&owner.name, feed, FIRST_EPOCH);
    Ok(Log::new(feed, FIRST_EPOCH, origin))
}

/// Begins an epoch of a feed, empty; `follows` is the last known checkpoint of the
/// one before it. The feed is written in it from now on.
pub(super) async fn insert_epoch(
    connection: &mut SqliteConnection,
    owner: &str,
    (feed, epoch): (&str, u32),
    follows: &str,
    now_us: i64,
) -> Result<(), Error> {
    sqlx::query(
        "INSERT INTO epoch (feed, epoch, origin, follows, began_at_us) VALUES (?1, ?2, ?3, ?4, ?5)",
    )
    .bind(feed)
    .bind(epoch)
    .bind(Origin::new(owner, feed, epoch).as_str())
    .bind(follows)
    .bind(now_us)
    .execute(&mut *connection)
    .await?;
    let written = sqlx::query(
        "INSERT INTO feed (feed, epoch, size, edge, checkpoint, last_entry_us)
         VALUES (?1, ?2, 0, x'', '', 0)
         ON CONFLICT (feed) DO UPDATE SET
             epoch = excluded.epoch,
             size = excluded.size,
             edge = excluded.edge,
             checkpoint = excluded.checkpoint",
    )
    .bind(feed)
    .bind(epoch)
    .execute(connection)
    .await?;
    Error::expect_rows("feed", written.rows_affected(), 1)
}

/// The first entries of a later epoch: the first of all names what it follows, as
/// the origin, size and root of that checkpoint.
async fn following(
    connection: &mut SqliteConnection,
    feed: &str,
    epoch: u32,
    entries: &[NewEntry],
) -> Result<Vec<NewEntry>, Error> {
    let follows: Option<String> =
        sqlx::query_scalar("SELECT follows FROM epoch WHERE feed = ?1 AND epoch = ?2")
            .bind(feed)
            .bind(epoch)
            .fetch_optional(connection)
            .await?;
    let mut entries = entries.to_vec();
    let lines: Vec<&str> = follows.iter().flat_map(|note| note.lines()).take(3).collect();
    if let Some(first) = entries.first_mut().filter(|_| lines.len() == 3) {
        first.reason = format!("follows:{}", lines.join(" "));
    }
    Ok(entries)
}

/// Forgets the log of a feed as this process left it.
pub(super) fn forget(store: &Store, feed: &str) {
    store.logs().lock().unwrap_or_else(PoisonError::into_inner).remove(feed);
}

pub(super) async fn insert_block(
    connection: &mut SqliteConnection,
    feed: &str,
    epoch: u32,
    block: &Block,
) -> Result<(), Error> {
    let written = sqlx::query(
        "INSERT INTO block (
             feed, epoch, first_seq, last_seq, body, checkpoint, hash_first, hashes)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )
    .bind(feed)
    .bind(epoch)
    .bind(number(block.first_seq)?)
    .bind(number(block.last_seq)?)
    .bind(&block.body)
    .bind(&block.checkpoint)
    .bind(number(block.hash_first)?)
    .bind(&block.hashes)
    .execute(connection)
    .await?;
    Error::expect_rows("block", written.rows_affected(), 1)
}

/// The blocks of the next frame: those after a seq, as many as the bytes allow
/// and at least one if there is one. A block that holds the seq comes whole. Their
/// hashes stay where they are: a frame has none.
pub(crate) async fn blocks_after(
    readers: &SqlitePool,
    feed: &str,
    epoch: u32,
    after_seq: u64,
    bytes_max: usize,
) -> Result<Vec<Block>, Error> {
    // A block has at most 256 entries, so none that begins before this reaches
    // beyond the seq; the key's index finds the first one.
    let not_before = after_seq.saturating_sub(BLOCK_ENTRIES_MAX as u64);
    let mut rows = sqlx::query_as::<_, block::Row>(
        "SELECT first_seq,
                last_seq,
                body,
                checkpoint
         FROM block
         WHERE feed = ?1 AND epoch = ?2 AND first_seq > ?3 AND last_seq > ?4
         ORDER BY first_seq",
    )
    .bind(feed)
    .bind(epoch)
    .bind(number(not_before)?)
    .bind(number(after_seq)?)
    .fetch(readers);
    let (mut blocks, mut bytes) = (Vec::new(), 0);
    while let Some(row) = rows.try_next().await? {
        let block = Block::try_from(row)?;
        bytes += block.body.len();
        blocks.push(block);
        if bytes > bytes_max {
            break;
        }
    }
    blocks.truncate(frame::fitting(&blocks, bytes_max));
    Ok(blocks)
}

/// A number of the protocol as SQLite keeps it; feeds end far below the limit.
pub(super) fn number(value: u64) -> Result<i64, Error> {
    i64::try_from(value).map_err(|_| Error::inconsistent("feed", "size", i64::MAX))
}
