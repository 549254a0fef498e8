//! How far capture is, and what it did.
//!
//! Owns the tables `capture_mark`, `capture_pass` and `source`. A mark is text
//! of capture's own and is not looked into. Refuses a mark from a pass that
//! began before an entitlement was raised: it would skip the first load.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use rmd_standard::Entity;
use serde::Serialize;
use sqlx::{FromRow, SqliteConnection};

use super::{Error, Journal, entitlement, store::Store};

/// The generation of the entitlement when the mark of a table was last read.
pub(super) type Generations = Mutex<HashMap<(Entity, String), i64>>;

/// See [`Journal::mark`].
pub(super) async fn get(
    journal: &Journal,
    entity: Entity,
    table: &str,
) -> Result<Option<String>, Error> {
    let mut reader = journal.store().readers().acquire().await?;
    // The generation first: one that is raised in between makes the mark void.
    let standing = entitlement::standing(&mut reader, entity).await?;
    let mark = sqlx::query_scalar(
        "SELECT mark FROM capture_mark WHERE entity = ?1 AND watched_table = ?2",
    )
    .bind(entity.name())
    .bind(table)
    .fetch_optional(&mut *reader)
    .await?;
    let mut generations = journal.generations().lock().unwrap_or_else(PoisonError::into_inner);
    generations.insert((entity, table.to_owned()), standing.generation);
    Ok(mark)
}

/// Saves a mark inside the transaction of its batch.
pub(super) async fn set(
    connection: &mut SqliteConnection,
    journal: &Journal,
    entity: Entity,
    table: &str,
    mark: &str,
    generation: i64,
) -> Result<(), Error> {
    let read_at = {
        let generations = journal.generations().lock().unwrap_or_else(PoisonError::into_inner);
        generations.get(&(entity, table.to_owned())).copied()
    };
    if read_at.is_some_and(|read_at| read_at != generation) {
        return Ok(());
    }
    let written = sqlx::query(
        "INSERT INTO capture_mark (entity, watched_table, mark, marked_at_us)
         VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (entity, watched_table) DO UPDATE SET
             mark = excluded.mark,
             marked_at_us = excluded.marked_at_us",
    )
    .bind(entity.name())
    .bind(table)
    .bind(mark)
    .bind(journal.store().now_us())
    .execute(connection)
    .await?;
    Error::expect_rows("capture_mark", written.rows_affected(), 1)
}

/// See [`Journal::pass_begun`].
pub(super) async fn pass_begun(
    store: &Store,
    entity: Entity,
    table: &str,
    mode: &str,
) -> Result<(), Error> {
    let mut writing = store.write().await;
    let mut transaction = writing.begin().await?;
    sqlx::query(
        "INSERT INTO capture_pass (
             entity, watched_table, mode, passes, rows_read, last_started_us)
         VALUES (?1, ?2, ?3, 0, 0, ?4)
         ON CONFLICT (entity, watched_table) DO UPDATE SET
             mode = excluded.mode,
             last_started_us = excluded.last_started_us",
    )
    .bind(entity.name())
    .bind(table)
    .bind(mode)
    .bind(store.now_us())
    .execute(&mut *transaction)
    .await?;
    Ok(transaction.commit().await?)
}

/// See [`Journal::pass_finished`].
pub(super) async fn pass_finished(
    store: &Store,
    entity: Entity,
    table: &str,
    rows_read: u64,
    error: Option<&str>,
) -> Result<(), Error> {
    let mut writing = store.write().await;
    let mut transaction = writing.begin().await?;
    let written = sqlx::query(
        "UPDATE capture_pass
         SET passes = passes + (?4 IS NULL),
             rows_read = rows_read + ?3,
             last_finished_us = ?5,
             last_error = ?4
         WHERE entity = ?1 AND watched_table = ?2",
    )
    .bind(entity.name())
    .bind(table)
    .bind(super::feeds::number(rows_read)?)
    .bind(error)
    .bind(store.now_us())
    .execute(&mut *transaction)
    .await?;
    Error::expect_rows("capture_pass", written.rows_affected(), 1)?;
    Ok(transaction.commit().await?)
}

/// See [`Journal::source_seen`].
pub(super) async fn source_seen(
    store: &Store,
    kind: &str,
    server_version: &str,
) -> Result<(), Error> {
    let mut writing = store.write().await;
    let mut transaction = writing.begin().await?;
    sqlx::query(
        "INSERT INTO source (id, kind, server_version, seen_at_us) VALUES (1, ?1, ?2, ?3)
         ON CONFLICT (id) DO UPDATE SET
             kind = excluded.kind,
             server_version = excluded.server_version,
             seen_at_us = excluded.seen_at_us",
    )
    .bind(kind)
    .bind(server_version)
    .bind(store.now_us())
    .execute(&mut *transaction)
    .await?;
    Ok(transaction.commit().await?)
}

/// The source as it was last seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, FromRow)]
pub(crate) struct Source {
    /// sqlite, postgres or mysql.
    pub(crate) kind: String,
    /// As the server says it.
    pub(crate) server_version: String,
}

/// The passes over one watched table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, FromRow)]
pub(crate) struct Pass {
    /// Name of the entity.
    pub(crate) entity: String,
    /// The watched table.
    #[sqlx(rename = "watched_table")]
    pub(crate) table: String,
    /// cursor or diff.
    pub(crate) mode: String,
    /// Passes that ended well.
    pub(crate) passes: i64,
    /// Rows read in all passes.
    pub(crate) rows_read: i64,
    /// Begin of the last pass, UTC microseconds.
    pub(crate) last_started_us: Option<i64>,
    /// End of the last pass, UTC microseconds.
    pub(crate) last_finished_us: Option<i64>,
    /// Why the last pass failed; none if it did not.
    pub(crate) last_error: Option<String>,
}

/// The source, once capture has seen it.
pub(crate) async fn source(store: &Store) -> Result<Option<Source>, Error> {
    Ok(sqlx::query_as("SELECT kind, server_version FROM source WHERE id = 1")
        .fetch_optional(store.readers())
        .await?)
}

/// Every watched table that capture has begun to read.
pub(crate) async fn passes(store: &Store) -> Result<Vec<Pass>, Error> {
    Ok(sqlx::query_as(
        "SELECT entity,
                watched_table,
                mode,
                passes,
                rows_read,
                last_started_us,
                last_finished_us,
                last_error
         FROM capture_pass
         ORDER BY entity, watched_table",
    )
    .fetch_all(store.readers())
    .await?)
}
