//! How far each node is in each of the hub's own feeds, and when the hub tries again.
//!
//! A seq is delivered once the node answered to its bytes, applied once the
//! node's answer says so. Both only count up within an epoch, with one
//! exception: a node that lost its inbox says so in its cursor, and is believed.

use jiff::Timestamp;
use sqlx::{AnyConnection, FromRow};

use super::{EPOCH, Error, OwnFeed, log::signed};
use crate::store::expect_rows;

/// One feed at one node.
#[derive(Debug, Clone, FromRow)]
pub(crate) struct Delivery {
    pub(crate) node_id: String,
    /// `shared` or `verdicts`.
    pub(crate) feed: String,
    pub(crate) delivered_seq: i64,
    /// Last seq that the node applied.
    pub(crate) cursor: i64,
    pub(crate) next_attempt_us: Option<i64>,
    pub(crate) error_code: Option<String>,
    pub(crate) error_message: Option<String>,
}

/// What one push came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Outcome {
    /// The node's cursor before the push.
    pub(crate) from: u64,
    /// Last seq whose bytes the node answered to.
    pub(crate) delivered: u64,
    /// The node's cursor after it.
    pub(crate) applied: u64,
}

/// Every feed at every node where it was ever tried.
pub(crate) async fn all(connection: &mut AnyConnection) -> Result<Vec<Delivery>, Error> {
    Ok(sqlx::query_as(
        "SELECT node_id, feed, delivered_seq, cursor, next_attempt_us,
                error_code, error_message
         FROM delivery
         ORDER BY node_id, feed",
    )
    .fetch_all(connection)
    .await?)
}

/// One feed at one node; none before the first attempt.
pub(crate) async fn find(
    connection: &mut AnyConnection,
    node_id: &str,
    feed: &OwnFeed,
) -> Result<Option<Delivery>, Error> {
    Ok(sqlx::query_as(
        "SELECT node_id, feed, delivered_seq, cursor, next_attempt_us,
                error_code, error_message
         FROM delivery
         WHERE feed = $1 AND node_id = $2",
    )
    .bind(feed.name())
    .bind(node_id)
    .fetch_optional(connection)
    .await?)
}

/// Notes a push that the node answered well.
pub(crate) async fn succeeded(
    connection: &mut AnyConnection,
    node_id: &str,
    feed: &OwnFeed,
    outcome: Outcome,
    now: Timestamp,
) -> Result<(), Error> {
    ranges(connection, node_id, feed, outcome, now).await?;
    let affected = sqlx::query(
        "INSERT INTO delivery
             (node_id, feed, epoch, delivered_seq, cursor, attempted_at_us, attempts)
         VALUES ($1, $2, $3, $4, $5, $6, 0)
         ON CONFLICT (node_id, feed) DO UPDATE SET
             epoch = excluded.epoch,
             delivered_seq = excluded.delivered_seq,
             cursor = excluded.cursor,
             attempted_at_us = excluded.attempted_at_us,
             attempts = 0,
             next_attempt_us = NULL,
             error_code = NULL,
             error_message = NULL",
    )
    .bind(node_id)
    .bind(feed.name())
    .bind(i64::from(EPOCH))
    .bind(signed(outcome.delivered))
    .bind(signed(outcome.applied))
    .bind(now.as_microsecond())
    .execute(connection)
    .await?
    .rows_affected();
    Ok(expect_rows("delivery", 1, affected)?)
}

/// A fault as it is kept.
#[derive(Debug)]
pub(crate) struct Failed<'a> {
    pub(crate) code: &'a str,
    pub(crate) message: &'a str,
    /// Bytes that the node answered to before the fault, if any.
    pub(crate) delivered: Option<u64>,
    pub(crate) next_attempt: Timestamp,
}

/// Notes a push that failed, and when to try again.
pub(crate) async fn failed(
    connection: &mut AnyConnection,
    node_id: &str,
    feed: &OwnFeed,
    failed: &Failed<'_>,
    now: Timestamp,
) -> Result<(), Error> {
    let affected = sqlx::query(
        "INSERT INTO delivery
             (node_id, feed, epoch, delivered_seq, cursor, attempted_at_us,
              next_attempt_us, attempts, error_code, error_message)
         VALUES ($1, $2, $3, $4, 0, $5, $6, 1, $7, $8)
         ON CONFLICT (node_id, feed) DO UPDATE SET
             delivered_seq = CASE WHEN excluded.delivered_seq > delivery.delivered_seq
                 THEN excluded.delivered_seq ELSE delivery.delivered_seq END,
             attempted_at_us = excluded.attempted_at_us,
             next_attempt_us = excluded.next_attempt_us,
             attempts = delivery.attempts + 1,
             error_code = excluded.error_code,
             error_message = excluded.error_message",
    )
    .bind(node_id)
    .bind(feed.name())
    .bind(i64::from(EPOCH))
    .bind(signed(failed.delivered.unwrap_or(0)))
    .bind(now.as_microsecond())
    .bind(failed.next_attempt.as_microsecond())
    .bind(failed.code)
    // The text may repeat a peer's words; PostgreSQL takes no zero byte.
    .bind(failed.message.replace('\0', "\u{fffd}"))
    .execute(connection)
    .await?
    .rows_affected();
    Ok(expect_rows("delivery", 1, affected)?)
}

/// Keeps when which entries were delivered and applied. A range that went over
/// twice keeps its first instant of delivery.
async fn ranges(
    connection: &mut AnyConnection,
    node_id: &str,
    feed: &OwnFeed,
    outcome: Outcome,
    now: Timestamp,
) -> Result<(), Error> {
    let Outcome { from, delivered, applied } = outcome;
    if delivered <= from {
        return Ok(());
    }
    let applied_at = (applied >= delivered).then(|| now.as_microsecond());
    let affected = sqlx::query(
        "INSERT INTO delivery_range
             (node_id, feed, epoch, first_seq, last_seq, delivered_at_us, applied_at_us)
         VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (node_id, feed, epoch, first_seq) DO UPDATE SET
             last_seq = excluded.last_seq,
             applied_at_us = COALESCE(delivery_range.applied_at_us, excluded.applied_at_us)",
    )
    .bind(node_id)
    .bind(feed.name())
    .bind(i64::from(EPOCH))
    .bind(signed(from + 1))
    .bind(signed(delivered))
    .bind(now.as_microsecond())
    .bind(applied_at)
    .execute(connection)
    .await?
    .rows_affected();
    Ok(expect_rows("delivery_range", 1, affected)?)
}
