//! Feeds of this node that lost entries, and what is known of them.
//!
//! Owns the tables `own_recovery`, `known_checkpoint` and `recovery_event`.
//! Nothing is appended to a feed that has a row in `own_recovery`: whoever opens
//! a feed for writing asks [`check`]. Refuses to forget evidence: a feed that
//! diverged, or whose epoch has ended, leaves that state by an act of a person alone.

use serde::Serialize;
use sqlx::{FromRow, SqliteConnection, SqliteExecutor};

use super::{Error, feeds::number, store::Store};

/// Why nothing is appended to a feed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum State {
    /// The folder was copied or restored; the hub has not said what it holds.
    Unsure,
    /// The hub holds entries that are not back yet.
    Lacking,
    /// Each side holds entries that the other lacks.
    Diverged,
    /// The epoch that the store is in has ended.
    Closed,
}

impl State {
    /// The word in the table and on the command line.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Unsure => "unsure",
            Self::Lacking => "lacking",
            Self::Diverged => "diverged",
            Self::Closed => "closed",
        }
    }

    fn parse(word: &str) -> Option<Self> {
        [Self::Unsure, Self::Lacking, Self::Diverged, Self::Closed]
            .into_iter()
            .find(|state| state.as_str() == word)
    }
}

/// A feed to which nothing is appended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Lost {
    /// Name of the feed.
    pub(crate) feed: String,
    /// Why.
    pub(crate) state: State,
    /// Entries that the hub verified; 0 if it has not said.
    pub(crate) held_size: u64,
    /// The signed note at that size.
    #[serde(skip)]
    pub(crate) held_checkpoint: String,
    /// The last size at which both agree, once the hub has said it.
    pub(crate) common_size: Option<u64>,
    /// What others can check, see [`rmd_feed::evidence::Statement`]; empty if there is none.
    #[serde(skip)]
    pub(crate) evidence: String,
    /// Since when, UTC microseconds.
    pub(crate) since_us: i64,
}

/// Something that happened to a feed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, FromRow)]
pub(crate) struct Event {
    /// Name of the feed.
    pub(crate) feed: String,
    /// In a word: restored, diverged, discarded, returned, resumed.
    pub(crate) what: String,
    /// First seq that it is about; 0 for none.
    pub(crate) first_seq: i64,
    /// Last seq that it is about.
    pub(crate) last_seq: i64,
    /// A file, a name or nothing.
    pub(crate) detail: String,
    /// When, UTC microseconds.
    pub(crate) at_us: i64,
}

#[derive(FromRow)]
struct Row {
    feed: String,
    state: String,
    held_size: i64,
    held_checkpoint: String,
    common_size: Option<i64>,
    evidence: String,
    since_us: i64,
}

impl TryFrom<Row> for Lost {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self, Error> {
        let wrong = |column| Error::inconsistent("own_recovery", column, row.since_us);
        let size = |column, value: i64| u64::try_from(value).map_err(|_| wrong(column));
        Ok(Self {
            state: State::parse(&row.state).ok_or_else(|| wrong("state"))?,
            held_size: size("held_size", row.held_size)?,
            common_size: row.common_size.map(|common| size("common_size", common)).transpose()?,
            feed: row.feed,
            held_checkpoint: row.held_checkpoint,
            evidence: row.evidence,
            since_us: row.since_us,
        })
    }
}

impl Lost {
    /// Whether it takes more than what the hub says to append again.
    pub(crate) fn is_final(&self) -> bool {
        matches!(self.state, State::Diverged | State::Closed)
    }
}

/// Refuses to append to a feed that lost entries.
pub(super) async fn check(connection: &mut SqliteConnection, feed: &str) -> Result<(), Error> {
    let state: Option<String> =
        sqlx::query_scalar("SELECT state FROM own_recovery WHERE feed = ?1")
            .bind(feed)
            .fetch_optional(connection)
            .await?;
    let Some(state) = state else { return Ok(()) };
    let state = State::parse(&state).ok_or(Error::inconsistent("own_recovery", "state", 0))?;
    Err(Error::Recovering { feed: feed.to_owned(), state: state.as_str() })
}

/// Every feed that lost entries.
pub(crate) async fn all(store: &Store) -> Result<Vec<Lost>, Error> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT feed,
                state,
                held_size,
                held_checkpoint,
                common_size,
                evidence,
                since_us
         FROM own_recovery
         ORDER BY feed",
    )
    .fetch_all(store.readers())
    .await?;
    rows.into_iter().map(Lost::try_from).collect()
}

/// One feed; none if all is well with it.
pub(crate) async fn find(
    executor: impl SqliteExecutor<'_>,
    feed: &str,
) -> Result<Option<Lost>, Error> {
    let row: Option<Row> = sqlx::query_as(
        "SELECT feed,
                state,
                held_size,
                held_checkpoint,
                common_size,
                evidence,
                since_us
         FROM own_recovery
         WHERE feed = ?1",
    )
    .bind(feed)
    .fetch_optional(executor)
    .await?;
    row.map(Lost::try_from).transpose()
}

/// Writes what is known of a feed that lost entries.
pub(crate) async fn set(connection: &mut SqliteConnection, lost: &Lost) -> Result<(), Error> {
    let written = sqlx::query(
        "INSERT INTO own_recovery (
             feed, state, held_size, held_checkpoint, common_size, evidence, since_us)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
         ON CONFLICT (feed) DO UPDATE SET
             state = excluded.state,
             held_size = excluded.held_size,
             held_checkpoint = excluded.held_checkpoint,
             common_size = excluded.common_size,
             evidence = excluded.evidence",
    )
    .bind(&lost.feed)
    .bind(lost.state.as_str())
    .bind(number(lost.held_size)?)
    .bind(&lost.held_checkpoint)
    .bind(lost.common_size.map(number).transpose()?)
    .bind(&lost.evidence)
    .bind(lost.since_us)
    .execute(connection)
    .await?;
    Error::expect_rows("own_recovery", written.rows_affected(), 1)
}

/// Lets a feed be appended to again.
pub(crate) async fn clear(connection: &mut SqliteConnection, feed: &str) -> Result<(), Error> {
    sqlx::query("DELETE FROM own_recovery WHERE feed = ?1").bind(feed).execute(connection).await?;
    Ok(())
}

/// The note that the hub last told to have verified; none if it never did.
pub(crate) async fn known(store: &Store, feed: &str, epoch: u32) -> Result<Option<String>, Error> {
    Ok(sqlx::query_scalar("SELECT checkpoint FROM known_checkpoint WHERE feed = ?1 AND epoch = ?2")
        .bind(feed)
        .bind(epoch)
        .fetch_optional(store.readers())
        .await?)
}

/// Keeps what the hub told to have verified.
pub(crate) async fn keep_known(
    connection: &mut SqliteConnection,
    feed: &str,
    epoch: u32,
    (size, checkpoint): (u64, &str),
    now_us: i64,
) -> Result<(), Error> {
    let written = sqlx::query(
        "INSERT INTO known_checkpoint (feed, epoch, size, checkpoint, seen_at_us)
         VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (feed, epoch) DO UPDATE SET
             size = excluded.size,
             checkpoint = excluded.checkpoint,
             seen_at_us = excluded.seen_at_us",
    )
    .bind(feed)
    .bind(epoch)
    .bind(number(size)?)
    .bind(checkpoint)
    .bind(now_us)
    .execute(connection)
    .await?;
    Error::expect_rows("known_checkpoint", written.rows_affected(), 1)
}

/// Notes that something happened to a feed.
pub(crate) async fn happened(
    connection: &mut SqliteConnection,
    (feed, what): (&str, &str),
    (first, last): (u64, u64),
    detail: &str,
    now_us: i64,
) -> Result<(), Error> {
    let written = sqlx::query(
        "INSERT INTO recovery_event (feed, what, first_seq, last_seq, detail, at_us)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )
    .bind(feed)
    .bind(what)
    .bind(number(first)?)
    .bind(number(last)?)
    .bind(detail)
    .bind(now_us)
    .execute(connection)
    .await?;
    Error::expect_rows("recovery_event", written.rows_affected(), 1)
}

/// The last events, newest first.
pub(crate) async fn events(store: &Store, limit: u32) -> Result<Vec<Event>, Error> {
    Ok(sqlx::query_as(
        "SELECT feed,
                what,
                first_seq,
                last_seq,
                detail,
                at_us
         FROM recovery_event
         ORDER BY event_id DESC
         LIMIT ?1",
    )
    .bind(limit)
    .fetch_all(store.readers())
    .await?)
}
