//! Drops the end of a feed that the hub does not know.
//!
//! The blocks lie in a file before they leave the store: frames as they would
//! have been sent, each behind its length as protobuf writes it. Records go back
//! to the revision that they had before; the database itself still has what is
//! newer.

use std::{
    collections::HashMap,
    fs::{self, File, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

use prost::Message as _;
use rmd_feed::{
    Block, Log, Origin, StoredEntry, frame,
    proof::{self, Claim, StoredHashes},
};
use rmd_standard::Entity;
use serde::Serialize;
use sqlx::SqliteConnection;

use super::{
    super::{Error, Journal, feeds::number, recovery},
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
    let tail = blocks_from(connection, feed, epoch, common_size).await?;
    let seqs = (common_size + 1, size);
    let file = keep(folder, feed, epoch, &tail)?;
    let mut entries = Vec::new();
    for block in &tail {
        entries.extend(open(feed, epoch, block)?);
    }
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
    let stands = stands_before(connection, (feed, epoch), entries).await?;
    records::write(connection, journal, stands).await?;
    let (detail, now_us) = (file.display().to_string(), journal.store().now_us());
    recovery::happened(connection, (feed, "discarded"), seqs, &detail, now_us).await?;
    Ok(Some(Discarded { feed, first_seq: seqs.0, last_seq: seqs.1, file }))
}

/// Writes the blocks as frames, durably, for the owner alone; the file. A tail of
/// the same seqs that was dropped before stays beside it.
fn keep(folder: &Path, feed: &str, epoch: u32, blocks: &[Block]) -> Result<PathBuf, Error> {
    let mut bytes = Vec::new();
    for block in blocks {
        let frame = frame::build(feed, epoch, std::slice::from_ref(block), block.first_seq - 1)?;
        bytes.extend(frame.encode_length_delimited_to_vec());
    }
    let seqs = blocks.first().zip(blocks.last());
    let (first, last) = seqs.map_or((0, 0), |(first, last)| (first.first_seq, last.last_seq));
    let mut path = folder.join(format!("{feed}-{epoch}-{first}-{last}.frames"));
    let written = |path: &Path| {
        fs::create_dir_all(folder)?;
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
        file.write_all(&bytes)?;
        file.sync_all()?;
        File::open(folder)?.sync_all()
    };
    for copy in 1.. {
        match written(&path) {
            Ok(()) => break,
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                return Err(Error::Tail { path, source: error });
            }
            // Left by a run that was cut short after it.
            Err(_) if fs::read(&path).is_ok_and(|kept| kept == bytes) => break,
            Err(_) => path = folder.join(format!("{feed}-{epoch}-{first}-{last}.{copy}.frames")),
        }
    }
    Ok(path)
}

/// Where each record of the tail stood before it.
async fn stands_before(
    connection: &mut SqliteConnection,
    (feed, epoch): (&str, u32),
    tail: Vec<StoredEntry>,
) -> Result<HashMap<Entity, Stands>, Error> {
    let mut stands: HashMap<Entity, Stands> = HashMap::new();
    // Newest first, so that the oldest of each record counts.
    for entry in tail.into_iter().rev() {
        let header = &entry.header;
        let Some(entity) = Entity::from_name(&header.entity) else { continue };
        let before = match header.previous_seq {
            0 => Stand::Nothing,
            seq => match entry_at(connection, (feed, epoch), seq).await? {
                Some(entry) => Stand::At(Box::new(entry)),
                // Within the tail: an older entry of the record follows.
                None => continue,
            },
        };
        stands.entry(entity).or_default().insert(header.key.clone(), before);
    }
    Ok(stands)
}

async fn entry_at(
    connection: &mut SqliteConnection,
    (feed, epoch): (&str, u32),
    seq: u64,
) -> Result<Option<StoredEntry>, Error> {
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
    let Some(row) = row else { return Ok(None) };
    let entries = open(feed, epoch, &block(row)?)?;
    Ok(entries.into_iter().find(|entry| entry.seq() == seq))
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

type RowOfBlock = (i64, i64, Vec<u8>, String);

async fn blocks_from(
    connection: &mut SqliteConnection,
    feed: &str,
    epoch: u32,
    after: u64,
) -> Result<Vec<Block>, Error> {
    let rows: Vec<RowOfBlock> = sqlx::query_as(
        "SELECT first_seq, last_seq, body, checkpoint
         FROM block
         WHERE feed = ?1 AND epoch = ?2 AND first_seq > ?3
         ORDER BY first_seq",
    )
    .bind(feed)
    .bind(epoch)
    .bind(number(after)?)
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(block).collect()
}

/// A block without its hashes, which nobody needs once it leaves the store.
fn block((first, last, body, checkpoint): RowOfBlock) -> Result<Block, Error> {
    let seq = |value: i64| {
        u64::try_from(value).map_err(|_| Error::inconsistent("block", "first_seq", first))
    };
    let (first_seq, last_seq) = (seq(first)?, seq(last)?);
    Ok(Block { first_seq, last_seq, body, checkpoint, hash_first: 0, hashes: Vec::new() })
}

fn open(feed: &str, epoch: u32, block: &Block) -> Result<Vec<StoredEntry>, Error> {
    let after = block.first_seq - 1;
    Ok(frame::open(&frame::build(feed, epoch, std::slice::from_ref(block), after)?)?)
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
        let hash: Option<Vec<u8>> = sqlx::query_scalar(
            "SELECT substr(hashes, (?3 - hash_first) * 32 + 1, 32)
             FROM block
             WHERE feed = ?1 AND epoch = ?2 AND hash_first <= ?3
             ORDER BY hash_first DESC
             LIMIT 1",
        )
        .bind(feed)
        .bind(epoch)
        .bind(number(index)?)
        .fetch_optional(&mut *connection)
        .await?;
        hashes.insert(index, hash.unwrap_or_default());
    }
    Ok(proof::right_edge(size, &hashes)?)
}
