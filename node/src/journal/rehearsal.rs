//! A copy of the row state to rehearse on: what would a capture append?
//!
//! Owns the copy and the comparison of before and after. The copy lies beside the
//! journal, under the same rights, has no feed of the node and is signed with a
//! key that is forgotten; it is gone with the value. Invariant: the journal itself
//! is only read, in one snapshot, so the node may run meanwhile. What the copy says
//! is what [`Journal::apply`] decided, brake included, not a second opinion.

use std::path::Path;

use rmd_feed::FeedKey;
use rmd_proto::v1::Op;
use rmd_standard::{Entity, Finding};
use serde::Serialize;
use sqlx::{Connection as _, FromRow, SqliteConnection, sqlite::SqliteConnectOptions};
use tempfile::TempDir;

use super::{Error, Journal, Owner, brake::Limits, ids, store::Store};

/// Name of the owner of the copy; it signs what nobody follows.
const OWNER: &str = "rmd.net/ZZZ/rehearsal";

/// A journal that is not the journal.
#[derive(Debug)]
pub(crate) struct Rehearsal {
    /// Takes batches as the journal does.
    pub(crate) journal: Journal,
    // Dropped last: the files go with it.
    _dir: TempDir,
}

/// What a rehearsal came to for one record type.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Comparison {
    /// Rows whose record can be published.
    pub(crate) accepted: i64,
    /// Of these, rows of a record type that may not leave.
    pub(crate) off: i64,
    /// Rows in quarantine.
    pub(crate) refused: i64,
    /// Rows in quarantine before.
    pub(crate) refused_before: i64,
    /// Records that were not published.
    pub(crate) new: i64,
    /// Published records whose released bytes differ.
    pub(crate) changed: i64,
    /// Published records that stay as they are.
    pub(crate) unchanged: i64,
    /// Published records that get a tombstone.
    pub(crate) removed: i64,
    /// Entries that would be appended; what the brake holds is none.
    pub(crate) revisions: i64,
    /// Records among the new, changed and removed ones that the brake would hold.
    pub(crate) held: i64,
    /// Why it would: one for deletions, one for changes, or neither.
    pub(crate) brake: Vec<Braked>,
    /// The first records of each kind.
    pub(crate) examples: Examples,
}

/// What the brake would hold of one record type, and what made it trip.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, FromRow)]
pub(crate) struct Braked {
    /// `delete` or `change`.
    pub(crate) kind: String,
    /// Records that would wait.
    pub(crate) held: i64,
    /// Records that wait already.
    pub(crate) held_before: i64,
    /// Records counted in 24 hours when it tripped.
    pub(crate) counted: i64,
    /// The most that may be counted.
    pub(crate) allowed: i64,
    /// Published records when the window began.
    pub(crate) base: i64,
    /// The type would have no record any more.
    pub(crate) emptied: bool,
}

/// The first records of each kind, by key.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Examples {
    /// Not published before.
    pub(crate) new: Vec<String>,
    /// With other bytes.
    pub(crate) changed: Vec<String>,
    /// With a tombstone.
    pub(crate) removed: Vec<String>,
    /// Rows that were not in quarantine before.
    pub(crate) refused: Vec<RefusedRow>,
}

/// A row that goes to quarantine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct RefusedRow {
    /// Key of the row at the source.
    pub(crate) source_key: String,
    /// What was found on it.
    pub(crate) findings: Vec<Finding>,
}

#[derive(Debug, Default, FromRow)]
struct RowOfRecords {
    added: i64,
    changed: i64,
    unchanged: i64,
    removed: i64,
    revisions: i64,
    held: i64,
}

#[derive(Debug, Default, FromRow)]
struct RowOfRows {
    accepted: i64,
    off: i64,
    refused: i64,
    refused_before: i64,
}

impl Rehearsal {
    /// Copies the row state of the journal at `path` into `dir`, under the limits of
    /// its brake. `seals` is the key of the journal's owner; none before the enrolment,
    /// when nothing was erased.
    pub(crate) async fn new(
        path: &Path,
        store: &Store,
        dir: TempDir,
        limits: Limits,
        seals: Option<FeedKey>,
    ) -> Result<Self, Error> {
        let copy = dir.path().join("node.sqlite");
        let to = Store::open(&copy, store.clock().clone()).await?;
        let options = SqliteConnectOptions::new().filename(&copy).create_if_missing(false);
        let mut connection = SqliteConnection::connect_with(&options).await?;
        fill(&mut connection, path).await?;
        connection.close().await?;
        let key = FeedKey::generate(OWNER)?;
        let owner = Owner { name: OWNER.to_owned(), key };
        Ok(Self { journal: Journal::sealed(to, owner, limits, seals), _dir: dir })
    }

    /// What became of the records and rows of one type.
    pub(crate) async fn compare(&self, entity: Entity, examples: u32) -> Result<Comparison, Error> {
        let (low, high) = ids::range(entity);
        let readers = self.journal.store().readers();
        let records: RowOfRecords = sqlx::query_as(
            "SELECT COALESCE(SUM(is_now AND NOT was), 0) AS added,
                    COALESCE(SUM(is_now AND was AND content_hash != hash_before), 0) AS changed,
                    COALESCE(SUM(is_now AND was AND content_hash = hash_before), 0) AS unchanged,
                    COALESCE(SUM(was AND NOT is_now), 0) AS removed,
                    COALESCE(SUM(rev - rev_before), 0) AS revisions,
                    COALESCE(SUM(is_held), 0) AS held
             FROM (SELECT r.rev,
                          COALESCE(h.content_hash, r.content_hash) AS content_hash,
                          COALESCE(h.op, r.op) IN (?1, ?2) AS is_now,
                          h.record_id IS NOT NULL AS is_held,
                          COALESCE(b.op IN (?1, ?2), 0) AS was,
                          COALESCE(b.rev, 0) AS rev_before,
                          b.content_hash AS hash_before
                   FROM record r
                   LEFT JOIN record_before b ON b.record_id = r.record_id
                   LEFT JOIN brake_held h ON h.record_id = r.record_id
                   WHERE r.record_id BETWEEN ?3 AND ?4)",
        )
        .bind(Op::Upsert as i32)
        .bind(Op::Annul as i32)
        .bind(low)
        .bind(high)
        .fetch_one(readers)
        .await?;
        let rows: RowOfRows = sqlx::query_as(
            "SELECT COALESCE(SUM(state IN ('published', 'off')), 0) AS accepted,
                    COALESCE(SUM(state = 'off'), 0) AS off,
                    COALESCE(SUM(state = 'refused'), 0) AS refused,
                    (SELECT COUNT(*)
                     FROM row_before
                     WHERE row_id BETWEEN ?1 AND ?2 AND state = 'refused') AS refused_before
             FROM source_row
             WHERE row_id BETWEEN ?1 AND ?2
               AND source_key NOT GLOB 'api:*' AND source_key NOT GLOB 'sheet:*'",
        )
        .bind(low)
        .bind(high)
        .fetch_one(readers)
        .await?;
        let examples = Examples {
            new: self.keys(entity, Kind::New, examples).await?,
            changed: self.keys(entity, Kind::Changed, examples).await?,
            removed: self.keys(entity, Kind::Removed, examples).await?,
            refused: self.refused(entity, examples).await?,
        };
        Ok(Comparison {
            accepted: rows.accepted,
            off: rows.off,
            refused: rows.refused,
            refused_before: rows.refused_before,
            new: records.added,
            changed: records.changed,
            unchanged: records.unchanged,
            removed: records.removed,
            revisions: records.revisions,
            held: records.held,
            brake: self.brake(entity).await?,
            examples,
        })
    }

    async fn brake(&self, entity: Entity) -> Result<Vec<Braked>, Error> {
        Ok(sqlx::query_as(
            "SELECT t.kind,
                    t.held,
                    COALESCE(b.held, 0) AS held_before,
                    t.counted,
                    t.allowed,
                    t.base,
                    t.emptied
             FROM brake_trip t
             LEFT JOIN trip_before b ON b.trip_id = t.trip_id
             WHERE t.entity = ?1 AND t.state = 'open'
             ORDER BY t.kind DESC",
        )
        .bind(entity.name())
        .fetch_all(self.journal.store().readers())
        .await?)
    }

    async fn keys(&self, entity: Entity, kind: Kind, limit: u32) -> Result<Vec<String>, Error> {
        let (low, high) = ids::range(entity);
        let keys = sqlx::query_scalar(
            "SELECT r.record_key
             FROM record r
             LEFT JOIN record_before b ON b.record_id = r.record_id
             LEFT JOIN brake_held h ON h.record_id = r.record_id
             WHERE r.record_id BETWEEN ?1 AND ?2
               AND (r.rev > COALESCE(b.rev, 0) OR h.record_id IS NOT NULL)
               AND ?5 = CASE WHEN COALESCE(h.op, r.op) NOT IN (?3, ?4) THEN 'removed'
                             WHEN COALESCE(b.op IN (?3, ?4), 0) THEN 'changed'
                             ELSE 'new' END
             ORDER BY r.record_key
             LIMIT ?6",
        )
        .bind(low)
        .bind(high)
        .bind(Op::Upsert as i32)
        .bind(Op::Annul as i32)
        .bind(kind.as_str())
        .bind(limit)
        .fetch_all(self.journal.store().readers())
        .await?;
        Ok(keys)
    }

    async fn refused(&self, entity: Entity, limit: u32) -> Result<Vec<RefusedRow>, Error> {
        let rows: Vec<(i64, String, String)> = sqlx::query_as(
            "SELECT q.row_id,
                    q.source_key,
                    q.findings
             FROM quarantine q
             LEFT JOIN row_before b ON b.row_id = q.row_id
             WHERE q.entity = ?1 AND COALESCE(b.state, '') != 'refused'
               AND q.source_key NOT GLOB 'api:*' AND q.source_key NOT GLOB 'sheet:*'
             ORDER BY q.source_key
             LIMIT ?2",
        )
        .bind(entity.name())
        .bind(limit)
        .fetch_all(self.journal.store().readers())
        .await?;
        rows.into_iter()
            .map(|(row_id, source_key, findings)| {
                let findings = serde_json::from_str(&findings)
                    .map_err(|_| Error::inconsistent("quarantine", "findings", row_id))?;
                Ok(RefusedRow { source_key, findings })
            })
            .collect()
    }
}

/// What can happen to a record.
#[derive(Debug, Clone, Copy)]
enum Kind {
    New,
    Changed,
    Removed,
}

impl Kind {
    const fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Changed => "changed",
            Self::Removed => "removed",
        }
    }
}

/// Copies the tables of row state in one snapshot of the journal, and once more
/// as they were before.
async fn fill(connection: &mut SqliteConnection, path: &Path) -> Result<(), Error> {
    sqlx::query("ATTACH DATABASE ?1 AS live")
        .bind(path.to_string_lossy().into_owned())
        .execute(&mut *connection)
        .await?;
    let mut transaction = connection.begin().await?;
    for statement in [
        "DELETE FROM entitlement",
        "INSERT INTO entitlement (entity, feed, level, generation, published, rows_off, changed_at_us)
         SELECT entity, feed, level, generation, published, rows_off, changed_at_us
         FROM live.entitlement",
        "INSERT INTO source_row (row_id, source_key, record_id, state)
         SELECT row_id, source_key, record_id, state FROM live.source_row",
        "DELETE FROM numbering",
        "INSERT INTO numbering (kind, next, fresh) SELECT kind, next, fresh FROM live.numbering",
        "INSERT INTO row_place (hash, row_id) SELECT hash, row_id FROM live.row_place",
        "INSERT INTO row_place_fresh (hash, row_id)
         SELECT hash, row_id FROM live.row_place_fresh",
        "INSERT INTO record_place (hash, record_id)
         SELECT hash, record_id FROM live.record_place",
        "INSERT INTO record_place_fresh (hash, record_id)
         SELECT hash, record_id FROM live.record_place_fresh",
        // Sequence numbers are of the feed that the copy does not have.
        "INSERT INTO record (record_id, record_key, row_id, rev, seq, op, content_hash)
         SELECT record_id, record_key, row_id, rev, 0, op, content_hash FROM live.record",
        "INSERT INTO quarantine (row_id, entity, source_key, record_key, claim_id, clash, findings,
                                 payload, op, reason, event_time_us, mapping_id, refused_at_us)
         SELECT row_id, entity, source_key, record_key, claim_id, clash, findings,
                payload, op, reason, event_time_us, mapping_id, refused_at_us
         FROM live.quarantine",
        "INSERT INTO refused_count (entity, rule, source_rows)
         SELECT entity, rule, source_rows FROM live.refused_count",
        "INSERT INTO brake_hour (entity, hour, added, ended, deletes, changes)
         SELECT entity, hour, added, ended, deletes, changes FROM live.brake_hour",
        "INSERT INTO brake_counted (record_id, hour, kind)
         SELECT record_id, hour, kind FROM live.brake_counted",
        "INSERT INTO brake_trip (trip_id, entity, kind, state, held, deletes, counted, allowed,
                                 base, emptied, tripped_at_us)
         SELECT trip_id, entity, kind, state, held, deletes, counted, allowed,
                base, emptied, tripped_at_us
         FROM live.brake_trip
         WHERE state = 'open'",
        "INSERT INTO brake_held (record_id, trip_id, place, op, payload, content_hash, reason,
                                 event_time_us, mapping_id, held_at_us)
         SELECT record_id, trip_id, place, op, payload, content_hash, reason,
                event_time_us, mapping_id, held_at_us
         FROM live.brake_held",
        "INSERT INTO mapping_release (mapping_id, entity, released_at_us, released_by, reason,
                                      ended_at_us)
         SELECT mapping_id, entity, released_at_us, released_by, reason, ended_at_us
         FROM live.mapping_release",
        "INSERT INTO erased_content (entity, record_key, seal)
         SELECT entity, record_key, seal FROM live.erased_content",
        "CREATE TABLE trip_before (trip_id INTEGER PRIMARY KEY, held INTEGER)",
        "INSERT INTO trip_before SELECT trip_id, held FROM brake_trip",
        "CREATE TABLE record_before (
             record_id INTEGER PRIMARY KEY, rev INTEGER, op INTEGER, content_hash BLOB)",
        "INSERT INTO record_before SELECT record_id, rev, op, content_hash FROM record",
        "CREATE TABLE row_before (row_id INTEGER PRIMARY KEY, state TEXT)",
        // Rows that were posted or came in a sheet are no matter of a mapping.
        "INSERT INTO row_before
         SELECT row_id, state FROM source_row
         WHERE source_key NOT GLOB 'api:*' AND source_key NOT GLOB 'sheet:*'",
    ] {
        sqlx::query(statement).execute(&mut *transaction).await?;
    }
    transaction.commit().await?;
    sqlx::query("DETACH DATABASE live").execute(connection).await?;
    Ok(())
}
