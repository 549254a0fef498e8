//! What a crash left between `intake` and the journal.
//!
//! Nobody was told that it was kept, so it may also be dropped: where its record
//! is another row's by now, or no rule lets it pass any more.

use rmd_api::Written;
use rmd_standard::Entity;
use tracing::{info, warn};

use super::{Admitted, Desk, Error, recheck, rows};

/// Records taken up at a time.
const RECORDS_MAX: u32 = 500;

impl Desk {
    /// Offers again all that lies in `intake`.
    pub(super) async fn repair(&self) -> Result<(), Error> {
        for entity in Entity::ALL {
            while self.repair_some(entity).await? > 0 {}
        }
        Ok(())
    }

    /// How many records of a type were taken out of `intake`.
    async fn repair_some(&self, entity: Entity) -> Result<usize, Error> {
        let left = rows::left(self.store.readers(), entity, RECORDS_MAX).await?;
        let found = left.len();
        if found == 0 {
            return Ok(0);
        }
        let context = self.place.context(&self.store);
        let (mut admitted, mut spoiled) = (Vec::with_capacity(found), Vec::new());
        for (key, payload) in left {
            let written = Written::Created;
            match recheck(entity, &payload, &context) {
                Ok(record) => admitted.push(Admitted { written, record, payload }),
                Err(_) => spoiled.push(key),
            }
        }
        rows::remove(&self.store, entity, &spoiled).await?;
        let mut taken = 0;
        if !admitted.is_empty() {
            let offered = self.offer(entity, admitted).await?;
            self.write(Some(&offered), Vec::new()).await?;
            taken = offered.results.iter().filter(|result| result.is_ok()).count();
        }
        let dropped = found - taken;
        if dropped > 0 {
            warn!(entity = entity.name(), dropped, "unanswered posts dropped");
        }
        info!(entity = entity.name(), taken, "unanswered posts taken up");
        Ok(found)
    }

    /// How many records of a type lie in `intake`.
    #[cfg(test)]
    pub(in crate::api) async fn pending(&self, entity: Entity) -> usize {
        rows::left(self.store.readers(), entity, RECORDS_MAX).await.unwrap().len()
    }
}
