//! Blocks as they lie in the store, for those who look into them.
//!
//! Reads the table `block`, never writes it. A block comes without its hashes; one hash
//! of it is read alone, because a block has up to 16 KiB of them.

use rmd_feed::{Block, StoredEntry, frame};
use sqlx::{FromRow, SqliteConnection, SqliteExecutor};

use super::{Error, feeds::number};

/// Bytes of a stored hash.
const HASH_BYTES: i64 = 32;

/// What makes a block, but for its hashes.
#[derive(Debug, FromRow)]
pub(super) struct Row {
    pub(super) first_seq: i64,
    pub(super) last_seq: i64,
    pub(super) body: Vec<u8>,
    pub(super) checkpoint: String,
}

impl TryFrom<Row> for Block {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self, Error> {
        let Row { first_seq, last_seq, body, checkpoint } = row;
        let seq = |column, value: i64| {
            u64::try_from(value).map_err(|_| Error::inconsistent("block", column, first_seq))
        };
        Ok(Self {
            first_seq: seq("first_seq", first_seq)?,
            last_seq: seq("last_seq", last_seq)?,
            body,
            checkpoint,
            hash_first: 0,
            hashes: Vec::new(),
        })
    }
}

/// The block that holds a seq; none if it is not here, as after a lost store.
pub(super) async fn at(
    connection: &mut SqliteConnection,
    (feed, epoch): (&str, u32),
    seq: u64,
) -> Result<Option<Block>, Error> {
    let row: Option<Row> = sqlx::query_as(
        "SELECT first_seq, last_seq, body, checkpoint
         FROM block
         WHERE feed = ?1 AND epoch = ?2 AND first_seq <= ?3
         ORDER BY first_seq DESC
         LIMIT 1",
    )
    .bind(feed)
    .bind(epoch)
    .bind(number(seq)?)
    .fetch_optional(connection)
    .await?;
    let block = row.map(Block::try_from).transpose()?;
    Ok(block.filter(|block| block.last_seq >= seq))
}

/// The entry of a seq; none if it is not here.
pub(super) async fn entry_at(
    connection: &mut SqliteConnection,
    (feed, epoch): (&str, u32),
    seq: u64,
) -> Result<Option<StoredEntry>, Error> {
    let Some(block) = at(connection, (feed, epoch), seq).await? else { return Ok(None) };
    let entries = open(feed, epoch, &block)?;
    Ok(entries.into_iter().find(|entry| entry.seq() == seq))
}

/// The entries of a block.
pub(super) fn open(feed: &str, epoch: u32, block: &Block) -> Result<Vec<StoredEntry>, Error> {
    let before = block.first_seq.saturating_sub(1);
    Ok(frame::open(&frame::build(feed, epoch, std::slice::from_ref(block), before)?)?)
}

/// A stored hash of the tree; empty if it is not here.
pub(super) async fn hash_at(
    executor: impl SqliteExecutor<'_>,
    feed: &str,
    epoch: u32,
    index: u64,
) -> Result<Vec<u8>, Error> {
    let hash: Option<Vec<u8>> = sqlx::query_scalar(
        "SELECT substr(hashes, (?3 - hash_first) * ?4 + 1, ?4)
         FROM block
         WHERE feed = ?1 AND epoch = ?2 AND hash_first <= ?3
         ORDER BY hash_first DESC
         LIMIT 1",
    )
    .bind(feed)
    .bind(epoch)
    .bind(number(index)?)
    .bind(HASH_BYTES)
    .fetch_optional(executor)
    .await?;
    Ok(hash.unwrap_or_default())
}
