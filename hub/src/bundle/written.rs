//! The files that were written for nodes.
//!
//! Owns the table `bundle_file`. A file is out of reach once it is written: all that can be
//! done when something in it is erased is to say which files people must destroy.

use std::path::Path;

use jiff::Timestamp;
use serde::Serialize;
use sqlx::{AnyConnection, FromRow};

use crate::{
    share::{EPOCH, OwnFeed},
    store::{Error, expect_rows},
};

/// A file that holds what was erased since.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, FromRow)]
pub(crate) struct Holding {
    /// The node for which it was written.
    pub(crate) node_id: String,
    /// The feed, as the store names it.
    pub(crate) feed: String,
    /// First seq in it.
    pub(crate) first_seq: i64,
    /// Last seq in it.
    pub(crate) last_seq: i64,
    /// Its path when it was written.
    pub(crate) file: String,
    /// When it was written, UTC microseconds.
    pub(crate) written_at_us: i64,
}

/// Notes a file that was written.
pub(super) async fn keep(
    connection: &mut AnyConnection,
    (node_id, feed): (&str, &OwnFeed),
    (first_seq, last_seq): (u64, u64),
    file: &Path,
    now: Timestamp,
) -> Result<(), Error> {
    // Wherever the command was run.
    let whole = std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
    let affected = sqlx::query(
        "INSERT INTO bundle_file
             (node_id, feed, epoch, first_seq, last_seq, file, written_at_us, holds_erased)
         VALUES ($1, $2, $3, $4, $5, $6, $7, 0)
         ON CONFLICT (node_id, feed, epoch, first_seq, file) DO UPDATE SET
             last_seq = excluded.last_seq,
             written_at_us = excluded.written_at_us,
             holds_erased = 0",
    )
    .bind(node_id)
    .bind(feed.stored())
    .bind(i64::from(EPOCH))
    .bind(i64::try_from(first_seq).unwrap_or(i64::MAX))
    .bind(i64::try_from(last_seq).unwrap_or(i64::MAX))
    .bind(whole.display().to_string())
    .bind(now.as_microsecond())
    .execute(connection)
    .await?
    .rows_affected();
    expect_rows("bundle_file", 1, affected)
}

/// Notes that an entry was erased which files may hold.
pub(crate) async fn erased(
    connection: &mut AnyConnection,
    feed: &OwnFeed,
    seq: u64,
) -> Result<(), Error> {
    sqlx::query(
        "UPDATE bundle_file SET holds_erased = 1
         WHERE feed = $1 AND epoch = $2 AND first_seq <= $3 AND last_seq >= $3",
    )
    .bind(feed.stored())
    .bind(i64::from(EPOCH))
    .bind(i64::try_from(seq).unwrap_or(i64::MAX))
    .execute(connection)
    .await?;
    Ok(())
}

/// The files for one node or for all that hold what was erased since, the oldest first.
pub(crate) async fn holding(
    connection: &mut AnyConnection,
    node_id: Option<&str>,
) -> Result<Vec<Holding>, Error> {
    Ok(sqlx::query_as(
        "SELECT node_id, feed, first_seq, last_seq, file, written_at_us
         FROM bundle_file
         WHERE holds_erased = 1 AND ($1 = '' OR node_id = $1)
         ORDER BY written_at_us, node_id, feed, first_seq, file",
    )
    .bind(node_id.unwrap_or_default().to_owned())
    .fetch_all(connection)
    .await?)
}
