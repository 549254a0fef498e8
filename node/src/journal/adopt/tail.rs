//! Drops the end of a feed that the hub does not know.
//!
//! The blocks lie in a file before they leave the store. Records go back to the revision
//! that they had before; the database itself still has what is newer. However long the
//! tail is, a few blocks of it are in memory at a time.

mod kept;

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
};

use rmd_feed::{
    Block, Log, Origin,
    proof::{self, Claim, StoredHashes},
};
use rmd_standard::Entity;
use serde::Serialize;
use sqlx::SqliteConnection;

use self::kept::Kept;
use super::{
    super::{Error, Journal, answers, block, feeds::number, recovery},
    Written, move_to,
    records::{self, Stand, Stands},
};

/// What was dropped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Discarded {
    /// Name of the feed.
    pub(crate) feed: &'static str,
    /// First seq that was dropped.
    pub(crate) first_seq: u64,
    /// Last seq that was dropped.
    pub(crate) last_seq: u64,
    /// Where the entries lie now.
    pub(crate) file: PathBuf,
}

/// Blocks that are read at a time: some megabytes at most, however long the tail is.
const BLOCKS_MAX: u32 = 16;

/// Drops what lies after a size; none if nothing does.
pub(super) async fn discard(
    connection: &mut SqliteConnection,
    journal: &Journal,
    (feed, known): (&'static str, &Written),
    common_size: u64,
    folder: &Path,
) -> Result<Option<Discarded>, Error> {
    let (epoch, size) = (known.epoch, known.edge.size());
    if common_size >= size {
        return Ok(None);
    }
    let checkpoint = checkpoint_at(connection, feed, epoch, common_size).await?;
    let checkpoint = checkpoint.ok_or(Error::NoBlockEnd { feed, size: common_size })?;
    let mut kept = Kept::begin(folder, (feed, epoch), (common_size + 1, size))?;
    let mut after = common_size;
    loop {
        let blocks = blocks_after(connection, feed, epoch, after).await?;
        let Some(last) = blocks.last() else { break };
        after = last.last_seq;
        kept.write(&blocks)?;
    }
    let file = kept.finish()?;
    stand_as_before(connection, journal, (feed, epoch), common_size).await?;
    answers::discard(connection, (feed, epoch), common_size).await?;
    let edge = right_edge(connection, feed, epoch, common_size).await?;
    sqlx::query("DELETE FROM block WHERE feed = ?1 AND epoch = ?2 AND first_seq > ?3")
        .bind(feed)
        .bind(epoch)
        .bind(number(common_size)?)
        .execute(&mut *connection)
        .await?;
    let log = Log::restore(feed, epoch, Origin::new(&journal.owner().name, feed, epoch), edge);
    move_to(connection, &log, known.last_entry_us).await?;
    sqlx::query("UPDATE feed SET checkpoint = ?2 WHERE feed = ?1")
        .bind(feed)
        .bind(checkpoint)
        .execute(&mut *connection)
        .await?;
    let (seqs, now_us) = ((common_size + 1, size), journal.store().now_us());
    let detail = file.display().to_string();
    recovery::happened(connection, (feed, "discarded"), seqs, &detail, now_us).await?;
    Ok(Some(Discarded { feed, first_seq: seqs.0, last_seq: seqs.1, file }))
}

/// Puts every record of the tail back to where it stood before it, some blocks at a
/// time. The first entry of a record in the tail is the one that follows an entry
/// outside of it, or none: so each record is met once, in whatever order.
async fn stand_as_before(
    connection: &mut SqliteConnection,
    journal: &Journal,
    (feed, epoch): (&str, u32),
    common_size: u64,
) -> Result<(), Error> {
    let mut after = common_size;
    loop {
        let blocks = blocks_after(connection, feed, epoch, after).await?;
        let Some(last) = blocks.last() else { return Ok(()) };
        after = last.last_seq;
        let mut stands: HashMap<Entity, Stands> = HashMap::new();
        let mut entries = Vec::new();
        for block in &blocks {
            entries.extend(block::open(feed, epoch, block)?);
        }
        for entry in entries.into_iter().filter(|e| e.header.previous_seq <= common_size) {
            let header = entry.header;
            let Some(entity) = Entity::from_name(&header.entity) else { continue };
            let before = stand_at(connection, (feed, epoch), header.previous_seq).await?;
            stands.entry(entity).or_default().insert(header.key, before);
        }
        records::write(connection, journal, stands).await?;
    }
}

/// Where a record stood after its entry of this seq; 0 for none.
async fn stand_at(
    connection: &mut SqliteConnection,
    of: (&str, u32),
    seq: u64,
) -> Result<Stand, Error> {
    if seq == 0 {
        return Ok(Stand::Nothing);
    }
    let entry = block::entry_at(connection, of, seq).await?;
    let entry = entry.ok_or(Error::inconsistent("block", "first_seq", 0))?;
    Ok(Stand::At(Box::new(entry)))
}

/// The checkpoint at a size at which a block ends; empty for none at 0.
async fn checkpoint_at(
    connection: &mut SqliteConnection,
    feed: &str,
    epoch: u32,
    size: u64,
) -> Result<Option<String>, Error> {
    if size == 0 {
        return Ok(Some(String::new()));
    }
    Ok(sqlx::query_scalar(
        "SELECT checkpoint FROM block WHERE feed = ?1 AND epoch = ?2 AND last_seq = ?3",
    )
    .bind(feed)
    .bind(epoch)
    .bind(number(size)?)
    .fetch_optional(connection)
    .await?)
}

/// The next blocks after a seq at which one ends.
async fn blocks_after(
    connection: &mut SqliteConnection,
    feed: &str,
    epoch: u32,
    after: u64,
) -> Result<Vec<Block>, Error> {
    let rows: Vec<block::Row> = sqlx::query_as(
        "SELECT first_seq, last_seq, body, checkpoint
         FROM block
         WHERE feed = ?1 AND epoch = ?2 AND first_seq > ?3
         ORDER BY first_seq
         LIMIT ?4",
    )
    .bind(feed)
    .bind(epoch)
    .bind(number(after)?)
    .bind(BLOCKS_MAX)
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(Block::try_from).collect()
}

/// The right edge of the tree at a size, from the stored hashes.
async fn right_edge(
    connection: &mut SqliteConnection,
    feed: &str,
    epoch: u32,
    size: u64,
) -> Result<rmd_feed::RightEdge, Error> {
    let mut hashes = StoredHashes::new();
    for index in proof::needed(size, Claim::Root)? {
        hashes.insert(index, block::hash_at(&mut *connection, feed, epoch, index).await?);
    }
    Ok(proof::right_edge(size, &hashes)?)
}
