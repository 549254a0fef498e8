//! The hub's own feeds as they lie in the store.
//!
//! Entries are appended in the caller's transaction, together with what they
//! are about. A feed without a row is empty: a node's verdicts begin with the
//! first one. Invariant: `shared_log.size` is the last seq of the last block,
//! and the edge is that of the tree over all blocks.

use jiff::Timestamp;
use rmd_feed::{Block, FeedKey, Log, NewEntry, RightEdge, StoredEntry};
use rmd_proto::v1;
use sqlx::{AnyConnection, Row as _, any::AnyRow};

use super::{Error, OwnFeed};
use crate::{
    recover::{self, hold},
    store::{self, expect_rows},
};

/// Blocks read at a time for a push: with one bulletin a block, a frame of
/// 256 KiB holds some hundred.
const BLOCKS_MAX: i64 = 256;

/// How long a feed is, for status and for the push tasks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) size: u64,
    pub(crate) edge: RightEdge,
}

/// Writes an empty feed, where there is none yet.
pub(crate) async fn create(
    connection: &mut AnyConnection,
    feed: &OwnFeed,
) -> Result<(), store::Error> {
    sqlx::query(
        "INSERT INTO shared_log (feed, epoch, size, edge, checkpoint)
         VALUES ($1, $2, 0, $3, '')
         ON CONFLICT (feed) DO NOTHING",
    )
    .bind(feed.stored())
    .bind(i64::from(feed.epoch()))
    .bind(RightEdge::default().to_bytes())
    .execute(connection)
    .await?;
    Ok(())
}

/// The epoch of a feed that is written; none before the first entry.
pub(crate) async fn epoch(
    connection: &mut AnyConnection,
    stored: &str,
) -> Result<Option<u32>, Error> {
    let row = sqlx::query("SELECT epoch FROM shared_log WHERE feed = $1")
        .bind(stored)
        .fetch_optional(connection)
        .await?;
    row.map(|row| number(&row, "epoch")).transpose()
}

/// Begins another epoch of a feed, from its first seq; the blocks of the one before
/// stay as they are.
pub(crate) async fn begin_epoch(
    connection: &mut AnyConnection,
    feed: &OwnFeed,
) -> Result<(), Error> {
    let affected = sqlx::query(
        "UPDATE shared_log SET
             epoch = $1,
             size = 0,
             edge = $2,
             checkpoint = ''
         WHERE feed = $3 AND epoch < $1",
    )
    .bind(i64::from(feed.epoch()))
    .bind(RightEdge::default().to_bytes())
    .bind(feed.stored())
    .execute(connection)
    .await?
    .rows_affected();
    Ok(expect_rows("shared_log", 1, affected)?)
}

/// The length of a feed; one that was never written is empty.
pub(crate) async fn head(connection: &mut AnyConnection, feed: &OwnFeed) -> Result<Head, Error> {
    let row = sqlx::query("SELECT epoch, size, edge FROM shared_log WHERE feed = $1")
        .bind(feed.stored())
        .fetch_optional(connection)
        .await?;
    let Some(row) = row else { return Ok(Head::default()) };
    if number::<u32>(&row, "epoch")? != feed.epoch() {
        return Err(Error::Inconsistent("its epoch is not the one that this program writes"));
    }
    let edge: Vec<u8> = row.try_get("edge")?;
    let size = number(&row, "size")?;
    Ok(Head { size, edge: RightEdge::from_bytes(size, &edge)? })
}

/// A feed to append to. Its row is locked until the transaction ends, so that
/// two processes append one after the other.
#[derive(Debug)]
pub(crate) struct Locked {
    feed: OwnFeed,
    log: Log,
}

impl Locked {
    /// The last seq.
    pub(crate) fn size(&self) -> u64 {
        self.log.size()
    }
}

/// Locks a feed of the hub that is named `hub` on checkpoints. Refused while a
/// restored hub waits for its own entries.
pub(crate) async fn lock(
    connection: &mut AnyConnection,
    feed: &OwnFeed,
    hub: &str,
) -> Result<Locked, Error> {
    hold::check(connection).await?;
    lock_row(connection, feed, hub).await
}

/// Takes back a frame that the hub signed before its store was restored; the
/// entries that were lacking.
pub(crate) async fn adopt(
    connection: &mut AnyConnection,
    feed: &OwnFeed,
    (hub, key): (&str, &FeedKey),
    frame: &v1::Frame,
    now: Timestamp,
) -> Result<Vec<StoredEntry>, Error> {
    create(connection, feed).await?;
    let Locked { mut log, .. } = lock_row(connection, feed, hub).await?;
    let adopted = log.adopt(frame, key).map_err(|refusal| recover::Error::Refused {
        feed: feed.stored().to_owned(),
        message: format!("{}\n{}", refusal.message, refusal.message_fr),
    })?;
    let Some(last) = adopted.blocks.last() else { return Ok(adopted.entries) };
    let checkpoint = last.checkpoint.clone();
    for block in &adopted.blocks {
        insert_block(connection, feed, block, now).await?;
    }
    let affected =
        sqlx::query("UPDATE shared_log SET size = $1, edge = $2, checkpoint = $3 WHERE feed = $4")
            .bind(signed(log.size()))
            .bind(log.edge().to_bytes())
            .bind(checkpoint)
            .bind(feed.stored())
            .execute(connection)
            .await?
            .rows_affected();
    expect_rows("shared_log", 1, affected)?;
    Ok(adopted.entries)
}

async fn lock_row(
    connection: &mut AnyConnection,
    feed: &OwnFeed,
    hub: &str,
) -> Result<Locked, Error> {
    let affected = sqlx::query("UPDATE shared_log SET size = size WHERE feed = $1")
        .bind(feed.stored())
        .execute(&mut *connection)
        .await?
        .rows_affected();
    expect_rows("shared_log", 1, affected)?;
    let head = head(connection, feed).await?;
    let log = Log::restore(feed.name(), feed.epoch(), feed.origin(hub), head.edge);
    Ok(Locked { feed: feed.clone(), log })
}

/// Appends entries as one block.
pub(crate) async fn append(
    connection: &mut AnyConnection,
    locked: &mut Locked,
    entries: &[NewEntry],
    key: &FeedKey,
    now: Timestamp,
) -> Result<(), Error> {
    let Locked { feed, log } = locked;
    let before = log.size();
    let block = log.append(entries, key)?;
    insert_block(connection, feed, &block, now).await?;
    let affected = sqlx::query(
        "UPDATE shared_log SET
             size = $1,
             edge = $2,
             checkpoint = $3
         WHERE feed = $4 AND size = $5",
    )
    .bind(signed(log.size()))
    .bind(log.edge().to_bytes())
    .bind(&block.checkpoint)
    .bind(feed.stored())
    .bind(signed(before))
    .execute(connection)
    .await?
    .rows_affected();
    Ok(expect_rows("shared_log", 1, affected)?)
}

async fn insert_block(
    connection: &mut AnyConnection,
    feed: &OwnFeed,
    block: &Block,
    now: Timestamp,
) -> Result<(), Error> {
    sqlx::query(
        "INSERT INTO shared_block
             (feed, epoch, first_seq, last_seq, body, checkpoint,
              hash_first, hashes, appended_at_us)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(feed.stored())
    .bind(i64::from(feed.epoch()))
    .bind(signed(block.first_seq))
    .bind(signed(block.last_seq))
    .bind(block.body.clone())
    .bind(&block.checkpoint)
    .bind(signed(block.hash_first))
    .bind(block.hashes.clone())
    .bind(now.as_microsecond())
    .execute(connection)
    .await?;
    Ok(())
}

/// Blocks after a seq, oldest first, at most some hundred.
pub(crate) async fn blocks_after(
    connection: &mut AnyConnection,
    feed: &OwnFeed,
    after_seq: u64,
) -> Result<Vec<Block>, Error> {
    let rows = sqlx::query(
        "SELECT first_seq, last_seq, body, checkpoint, hash_first, hashes
         FROM shared_block
         WHERE feed = $1 AND epoch = $2 AND last_seq > $3
         ORDER BY first_seq
         LIMIT $4",
    )
    .bind(feed.stored())
    .bind(i64::from(feed.epoch()))
    .bind(signed(after_seq))
    .bind(BLOCKS_MAX)
    .fetch_all(connection)
    .await?;
    rows.iter().map(block).collect()
}

/// Every feed that was ever begun, by its name.
pub(crate) async fn all(connection: &mut AnyConnection) -> Result<Vec<OwnFeed>, Error> {
    let rows = sqlx::query("SELECT feed, epoch FROM shared_log ORDER BY feed")
        .fetch_all(connection)
        .await?;
    let named = |row: &AnyRow| {
        let name: String = row.try_get("feed")?;
        OwnFeed::from_stored(&name, number(row, "epoch")?)
            .ok_or(Error::Inconsistent("it holds a feed of no known name"))
    };
    rows.iter().map(named).collect()
}

/// The checkpoint that was signed at a size; none if no block ends there.
pub(crate) async fn checkpoint_at(
    connection: &mut AnyConnection,
    feed: &OwnFeed,
    size: u64,
) -> Result<Option<String>, Error> {
    let row = sqlx::query(
        "SELECT checkpoint
         FROM shared_block
         WHERE feed = $1 AND epoch = $2 AND last_seq = $3",
    )
    .bind(feed.stored())
    .bind(i64::from(feed.epoch()))
    .bind(signed(size))
    .fetch_optional(connection)
    .await?;
    Ok(row.map(|row| row.try_get("checkpoint")).transpose()?)
}

fn block(row: &AnyRow) -> Result<Block, Error> {
    Ok(Block {
        first_seq: number(row, "first_seq")?,
        last_seq: number(row, "last_seq")?,
        body: row.try_get("body")?,
        checkpoint: row.try_get("checkpoint")?,
        hash_first: number(row, "hash_first")?,
        hashes: row.try_get("hashes")?,
    })
}

/// A count out of a BIGINT, which our tables never hold negative.
fn number<T: TryFrom<i64>>(row: &AnyRow, column: &'static str) -> Result<T, Error> {
    let number: i64 = row.try_get(column)?;
    T::try_from(number).map_err(|_| Error::Inconsistent("a count is out of range"))
}

/// A count as BIGINT. A feed of 2^63 entries does not fit on any disk.
pub(crate) fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
