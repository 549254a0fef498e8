//! Where the feeds stand, as it is read.
//!
//! A row that contradicts itself is named, never guessed at: a cursor and its
//! right edge are of one size.

use rmd_feed::RightEdge;
use serde::Serialize;
use sqlx::{AnyConnection, FromRow};

use super::{Frozen, TABLE};
use crate::store::Error;

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
