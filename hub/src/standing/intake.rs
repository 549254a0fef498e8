//! Reads revisions of statuses out of the ledger, behind the intake.
//!
//! Owns the table `status_intake`: the frame that was read last of each feed of
//! master data. Every entry that was not refused counts, also one that a later
//! revision of the same frame replaces; known since its frame was received. Reading
//! again changes nothing, so the same function builds the table anew. It reads no
//! further than the cursor of the feed, and refuses nothing.

use std::collections::BTreeSet;

use prost::Message as _;
use rmd_feed::frame;
use rmd_proto::v1;
use rmd_standard::Entity;
use serde::Serialize;
use sqlx::{AnyConnection, FromRow, Row as _};

use super::{due, revision, turn};
use crate::{
    ledger,
    regional::Owner,
    store::{Error, Store, expect_rows},
};

/// The feed that carries sites and exporters.
const FEED: &str = "master-data";

/// How far a feed may be read, and how far it was.
#[derive(Debug, Clone, FromRow)]
struct Place {
    node_id: String,
    /// Epoch and last applied seq of the feed.
    epoch: i64,
    cursor: i64,
    /// Epoch and first seq of the frame that was read last; 0 before the first.
    read_epoch: i64,
    read_seq: i64,
}

#[derive(FromRow)]
struct FrameRow {
    epoch: i64,
    first_seq: i64,
    last_seq: i64,
    frame: Vec<u8>,
    received_at_us: i64,
}

/// What a reading of the whole ledger found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Rebuilt {
    /// Revisions that were kept before.
    pub(crate) before: u64,
    /// Revisions that the ledger holds.
    pub(crate) after: u64,
    /// Whether the two are the same, byte for byte.
    pub(crate) is_same: bool,
}

/// Reads the next frame of some feed; false if all were read.
pub(crate) async fn step(store: &Store) -> Result<bool, Error> {
    let places = places(&mut *store.acquire().await?).await?;
    for place in places {
        if next_frame(&mut *store.acquire().await?, &place).await?.is_none() {
            continue;
        }
        let mut transaction = store.begin().await?;
        turn(&mut transaction).await?;
        // Another process may have read it meanwhile.
        let again = self::places(&mut transaction).await?;
        if let Some(place) = again.into_iter().find(|one| one.node_id == place.node_id) {
            read_next(&mut transaction, &place).await?;
        }
        transaction.commit().await?;
        return Ok(true);
    }
    Ok(false)
}

/// Builds the table again from the ledger, in one transaction.
pub(crate) async fn rebuild(store: &Store) -> Result<Rebuilt, Error> {
    while step(store).await? {}
    let mut transaction = store.begin().await?;
    turn(&mut transaction).await?;
    let (before, digest) = revision::digest(&mut transaction).await?;
    revision::clear(&mut transaction).await?;
    sqlx::query("DELETE FROM status_intake").execute(&mut *transaction).await?;
    for place in places(&mut transaction).await? {
        let mut place = place;
        while let Some(read) = read_next(&mut transaction, &place).await? {
            place = read;
        }
    }
    let (after, again) = revision::digest(&mut transaction).await?;
    transaction.commit().await?;
    Ok(Rebuilt { before, after, is_same: digest == again })
}

/// Reads an entry that was refused before and is applied now.
pub(crate) async fn reapplied(
    connection: &mut AnyConnection,
    owner: &Owner,
    seq: i64,
    known_at_us: i64,
) -> Result<(), Error> {
    let Some(stored) = ledger::holding(connection, owner, seq.unsigned_abs()).await? else {
        return Ok(());
    };
    let row = FrameRow {
        epoch: i64::from(owner.epoch),
        first_seq: seq,
        last_seq: seq,
        frame: stored.frame,
        received_at_us: known_at_us,
    };
    keep_entries(connection, owner, &row).await
}

async fn places(connection: &mut AnyConnection) -> Result<Vec<Place>, Error> {
    Ok(sqlx::query_as(
        "SELECT c.node_id, c.epoch, c.cursor,
                COALESCE(i.epoch, 0) AS read_epoch, COALESCE(i.first_seq, 0) AS read_seq
         FROM feed_cursor c
         LEFT JOIN status_intake i ON i.node_id = c.node_id
         WHERE c.feed = $1
         ORDER BY c.node_id",
    )
    .bind(FEED)
    .fetch_all(connection)
    .await?)
}

/// The first frame after the one that was read last, through all epochs.
async fn next_frame(
    connection: &mut AnyConnection,
    place: &Place,
) -> Result<Option<FrameRow>, Error> {
    Ok(sqlx::query_as(
        "SELECT epoch, first_seq, last_seq, frame, received_at_us
         FROM ledger
         WHERE node_id = $1 AND feed = $2 AND (epoch, first_seq) > ($3, $4)
           AND (epoch, first_seq) <= ($5, $6)
         ORDER BY epoch, first_seq
         LIMIT 1",
    )
    .bind(&place.node_id)
    .bind(FEED)
    .bind(place.read_epoch)
    .bind(place.read_seq)
    .bind(place.epoch)
    .bind(place.cursor)
    .fetch_optional(connection)
    .await?)
}

/// Reads the next frame of a feed; where it stands then, none at the end.
async fn read_next(connection: &mut AnyConnection, place: &Place) -> Result<Option<Place>, Error> {
    let Some(row) = next_frame(connection, place).await? else { return Ok(None) };
    let owner = Owner {
        node_id: place.node_id.clone(),
        country: String::new(),
        feed: FEED.to_owned(),
        epoch: u32::try_from(row.epoch).map_err(|_| wrong(place, &row))?,
    };
    keep_entries(connection, &owner, &row).await?;
    let affected = sqlx::query(
        "INSERT INTO status_intake (node_id, epoch, first_seq)
         VALUES ($1, $2, $3)
         ON CONFLICT (node_id) DO UPDATE SET
             epoch = excluded.epoch,
             first_seq = excluded.first_seq",
    )
    .bind(&place.node_id)
    .bind(row.epoch)
    .bind(row.first_seq)
    .execute(connection)
    .await?
    .rows_affected();
    expect_rows("status_intake", 1, affected)?;
    Ok(Some(Place { read_epoch: row.epoch, read_seq: row.first_seq, ..place.clone() }))
}

/// Keeps what the entries of a frame say, between the seqs of its row.
async fn keep_entries(
    connection: &mut AnyConnection,
    owner: &Owner,
    row: &FrameRow,
) -> Result<(), Error> {
    let inconsistent = || Error::Inconsistent {
        table: "ledger",
        column: "frame",
        id: format!("{} {FEED} {}", owner.node_id, row.first_seq),
    };
    let frame = v1::Frame::decode(row.frame.as_slice()).map_err(|_| inconsistent())?;
    let entries = frame::open(&frame).map_err(|_| inconsistent())?;
    let refused = refused(connection, owner, row).await?;
    let wanted = row.first_seq..=row.last_seq;
    for entry in &entries {
        let seq = i64::try_from(entry.seq()).unwrap_or(i64::MAX);
        if !wanted.contains(&seq) || refused.contains(&seq) {
            continue;
        }
        let Some(known) = revision::of_entry(entry, owner, row.received_at_us) else { continue };
        let entity = &entry.header.entity;
        if revision::keep(connection, entity, &known).await? {
            due(connection, entity, &known.record_key).await?;
        }
    }
    Ok(())
}

/// The seqs of the entries that were refused and not applied since.
async fn refused(
    connection: &mut AnyConnection,
    owner: &Owner,
    row: &FrameRow,
) -> Result<BTreeSet<i64>, Error> {
    let rows = sqlx::query(
        "SELECT seq
         FROM quarantine
         WHERE node_id = $1 AND feed = $2 AND epoch = $3 AND seq >= $4 AND seq <= $5
           AND (superseded_by_seq IS NULL OR superseded_by_seq <> seq)",
    )
    .bind(&owner.node_id)
    .bind(&owner.feed)
    .bind(row.epoch)
    .bind(row.first_seq)
    .bind(row.last_seq)
    .fetch_all(connection)
    .await?;
    rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
}

fn wrong(place: &Place, row: &FrameRow) -> Error {
    let id = format!("{} {FEED} {}", place.node_id, row.first_seq);
    Error::Inconsistent { table: "ledger", column: "epoch", id }
}

/// Whether an entity has a status that is read here.
pub(crate) fn is_read(entity: &str) -> bool {
    Entity::from_name(entity).is_some_and(|entity| super::ENTITIES.contains(&entity))
}
