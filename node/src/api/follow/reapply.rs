//! Posted records when their entitlement was changed.
//!
//! Owns the table `reapplied`. A promotion publishes what was posted while
//! nothing might leave, as a first load does for the national database. Applying
//! a record again is harmless: the hash gate of the journal drops what is
//! published already.

use std::{collections::HashMap, time::Duration};

use rmd_standard::Entity;
use tracing::info;

use super::{Error, Follower};
use crate::{
    api::{
        MAPPING_ID,
        intake::{self, recheck},
        shelf, terms,
    },
    journal::{Batch, Item, Mode, entitlement},
};

/// Records handed to the journal at a time.
const RECORDS_MAX: u32 = 500;

/// Pause while a record is on its way from `intake` to the records.
const UNDER_WAY: Duration = Duration::from_millis(5);

/// How long that is waited for before all is tried again: many times what it takes.
const UNDER_WAY_MAX: Duration = Duration::from_secs(2);

impl Follower {
    /// Hands the posted records of each type to the journal whose entitlement is
    /// not the one under which that was done last.
    pub(super) async fn reapply(&self) -> Result<(), Error> {
        for entity in Entity::ALL.into_iter().filter(|entity| terms::is_shown(*entity)) {
            // Before the records are read: a change in between is seen the next time.
            let now = entitlement::generation(self.journal.store(), entity).await?;
            let last: Option<i64> =
                sqlx::query_scalar("SELECT generation FROM reapplied WHERE entity = ?1")
                    .bind(entity.name())
                    .fetch_optional(self.store.readers())
                    .await?;
            if last == Some(now) {
                continue;
            }
            let Some(records) = self.reapply_all(entity).await? else { return Ok(()) };
            self.save_generation(entity, now).await?;
            if records > 0 {
                info!(entity = entity.name(), records, "posted records applied again");
            }
        }
        Ok(())
    }

    /// How many records were applied; none if the end was asked for before the last.
    async fn reapply_all(&self, entity: Entity) -> Result<Option<usize>, Error> {
        let (mut after, mut count) = (0, 0);
        while !self.shutdown.is_cancelled() {
            let Some((last, records)) = self.reapply_some(entity, after).await? else {
                return Ok(Some(count));
            };
            after = last;
            count += records;
        }
        Ok(None)
    }

    /// The next records after an id: the last id and how many; none behind the end.
    async fn reapply_some(
        &self,
        entity: Entity,
        after: i64,
    ) -> Result<Option<(i64, usize)>, Error> {
        let rows: Vec<(i64, String, Vec<u8>)> = sqlx::query_as(
            "SELECT record_id,
                    record_key,
                    payload
             FROM record
             WHERE record_id > ?2 AND entity = ?1 AND origin = 'posted'
             ORDER BY record_id
             LIMIT ?3",
        )
        .bind(entity.name())
        .bind(after)
        .bind(RECORDS_MAX)
        .fetch_all(self.store.readers())
        .await?;
        let Some((last, ..)) = rows.last() else { return Ok(None) };
        let (last, count) = (*last, rows.len());
        let mut records: HashMap<String, Vec<u8>> =
            rows.into_iter().map(|(_, key, payload)| (key, payload)).collect();
        let mut changed = records.clone();
        // A record that was replaced in the meantime was published before what is
        // applied here, and has to be again.
        while !changed.is_empty() {
            self.apply(entity, changed).await?;
            changed = self.changed_since(entity, &records).await?;
            records.extend(changed.clone());
        }
        Ok(Some((last, count)))
    }

    async fn apply(&self, entity: Entity, records: HashMap<String, Vec<u8>>) -> Result<(), Error> {
        let context = self.place.context(&self.store);
        let items = records.into_iter().map(|(source_key, payload)| {
            let outcome = recheck(entity, &payload, &context);
            Item::Present { source_key, outcome, annulled: None }
        });
        let items = items.collect();
        let mapping_id = MAPPING_ID.to_owned();
        let batch = Batch { entity, mode: Mode::Api, mapping_id, items, mark: None };
        self.journal.apply(batch).await?;
        Ok(())
    }

    /// Those of the records that stand there otherwise, once none of them is on its
    /// way: one that is posted later is published later, too.
    async fn changed_since(
        &self,
        entity: Entity,
        records: &HashMap<String, Vec<u8>>,
    ) -> Result<HashMap<String, Vec<u8>>, Error> {
        let keys: Vec<&str> = records.keys().map(String::as_str).collect();
        let mut waited = Duration::ZERO;
        while intake::is_under_way(&self.store, entity, &keys).await? {
            if waited > UNDER_WAY_MAX || self.shutdown.is_cancelled() {
                return Err(Error::UnderWay);
            }
            tokio::time::sleep(UNDER_WAY).await;
            waited += UNDER_WAY;
        }
        let mut reader = self.store.readers().acquire().await?;
        let standing = shelf::standing(&mut reader, entity, &keys).await?;
        let now = standing.into_iter().map(|(key, standing)| (key, standing.payload));
        Ok(now.filter(|(key, payload)| records.get(key) != Some(payload)).collect())
    }

    async fn save_generation(&self, entity: Entity, generation: i64) -> Result<(), Error> {
        let mut writing = self.store.write_soft().await?;
        let mut transaction = writing.begin().await?;
        let written = sqlx::query(
            "INSERT INTO reapplied (entity, generation) VALUES (?1, ?2)
             ON CONFLICT (entity) DO UPDATE SET generation = excluded.generation",
        )
        .bind(entity.name())
        .bind(generation)
        .execute(&mut *transaction)
        .await?;
        Error::expect_rows("reapplied", written.rows_affected(), 1)?;
        Ok(transaction.commit().await?)
    }
}
