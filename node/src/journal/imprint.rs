//! Rows that need not be mapped again.
//!
//! Owns the question whether a row is as it was when the content that is published now
//! was made of it. Refuses to say so of a row that is in quarantine, of one whose
//! record another row has, and of a record type of which the brake holds anything.
//! Invariant: an imprint is kept with the hash of its content, so whatever else moves a
//! record makes it worthless.

use std::collections::HashMap;

use rmd_proto::v1::Op;
use rmd_standard::Entity;

use super::{Error, Mode, entitlement, ids, state, store::Store};

/// What the source gave of a row, as capture hashes it.
pub(crate) type Imprint = [u8; 16];

/// What the imprints of this file begin with.
pub(super) async fn salt(store: &Store) -> Result<Vec<u8>, Error> {
    let salt = sqlx::query_scalar("SELECT salt FROM imprint_salt WHERE one = 1")
        .fetch_one(store.readers())
        .await?;
    Ok(salt)
}

/// See [`super::Journal::unchanged`].
pub(super) async fn unchanged(
    store: &Store,
    entity: Entity,
    mode: Mode,
    rows: &[(&str, Imprint)],
) -> Result<Vec<Option<i64>>, Error> {
    let mut reader = store.readers().acquire().await?;
    let mut found = vec![None; rows.len()];
    if rows.is_empty() || entitlement::standing(&mut reader, entity).await?.held > 0 {
        return Ok(found);
    }
    let hash = |key: &str| ids::hash(entity, &mode.stored(key.to_owned()));
    let hashes: Vec<i64> = rows.iter().map(|(key, _)| hash(key)).collect();
    // The key is in the imprint, so no other row has the same.
    let known: String = sqlx::query_scalar(
        "SELECT json_group_array(json_array(r.row_id, hex(substr(r.imprint, 1, 16))))
         FROM (SELECT p.row_id
               FROM json_each(?1) j
               CROSS JOIN row_place p ON p.hash = j.value
               UNION ALL
               SELECT p.row_id
               FROM json_each(?1) j
               CROSS JOIN row_place_fresh p ON p.hash = j.value) p
         CROSS JOIN source_row r ON r.row_id = p.row_id
         CROSS JOIN record c ON c.record_id = r.record_id
         WHERE r.state = 'published'
           AND c.row_id = r.row_id
           AND c.op IN (?2, ?3)
           AND substr(c.content_hash, 1, 8) = substr(r.imprint, 17)",
    )
    .bind(state::json(&hashes))
    .bind(Op::Upsert as i32)
    .bind(Op::Annul as i32)
    .fetch_one(&mut *reader)
    .await?;
    let known: Vec<(i64, String)> = serde_json::from_str(&known)
        .map_err(|_| Error::inconsistent("source_row", "imprint", 0))?;
    let mut row_ids = HashMap::with_capacity(known.len());
    for (row_id, digits) in known {
        let mut imprint = Imprint::default();
        if hex::decode_to_slice(digits, &mut imprint).is_ok() {
            row_ids.insert(imprint, row_id);
        }
    }
    for (found, (_, imprint)) in found.iter_mut().zip(rows) {
        *found = row_ids.get(imprint).copied();
    }
    Ok(found)
}
