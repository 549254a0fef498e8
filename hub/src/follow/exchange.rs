//! How the exchange with each node goes.
//!
//! Owns the tables exchange and owner_entity: the next attempt, which a restart
//! honours too, the last fault, the peer as its certificate names it, and what
//! it says about itself. Nothing here decides; it is remembered and shown.

use std::collections::BTreeMap;

use rmd_link::Peer;
use rmd_proto::v1;
use serde::Serialize;
use sqlx::{AnyConnection, FromRow};

use super::Error;
use crate::store;

/// The exchange with one node, as status and pages show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, FromRow)]
pub(crate) struct Exchange {
    /// The node.
    pub(crate) node_id: String,
    /// Attempts that failed since the last success.
    pub(crate) failures: i64,
    /// No attempt is made before, UTC microseconds.
    pub(crate) next_attempt_us: Option<i64>,
    /// Last attempt, UTC microseconds.
    pub(crate) last_attempt_us: Option<i64>,
    /// Last success, UTC microseconds.
    pub(crate) last_success_us: Option<i64>,
    /// Word of the closed list; none after a success.
    pub(crate) last_error_code: Option<String>,
    /// The sentence.
    pub(crate) last_error_message: Option<String>,
    /// The identity in the peer's certificate.
    pub(crate) peer_identity: Option<String>,
    /// As `TLSv1.3`.
    pub(crate) tls_version: Option<String>,
    /// Version of the peer's software.
    pub(crate) software_version: Option<String>,
    /// Counter of the peer's starts.
    pub(crate) boot_number: Option<i64>,
    /// The peer's clock minus ours.
    pub(crate) clock_skew_us: Option<i64>,
    /// Until when it sends no frames, by its own word; none while it sends.
    pub(crate) pauses_until_us: Option<i64>,
}

/// What an owner says about one entity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, FromRow)]
pub(crate) struct OwnerEntity {
    /// The node.
    pub(crate) node_id: String,
    /// The feed.
    pub(crate) feed: String,
    /// The entity.
    pub(crate) entity: String,
    /// Entitlement in force at the owner.
    pub(crate) entitlement: String,
    /// Records published.
    pub(crate) published: i64,
    /// Records held by the brake.
    pub(crate) held: i64,
    /// Records refused at the owner.
    pub(crate) refused: i64,
    /// The same by rule, JSON.
    pub(crate) refused_by_rule: String,
    /// Rows known at the source; 0 if the owner does not count them.
    pub(crate) captured: i64,
    /// Rows that are good and do not leave.
    pub(crate) withheld: i64,
    /// Records published in an earlier revision than the source has.
    pub(crate) outdated: i64,
}

/// Every node's exchange.
pub(crate) async fn all(connection: &mut AnyConnection) -> Result<Vec<Exchange>, store::Error> {
    Ok(sqlx::query_as(
        "SELECT node_id, failures, next_attempt_us, last_attempt_us, last_success_us, \
         last_error_code, last_error_message, peer_identity, tls_version, software_version, \
         boot_number, clock_skew_us, pauses_until_us \
         FROM exchange \
         ORDER BY node_id",
    )
    .fetch_all(connection)
    .await?)
}

/// What every owner says about its entities.
pub(crate) async fn owner_entities(
    connection: &mut AnyConnection,
) -> Result<Vec<OwnerEntity>, store::Error> {
    Ok(sqlx::query_as(
        "SELECT node_id, feed, entity, entitlement, published, held, refused, refused_by_rule, \
         captured, withheld, outdated \
         FROM owner_entity \
         ORDER BY node_id, feed, entity",
    )
    .fetch_all(connection)
    .await?)
}

/// When the next attempt may be made; none for at once.
pub(super) async fn next_attempt_us(
    connection: &mut AnyConnection,
    node_id: &str,
) -> Result<Option<i64>, store::Error> {
    let row: Option<(Option<i64>,)> =
        sqlx::query_as("SELECT next_attempt_us FROM exchange WHERE node_id = $1")
            .bind(node_id)
            .fetch_optional(connection)
            .await?;
    Ok(row.and_then(|(next,)| next))
}

/// Notes that an attempt begins.
pub(super) async fn begun(
    connection: &mut AnyConnection,
    node_id: &str,
    now_us: i64,
) -> Result<(), store::Error> {
    let affected = sqlx::query(
        "INSERT INTO exchange (node_id, failures, last_attempt_us) VALUES ($1, 0, $2) \
         ON CONFLICT (node_id) DO UPDATE SET last_attempt_us = excluded.last_attempt_us",
    )
    .bind(node_id)
    .bind(now_us)
    .execute(connection)
    .await?
    .rows_affected();
    store::expect_rows("exchange", 1, affected)
}

/// Notes a fault and when to try again.
pub(super) async fn failed(
    connection: &mut AnyConnection,
    node_id: &str,
    error: &Error,
    next_us: Option<i64>,
    now_us: i64,
) -> Result<(), store::Error> {
    let affected = sqlx::query(
        "UPDATE exchange SET failures = failures + 1, next_attempt_us = $1, \
         last_error_code = $2, last_error_message = $3, last_error_at_us = $4, \
         last_error_feed = NULL \
         WHERE node_id = $5",
    )
    .bind(next_us)
    .bind(error.code().as_str())
    .bind(error.text().replace('\0', "\u{fffd}"))
    .bind(now_us)
    .bind(node_id)
    .execute(connection)
    .await?
    .rows_affected();
    store::expect_rows("exchange", 1, affected)
}

/// Notes that one feed stopped while the exchange goes on.
pub(super) async fn feed_stopped(
    connection: &mut AnyConnection,
    node_id: &str,
    error: &Error,
    now_us: i64,
) -> Result<(), store::Error> {
    let affected = sqlx::query(
        "UPDATE exchange SET last_error_code = $1, last_error_message = $2, \
         last_error_at_us = $3, last_error_feed = $4 \
         WHERE node_id = $5",
    )
    .bind(error.code().as_str())
    .bind(error.text().replace('\0', "\u{fffd}"))
    .bind(now_us)
    .bind(error.feed())
    .bind(node_id)
    .execute(connection)
    .await?
    .rows_affected();
    store::expect_rows("exchange", 1, affected)
}

/// Notes that a feed goes on: a fault of it is over, one of another stands.
pub(super) async fn feed_goes_on(
    connection: &mut AnyConnection,
    node_id: &str,
    feed: &str,
) -> Result<(), store::Error> {
    // No row where there was no fault.
    sqlx::query(
        "UPDATE exchange SET last_error_code = NULL, last_error_message = NULL, \
         last_error_at_us = NULL, last_error_feed = NULL \
         WHERE node_id = $1 AND last_error_feed = $2",
    )
    .bind(node_id)
    .bind(feed)
    .execute(connection)
    .await?;
    Ok(())
}

/// Notes that the peer answered again on an open link.
pub(super) async fn seen(
    connection: &mut AnyConnection,
    node_id: &str,
    peer: &Peer,
    hello: &v1::HelloResponse,
    now_us: i64,
) -> Result<(), store::Error> {
    let affected = sqlx::query(
        "UPDATE exchange SET last_success_us = $1, peer_serial = $2, pauses_until_us = $3 \
         WHERE node_id = $4",
    )
    .bind(now_us)
    .bind(&peer.serial)
    .bind(pause(hello))
    .bind(node_id)
    .execute(connection)
    .await?
    .rows_affected();
    store::expect_rows("exchange", 1, affected)
}

/// Notes the verified peer and what it said in Hello; the exchange goes well.
pub(super) async fn succeeded(
    connection: &mut AnyConnection,
    node_id: &str,
    peer: &Peer,
    hello: &v1::HelloResponse,
    skew_us: i64,
    now_us: i64,
) -> Result<(), store::Error> {
    let affected = sqlx::query(
        "UPDATE exchange SET failures = 0, next_attempt_us = NULL, last_success_us = $1, \
         last_error_code = NULL, last_error_message = NULL, last_error_at_us = NULL, \
         last_error_feed = NULL, peer_identity = $2, tls_version = $3, peer_serial = $4, protocol = $5, \
         software_version = $6, boot_number = $7, boot_random = $8, clock_skew_us = $9, \
         pauses_until_us = $10 \
         WHERE node_id = $11",
    )
    .bind(now_us)
    .bind(peer.identity.to_string())
    .bind(&peer.tls_version)
    .bind(&peer.serial)
    .bind(i64::from(hello.protocol))
    .bind(hello.software_version.replace('\0', "\u{fffd}"))
    .bind(hello.boot_number.cast_signed())
    .bind(hello.boot_random.cast_signed())
    .bind(skew_us)
    .bind(pause(hello))
    .bind(node_id)
    .execute(connection)
    .await?
    .rows_affected();
    store::expect_rows("exchange", 1, affected)
}

/// Replaces what the owner says about the entities of a feed.
pub(crate) async fn write_counts(
    connection: &mut AnyConnection,
    node_id: &str,
    feed: &v1::FeedState,
    now_us: i64,
) -> Result<(), store::Error> {
    for count in &feed.entity {
        let by_rule: BTreeMap<&str, u64> =
            count.refused.iter().map(|rule| (rule.rule.as_str(), rule.records)).collect();
        // An owner of an earlier version counts by rule alone.
        let by_rules = by_rule.values().fold(0_u64, |sum, rows| sum.saturating_add(*rows));
        let refused = if count.refused_rows > 0 { count.refused_rows } else { by_rules };
        let by_rule = serde_json::to_string(&by_rule).expect("texts and numbers");
        let affected = sqlx::query(
            "INSERT INTO owner_entity (node_id, feed, entity, entitlement, published, held, \
             refused, refused_by_rule, updated_at_us, captured, withheld, outdated) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) \
             ON CONFLICT (node_id, feed, entity) DO UPDATE SET \
             entitlement = excluded.entitlement, \
             published = excluded.published, \
             held = excluded.held, \
             refused = excluded.refused, \
             refused_by_rule = excluded.refused_by_rule, \
             updated_at_us = excluded.updated_at_us, \
             captured = excluded.captured, \
             withheld = excluded.withheld, \
             outdated = excluded.outdated",
        )
        .bind(node_id)
        .bind(&feed.feed)
        .bind(count.entity.replace('\0', "\u{fffd}"))
        .bind(count.entitlement.replace('\0', "\u{fffd}"))
        .bind(signed(count.published))
        .bind(signed(count.held))
        .bind(signed(refused))
        .bind(by_rule)
        .bind(now_us)
        .bind(signed(count.captured))
        .bind(signed(count.withheld))
        .bind(signed(count.outdated))
        .execute(&mut *connection)
        .await?
        .rows_affected();
        store::expect_rows("owner_entity", 1, affected)?;
    }
    // What the owner no longer speaks of; mostly nothing.
    sqlx::query(
        "DELETE FROM owner_entity WHERE node_id = $1 AND feed = $2 AND updated_at_us <> $3",
    )
    .bind(node_id)
    .bind(&feed.feed)
    .bind(now_us)
    .execute(connection)
    .await?;
    Ok(())
}

/// Until when the node pauses; none while it sends.
fn pause(hello: &v1::HelloResponse) -> Option<i64> {
    (hello.pauses_until_us > 0).then_some(hello.pauses_until_us)
}

/// A count as BIGINT.
fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
