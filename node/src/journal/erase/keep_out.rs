//! Keeps erased content from being published again.
//!
//! The row at the source may stay as it was, or come back as it was. What a batch
//! would publish is held against the seals of its record; a match is refused as a
//! row, with a finding and without its payload. Corrected content has no seal.

use std::collections::{HashMap, HashSet};

use rmd_feed::{FeedKey, erase};
use rmd_standard::Entity;
use serde_json::Value;
use sqlx::SqliteConnection;

use super::{
    super::{
        Error,
        plan::{Found, Incoming},
    },
    finding::finding,
};

/// Refuses the items of a batch whose content was erased.
pub(in crate::journal) async fn keep_out(
    connection: &mut SqliteConnection,
    key: &FeedKey,
    entity: Entity,
    incoming: &mut [Incoming],
) -> Result<(), Error> {
    let any: bool =
        sqlx::query_scalar("SELECT EXISTS (SELECT 1 FROM erased_content WHERE entity = ?1)")
            .bind(entity.name())
            .fetch_one(&mut *connection)
            .await?;
    if !any {
        return Ok(());
    }
    let seals = seals(connection, entity, incoming).await?;
    for item in incoming.iter_mut() {
        let Found::Valid { record_id, record_key, revision } = &item.found else { continue };
        let Some(seals) = seals.get(record_key) else { continue };
        let seal = erase::seal(key, entity.name(), record_key, &revision.payload);
        if seals.contains(seal.as_slice()) {
            let findings = vec![finding(entity, record_key)];
            let claim = Some((*record_id, record_key.clone()));
            item.found = Found::Refused { claim, findings };
        }
    }
    Ok(())
}

/// The seals of the records that the items would publish, by key.
async fn seals(
    connection: &mut SqliteConnection,
    entity: Entity,
    incoming: &[Incoming],
) -> Result<HashMap<String, HashSet<Vec<u8>>>, Error> {
    let keys = incoming.iter().filter_map(|item| match &item.found {
        Found::Valid { record_key, .. } => Some(Value::from(record_key.as_str())),
        Found::Refused { .. } | Found::Gone => None,
    });
    let rows: Vec<(String, Vec<u8>)> = sqlx::query_as(
        "SELECT c.record_key, c.seal
         FROM json_each(?2) j
         CROSS JOIN erased_content c ON c.entity = ?1 AND c.record_key = j.value",
    )
    .bind(entity.name())
    .bind(keys.into_iter().collect::<Value>().to_string())
    .fetch_all(connection)
    .await?;
    let mut seals: HashMap<String, HashSet<Vec<u8>>> = HashMap::new();
    for (key, seal) in rows {
        seals.entry(key).or_default().insert(seal);
    }
    Ok(seals)
}
