//! Records that their state gave another key.
//!
//! A changed key is a tombstone of the old record, which names the new one. What was
//! decided about the old one is decided about the new one: a site does not leave a
//! decision behind by a new name. Only what its own state says counts, and as long as it
//! stands: a key that is used again is a record of its own.

use std::collections::BTreeMap;

use rmd_standard::Entity;
use sqlx::{AnyConnection, Row as _};

use crate::store::{self, bulk};

/// What stands before the new key in the reason of a tombstone.
const RENAMED: &str = "renamed:";

/// Names that a record may have had; more of them are no history but a game.
const NAMES_MAX: usize = 16;

/// The keys that records had before, each with the one of these keys that it has now.
pub(super) async fn before(
    connection: &mut AnyConnection,
    keys: &[&str],
) -> Result<BTreeMap<String, String>, store::Error> {
    let mut found = BTreeMap::new();
    let mut step: BTreeMap<String, String> =
        keys.iter().map(|key| ((*key).to_owned(), (*key).to_owned())).collect();
    for _ in 0..NAMES_MAX {
        let reasons: Vec<String> = step.keys().map(|key| format!("{RENAMED}{key}")).collect();
        let reasons: Vec<&str> = reasons.iter().map(String::as_str).collect();
        let rows = bulk::select_in(
            connection,
            (
                "SELECT old.record_key, new.record_key
                 FROM record old
                 JOIN record new ON new.entity = old.entity AND new.country = old.country
                     AND new.record_key = SUBSTR(old.reason, 9)
                 WHERE old.op = 'tombstone' AND old.reason IN (",
                None,
            ),
            &reasons,
            ")",
        )
        .await?;
        let mut earlier = BTreeMap::new();
        for row in &rows {
            let (old, new): (String, String) = (row.try_get(0)?, row.try_get(1)?);
            let now = step.get(&new).filter(|now| **now != old && !found.contains_key(&old));
            if let Some(now) = now {
                earlier.insert(old, now.clone());
            }
        }
        if earlier.is_empty() {
            break;
        }
        found.extend(earlier.clone());
        step = earlier;
    }
    Ok(found)
}

/// The key that a record has now; none if it has the one that is named, or is gone.
pub(crate) async fn now(
    connection: &mut AnyConnection,
    entity: Entity,
    record_key: &str,
) -> Result<Option<String>, store::Error> {
    let mut key = record_key.to_owned();
    for _ in 0..NAMES_MAX {
        let row = sqlx::query(
            "SELECT new.record_key
             FROM record old
             JOIN record new ON new.entity = old.entity AND new.country = old.country
                 AND new.record_key = SUBSTR(old.reason, 9)
             WHERE old.entity = $1 AND old.record_key = $2 AND old.op = 'tombstone'
               AND old.reason LIKE 'renamed:%'",
        )
        .bind(entity.name())
        .bind(&key)
        .fetch_optional(&mut *connection)
        .await?;
        match row {
            Some(row) => key = row.try_get(0)?,
            None => break,
        }
    }
    Ok((key != record_key).then_some(key))
}
