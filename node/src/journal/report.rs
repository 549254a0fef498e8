//! What the journal can tell about itself: sizes, counts and the quarantine.

use std::collections::BTreeMap;

use rmd_feed::RightEdge;
use rmd_standard::{Entity, Finding};
use serde::Serialize;
use sqlx::FromRow;

use super::{Error, Mode, entitlement::Level, feeds::FEEDS, ids, store::Store};

/// One feed as it is now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct FeedReport {
    /// Name of the feed.
    pub(crate) feed: &'static str,
    /// Its epoch.
    pub(crate) epoch: u32,
    /// Entries, which is the last seq.
    pub(crate) size: u64,
    /// Root hash over them, hexadecimal.
    pub(crate) root: String,
    /// Signed checkpoint at that size; empty when the feed is empty.
    #[serde(skip)]
    pub(crate) checkpoint: String,
}

/// One record type as it is now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct EntityReport {
    /// Name of the entity.
    pub(crate) entity: &'static str,
    /// Its feed.
    pub(crate) feed: &'static str,
    /// What leaves of it.
    pub(crate) entitlement: Level,
    /// Records published and not withdrawn.
    pub(crate) published: i64,
    /// Source rows in quarantine, and refused rows of sheets that nobody settled.
    pub(crate) refused: i64,
    /// Records whose next revision the brake holds.
    pub(crate) held: i64,
    /// Source rows that are good and do not leave.
    pub(crate) off: i64,
    /// Rows that are known at the source; a deleted one counts while the brake
    /// holds its deletion. With them, captured + outdated = published + refused +
    /// held + off.
    pub(crate) captured: i64,
    /// Records published in an earlier revision than the source has, because the
    /// row is refused or its change is held.
    pub(crate) outdated: i64,
    /// The same for each rule.
    pub(crate) refused_by_rule: BTreeMap<String, i64>,
}

/// One source row in quarantine.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Quarantined {
    /// Name of the entity.
    pub(crate) entity: String,
    /// Key of the row at the source.
    pub(crate) source_key: String,
    /// Key of the record, where it could be told.
    pub(crate) record_key: Option<String>,
    /// Since when, UTC microseconds.
    pub(crate) refused_at_us: i64,
    /// Everything that was found on it.
    pub(crate) findings: Vec<Finding>,
}

/// Every feed of this node; one that has no entry yet is empty in epoch 1.
pub(crate) async fn feeds(store: &Store) -> Result<Vec<FeedReport>, Error> {
    let mut reports = Vec::with_capacity(FEEDS.len());
    for feed in FEEDS {
        let row: Option<(u32, i64, Vec<u8>, String)> =
            sqlx::query_as("SELECT epoch, size, edge, checkpoint FROM feed WHERE feed = ?1")
                .bind(feed)
                .fetch_optional(store.readers())
                .await?;
        let (epoch, size, edge, checkpoint) = row.unwrap_or((1, 0, Vec::new(), String::new()));
        let size = u64::try_from(size).map_err(|_| Error::inconsistent("feed", "size", size))?;
        let root = hex::encode(RightEdge::from_bytes(size, &edge)?.root());
        reports.push(FeedReport { feed, epoch, size, root, checkpoint });
    }
    Ok(reports)
}

#[derive(Debug, FromRow)]
struct RowOfEntity {
    level: String,
    published: i64,
    rows_off: i64,
    rows_known: i64,
    refused: i64,
    refused_in_sheets: i64,
    held: i64,
    held_deletes: i64,
}

impl RowOfEntity {
    /// Rows that are known: a sheet's refused rows are known by their file alone.
    const fn captured(&self) -> i64 {
        self.rows_known + self.held_deletes + self.refused_in_sheets
    }

    const fn refused(&self) -> i64 {
        self.refused + self.refused_in_sheets
    }
}

/// Every record type.
pub(crate) async fn entities(store: &Store) -> Result<Vec<EntityReport>, Error> {
    let mut reports = Vec::with_capacity(Entity::ALL.len());
    for entity in Entity::ALL {
        let row: RowOfEntity = sqlx::query_as(
            "SELECT level,
                    published,
                    rows_off,
                    rows_known,
                    COALESCE((SELECT source_rows
                              FROM refused_count c
                              WHERE c.entity = e.entity AND c.rule = ''), 0) AS refused,
                    COALESCE((SELECT SUM(f.refused)
                              FROM sheet_file f
                              WHERE f.entity = e.entity
                                AND f.refused > 0
                                AND f.settled_at_us = 0), 0) AS refused_in_sheets,
                    COALESCE((SELECT SUM(t.held)
                              FROM brake_trip t
                              WHERE t.entity = e.entity AND t.state = 'open'), 0) AS held,
                    COALESCE((SELECT SUM(t.deletes)
                              FROM brake_trip t
                              WHERE t.entity = e.entity AND t.state = 'open'), 0) AS held_deletes
             FROM entitlement e
             WHERE entity = ?1",
        )
        .bind(entity.name())
        .fetch_one(store.readers())
        .await?;
        reports.push(EntityReport {
            entity: entity.name(),
            feed: entity.feed(),
            entitlement: row
                .level
                .parse()
                .map_err(|_| Error::inconsistent("entitlement", "level", 0))?,
            published: row.published,
            refused: row.refused(),
            held: row.held,
            off: row.rows_off,
            captured: row.captured(),
            outdated: row.published + row.refused() + row.held + row.rows_off - row.captured(),
            refused_by_rule: by_rule(store, entity).await?,
        });
    }
    Ok(reports)
}

async fn by_rule(store: &Store, entity: Entity) -> Result<BTreeMap<String, i64>, Error> {
    let rows: Vec<(String, i64)> = sqlx::query_as(
        "SELECT rule,
                SUM(source_rows)
         FROM (SELECT rule,
                      source_rows
               FROM refused_count
               WHERE entity = ?1 AND rule <> '' AND source_rows > 0
               UNION ALL
               SELECT r.rule,
                      r.source_rows
               FROM sheet_file f
               JOIN sheet_refused r ON r.file_id = f.file_id
               WHERE f.entity = ?1
                 AND f.refused > 0
                 AND f.settled_at_us = 0
                 AND r.rule <> '')
         GROUP BY rule
         ORDER BY rule",
    )
    .bind(entity.name())
    .fetch_all(store.readers())
    .await?;
    Ok(rows.into_iter().collect())
}

#[derive(Debug, FromRow)]
struct RowOfQuarantine {
    row_id: i64,
    entity: String,
    source_key: String,
    record_key: Option<String>,
    refused_at_us: i64,
    findings: String,
}

impl TryFrom<RowOfQuarantine> for Quarantined {
    type Error = Error;

    fn try_from(row: RowOfQuarantine) -> Result<Self, Error> {
        let findings = serde_json::from_str(&row.findings)
            .map_err(|_| Error::inconsistent("quarantine", "findings", row.row_id))?;
        Ok(Self {
            entity: row.entity,
            source_key: row.source_key,
            record_key: row.record_key,
            refused_at_us: row.refused_at_us,
            findings,
        })
    }
}

/// Rows in quarantine, of one record type or of all, of one source or record key or of all.
pub(crate) async fn quarantine(
    store: &Store,
    entity: Option<Entity>,
    key: Option<&str>,
    limit: u32,
) -> Result<Vec<Quarantined>, Error> {
    let rows: Vec<RowOfQuarantine> = sqlx::query_as(
        "SELECT row_id,
                entity,
                source_key,
                record_key,
                refused_at_us,
                findings
         FROM quarantine
         WHERE (?1 IS NULL OR entity = ?1)
           AND (?2 IS NULL OR source_key = ?2 OR record_key = ?2)
         ORDER BY entity, source_key
         LIMIT ?3",
    )
    .bind(entity.map(Entity::name))
    .bind(key)
    .bind(limit)
    .fetch_all(store.readers())
    .await?;
    rows.into_iter().map(Quarantined::try_from).collect()
}

/// Rows of an entity after an id, see [`super::Journal::rows_after`].
pub(super) async fn rows_after(
    store: &Store,
    entity: Entity,
    mode: Mode,
    after_id: i64,
    limit: u32,
) -> Result<Vec<(i64, String)>, Error> {
    let (low, high) = ids::range(entity);
    let rows: Vec<(i64, String)> = sqlx::query_as(
        "SELECT row_id, source_key
         FROM source_row
         WHERE row_id BETWEEN ?1 AND ?2 AND state <> 'gone'
           AND CASE WHEN source_key GLOB 'api:*' THEN 'api'
                    WHEN source_key GLOB 'sheet:*' THEN 'sheet'
                    ELSE 'mapped' END = ?4
         ORDER BY row_id
         LIMIT ?3",
    )
    .bind(low.max(after_id.saturating_add(1)))
    .bind(high)
    .bind(limit)
    .bind(mode.as_str())
    .fetch_all(store.readers())
    .await?;
    Ok(rows.into_iter().map(|(id, stored)| (id, mode.native(&stored).to_owned())).collect())
}

/// Whether a row of a mode is known under its key and is not gone.
pub(crate) async fn is_there(
    store: &Store,
    entity: Entity,
    mode: Mode,
    key: &str,
) -> Result<bool, Error> {
    let stored = mode.stored(key.to_owned());
    let states: Vec<String> = sqlx::query_scalar(
        "SELECT r.state
         FROM (SELECT row_id FROM row_place WHERE hash = ?1
               UNION ALL
               SELECT row_id FROM row_place_fresh WHERE hash = ?1) p
         CROSS JOIN source_row r ON r.row_id = p.row_id
         WHERE r.source_key = ?2",
    )
    .bind(ids::hash(entity, &stored))
    .bind(&stored)
    .fetch_all(store.readers())
    .await?;
    Ok(states.iter().any(|state| state != "gone"))
}
