//! Which files were taken, by the hash of their bytes.
//!
//! Owns the tables `sheet_file`, `sheet_refused` and `sheet_forgotten`. Holds
//! counts, names and keys of records, never another cell. A file that was taken
//! is never taken again; one that failed may be. Refused rows count until their
//! file is settled: by a corrected copy, or by a person.

use std::collections::{BTreeMap, HashMap};

use rmd_standard::Entity;
use serde::Serialize;
use sqlx::{FromRow, SqliteConnection};

use super::{
    import::Report,
    walk::{KeyHash, key_hash},
};
use crate::journal::{Error, Store};

/// Characters of a hash that name a file in a copy.
pub(super) const SHORT_HASH: usize = 16;

/// One file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, FromRow)]
pub(crate) struct Taken {
    /// Place in the order of acceptance.
    pub(crate) file_id: i64,
    /// SHA-256 of the file, hexadecimal.
    pub(crate) sha256: String,
    /// The name under which it came.
    pub(crate) name: String,
    /// Its name among the files that are done; empty if it failed.
    pub(crate) stored: String,
    /// Name of the record type; empty if it failed.
    pub(crate) entity: String,
    /// Rows that should be records.
    #[sqlx(rename = "source_rows")]
    pub(crate) rows: i64,
    /// Entries that were appended.
    pub(crate) appended: i64,
    /// Rows whose record was published already.
    pub(crate) unchanged: i64,
    /// Rows that are good and may not leave.
    pub(crate) withheld: i64,
    /// Rows whose record waited in the brake.
    pub(crate) held: i64,
    /// Rows that were not taken.
    pub(crate) refused: i64,
    /// Rows that were taken and lack something.
    pub(crate) incomplete: i64,
    /// Begin of the hash of the file that this one corrects.
    pub(crate) corrects: String,
    /// Name of the annotated copy.
    pub(crate) returned: String,
    /// Why it failed; empty if it did not.
    pub(crate) fault: String,
    /// When, UTC microseconds.
    #[sqlx(rename = "taken_at_us")]
    pub(crate) at_us: i64,
    /// When its refused rows were settled, UTC microseconds; 0 while they wait.
    pub(crate) settled_at_us: i64,
}

/// What `status` says of sheets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, FromRow)]
pub(crate) struct Counts {
    /// Files that were taken.
    pub(crate) files: i64,
    /// Files that could not be read.
    pub(crate) failed: i64,
    /// Refused rows of files that are not settled.
    pub(crate) refused_waiting: i64,
    /// Name of the last file.
    pub(crate) last_file: Option<String>,
    /// When it came, UTC microseconds.
    pub(crate) last_at_us: Option<i64>,
}

/// Notes a file that was taken.
pub(super) async fn taken(
    store: &Store,
    sha256: &str,
    report: &Report,
    stored: &str,
) -> Result<(), Error> {
    note(
        store,
        &Taken {
            file_id: 0,
            sha256: sha256.to_owned(),
            name: report.file.clone(),
            stored: stored.to_owned(),
            entity: report.entity.to_owned(),
            rows: number(report.rows),
            appended: number(report.appended),
            unchanged: number(report.unchanged),
            withheld: number(report.withheld),
            held: number(report.held),
            refused: number(report.refused),
            incomplete: number(report.incomplete),
            corrects: report.corrects.clone().unwrap_or_default(),
            returned: report.returned.clone().unwrap_or_default(),
            fault: String::new(),
            at_us: store.now_us(),
            settled_at_us: 0,
        },
        &report.refused_by_rule,
    )
    .await
}

/// Notes a file that could not be read.
pub(super) async fn failed(
    store: &Store,
    sha256: &str,
    name: &str,
    fault: &str,
) -> Result<(), Error> {
    let empty = String::new;
    note(
        store,
        &Taken {
            file_id: 0,
            sha256: sha256.to_owned(),
            name: name.to_owned(),
            stored: empty(),
            entity: empty(),
            rows: 0,
            appended: 0,
            unchanged: 0,
            withheld: 0,
            held: 0,
            refused: 0,
            incomplete: 0,
            corrects: empty(),
            returned: empty(),
            fault: fault.to_owned(),
            at_us: store.now_us(),
            settled_at_us: 0,
        },
        &BTreeMap::new(),
    )
    .await
}

async fn note(
    store: &Store,
    file: &Taken,
    refused_by_rule: &BTreeMap<String, u64>,
) -> Result<(), Error> {
    let mut writing = store.write().await;
    let mut transaction = writing.begin().await?;
    sqlx::query("DELETE FROM sheet_file WHERE sha256 = ?1 AND fault <> ''")
        .bind(&file.sha256)
        .execute(&mut *transaction)
        .await?;
    let written = sqlx::query(
        "INSERT INTO sheet_file (
             sha256, name, stored, entity, source_rows, appended, unchanged, withheld, refused,
             incomplete, corrects, returned, fault, taken_at_us, held)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
    )
    .bind(&file.sha256)
    .bind(&file.name)
    .bind(&file.stored)
    .bind(&file.entity)
    .bind(file.rows)
    .bind(file.appended)
    .bind(file.unchanged)
    .bind(file.withheld)
    .bind(file.refused)
    .bind(file.incomplete)
    .bind(&file.corrects)
    .bind(&file.returned)
    .bind(&file.fault)
    .bind(file.at_us)
    .bind(file.held)
    .execute(&mut *transaction)
    .await?;
    Error::expect_rows("sheet_file", written.rows_affected(), 1)?;
    let file_id = written.last_insert_rowid();
    for (rule, rows) in refused_by_rule {
        sqlx::query("INSERT INTO sheet_refused (file_id, rule, source_rows) VALUES (?1, ?2, ?3)")
            .bind(file_id)
            .bind(rule)
            .bind(number(*rows))
            .execute(&mut *transaction)
            .await?;
    }
    if is_hash(&file.corrects) {
        settle_in(&mut transaction, &file.corrects, file.at_us, file_id).await?;
    }
    Ok(transaction.commit().await?)
}

/// What a copy says of the file that it corrects comes from a cell: anything.
fn is_hash(text: &str) -> bool {
    text.len() >= SHORT_HASH && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

async fn settle_in(
    connection: &mut SqliteConnection,
    hash: &str,
    now_us: i64,
    before: i64,
) -> Result<u64, Error> {
    // The letter behind `f` ends the range of hashes that begin so.
    let settled = sqlx::query(
        "UPDATE sheet_file
         SET settled_at_us = ?3
         WHERE sha256 >= ?1
           AND sha256 < ?1 || 'g'
           AND file_id < ?2
           AND refused > 0
           AND settled_at_us = 0",
    )
    .bind(hash)
    .bind(before)
    .bind(now_us)
    .execute(connection)
    .await?;
    Ok(settled.rows_affected())
}

/// Notes that nobody will correct the refused rows of a file; how many files that were.
pub(crate) async fn settle(store: &Store, hash: &str) -> Result<u64, Error> {
    if !is_hash(hash) {
        return Ok(0);
    }
    let mut writing = store.write().await;
    let mut transaction = writing.begin().await?;
    let settled = settle_in(&mut transaction, hash, store.now_us(), i64::MAX).await?;
    transaction.commit().await?;
    Ok(settled)
}

/// Notes that what all files so far say of a record counts no more.
pub(super) async fn forget(store: &Store, entity: Entity, key: &str) -> Result<(), Error> {
    let mut writing = store.write().await;
    let mut transaction = writing.begin().await?;
    let written = sqlx::query(
        "INSERT INTO sheet_forgotten (entity, record_key, file_id, forgotten_at_us)
         VALUES (?1, ?2, (SELECT COALESCE(MAX(file_id), 0) FROM sheet_file WHERE fault = ''), ?3)
         ON CONFLICT (entity, record_key) DO UPDATE
         SET file_id = excluded.file_id, forgotten_at_us = excluded.forgotten_at_us",
    )
    .bind(entity.name())
    .bind(key)
    .bind(store.now_us())
    .execute(&mut *transaction)
    .await?;
    Error::expect_rows("sheet_forgotten", written.rows_affected(), 1)?;
    Ok(transaction.commit().await?)
}

/// Records of an entity that were let go, with the last file that counts no more.
pub(super) async fn forgotten(
    store: &Store,
    entity: Entity,
) -> Result<HashMap<KeyHash, i64>, Error> {
    let rows: Vec<(String, i64)> =
        sqlx::query_as("SELECT record_key, file_id FROM sheet_forgotten WHERE entity = ?1")
            .bind(entity.name())
            .fetch_all(store.readers())
            .await?;
    Ok(rows.into_iter().map(|(key, file_id)| (key_hash(&key), file_id)).collect())
}

fn number(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// The file of that hash, if it was taken.
pub(super) async fn known(store: &Store, sha256: &str) -> Result<Option<Taken>, Error> {
    Ok(sqlx::query_as(
        "SELECT file_id,
                sha256,
                name,
                stored,
                entity,
                source_rows,
                appended,
                unchanged,
                withheld,
                held,
                refused,
                incomplete,
                corrects,
                returned,
                fault,
                taken_at_us,
                settled_at_us
         FROM sheet_file
         WHERE sha256 = ?1 AND fault = ''",
    )
    .bind(sha256)
    .fetch_optional(store.readers())
    .await?)
}

/// The latest files, the last one first; of one record type or of all.
pub(crate) async fn list(
    store: &Store,
    entity: Option<Entity>,
    limit: u32,
) -> Result<Vec<Taken>, Error> {
    Ok(sqlx::query_as(
        "SELECT file_id,
                sha256,
                name,
                stored,
                entity,
                source_rows,
                appended,
                unchanged,
                withheld,
                held,
                refused,
                incomplete,
                corrects,
                returned,
                fault,
                taken_at_us,
                settled_at_us
         FROM sheet_file
         WHERE ?1 IS NULL OR entity = ?1
         ORDER BY file_id DESC
         LIMIT ?2",
    )
    .bind(entity.map(Entity::name))
    .bind(limit)
    .fetch_all(store.readers())
    .await?)
}

/// What `status` says.
pub(crate) async fn counts(store: &Store) -> Result<Counts, Error> {
    Ok(sqlx::query_as(
        "SELECT COALESCE(SUM(f.fault = ''), 0) AS files,
                COALESCE(SUM(f.fault <> ''), 0) AS failed,
                COALESCE(SUM(f.refused * (f.settled_at_us = 0)), 0) AS refused_waiting,
                (SELECT name FROM sheet_file ORDER BY file_id DESC LIMIT 1) AS last_file,
                MAX(f.taken_at_us) AS last_at_us
         FROM sheet_file f",
    )
    .fetch_one(store.readers())
    .await?)
}
