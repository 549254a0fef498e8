//! Which files were taken, by the hash of their bytes.
//!
//! Owns the table `sheet_file`. Holds counts and names, never a cell. A file
//! that was taken is never taken again; one that failed may be.

use rmd_standard::Entity;
use serde::Serialize;
use sqlx::FromRow;

use super::import::Report;
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
}

/// What `status` says of sheets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, FromRow)]
pub(crate) struct Counts {
    /// Files that were taken.
    pub(crate) files: i64,
    /// Files that could not be read.
    pub(crate) failed: i64,
    /// Refused rows of files that no later file corrects.
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
    let number = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
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
            refused: number(report.refused),
            incomplete: number(report.incomplete),
            corrects: report.corrects.clone().unwrap_or_default(),
            returned: report.returned.clone().unwrap_or_default(),
            fault: String::new(),
            at_us: store.now_us(),
        },
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
            refused: 0,
            incomplete: 0,
            corrects: empty(),
            returned: empty(),
            fault: fault.to_owned(),
            at_us: store.now_us(),
        },
    )
    .await
}

async fn note(store: &Store, file: &Taken) -> Result<(), Error> {
    let mut writing = store.write().await;
    let mut transaction = writing.begin().await?;
    sqlx::query("DELETE FROM sheet_file WHERE sha256 = ?1 AND fault <> ''")
        .bind(&file.sha256)
        .execute(&mut *transaction)
        .await?;
    let written = sqlx::query(
        "INSERT INTO sheet_file (
             sha256, name, stored, entity, source_rows, appended, unchanged, withheld, refused,
             incomplete, corrects, returned, fault, taken_at_us)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
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
    .execute(&mut *transaction)
    .await?;
    Error::expect_rows("sheet_file", written.rows_affected(), 1)?;
    Ok(transaction.commit().await?)
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
                refused,
                incomplete,
                corrects,
                returned,
                fault,
                taken_at_us
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
                refused,
                incomplete,
                corrects,
                returned,
                fault,
                taken_at_us
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
                COALESCE(SUM(f.refused * (NOT EXISTS (
                    SELECT 1
                    FROM sheet_file c
                    WHERE c.corrects <> ''
                      AND c.file_id > f.file_id
                      AND substr(f.sha256, 1, length(c.corrects)) = c.corrects))), 0)
                    AS refused_waiting,
                (SELECT name FROM sheet_file ORDER BY file_id DESC LIMIT 1) AS last_file,
                MAX(f.taken_at_us) AS last_at_us
         FROM sheet_file f",
    )
    .fetch_one(store.readers())
    .await?)
}
