//! Writes a SQLite file anew, so that nothing of what was erased lies in it.
//!
//! What a statement deletes or replaces stays in free space of its pages, and what
//! was moved earlier in others. VACUUM copies what is there into a new file and
//! puts it in the place of the old one, through the write-ahead log, which is then
//! cut to nothing. Needs as much free disk as the file has; writers of this process
//! wait, those of others up to their own patience.

use std::{path::PathBuf, time::Duration};

use sqlx::{
    Connection as _, FromRow, SqliteConnection,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};

use super::super::{Error, store::Store};

/// How long for the turn to write, or for a reader to end.
const BUSY_TIMEOUT: Duration = Duration::from_mins(2);

/// A record that was erased, and when.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub(crate) struct Due {
    pub(crate) entity: String,
    pub(crate) record_key: String,
    pub(crate) erased_at_us: i64,
}

/// The orders that were carried out and after which the files were not written anew.
pub(crate) async fn due(store: &Store) -> Result<Vec<Due>, Error> {
    Ok(sqlx::query_as(
        "SELECT entity, record_key, erased_at_us
         FROM erasure
         WHERE COALESCE(scrubbed_at_us, 0) = 0
         ORDER BY erased_at_us",
    )
    .fetch_all(store.readers())
    .await?)
}

/// Writes a file anew; false while a reader holds on to the log as it was.
pub(crate) async fn scrub(path: PathBuf) -> Result<bool, Error> {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        // The copy is as large as the file.
        .pragma("temp_store", "FILE")
        .pragma("secure_delete", "ON")
        .busy_timeout(BUSY_TIMEOUT);
    let mut connection = SqliteConnection::connect_with(&options).await?;
    sqlx::query("VACUUM").execute(&mut connection).await?;
    let (is_busy, _, _): (i64, i64, i64) =
        sqlx::query_as("PRAGMA wal_checkpoint(TRUNCATE)").fetch_one(&mut connection).await?;
    connection.close().await?;
    Ok(is_busy == 0)
}

/// Notes that the writing anew begins: what is erased meanwhile is not in it.
pub(crate) async fn begin(store: &Store) -> Result<(), Error> {
    mark(store, "UPDATE erasure SET scrubbed_at_us = 0 WHERE scrubbed_at_us IS NULL", None).await
}

/// Notes that it has ended.
pub(crate) async fn end(store: &Store) -> Result<(), Error> {
    let now_us = store.now_us();
    let ended = "UPDATE erasure SET scrubbed_at_us = ?1 WHERE scrubbed_at_us = 0";
    mark(store, ended, Some(now_us)).await
}

async fn mark(store: &Store, change: &'static str, at_us: Option<i64>) -> Result<(), Error> {
    let mut writing = store.write().await;
    let mut transaction = writing.begin().await?;
    let mut query = sqlx::query(change);
    if let Some(at_us) = at_us {
        query = query.bind(at_us);
    }
    query.execute(&mut *transaction).await?;
    Ok(transaction.commit().await?)
}
