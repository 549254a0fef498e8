//! Evidence about nodes on its way into the feed `checkpoints`.
//!
//! Owns the table `audit_evidence`. What a node signed against itself is published
//! as soon as it proves something by itself, and once: an auditor checks it with the
//! node's key and needs to trust nobody.

use jiff::Timestamp;
use prost::Message as _;
use rmd_feed::{FeedVerifier, NewEntry, Origin, evidence::Statement};
use rmd_proto::v1;
use sha2::{Digest as _, Sha256};
use sqlx::{AnyConnection, FromRow};

use super::{EVIDENCE, Error, epoch};
use crate::{recover::diverged, store::expect_rows};

/// A feed with two histories.
#[derive(Debug, FromRow)]
struct Disputed {
    node_id: String,
    feed: String,
    epoch: i64,
    feed_vkey: String,
}

/// A statement that proves something and was not published.
#[derive(Debug)]
pub(super) struct Found {
    disputed: Disputed,
    statement: String,
    sha256: String,
}

impl Found {
    pub(super) fn entry(&self, now: Timestamp) -> NewEntry {
        let Disputed { node_id, feed, epoch, feed_vkey } = &self.disputed;
        let epoch = u32::try_from(*epoch).unwrap_or(0);
        let origin = Origin::new(feed_vkey.split('+').next().unwrap_or_default(), feed, epoch);
        let seen = v1::SeenEvidence {
            node_id: node_id.clone(),
            feed: feed.clone(),
            epoch,
            statement: self.statement.clone(),
            found_at_us: now.as_microsecond(),
        };
        let key = format!("{origin}!{}", self.sha256);
        epoch::entry(EVIDENCE, key, seen.encode_to_vec(), now)
    }
}

/// What proves something and was not published yet.
pub(super) async fn due(connection: &mut AnyConnection) -> Result<Vec<Found>, Error> {
    let disputed: Vec<Disputed> = sqlx::query_as(
        "SELECT d.node_id, d.feed, d.epoch, n.feed_vkey
         FROM (SELECT node_id, feed, epoch FROM feed_cursor WHERE state = 'frozen'
               UNION SELECT node_id, feed, epoch FROM feed_recovery) d
         JOIN node n ON n.node_id = d.node_id
         ORDER BY d.node_id, d.feed, d.epoch",
    )
    .fetch_all(&mut *connection)
    .await?;
    let mut found = Vec::new();
    for disputed in disputed {
        let Ok(key) = FeedVerifier::parse(&disputed.feed_vkey) else { continue };
        let feed = (disputed.node_id.as_str(), disputed.feed.as_str());
        let kept = diverged::statement(connection, feed, key.vkey()).await?;
        let Some(statement) = kept.filter(|statement: &Statement| statement.check(&key).is_ok())
        else {
            continue;
        };
        let statement = statement.to_text();
        let sha256 = hex::encode(Sha256::digest(&statement));
        if !is_published(connection, &sha256).await? {
            found.push(Found { disputed, statement, sha256 });
        }
    }
    Ok(found)
}

async fn is_published(connection: &mut AnyConnection, sha256: &str) -> Result<bool, Error> {
    let row = sqlx::query("SELECT feed FROM audit_evidence WHERE statement_sha256 = $1")
        .bind(sha256)
        .fetch_optional(connection)
        .await?;
    Ok(row.is_some())
}

/// Notes that a statement was published.
pub(super) async fn keep(
    connection: &mut AnyConnection,
    found: &Found,
    now: Timestamp,
) -> Result<(), Error> {
    // The same statement may stand in two epochs of a feed.
    let affected = sqlx::query(
        "INSERT INTO audit_evidence (statement_sha256, node_id, feed, published_at_us)
         VALUES ($1, $2, $3, $4)
         ON CONFLICT (statement_sha256) DO UPDATE SET
             published_at_us = excluded.published_at_us",
    )
    .bind(&found.sha256)
    .bind(&found.disputed.node_id)
    .bind(&found.disputed.feed)
    .bind(now.as_microsecond())
    .execute(connection)
    .await?
    .rows_affected();
    Ok(expect_rows("audit_evidence", 1, affected)?)
}
