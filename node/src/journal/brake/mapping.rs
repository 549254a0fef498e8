//! Mappings whose changes a person has let through.
//!
//! Owns the table `mapping_release`. A new mapping changes many records at once
//! and is no accident where somebody says so before. Invariant: a release is
//! used up, for each record type, once all rows were read with the mapping, so
//! that it is no way around the brake afterwards.

use rmd_standard::Entity;
use serde::Serialize;
use sqlx::SqliteConnection;

use super::super::{Error, store::Store};

/// What a release says.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Word<'a> {
    /// Who lets go.
    pub(crate) by: &'a str,
    /// The ground.
    pub(crate) reason: &'a str,
}

/// A release of a mapping.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Released {
    /// First 8 bytes of the SHA-256 of the mapping, in hexadecimal.
    pub(crate) mapping_id: String,
    /// The record types for which it holds until all of their rows were read.
    pub(crate) entities: Vec<&'static str>,
}

/// Lets the changes of a mapping through, for these record types.
pub(crate) async fn release(
    store: &Store,
    mapping_id: &str,
    entities: &[Entity],
    word: Word<'_>,
) -> Result<Released, Error> {
    let mut writing = store.write().await;
    let mut transaction = writing.begin().await?;
    for entity in entities {
        let written = sqlx::query(
            "INSERT INTO mapping_release (mapping_id, entity, released_at_us, released_by, reason)
             VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (mapping_id, entity) DO UPDATE SET
                 released_at_us = excluded.released_at_us,
                 released_by = excluded.released_by,
                 reason = excluded.reason,
                 ended_at_us = NULL",
        )
        .bind(mapping_id)
        .bind(entity.name())
        .bind(store.now_us())
        .bind(word.by)
        .bind(word.reason)
        .execute(&mut *transaction)
        .await?;
        Error::expect_rows("mapping_release", written.rows_affected(), 1)?;
    }
    transaction.commit().await?;
    let entities = entities.iter().map(|entity| entity.name()).collect();
    Ok(Released { mapping_id: mapping_id.to_owned(), entities })
}

/// Whether the changes of a mapping are let through.
pub(super) async fn is_released(
    connection: &mut SqliteConnection,
    entity: Entity,
    mapping_id: &str,
) -> Result<bool, Error> {
    Ok(sqlx::query_scalar(
        "SELECT EXISTS (
             SELECT 1
             FROM mapping_release
             WHERE mapping_id = ?1 AND entity = ?2 AND ended_at_us IS NULL)",
    )
    .bind(mapping_id)
    .bind(entity.name())
    .fetch_one(connection)
    .await?)
}

/// Notes that all rows of a record type were read with a mapping; its release is
/// used up.
pub(crate) async fn all_read(store: &Store, entity: Entity, mapping_id: &str) -> Result<(), Error> {
    let mut reader = store.readers().acquire().await?;
    if !is_released(&mut reader, entity, mapping_id).await? {
        return Ok(());
    }
    drop(reader);
    let mut writing = store.write().await;
    let mut transaction = writing.begin().await?;
    sqlx::query(
        "UPDATE mapping_release SET ended_at_us = ?3
         WHERE mapping_id = ?1 AND entity = ?2 AND ended_at_us IS NULL",
    )
    .bind(mapping_id)
    .bind(entity.name())
    .bind(store.now_us())
    .execute(&mut *transaction)
    .await?;
    Ok(transaction.commit().await?)
}
