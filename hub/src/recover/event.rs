//! What happened to feeds beside frames that land, for people.

use serde::Serialize;
use sqlx::{AnyConnection, FromRow};

use super::Word;
use crate::store::{Error, expect_rows};

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, FromRow)]
pub(crate) struct Event {
    pub(crate) node_id: String,
    /// UTC microseconds.
    pub(crate) at_us: i64,
    /// Empty where it is about the whole node.
    pub(crate) feed: String,
    /// In a word, as returned or clone.
    pub(crate) what: String,
    pub(crate) detail: String,
    pub(crate) decided_by: Option<String>,
    pub(crate) reason: Option<String>,
}

/// Keeps that something happened; a repeat at the same instant is the same.
pub(crate) async fn keep(
    connection: &mut AnyConnection,
    (node_id, feed, what): (&str, &str, &str),
    detail: &str,
    word: Option<&Word>,
    now_us: i64,
) -> Result<(), Error> {
    let affected = sqlx::query(
        "INSERT INTO recovery_event (node_id, at_us, feed, what, detail, decided_by, reason)
         VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (node_id, at_us, feed, what) DO UPDATE SET
             detail = excluded.detail",
    )
    .bind(node_id)
    .bind(now_us)
    .bind(feed)
    .bind(what)
    .bind(detail.replace('\0', "\u{fffd}"))
    .bind(word.map(|word| word.by.clone()))
    .bind(word.map(|word| word.reason.clone()))
    .execute(connection)
    .await?
    .rows_affected();
    expect_rows("recovery_event", 1, affected)
}

/// The last events, newest first.
pub(crate) async fn last(connection: &mut AnyConnection, limit: u32) -> Result<Vec<Event>, Error> {
    Ok(sqlx::query_as(
        "SELECT node_id, at_us, feed, what, detail, decided_by, reason
         FROM recovery_event
         ORDER BY at_us DESC, node_id, feed, what
         LIMIT $1",
    )
    .bind(i64::from(limit))
    .fetch_all(connection)
    .await?)
}
