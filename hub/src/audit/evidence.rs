//! Evidence about nodes on its way into the feed `checkpoints`.
//!
//! Owns the table `audit_evidence`. What a node signed against itself is published
//! as soon as it proves something by itself, and once: an auditor checks it with the
//! node's key and needs to trust nobody.

use jiff::Timestamp;
use prost::Message as _;
use rmd_feed::{NewEntry, Origin};
use rmd_proto::v1;
use sha2::{Digest as _, Sha256};
use sqlx::AnyConnection;

use super::{EVIDENCE, Error, epoch};
use crate::{
    recover::evidence::{self, Kept},
    store::expect_rows,
};

/// A statement that proves something and was not published.
#[derive(Debug)]
pub(super) struct Found {
    kept: Kept,
    statement: String,
    sha256: String,
}

impl Found {
    pub(super) fn entry(&self, now: Timestamp) -> NewEntry {
        let Kept { node_id, feed, feed_vkey, .. } = &self.kept;
        let epoch = u32::try_from(self.kept.epoch).unwrap_or(0);
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

/// What proves something about a node and was not published yet.
pub(super) async fn due(connection: &mut AnyConnection) -> Result<Vec<Found>, Error> {
    let mut found: Vec<Found> = Vec::new();
    for kept in evidence::all(connection, None).await? {
        // What the hub signed against itself is for its auditors to find.
        if kept.node_id == "hub" || kept.proven().is_none() {
            continue;
        }
        let statement = kept.statement().to_text();
        let sha256 = hex::encode(Sha256::digest(&statement));
        let is_double = found.iter().any(|other| other.sha256 == sha256);
        if !is_double && !is_published(connection, &sha256).await? {
            found.push(Found { kept, statement, sha256 });
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
    let affected = sqlx::query(
        "INSERT INTO audit_evidence (statement_sha256, node_id, feed, published_at_us)
         VALUES ($1, $2, $3, $4)",
    )
    .bind(&found.sha256)
    .bind(&found.kept.node_id)
    .bind(&found.kept.feed)
    .bind(now.as_microsecond())
    .execute(connection)
    .await?
    .rows_affected();
    Ok(expect_rows("audit_evidence", 1, affected)?)
}
