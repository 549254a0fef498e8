//! Which requests may go on, and their records in `intake`.

use rmd_api::{Fault, Verb, Written};
use rmd_standard::{Entity, National, Record, Valid};

use super::{Desk, Error, rows};
use crate::api::shelf::{self, Origin, Standing};

/// A request that was admitted: its record lies in `intake`.
#[derive(Debug)]
pub(in crate::api) struct Admitted {
    pub(super) written: Written,
    pub(super) record: Valid<Record, National>,
    pub(super) payload: Vec<u8>,
}

/// Whether a request may go on.
#[derive(Debug)]
pub(in crate::api) enum Judged {
    Admitted(Admitted),
    Answered(Result<Written, Fault>),
}

impl Judged {
    const fn admitted(&self) -> Option<&Admitted> {
        match self {
            Self::Admitted(one) => Some(one),
            Self::Answered(_) => None,
        }
    }
}

fn judge(verb: &Verb, record: Valid<Record, National>, known: Option<&Standing>) -> Judged {
    let payload = record.record().encode();
    let written = match (verb, known) {
        (Verb::Create, None) => Written::Created,
        (Verb::Create, Some(_)) => return Judged::Answered(Err(Fault::Exists)),
        (Verb::Replace(_), None) => return Judged::Answered(Err(Fault::Missing)),
        (Verb::Replace(_), Some(known))
            if known.origin == Origin::Posted && known.payload == payload =>
        {
            return Judged::Answered(Ok(Written::Unchanged));
        }
        (Verb::Replace(_), Some(_)) => Written::Replaced,
    };
    Judged::Admitted(Admitted { written, record, payload })
}

impl Desk {
    /// Decides which requests may go on and puts their records into `intake`,
    /// durably; the others get their answer.
    pub(in crate::api) async fn admit(
        &self,
        entity: Entity,
        writings: Vec<(Verb, Valid<Record, National>)>,
    ) -> Result<Vec<Judged>, Error> {
        let mut writing = self.store.write().await?;
        let mut transaction = writing.begin().await?;
        let keys: Vec<&str> = writings.iter().map(|(_, record)| record.key()).collect();
        let known = shelf::standing(&mut transaction, entity, &keys).await?;
        let judged: Vec<Judged> = writings
            .into_iter()
            .map(|(verb, record)| {
                let known = known.get(record.key());
                judge(&verb, record, known)
            })
            .collect();
        let admitted: Vec<&Admitted> = judged.iter().filter_map(Judged::admitted).collect();
        rows::insert(&mut transaction, entity, self.store.now_us(), &admitted).await?;
        transaction.commit().await?;
        Ok(judged)
    }
}
