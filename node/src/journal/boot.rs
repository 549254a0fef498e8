//! The starts of this node.
//!
//! Owns the counter that tells two running copies apart: it is raised and
//! synced before the first append of a start, and sent with a random number in
//! Hello. Refuses to go back: the number only grows.

use rand::{RngCore as _, rngs::OsRng};
use serde::Serialize;
use sqlx::FromRow;

use super::{Error, store::Store};

/// One start of the node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, FromRow)]
pub(crate) struct Boot {
    /// Starts so far, this one included.
    pub(crate) number: i64,
    /// Drawn at this start.
    pub(crate) random: i64,
    /// Drawn at the start before this one; 0 at the first.
    pub(crate) previous_random: i64,
    /// The process.
    pub(crate) pid: i64,
    /// When it started, UTC microseconds.
    pub(crate) started_at_us: i64,
}

/// Raises the counter for this start, durably.
pub(crate) async fn begin(store: &Store) -> Result<Boot, Error> {
    let mut writing = store.write().await;
    let mut transaction = writing.begin().await?;
    let random = i64::from(OsRng.next_u32()) << 31 | i64::from(OsRng.next_u32() >> 1);
    let boot = sqlx::query_as(
        "INSERT INTO boot (id, number, random, pid, started_at_us) VALUES (1, 1, ?1, ?2, ?3)
         ON CONFLICT (id) DO UPDATE SET
             number = number + 1,
             previous_random = random,
             random = excluded.random,
             pid = excluded.pid,
             started_at_us = excluded.started_at_us
         RETURNING number, random, previous_random, pid, started_at_us",
    )
    .bind(random)
    .bind(i64::from(std::process::id()))
    .bind(store.now_us())
    .fetch_one(&mut *transaction)
    .await?;
    transaction.commit().await?;
    Ok(boot)
}

/// The last start; none before the first.
pub(crate) async fn last(store: &Store) -> Result<Option<Boot>, Error> {
    Ok(sqlx::query_as(
        "SELECT number, random, previous_random, pid, started_at_us FROM boot WHERE id = 1",
    )
    .fetch_optional(store.readers())
    .await?)
}
