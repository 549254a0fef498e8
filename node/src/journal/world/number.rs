//! The numbers of keys: known ones are found, others get the next.

use std::collections::{HashMap, HashSet};

use rmd_standard::Entity;
use sqlx::SqliteConnection;

use super::{
    super::{
        Error, ids,
        state::{Numbered, allocate, find_records, find_rows},
    },
    World,
};

impl World {
    /// The number of each source key; known rows are in the world afterwards.
    pub(in super::super) async fn number_rows(
        &mut self,
        connection: &mut SqliteConnection,
        keys: &[&str],
    ) -> Result<Vec<i64>, Error> {
        let hashes: Vec<i64> = keys.iter().map(|key| ids::hash(self.entity, key)).collect();
        let found = find_rows(connection, &hashes).await?;
        let known = found.iter().map(|row| (row.source_key.as_str(), row.id)).collect();
        let numbers = number(connection, Numbered::Rows, self.entity, keys, known).await?;
        self.know_rows(found);
        Ok(numbers)
    }

    /// The number of each record key; known records are in the world afterwards.
    pub(in super::super) async fn number_records(
        &mut self,
        connection: &mut SqliteConnection,
        keys: &[&str],
    ) -> Result<Vec<i64>, Error> {
        let hashes: Vec<i64> = keys.iter().map(|key| ids::hash(self.entity, key)).collect();
        let found = find_records(connection, &hashes).await?;
        let known = found.iter().map(|record| (record.key.as_str(), record.id)).collect();
        let numbers = number(connection, Numbered::Records, self.entity, keys, known).await?;
        self.know_records(found);
        Ok(numbers)
    }
}

async fn number(
    connection: &mut SqliteConnection,
    numbered: Numbered,
    entity: Entity,
    keys: &[&str],
    mut known: HashMap<&str, i64>,
) -> Result<Vec<i64>, Error> {
    let mut once = HashSet::new();
    let unknown: Vec<&str> =
        keys.iter().copied().filter(|key| !known.contains_key(key) && once.insert(*key)).collect();
    if !unknown.is_empty() {
        let ids = allocate(connection, numbered, entity, unknown.len()).await?;
        known.extend(unknown.into_iter().zip(ids));
    }
    // Every key is known now.
    Ok(keys.iter().filter_map(|key| known.get(key).copied()).collect())
}
