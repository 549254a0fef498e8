//! Finds the entries of one record in the blocks.
//!
//! In the epoch that is written each entry names the one before it; earlier epochs
//! have no way in and are read from begin to end. Decides nothing.

use futures_util::TryStreamExt as _;
use rmd_feed::{Block, StoredEntry};
use rmd_standard::Entity;
use sqlx::SqliteConnection;

use super::super::{Error, block, feeds::number, state::RecordState};

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
        let entry = block::entry_at(connection, (entity.feed(), epoch), seq).await?;
        let entry = entry.ok_or(missing)?;
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
        let block = Block::try_from(block::Row { first_seq, last_seq, body, checkpoint })?;
        let entries = block::open(feed, epoch, &block)?.into_iter();
        found.extend(entries.filter(|entry| {
            entry.header.key == record_key && entry.header.entity == entity.name()
        }));
    }
    Ok(found)
}
