//! The table `intake`.

use rmd_standard::Entity;
use serde_json::{Value, json};
use sqlx::{SqliteConnection, SqlitePool};

use super::{Admitted, Error, Store};
use crate::api::shelf::Payloads;

/// Puts records there; one that a failed request left is replaced.
pub(super) async fn insert(
    connection: &mut SqliteConnection,
    entity: Entity,
    now_us: i64,
    admitted: &[&Admitted],
) -> Result<(), Error> {
    if admitted.is_empty() {
        return Ok(());
    }
    let mut payloads = Payloads::default();
    let rows = admitted.iter().map(|one| {
        let place = payloads.push(&one.payload);
        json!([one.record.key(), place.0, place.1])
    });
    let rows = Value::Array(rows.collect()).to_string();
    let written = sqlx::query(
        "INSERT INTO intake (entity, record_key, payload, received_at_us)
         SELECT ?2, j.value ->> 0, substr(?4, j.value ->> 1, j.value ->> 2), ?3
         FROM json_each(?1) j
         WHERE true
         ON CONFLICT (entity, record_key) DO UPDATE SET
             payload = excluded.payload,
             received_at_us = excluded.received_at_us",
    )
    .bind(rows)
    .bind(entity.name())
    .bind(now_us)
    .bind(payloads.bytes)
    .execute(connection)
    .await?;
    Error::expect_rows("intake", written.rows_affected(), admitted.len())
}

/// Records that lie there: key and payload.
pub(super) async fn left(
    readers: &SqlitePool,
    entity: Entity,
    limit: u32,
) -> Result<Vec<(String, Vec<u8>)>, Error> {
    Ok(sqlx::query_as(
        "SELECT record_key,
                payload
         FROM intake
         WHERE entity = ?1
         ORDER BY record_key
         LIMIT ?2",
    )
    .bind(entity.name())
    .bind(limit)
    .fetch_all(readers)
    .await?)
}

/// Takes records out, inside the transaction that settles them.
pub(super) async fn delete(
    connection: &mut SqliteConnection,
    entity: Entity,
    keys: &[&str],
) -> Result<(), Error> {
    if keys.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "DELETE FROM intake
         WHERE entity = ?1 AND record_key IN (SELECT value FROM json_each(?2))",
    )
    .bind(entity.name())
    .bind(json!(keys).to_string())
    .execute(connection)
    .await?;
    Ok(())
}

/// The same, on its own.
pub(super) async fn remove(store: &Store, entity: Entity, keys: &[String]) -> Result<(), Error> {
    if keys.is_empty() {
        return Ok(());
    }
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    let mut writing = store.write().await?;
    let mut transaction = writing.begin().await?;
    delete(&mut transaction, entity, &keys).await?;
    Ok(transaction.commit().await?)
}

/// Whether one of these records lies there.
pub(in crate::api) async fn is_under_way(
    store: &Store,
    entity: Entity,
    keys: &[&str],
) -> Result<bool, Error> {
    Ok(sqlx::query_scalar(
        "SELECT EXISTS (
             SELECT 1
             FROM json_each(?2) j
             CROSS JOIN intake i ON i.entity = ?1 AND i.record_key = j.value)",
    )
    .bind(entity.name())
    .bind(json!(keys).to_string())
    .fetch_one(store.readers())
    .await?)
}
