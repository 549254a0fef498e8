//! Posted records when their entitlement was changed.
//!
//! Owns the table `reapplied`. A promotion publishes what was posted while
//! nothing might leave, as a first load does for the national database. Applying
//! a record again is harmless: the hash gate of the journal drops what is
//! published already.

use rmd_standard::Entity;
use tracing::info;

use super::{Error, Follower};
use crate::{
    api::{MAPPING_ID, intake::recheck, terms},
    journal::{Batch, Item, Mode, entitlement},
};

/// Records handed to the journal at a time.
const RECORDS_MAX: u32 = 500;

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
        // A record that is replaced between its reading and here would go back.
        let _turn = self.store.turn_to_apply().await;
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
        let context = self.place.context(&self.store);
        let items = rows.into_iter().map(|(_, source_key, payload)| {
            let outcome = recheck(entity, &payload, &context);
            Item::Present { source_key, outcome, annulled: None }
        });
        let items = items.collect();
        let mapping_id = MAPPING_ID.to_owned();
        let batch = Batch { entity, mode: Mode::Api, mapping_id, items, mark: None };
        self.journal.apply(batch).await?;
        Ok(Some((last, count)))
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
