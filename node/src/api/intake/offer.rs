//! From `intake` through the journal to the records.

use rmd_api::{Cause, Fault, Written};
use rmd_standard::{Entity, Refusal};

use super::{Admitted, Desk, Error, rows};
use crate::{
    api::{
        MAPPING_ID, findings,
        shelf::{self, Origin, Put},
        terms,
    },
    journal::{Batch, Fate, Item, Mode},
};

impl Desk {
    /// Offers admitted records to the journal; what it takes stands among the
    /// records, what it does not leaves no trace. The answers in their order.
    pub(super) async fn offer(
        &self,
        entity: Entity,
        admitted: Vec<Admitted>,
    ) -> Result<Vec<Result<Written, Fault>>, Error> {
        if admitted.is_empty() {
            return Ok(Vec::new());
        }
        let keys: Vec<String> = admitted.iter().map(|one| one.record.key().to_owned()).collect();
        let mut answers = Vec::with_capacity(admitted.len());
        let mut puts = Vec::with_capacity(admitted.len());
        let mut items = Vec::with_capacity(admitted.len());
        for Admitted { written, record, payload } in admitted {
            let key = record.key().to_owned();
            let terms = terms::of(record.record());
            puts.push(Put { key: key.clone(), payload, terms, annulled: false });
            answers.push(Ok(written));
            items.push(Item::Present { source_key: key, outcome: Ok(record), annulled: None });
        }
        let mapping_id = MAPPING_ID.to_owned();
        let batch = Batch { entity, mode: Mode::Api, mapping_id, items, mark: None };
        let applied = match self.journal.offer(batch).await {
            Ok(applied) => applied,
            Err(error) => {
                // Nobody is told that it was taken, so it must not be taken up later.
                rows::remove(&self.store, entity, &keys).await?;
                return Err(error.into());
            }
        };
        let mut taken = Vec::with_capacity(puts.len());
        for ((answer, put), fate) in answers.iter_mut().zip(puts).zip(applied.fates) {
            match fate {
                Fate::Published | Fate::Withheld => taken.push(put),
                Fate::Refused(findings) => *answer = Err(declined(put.key, findings)),
                Fate::Gone => *answer = Err(Fault::Internal(Cause::from("the row is gone"))),
            }
        }
        self.settle(entity, &keys, taken).await?;
        Ok(answers)
    }

    /// Moves records out of `intake`, in one transaction. If a crash takes it back,
    /// the next start does the same again.
    async fn settle(&self, entity: Entity, keys: &[String], taken: Vec<Put>) -> Result<(), Error> {
        let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
        let mut writing = self.store.write_soft().await?;
        let mut transaction = writing.begin().await?;
        let now_us = self.store.now_us();
        shelf::put(&mut transaction, entity, Origin::Posted, now_us, taken).await?;
        rows::delete(&mut transaction, entity, &keys).await?;
        Ok(transaction.commit().await?)
    }
}

/// A row of another mode has the key: that is a conflict; any other finding of the
/// journal is about the record itself.
fn declined(key: String, findings: Vec<rmd_standard::Finding>) -> Fault {
    let is_taken = findings.iter().any(findings::is_clash);
    let refusal = Box::new(Refusal { key: Some(key), findings });
    if is_taken { Fault::Taken(refusal) } else { Fault::Refused(refusal) }
}
