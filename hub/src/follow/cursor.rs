//! The cursors: how far each feed is durably applied.
//!
//! Owns the table feed_cursor. A cursor moves by compare-and-set on its old
//! value under the token of this process's lease, inside the transaction that
//! applies the frame; so a second process can neither apply a frame twice nor
//! skip one. A frozen feed moves no more until a person undoes it.

mod freeze;
mod kept;

pub(crate) use freeze::{Freeze, Frozen, freeze, thaw};
pub(crate) use kept::{FeedStatus, Position, all, load};
use rmd_feed::Follower;
use rmd_proto::v1;
use sqlx::AnyConnection;

use crate::{
    regional::Owner,
    store::{Error, expect_rows},
};

const TABLE: &str = "feed_cursor";

/// Proves that this process follows a feed. Drawn at the start of the process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Lease(String);

impl Lease {
    /// A token that no other process has.
    pub(crate) fn draw() -> Self {
        let mut bytes = [0; 16];
        rand::RngCore::fill_bytes(&mut rand::rngs::OsRng, &mut bytes);
        Self(hex::encode(bytes))
    }

    /// A token of a command that applies bundles: a process that follows over the
    /// network gives way to it, and takes the feed again.
    pub(crate) fn of_bundle() -> Self {
        Self(format!("{OF_BUNDLE}{}", Self::draw().0))
    }
}

/// How the tokens of commands begin.
const OF_BUNDLE: &str = "bundle:";

/// Takes the lease of a feed for this process, from whoever held it. A feed of
/// which nothing was applied begins at the owner's epoch, never at one that ended.
pub(crate) async fn take(
    connection: &mut AnyConnection,
    node_id: &str,
    owner: &v1::FeedState,
    lease: &Lease,
    now_us: i64,
) -> Result<(), Error> {
    let affected = sqlx::query(
        "INSERT INTO feed_cursor (node_id, feed, epoch, cursor, edge, state, lease_token, \
         owner_epoch, owner_size, frames, bytes, entries, refused, updated_at_us) \
         VALUES ($1, $2, $3, 0, $4, 'following', $5, $6, $7, 0, 0, 0, 0, $8) \
         ON CONFLICT (node_id, feed) DO UPDATE SET \
         epoch = CASE WHEN feed_cursor.cursor = 0 AND excluded.epoch > feed_cursor.epoch \
         THEN excluded.epoch ELSE feed_cursor.epoch END, \
         lease_token = excluded.lease_token, \
         owner_epoch = excluded.owner_epoch, \
         owner_size = excluded.owner_size, \
         updated_at_us = excluded.updated_at_us",
    )
    .bind(node_id)
    .bind(&owner.feed)
    .bind(i64::from(owner.epoch))
    .bind(Vec::<u8>::new())
    .bind(&lease.0)
    .bind(i64::from(owner.epoch))
    .bind(signed(owner.size))
    .bind(now_us)
    .execute(connection)
    .await?
    .rows_affected();
    expect_rows(TABLE, 1, affected)
}

/// Notes the size that the owner states, and that owner and hub agree. A size
/// below the cursor is not noted: a frame may have landed since it was stated.
pub(crate) async fn agree(
    connection: &mut AnyConnection,
    node_id: &str,
    owner: &v1::FeedState,
    now_us: i64,
) -> Result<(), Error> {
    sqlx::query(
        "UPDATE feed_cursor SET owner_size = $1, last_exchange_us = $2 \
         WHERE node_id = $3 AND feed = $4 AND epoch = $5 AND cursor <= $1 \
         AND state = 'following'",
    )
    .bind(signed(owner.size))
    .bind(now_us)
    .bind(node_id)
    .bind(&owner.feed)
    .bind(i64::from(owner.epoch))
    .execute(connection)
    .await?;
    Ok(())
}

/// The size that the owner last stated; 0 for a feed that was never followed.
pub(crate) async fn owner_size(
    connection: &mut AnyConnection,
    node_id: &str,
    feed: &str,
) -> Result<u64, Error> {
    let row: Option<(i64,)> =
        sqlx::query_as("SELECT owner_size FROM feed_cursor WHERE node_id = $1 AND feed = $2")
            .bind(node_id)
            .bind(feed)
            .fetch_optional(connection)
            .await?;
    Ok(row.map_or(0, |(size,)| u64::try_from(size).unwrap_or(0)))
}

/// Whether a command that applies bundles has the feed.
pub(crate) async fn is_of_bundle(
    connection: &mut AnyConnection,
    owner: &Owner,
) -> Result<bool, Error> {
    let row: Option<(Option<String>,)> =
        sqlx::query_as("SELECT lease_token FROM feed_cursor WHERE node_id = $1 AND feed = $2")
            .bind(&owner.node_id)
            .bind(&owner.feed)
            .fetch_optional(connection)
            .await?;
    let token = row.and_then(|(token,)| token);
    Ok(token.is_some_and(|token| token.starts_with(OF_BUNDLE)))
}

/// Moves the cursor from `from` to where the follower now stands. False if this
/// process no longer holds the feed, or somebody else moved the cursor.
pub(crate) async fn advance(
    connection: &mut AnyConnection,
    owner: &Owner,
    lease: &Lease,
    from: u64,
    follower: &Follower,
    frame_bytes: usize,
    now_us: i64,
) -> Result<bool, Error> {
    let to = follower.cursor();
    let affected = sqlx::query(
        "UPDATE feed_cursor SET cursor = $1, edge = $2, checkpoint = $3, \
         owner_size = CASE WHEN owner_size > $1 THEN owner_size ELSE $1 END, \
         frames = frames + 1, bytes = bytes + $4, entries = entries + $5, \
         last_exchange_us = $6, updated_at_us = $6 \
         WHERE node_id = $7 AND feed = $8 AND epoch = $9 AND cursor = $10 \
         AND lease_token = $11 AND state = 'following'",
    )
    .bind(signed(to))
    .bind(follower.edge().to_bytes())
    .bind(follower.checkpoint().map(str::to_owned))
    .bind(i64::try_from(frame_bytes).unwrap_or(i64::MAX))
    .bind(signed(to - from))
    .bind(now_us)
    .bind(&owner.node_id)
    .bind(&owner.feed)
    .bind(i64::from(owner.epoch))
    .bind(signed(from))
    .bind(&lease.0)
    .execute(connection)
    .await?
    .rows_affected();
    Ok(affected == 1)
}

/// Adds to the count of entries that went to quarantine.
pub(crate) async fn add_refused(
    connection: &mut AnyConnection,
    owner: &Owner,
    refused: u64,
) -> Result<(), Error> {
    if refused == 0 {
        return Ok(());
    }
    let affected = sqlx::query(
        "UPDATE feed_cursor SET refused = refused + $1 WHERE node_id = $2 AND feed = $3",
    )
    .bind(signed(refused))
    .bind(&owner.node_id)
    .bind(&owner.feed)
    .execute(connection)
    .await?
    .rows_affected();
    expect_rows(TABLE, 1, affected)
}

/// Begins an epoch of a feed from its first seq.
pub(crate) async fn begin_epoch(
    connection: &mut AnyConnection,
    node_id: &str,
    feed: &str,
    epoch: u32,
    now_us: i64,
) -> Result<(), Error> {
    let affected = sqlx::query(
        "UPDATE feed_cursor SET epoch = $1, cursor = 0, edge = $2, checkpoint = NULL, \
         state = 'following', frozen_code = NULL, frozen_message = NULL, evidence = NULL, \
         refused_frame = NULL, owner_epoch = $1, owner_size = 0, lease_token = NULL, \
         updated_at_us = $3 \
         WHERE node_id = $4 AND feed = $5",
    )
    .bind(i64::from(epoch))
    .bind(Vec::<u8>::new())
    .bind(now_us)
    .bind(node_id)
    .bind(feed)
    .execute(connection)
    .await?
    .rows_affected();
    expect_rows(TABLE, 1, affected)
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
