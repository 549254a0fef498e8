//! The hub's own feed as it lies in the store.
//!
//! Entries are appended in the caller's transaction, together with what they
//! are about. Invariant: `shared_log.size` is the last seq of the last block,
//! and the edge is that of the tree over all blocks.

use jiff::Timestamp;
use rmd_feed::{Block, FeedKey, Log, NewEntry, Origin, RightEdge};
use sqlx::{AnyConnection, Row as _, any::AnyRow};

use super::{EPOCH, Error, FEED};
use crate::store::{self, expect_rows};

/// Blocks read at a time for a push: with one bulletin a block a frame of
/// 256 KiB holds some hundred.
const BLOCKS_MAX: i64 = 256;

/// How long the feed is, for status and for the push tasks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) size: u64,
    pub(crate) edge: RightEdge,
}

/// Writes the empty log; once, at `init`.
pub(crate) async fn create(connection: &mut AnyConnection, log: &Log) -> Result<(), store::Error> {
    sqlx::query(
        "INSERT INTO shared_log (feed, epoch, size, edge, checkpoint)
         VALUES ($1, $2, 0, $3, '')",
    )
    .bind(log.feed())
    .bind(i64::from(log.epoch()))
    .bind(log.edge().to_bytes())
    .execute(connection)
    .await?;
    Ok(())
}

/// The length of the feed.
pub(crate) async fn head(connection: &mut AnyConnection) -> Result<Head, Error> {
    let row = sqlx::query("SELECT epoch, size, edge FROM shared_log WHERE feed = $1")
        .bind(FEED)
        .fetch_one(connection)
        .await?;
    if number::<u32>(&row, "epoch")? != EPOCH {
        return Err(Error::Inconsistent("its epoch is not the one that this program writes"));
    }
    let edge: Vec<u8> = row.try_get("edge")?;
    let size = number(&row, "size")?;
    Ok(Head { size, edge: RightEdge::from_bytes(size, &edge)? })
}

/// The log to append to. Locks its row until the transaction ends, so that two
/// processes append one after the other.
pub(crate) async fn lock(connection: &mut AnyConnection, origin: Origin) -> Result<Log, Error> {
    let affected = sqlx::query("UPDATE shared_log SET size = size WHERE feed = $1")
        .bind(FEED)
        .execute(&mut *connection)
        .await?
        .rows_affected();
    expect_rows("shared_log", 1, affected)?;
    let head = head(connection).await?;
    Ok(Log::restore(FEED, EPOCH, origin, head.edge))
}

/// Appends entries; the log must be the one that [`lock`] gave.
pub(crate) async fn append(
    connection: &mut AnyConnection,
    log: &mut Log,
    entries: &[NewEntry],
    key: &FeedKey,
    now: Timestamp,
) -> Result<(), Error> {
    let before = log.size();
    let block = log.append(entries, key)?;
    insert_block(connection, &block, now).await?;
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
    .bind(FEED)
    .bind(signed(before))
    .execute(connection)
    .await?
    .rows_affected();
    Ok(expect_rows("shared_log", 1, affected)?)
}

async fn insert_block(
    connection: &mut AnyConnection,
    block: &Block,
    now: Timestamp,
) -> Result<(), Error> {
    sqlx::query(
        "INSERT INTO shared_block
             (feed, epoch, first_seq, last_seq, body, checkpoint,
              hash_first, hashes, appended_at_us)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(FEED)
    .bind(i64::from(EPOCH))
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
    after_seq: u64,
) -> Result<Vec<Block>, Error> {
    let rows = sqlx::query(
        "SELECT first_seq, last_seq, body, checkpoint, hash_first, hashes
         FROM shared_block
         WHERE feed = $1 AND epoch = $2 AND last_seq > $3
         ORDER BY first_seq
         LIMIT $4",
    )
    .bind(FEED)
    .bind(i64::from(EPOCH))
    .bind(signed(after_seq))
    .bind(BLOCKS_MAX)
    .fetch_all(connection)
    .await?;
    rows.iter().map(block).collect()
}

/// The checkpoint that was signed at a size; none if no block ends there.
pub(crate) async fn checkpoint_at(
    connection: &mut AnyConnection,
    size: u64,
) -> Result<Option<String>, Error> {
    let row = sqlx::query(
        "SELECT checkpoint
         FROM shared_block
         WHERE feed = $1 AND epoch = $2 AND last_seq = $3",
    )
    .bind(FEED)
    .bind(i64::from(EPOCH))
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
