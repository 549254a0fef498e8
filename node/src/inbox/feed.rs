//! The followed feeds of the hub, as rows.
//!
//! Owns the tables `inbox_feed`, `inbox_frame` and `inbox_unread`. A frozen
//! feed keeps cursor, evidence and the refused frame, without payloads.

use prost::Message as _;
use rmd_feed::{FeedVerifier, Follower, Origin, Refusal, RightEdge, StoredEntry, erase};
use rmd_proto::v1;
use sqlx::{FromRow, SqliteConnection, SqliteExecutor};

use crate::journal::Error;

/// One followed feed.
#[derive(Debug, FromRow)]
pub(super) struct RowOfFeed {
    pub(super) epoch: u32,
    pub(super) size: i64,
    edge: Vec<u8>,
    pub(super) checkpoint: String,
    pub(super) state: String,
    evidence: Vec<u8>,
}

impl RowOfFeed {
    /// The follower that goes on from here.
    pub(super) fn follower(
        self,
        feed: &str,
        origin: Origin,
        verifier: FeedVerifier,
    ) -> Result<Follower, Error> {
        let size = u64::try_from(self.size)
            .map_err(|_| Error::inconsistent("inbox_feed", "size", self.size))?;
        let edge = RightEdge::from_bytes(size, &self.edge)?;
        let checkpoint = Some(self.checkpoint).filter(|checkpoint| !checkpoint.is_empty());
        let mut follower =
            Follower::restore(feed, self.epoch, origin, verifier, size, edge, checkpoint)?;
        if self.state == "frozen" {
            follower.freeze(self.evidence);
        }
        Ok(follower)
    }
}

/// A followed feed; none if nothing of it has come yet.
pub(super) async fn read(
    executor: impl SqliteExecutor<'_>,
    feed: &str,
) -> Result<Option<RowOfFeed>, Error> {
    Ok(sqlx::query_as(
        "SELECT epoch,
                size,
                edge,
                checkpoint,
                state,
                evidence
         FROM inbox_feed
         WHERE feed = ?1",
    )
    .bind(feed)
    .fetch_optional(executor)
    .await?)
}

/// Moves the cursor over a frame and keeps the frame as it came.
pub(super) async fn advance(
    connection: &mut SqliteConnection,
    follower: &Follower,
    frame: &v1::Frame,
    entries: &[StoredEntry],
    now_us: i64,
) -> Result<(), Error> {
    let first_new = entries.first().map_or(frame.first_seq, StoredEntry::seq);
    let written = sqlx::query(
        "INSERT INTO inbox_frame (feed, epoch, first_seq, last_seq, frame, received_at_us)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )
    .bind(&frame.feed)
    .bind(frame.epoch)
    .bind(first_new.cast_signed())
    .bind(frame.last_seq.cast_signed())
    .bind(frame.encode_to_vec())
    .bind(now_us)
    .execute(&mut *connection)
    .await?;
    Error::expect_rows("inbox_frame", written.rows_affected(), 1)?;
    let written = sqlx::query(
        "INSERT INTO inbox_feed (
             feed, epoch, size, edge, checkpoint, state,
             frozen_code, frozen_message, evidence, refused_frame, updated_at_us)
         VALUES (?1, ?2, ?3, ?4, ?5, 'following', '', '', x'', x'', ?6)
         ON CONFLICT (feed) DO UPDATE SET
             size = excluded.size,
             edge = excluded.edge,
             checkpoint = excluded.checkpoint,
             updated_at_us = excluded.updated_at_us",
    )
    .bind(&frame.feed)
    .bind(frame.epoch)
    .bind(follower.cursor().cast_signed())
    .bind(follower.edge().to_bytes())
    .bind(follower.checkpoint().unwrap_or_default())
    .bind(now_us)
    .execute(connection)
    .await?;
    Error::expect_rows("inbox_feed", written.rows_affected(), 1)
}

/// Freezes a feed where it stands.
pub(super) async fn freeze(
    connection: &mut SqliteConnection,
    follower: &Follower,
    frame: &v1::Frame,
    refusal: &Refusal,
    now_us: i64,
) -> Result<(), Error> {
    let written = sqlx::query(
        "INSERT INTO inbox_feed (
             feed, epoch, size, edge, checkpoint, state,
             frozen_code, frozen_message, evidence, refused_frame, updated_at_us)
         VALUES (?1, ?2, ?3, ?4, ?5, 'frozen', ?6, ?7, ?8, ?9, ?10)
         ON CONFLICT (feed) DO UPDATE SET
             state = excluded.state,
             frozen_code = excluded.frozen_code,
             frozen_message = excluded.frozen_message,
             evidence = excluded.evidence,
             refused_frame = excluded.refused_frame,
             updated_at_us = excluded.updated_at_us",
    )
    .bind(follower.feed())
    .bind(follower.epoch())
    .bind(follower.cursor().cast_signed())
    .bind(follower.edge().to_bytes())
    .bind(follower.checkpoint().unwrap_or_default())
    .bind(refusal.code.as_str())
    .bind(format!("{} / {}", refusal.message, refusal.message_fr))
    .bind(&refusal.evidence)
    .bind(erase::refused(frame).encode_to_vec())
    .bind(now_us)
    .execute(connection)
    .await?;
    Error::expect_rows("inbox_feed", written.rows_affected(), 1)
}

/// Names an entry that could not be read.
pub(super) async fn keep_unread(
    connection: &mut SqliteConnection,
    frame: &v1::Frame,
    entry: &StoredEntry,
    message: &str,
) -> Result<(), Error> {
    let written = sqlx::query(
        "INSERT INTO inbox_unread (feed, epoch, seq, entity, message) VALUES (?1, ?2, ?3, ?4, ?5)",
    )
    .bind(&frame.feed)
    .bind(frame.epoch)
    .bind(entry.seq().cast_signed())
    .bind(&entry.header.entity)
    .bind(message)
    .execute(connection)
    .await?;
    Error::expect_rows("inbox_unread", written.rows_affected(), 1)
}
