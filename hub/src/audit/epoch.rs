//! The epochs of the feed `checkpoints`.
//!
//! Owns the table `audit_epoch`. Nobody gives the entries of this feed back to a hub
//! that was restored from a backup. So a restored hub goes on in a new epoch, whose
//! first entry says where the one before it ended as far as the hub knows; auditors
//! hold that against what they have. The number of an epoch is the second at which
//! it began: a backup that is put back twice never begins the same epoch twice.

use jiff::Timestamp;
use prost::Message as _;
use rmd_feed::{Checkpoint, FeedKey, NewEntry};
use rmd_proto::v1::{self, Op};
use sqlx::AnyConnection;
use tracing::warn;

use super::{BEGUN, Error, revoked};
use crate::{
    recover::event,
    share::{EPOCH, OwnFeed, log},
    store::expect_rows,
};

/// The feed in the epoch that is written; none before the first entry.
pub(crate) async fn written(connection: &mut AnyConnection) -> Result<Option<OwnFeed>, Error> {
    Ok(log::epoch(connection, OwnFeed::CHECKPOINTS).await?.map(OwnFeed::checkpoints))
}

/// The feed in the epoch that is to be written, begun if it has to be.
pub(super) async fn current(
    connection: &mut AnyConnection,
    (key, hub): (&FeedKey, &str),
    now: Timestamp,
) -> Result<OwnFeed, Error> {
    let Some(feed) = written(connection).await? else {
        let feed = OwnFeed::checkpoints(EPOCH);
        log::create(connection, &feed).await?;
        keep(connection, feed.epoch(), "first", now).await?;
        return Ok(feed);
    };
    if !is_stale(connection, &feed).await? {
        return Ok(feed);
    }
    // Refused while the nodes have not been heard: nothing is published until then.
    log::lock(connection, &feed, hub).await?;
    let size = log::head(connection, &feed).await?.size;
    let checkpoint = log::checkpoint_at(connection, &feed, size).await?;
    let next = OwnFeed::checkpoints(number(feed.epoch(), now));
    log::begin_epoch(connection, &next).await?;
    keep(connection, next.epoch(), "restored", now).await?;
    let begun = v1::CheckpointsBegun {
        previous_epoch: feed.epoch(),
        checkpoint: checkpoint.unwrap_or_default(),
        begun_at_us: now.as_microsecond(),
        ground: "restored".to_owned(),
    };
    let entry = entry(BEGUN, next.origin(hub).as_str().to_owned(), begun.encode_to_vec(), now);
    let mut locked = log::lock(connection, &next, hub).await?;
    log::append(connection, &mut locked, &[entry], key, now).await?;
    revoked::keep_again(connection).await?;
    warn!(epoch = next.epoch(), "the feed of checkpoints goes on in a new epoch");
    Ok(next)
}

/// Whether a new epoch has to begin now.
pub(super) async fn is_due(connection: &mut AnyConnection) -> Result<bool, Error> {
    match written(connection).await? {
        Some(feed) => is_stale(connection, &feed).await,
        None => Ok(false),
    }
}

/// Whether the hub was restored since the epoch began. Counted, because a clock may
/// have been set back.
async fn is_stale(connection: &mut AnyConnection, feed: &OwnFeed) -> Result<bool, Error> {
    let begun: Option<(i64,)> = sqlx::query_as("SELECT restored FROM audit_epoch WHERE epoch = $1")
        .bind(i64::from(feed.epoch()))
        .fetch_optional(&mut *connection)
        .await?;
    Ok(restored(connection).await? > begun.map_or(-1, |(restored,)| restored))
}

/// How often the hub was restored.
async fn restored(connection: &mut AnyConnection) -> Result<i64, Error> {
    let (count,): (i64,) = sqlx::query_as(
        "SELECT COUNT(*) FROM recovery_event WHERE node_id = 'hub' AND what = 'restored'",
    )
    .fetch_one(connection)
    .await?;
    Ok(count)
}

/// Holds what an auditor has of the feed against our own. If it has entries that we
/// signed and do not have, the hub was restored and nobody noticed: it is noted, and
/// the next entry begins a new epoch. True if so.
pub(crate) async fn is_lost(
    connection: &mut AnyConnection,
    (key, hub): (&FeedKey, &str),
    (epoch, note): (u32, &str),
    auditor: &str,
    now: Timestamp,
) -> Result<bool, Error> {
    let theirs = OwnFeed::checkpoints(epoch);
    let held = Checkpoint::open(note, &theirs.origin(hub), &key.verifier(), 0);
    let (Ok(held), Some(ours)) = (held, written(connection).await?) else { return Ok(false) };
    if epoch < ours.epoch() {
        return Ok(false);
    }
    let at_size = log::checkpoint_at(connection, &theirs, held.size).await?;
    // Ed25519 signs deterministically: the same root is the same note.
    if at_size.as_deref() == Some(note) || is_stale(connection, &ours).await? {
        return Ok(false);
    }
    let detail = format!("auditor {auditor} holds {} entries of epoch {epoch}", held.size);
    let what = ("hub", OwnFeed::CHECKPOINTS, "restored");
    event::keep(connection, what, &detail, None, now.as_microsecond()).await?;
    Ok(true)
}

/// An entry of the feed: each is a record of its own, said once.
pub(super) fn entry(entity: &str, key: String, payload: Vec<u8>, now: Timestamp) -> NewEntry {
    NewEntry {
        entity: entity.to_owned(),
        key,
        rev: 1,
        op: Op::Upsert,
        reason: String::new(),
        event_time_us: 0,
        captured_at_us: now.as_microsecond(),
        mapping_id: String::new(),
        previous_seq: 0,
        payload,
    }
}

fn number(before: u32, now: Timestamp) -> u32 {
    u32::try_from(now.as_second()).unwrap_or(u32::MAX).max(before.saturating_add(1))
}

async fn keep(
    connection: &mut AnyConnection,
    epoch: u32,
    ground: &str,
    now: Timestamp,
) -> Result<(), Error> {
    let restored = restored(connection).await?;
    let affected = sqlx::query(
        "INSERT INTO audit_epoch (epoch, begun_at_us, ground, restored)
         VALUES ($1, $2, $3, $4)",
    )
    .bind(i64::from(epoch))
    .bind(now.as_microsecond())
    .bind(ground)
    .bind(restored)
    .execute(connection)
    .await?
    .rows_affected();
    Ok(expect_rows("audit_epoch", 1, affected)?)
}
