//! From `intake` through the journal to the records.

use rmd_api::{Cause, Fault, Written};
use rmd_standard::{Entity, Finding, Refusal};
use sqlx::SqliteConnection;

use super::{Admitted, Desk, Error, rows};
use crate::{
    api::{
        MAPPING_ID, findings,
        shelf::{self, Origin, Put},
        terms,
    },
    journal::{Batch, Fate, Item, Mode},
};

/// A batch about which the journal has decided.
#[derive(Debug)]
pub(in crate::api) struct Offered {
    entity: Entity,
    keys: Vec<String>,
    /// What it took.
    taken: Vec<Put>,
    /// What became of each, in their order.
    pub(super) results: Vec<Result<Written, Fault>>,
}

impl Desk {
    /// Offers admitted records of one type to the journal; what it does not take
    /// leaves no trace in it.
    pub(super) async fn offer(
        &self,
        entity: Entity,
        admitted: Vec<Admitted>,
    ) -> Result<Offered, Error> {
        let mut keys = Vec::with_capacity(admitted.len());
        let mut results = Vec::with_capacity(admitted.len());
        let mut puts = Vec::with_capacity(admitted.len());
        let mut items = Vec::with_capacity(admitted.len());
        for Admitted { written, record, payload } in admitted {
            let key = record.key().to_owned();
            let terms = terms::of(record.record());
            keys.push(key.clone());
            puts.push(Put { key: key.clone(), payload, terms, annulled: false });
            results.push(Ok(written));
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
        for ((result, put), fate) in results.iter_mut().zip(puts).zip(applied.fates) {
            match fate {
                Fate::Published | Fate::Held | Fate::Withheld => taken.push(put),
                Fate::Refused(findings) => *result = Err(declined(put.key, findings)),
                Fate::Gone => *result = Err(Fault::Internal(Cause::from("the row is gone"))),
            }
        }
        Ok(Offered { entity, keys, taken, results })
    }
}

impl Offered {
    /// Moves records out of `intake`: to the others if the journal took them.
    pub(super) async fn settle(
        &self,
        connection: &mut SqliteConnection,
        now_us: i64,
    ) -> Result<(), Error> {
        let keys: Vec<&str> = self.keys.iter().map(String::as_str).collect();
        shelf::put(connection, self.entity, Origin::Posted, now_us, &self.taken).await?;
        rows::delete(connection, self.entity, &keys).await
    }
}

/// A row of another mode has the key: that is a conflict; any other finding of the
/// journal is about the record itself.
fn declined(key: String, findings: Vec<Finding>) -> Fault {
    let is_taken = findings.iter().any(findings::is_clash);
    let refusal = Box::new(Refusal { key: Some(key), findings });
    if is_taken { Fault::Taken(refusal) } else { Fault::Refused(refusal) }
}
