//! Feeds that are frozen: why, and on what evidence.
//!
//! What stands beside the cursor is of the first freeze, until a person lets the feed go
//! on; [`recover::evidence`] keeps all of it, for good.

use prost::Message as _;
use rmd_feed::erase;
use rmd_proto::{Code, v1};
use serde::Serialize;
use sqlx::AnyConnection;

use crate::{recover, store::Error};

/// Why a feed is frozen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Frozen {
    /// Word of the closed list.
    pub(crate) code: String,
    /// Sentence, English then French.
    pub(crate) message: String,
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
    /// The frame that was refused, where it was one; kept without its payloads.
    pub(crate) frame: Option<&'a v1::Frame>,
}

/// Freezes a feed and keeps the evidence.
pub(crate) async fn freeze(
    connection: &mut AnyConnection,
    freeze: &Freeze<'_>,
    now_us: i64,
) -> Result<(), Error> {
    recover::evidence::frozen(connection, freeze, now_us).await?;
    sqlx::query(
        "UPDATE feed_cursor SET state = 'frozen', frozen_code = $1, frozen_message = $2, \
         evidence = $3, refused_frame = $4, updated_at_us = $5 \
         WHERE node_id = $6 AND feed = $7 AND state = 'following'",
    )
    .bind(freeze.code.as_str())
    .bind(freeze.message.replace('\0', "\u{fffd}"))
    .bind(freeze.evidence.to_vec())
    .bind(freeze.frame.map(|frame| erase::refused(frame).encode_to_vec()))
    .bind(now_us)
    .bind(freeze.node_id)
    .bind(freeze.feed)
    .execute(connection)
    .await?;
    Ok(())
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
