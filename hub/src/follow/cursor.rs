//! The cursors: how far each feed is durably applied.
//!
//! Owns the table feed_cursor. A cursor moves by compare-and-set on its old
//! value under the token of this process's lease, inside the transaction that
//! applies the frame; so a second process can neither apply a frame twice nor
//! skip one. A frozen feed moves no more until a person undoes it.

use rmd_feed::{Follower, RightEdge};
use rmd_proto::{Code, v1};
use serde::Serialize;
use sqlx::{AnyConnection, FromRow};

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

/// Where a feed stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Position {
    /// Epoch that is followed.
    pub(crate) epoch: u32,
    /// Last seq applied.
    pub(crate) cursor: u64,
    /// The tree's right edge at the cursor.
    pub(crate) edge: RightEdge,
    /// The owner's checkpoint at the cursor.
    pub(crate) checkpoint: Option<String>,
    /// Why it is frozen, if it is.
    pub(crate) frozen: Option<Frozen>,
}

/// Why a feed is frozen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Frozen {
    /// Word of the closed list.
    pub(crate) code: String,
    /// Sentence, English then French.
    pub(crate) message: String,
}

/// A feed as status and pages show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct FeedStatus {
    /// The node.
    pub(crate) node_id: String,
    /// The feed.
    pub(crate) feed: String,
    /// Its epoch.
    pub(crate) epoch: u32,
    /// Last seq applied.
    pub(crate) cursor: u64,
    /// Root at the cursor, in hexadecimal.
    pub(crate) root: String,
    /// Size that the owner last stated.
    pub(crate) owner_size: u64,
    /// `following` or `frozen`.
    pub(crate) state: String,
    /// Why, where it is frozen.
    pub(crate) frozen: Option<Frozen>,
    /// Frames applied.
    pub(crate) frames: u64,
    /// Bytes of these frames.
    pub(crate) bytes: u64,
    /// Entries applied.
    pub(crate) entries: u64,
    /// Of these, entries that went to quarantine.
    pub(crate) refused: u64,
    /// Last time that owner and hub agreed, UTC microseconds.
    pub(crate) last_exchange_us: Option<i64>,
    /// What proves the cursor.
    #[serde(skip)]
    pub(crate) position: Position,
}

#[derive(FromRow)]
struct Row {
    node_id: String,
    feed: String,
    epoch: i64,
    cursor: i64,
    edge: Vec<u8>,
    checkpoint: Option<String>,
    state: String,
    frozen_code: Option<String>,
    frozen_message: Option<String>,
    owner_size: i64,
    frames: i64,
    bytes: i64,
    entries: i64,
    refused: i64,
    last_exchange_us: Option<i64>,
}

impl Row {
    fn wrong(&self, column: &'static str) -> Error {
        Error::Inconsistent { table: TABLE, column, id: format!("{} {}", self.node_id, self.feed) }
    }

    fn unsigned(&self, column: &'static str, value: i64) -> Result<u64, Error> {
        u64::try_from(value).map_err(|_| self.wrong(column))
    }

    fn frozen(&self) -> Option<Frozen> {
        (self.state == "frozen").then(|| Frozen {
            code: self.frozen_code.clone().unwrap_or_default(),
            message: self.frozen_message.clone().unwrap_or_default(),
        })
    }

    fn epoch(&self) -> Result<u32, Error> {
        u32::try_from(self.epoch).map_err(|_| self.wrong("epoch"))
    }

    fn edge(&self) -> Result<RightEdge, Error> {
        let cursor = self.unsigned("cursor", self.cursor)?;
        RightEdge::from_bytes(cursor, &self.edge).map_err(|_| self.wrong("edge"))
    }
}

impl TryFrom<&Row> for Position {
    type Error = Error;

    fn try_from(row: &Row) -> Result<Self, Error> {
        Ok(Self {
            epoch: row.epoch()?,
            cursor: row.unsigned("cursor", row.cursor)?,
            edge: row.edge()?,
            frozen: row.frozen(),
            checkpoint: row.checkpoint.clone(),
        })
    }
}

impl TryFrom<Row> for FeedStatus {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self, Error> {
        let position = Position::try_from(&row)?;
        Ok(Self {
            epoch: position.epoch,
            cursor: position.cursor,
            root: hex::encode(position.edge.root()),
            owner_size: row.unsigned("owner_size", row.owner_size)?,
            frames: row.unsigned("frames", row.frames)?,
            bytes: row.unsigned("bytes", row.bytes)?,
            entries: row.unsigned("entries", row.entries)?,
            refused: row.unsigned("refused", row.refused)?,
            frozen: position.frozen.clone(),
            last_exchange_us: row.last_exchange_us,
            position,
            node_id: row.node_id,
            feed: row.feed,
            state: row.state,
        })
    }
}

/// Every followed feed, by node and feed.
pub(crate) async fn all(connection: &mut AnyConnection) -> Result<Vec<FeedStatus>, Error> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT node_id, feed, epoch, cursor, edge, checkpoint, state, frozen_code, \
         frozen_message, owner_size, frames, bytes, entries, refused, last_exchange_us \
         FROM feed_cursor \
         ORDER BY node_id, feed",
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(FeedStatus::try_from).collect()
}

/// Where a feed stands; none if it was never followed.
pub(crate) async fn load(
    connection: &mut AnyConnection,
    node_id: &str,
    feed: &str,
) -> Result<Option<Position>, Error> {
    let row: Option<Row> = sqlx::query_as(
        "SELECT node_id, feed, epoch, cursor, edge, checkpoint, state, frozen_code, \
         frozen_message, owner_size, frames, bytes, entries, refused, last_exchange_us \
         FROM feed_cursor \
         WHERE node_id = $1 AND feed = $2",
    )
    .bind(node_id)
    .bind(feed)
    .fetch_optional(connection)
    .await?;
    row.as_ref().map(Position::try_from).transpose()
}

/// Takes the lease of a feed for this process, from whoever held it. A feed of
/// which nothing was applied begins at the owner's epoch.
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
         epoch = CASE WHEN feed_cursor.cursor = 0 THEN excluded.epoch ELSE feed_cursor.epoch END, \
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

/// What is kept of a feed that is frozen.
#[derive(Debug)]
pub(crate) struct Freeze<'a> {
    pub(crate) node_id: &'a str,
    pub(crate) feed: &'a str,
    pub(crate) code: Code,
    pub(crate) message: &'a str,
    /// Both signed checkpoints, as [`rmd_feed::evidence`] writes them.
    pub(crate) evidence: &'a [u8],
    /// The frame that was refused, where it was one.
    pub(crate) frame: Option<&'a v1::Frame>,
}

/// Freezes a feed and keeps the evidence. The first evidence stays.
pub(crate) async fn freeze(
    connection: &mut AnyConnection,
    freeze: &Freeze<'_>,
    now_us: i64,
) -> Result<(), Error> {
    sqlx::query(
        "UPDATE feed_cursor SET state = 'frozen', frozen_code = $1, frozen_message = $2, \
         evidence = $3, refused_frame = $4, updated_at_us = $5 \
         WHERE node_id = $6 AND feed = $7 AND state = 'following'",
    )
    .bind(freeze.code.as_str())
    .bind(freeze.message.replace('\0', "\u{fffd}"))
    .bind(freeze.evidence.to_vec())
    .bind(freeze.frame.map(prost::Message::encode_to_vec))
    .bind(now_us)
    .bind(freeze.node_id)
    .bind(freeze.feed)
    .execute(connection)
    .await?;
    Ok(())
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

/// Lets a frozen feed go on; what it was frozen for is kept elsewhere.
pub(crate) async fn thaw(
    connection: &mut AnyConnection,
    node_id: &str,
    feed: &str,
    now_us: i64,
) -> Result<(), Error> {
    sqlx::query(
        "UPDATE feed_cursor SET state = 'following', frozen_code = NULL, frozen_message = NULL, \
         evidence = NULL, refused_frame = NULL, updated_at_us = $1 \
         WHERE node_id = $2 AND feed = $3 AND state = 'frozen'",
    )
    .bind(now_us)
    .bind(node_id)
    .bind(feed)
    .execute(connection)
    .await?;
    Ok(())
}

fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
