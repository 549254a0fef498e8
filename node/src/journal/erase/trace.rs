//! Finds the entries of one record in the blocks.
//!
//! In the epoch that is written each entry names the one before it; earlier epochs
//! have no way in and are read from begin to end. Decides nothing.

use futures_util::TryStreamExt as _;
use rmd_feed::{Block, StoredEntry, frame};
use rmd_standard::Entity;
use sqlx::{FromRow, SqliteConnection};

use super::super::{Error, feeds::number, state::RecordState};

#[derive(Debug, FromRow)]
struct RowOfBlock {
    first_seq: i64,
    last_seq: i64,
    body: Vec<u8>,
    checkpoint: String,
}

impl TryFrom<RowOfBlock> for Block {
    type Error = Error;

    /// Without the stored hashes, which stay as they are.
    fn try_from(row: RowOfBlock) -> Result<Self, Error> {
        let RowOfBlock { first_seq, last_seq, body, checkpoint } = row;
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

/// Every entry of a record, oldest first, in all epochs of its feed.
pub(super) async fn trace(
    connection: &mut SqliteConnection,
    entity: Entity,
    (epoch, record): (u32, &RecordState),
) -> Result<Vec<StoredEntry>, Error> {
    let mut traced = earlier(connection, entity, epoch, &record.key).await?;
    let (mut chain, mut seq) = (Vec::new(), record.seq);
    while seq > 0 {
        let missing = Error::inconsistent("block", "body", number(seq)?);
        let block = block_at(connection, (entity.feed(), epoch), seq).await?;
        let Some(block) = block else { return Err(missing) };
        let entries = open(entity.feed(), epoch, &block)?;
        let entry = entries.into_iter().find(|entry| entry.seq() == seq).ok_or(missing)?;
        seq = entry.header.previous_seq;
        chain.push(entry);
    }
    chain.reverse();
    traced.extend(chain);
    Ok(traced)
}

async fn earlier(
    connection: &mut SqliteConnection,
    entity: Entity,
    before: u32,
    record_key: &str,
) -> Result<Vec<StoredEntry>, Error> {
    let feed = entity.feed();
    let mut rows = sqlx::query_as::<_, (u32, i64, i64, Vec<u8>, String)>(
        "SELECT epoch, first_seq, last_seq, body, checkpoint
         FROM block
         WHERE feed = ?1 AND epoch < ?2
         ORDER BY epoch, first_seq",
    )
    .bind(feed)
    .bind(before)
    .fetch(connection);
    let mut found = Vec::new();
    while let Some((epoch, first_seq, last_seq, body, checkpoint)) = rows.try_next().await? {
        let block = Block::try_from(RowOfBlock { first_seq, last_seq, body, checkpoint })?;
        let entries = open(feed, epoch, &block)?.into_iter();
        found.extend(entries.filter(|entry| {
            entry.header.key == record_key && entry.header.entity == entity.name()
        }));
    }
    Ok(found)
}

/// The block that holds a seq; none if it is not here, as after a lost store.
pub(super) async fn block_at(
    connection: &mut SqliteConnection,
    (feed, epoch): (&str, u32),
    seq: u64,
) -> Result<Option<Block>, Error> {
    let row: Option<RowOfBlock> = sqlx::query_as(
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

fn open(feed: &str, epoch: u32, block: &Block) -> Result<Vec<StoredEntry>, Error> {
    let before = block.first_seq.saturating_sub(1);
    Ok(frame::open(&frame::build(feed, epoch, std::slice::from_ref(block), before)?)?)
}
