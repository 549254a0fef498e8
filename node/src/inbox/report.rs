//! What the inbox holds, for commands.

use rmd_proto::v1;
use serde::Serialize;
use sqlx::FromRow;

use crate::journal::{Error, Store};

/// The status of one site as the Secretariat knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, FromRow)]
pub(crate) struct SiteStatus {
    /// Regional identifier as issued.
    pub(crate) icglr_id: String,
    /// ISO 3166-1 alpha-2.
    pub(crate) country: String,
    /// The status that counts.
    pub(crate) effective: String,
    /// ISO day since which it holds.
    pub(crate) since: String,
    /// Last ISO day on which it holds; none = without end.
    pub(crate) until: Option<String>,
    /// Why it counts.
    pub(crate) reason: String,
    /// The status that was decided; none = no decision in force.
    pub(crate) decided: Option<String>,
    /// Number of the decision.
    pub(crate) decision_id: Option<String>,
    /// ISO day of the decision.
    pub(crate) decided_on: Option<String>,
    /// Who decided.
    pub(crate) decided_by: Option<String>,
    /// The ground.
    pub(crate) ground: Option<String>,
    /// Hash of the document, hexadecimal.
    pub(crate) document_sha256: Option<String>,
    /// Whether the decision overrides a worse declared status.
    pub(crate) lifts: bool,
    /// ISO day for which it was computed.
    pub(crate) published_on: String,
    /// seq of the bulletin in the feed `shared`.
    pub(crate) seq: i64,
    /// When it was applied here, UTC microseconds.
    pub(crate) received_at_us: i64,
}

/// The status of one exporter as the Secretariat knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, FromRow)]
pub(crate) struct ExporterStatus {
    /// Country / identifier.
    pub(crate) record_key: String,
    /// ISO 3166-1 alpha-2.
    pub(crate) country: String,
    /// Identifier in that state.
    pub(crate) exporter_identifier: String,
    /// The status that counts.
    pub(crate) effective: String,
    /// ISO day since which it holds.
    pub(crate) since: String,
    /// Last ISO day on which it holds; none = without end.
    pub(crate) until: Option<String>,
    /// Why it counts.
    pub(crate) reason: String,
    /// The status that was decided; none = no decision in force.
    pub(crate) decided: Option<String>,
    /// Number of the decision.
    pub(crate) decision_id: Option<String>,
    /// ISO day of the decision.
    pub(crate) decided_on: Option<String>,
    /// Who decided.
    pub(crate) decided_by: Option<String>,
    /// The ground.
    pub(crate) ground: Option<String>,
    /// Hash of the document, hexadecimal.
    pub(crate) document_sha256: Option<String>,
    /// Whether the decision overrides a worse declared status.
    pub(crate) lifts: bool,
    /// ISO day for which it was computed.
    pub(crate) published_on: String,
    /// seq of the bulletin in the feed `shared`.
    pub(crate) seq: i64,
    /// When it was applied here, UTC microseconds.
    pub(crate) received_at_us: i64,
}

/// How far a feed of the hub is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, FromRow)]
pub(crate) struct Followed {
    /// Name of the feed.
    pub(crate) feed: String,
    /// Its epoch.
    pub(crate) epoch: i64,
    /// Last seq that was applied.
    #[sqlx(rename = "size")]
    pub(crate) cursor: i64,
    /// following or frozen.
    pub(crate) state: String,
    /// Why it was frozen; empty otherwise.
    pub(crate) frozen_code: String,
    /// The same in a sentence.
    pub(crate) frozen_message: String,
    /// Entries that this version cannot read.
    pub(crate) unread: i64,
    /// Last frame, UTC microseconds.
    pub(crate) updated_at_us: i64,
}

/// The sites in the inbox, those of all states.
pub(crate) async fn sites(store: &Store, limit: u32) -> Result<Vec<SiteStatus>, Error> {
    Ok(sqlx::query_as(
        "SELECT icglr_id,
                country,
                effective,
                since,
                until,
                reason,
                decided,
                decision_id,
                decided_on,
                decided_by,
                ground,
                document_sha256,
                lifts,
                published_on,
                seq,
                received_at_us
         FROM site_status
         ORDER BY country, icglr_id
         LIMIT ?1",
    )
    .bind(limit)
    .fetch_all(store.readers())
    .await?)
}

/// The exporters in the inbox, those of all states.
pub(crate) async fn exporters(store: &Store, limit: u32) -> Result<Vec<ExporterStatus>, Error> {
    Ok(sqlx::query_as(
        "SELECT record_key,
                country,
                exporter_identifier,
                effective,
                since,
                until,
                reason,
                decided,
                decision_id,
                decided_on,
                decided_by,
                ground,
                document_sha256,
                lifts,
                published_on,
                seq,
                received_at_us
         FROM exporter_status
         ORDER BY record_key
         LIMIT ?1",
    )
    .bind(limit)
    .fetch_all(store.readers())
    .await?)
}

/// The followed feeds of the hub.
pub(crate) async fn feeds(store: &Store) -> Result<Vec<Followed>, Error> {
    Ok(sqlx::query_as(
        "SELECT feed,
                epoch,
                size,
                state,
                frozen_code,
                frozen_message,
                (SELECT COUNT(*) FROM inbox_unread u WHERE u.feed = f.feed) AS unread,
                updated_at_us
         FROM inbox_feed f
         ORDER BY feed",
    )
    .fetch_all(store.readers())
    .await?)
}

/// Cursor of the feed `shared`, and sites about which a bulletin is in force.
pub(crate) async fn counts(store: &Store) -> Result<(i64, i64), Error> {
    Ok(sqlx::query_as(
        "SELECT COALESCE((SELECT size FROM inbox_feed WHERE feed = 'shared'), 0),
                (SELECT COUNT(*) FROM site_status)",
    )
    .fetch_one(store.readers())
    .await?)
}

/// How far each feed of the hub was durably applied, with the proof.
pub(crate) async fn cursors(store: &Store) -> Result<Vec<v1::BundleCursor>, Error> {
    let rows: Vec<(String, u32, i64, String)> =
        sqlx::query_as("SELECT feed, epoch, size, checkpoint FROM inbox_feed ORDER BY feed")
            .fetch_all(store.readers())
            .await?;
    let cursor = |(feed, epoch, size, checkpoint): (String, u32, i64, String)| v1::BundleCursor {
        feed,
        epoch,
        cursor: size.cast_unsigned(),
        checkpoint,
        ..v1::BundleCursor::default()
    };
    Ok(rows.into_iter().map(cursor).collect())
}
