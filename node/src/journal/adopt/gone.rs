//! Ends records that came back and are not in the national database any more.
//!
//! A record that was published after the backup has no source row in the restored
//! file, so no sweep can find it gone. Once every table of its type was read from
//! begin to end after it came back, and no row has claimed it, it gets its
//! tombstone. Refuses to end many at once, or while a refused row cannot say whose
//! it is: then a person decides.

use rmd_standard::Entity;
use serde::Serialize;
use sqlx::{FromRow, SqliteConnection};

use super::{
    super::{
        Error, Journal, apply, entitlement,
        feeds::OpenFeed,
        state::{Revision, load_records},
        store::Store,
        world::World,
    },
    records::NO_ROW,
};

/// Records of one entry block.
const BATCH: i64 = 256;

/// So many may end without a person, or one in fifty if that is more.
const UNASKED_MIN: i64 = 3;
const UNASKED_SHARE: i64 = 50;

/// Records of one type that wait.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, FromRow)]
pub(crate) struct Waiting {
    /// Name of the entity.
    pub(crate) entity: String,
    /// Records that came back and no row has claimed.
    pub(crate) records: i64,
}

/// Records that came back and that no row has claimed yet.
pub(crate) async fn waiting(store: &Store) -> Result<Vec<Waiting>, Error> {
    Ok(sqlx::query_as(
        "SELECT a.entity, COUNT(*) AS records
         FROM adopted_record a
         JOIN record r ON r.record_id = a.record_id
         WHERE r.row_id = ?1 AND r.op IN (1, 3)
         GROUP BY a.entity
         ORDER BY a.entity",
    )
    .bind(NO_ROW)
    .fetch_all(store.readers())
    .await?)
}

impl Journal {
    /// Ends the records of a type that no row has claimed, if a whole pass has
    /// ended since they came back; how many. `forced` ends any number of them.
    pub(crate) async fn end_unclaimed(&self, entity: Entity, forced: bool) -> Result<u64, Error> {
        if !is_due(self.store(), entity).await? {
            return Ok(0);
        }
        let mut writing = self.store().write().await;
        let mut transaction = writing.begin().await?;
        if !forced && !is_unasked(&mut transaction, entity).await? {
            tracing::warn!(
                entity = entity.name(),
                "records that came back are not at the source, read recover status"
            );
            return Ok(0);
        }
        let ended = end(&mut transaction, self, entity).await?;
        sqlx::query("DELETE FROM adopted_record WHERE entity = ?1")
            .bind(entity.name())
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await?;
        super::feeds::forget(self.store(), entity.feed());
        self.announce();
        Ok(ended)
    }
}

/// Whether records wait and every table of their type was read since.
async fn is_due(store: &Store, entity: Entity) -> Result<bool, Error> {
    Ok(sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM adopted_record WHERE entity = ?1)
            AND EXISTS (SELECT 1 FROM capture_pass WHERE entity = ?1)
            AND NOT EXISTS (SELECT 1 FROM own_recovery WHERE feed = ?2)
            AND NOT EXISTS (
                SELECT 1
                FROM capture_pass
                WHERE entity = ?1
                  AND (last_error IS NOT NULL
                       OR COALESCE(last_finished_us, 0) < last_started_us
                       OR last_started_us <= (
                           SELECT MAX(since_us) FROM adopted_record WHERE entity = ?1)
                       OR last_started_us <= COALESCE((
                           SELECT MAX(at_us)
                           FROM recovery_event
                           WHERE feed = ?2 AND what = 'resumed'), 0)))",
    )
    .bind(entity.name())
    .bind(entity.feed())
    .fetch_one(store.readers())
    .await?)
}

/// Whether so few end that nobody need be asked, and every refused row is known.
async fn is_unasked(connection: &mut SqliteConnection, entity: Entity) -> Result<bool, Error> {
    let (unclaimed, published, nameless): (i64, i64, i64) = sqlx::query_as(
        "SELECT (SELECT COUNT(*)
                 FROM adopted_record a
                 JOIN record r ON r.record_id = a.record_id
                 WHERE a.entity = ?1 AND r.row_id = ?2 AND r.op IN (1, 3)),
                (SELECT published FROM entitlement WHERE entity = ?1),
                (SELECT COUNT(*) FROM quarantine WHERE entity = ?1 AND claim_id IS NULL)",
    )
    .bind(entity.name())
    .bind(NO_ROW)
    .fetch_one(connection)
    .await?;
    let most = UNASKED_MIN.max(published / UNASKED_SHARE);
    Ok(unclaimed == 0 || (unclaimed <= most && nameless == 0))
}

async fn end(
    connection: &mut SqliteConnection,
    journal: &Journal,
    entity: Entity,
) -> Result<u64, Error> {
    let mut ended = 0;
    loop {
        let ids: Vec<i64> = sqlx::query_scalar(
            "SELECT a.record_id
             FROM adopted_record a
             JOIN record r ON r.record_id = a.record_id
             WHERE a.entity = ?1
               AND r.row_id = ?2
               AND r.op IN (1, 3)
               AND NOT EXISTS (SELECT 1 FROM quarantine q WHERE q.claim_id = a.record_id)
             ORDER BY a.record_id
             LIMIT ?3",
        )
        .bind(entity.name())
        .bind(NO_ROW)
        .bind(BATCH)
        .fetch_all(&mut *connection)
        .await?;
        if ids.is_empty() {
            return Ok(ended);
        }
        let owner = journal.owner();
        let mut feed = OpenFeed::open(connection, journal.store(), owner, entity.feed()).await?;
        let level = entitlement::standing(connection, entity).await?.level;
        let mut world = World::new(entity, level);
        world.know_records(load_records(connection, &ids).await?);
        let mut entries = Vec::with_capacity(ids.len());
        for (seq, id) in (feed.size() + 1..).zip(ids) {
            let record = world.record(id).cloned();
            let record = record.ok_or(Error::inconsistent("record", "record_id", id))?;
            let tombstone = Revision::tombstone("gone".to_owned(), "");
            let (record, entry) = tombstone.append_to(entity, record, seq, feed.captured_at_us);
            world.put_record(record);
            entries.push(entry);
        }
        feed.append(connection, owner, &entries).await?;
        apply::save(connection, journal, &world).await?;
        ended += entries.len() as u64;
    }
}
