//! What is written in `api.sqlite` for posted records, and which may go on.

use rmd_api::{Fault, Verb, Written};
use rmd_standard::{National, Record, Valid};
use sqlx::SqliteConnection;

use super::{Desk, Error, offer::Offered, round::Writing, rows};
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

impl Desk {
    /// One transaction: moves what the journal took from `intake` to the records, and
    /// puts the next records, of one type, into `intake`. If a crash takes the former
    /// back, the next start does it again.
    pub(in crate::api) async fn write(
        &self,
        offered: Option<&Offered>,
        writings: Vec<Writing>,
    ) -> Result<Vec<Judged>, Error> {
        let mut writing = if writings.is_empty() {
            self.store.write_soft().await?
        } else {
            self.store.write().await?
        };
        let mut transaction = writing.begin().await?;
        if let Some(offered) = offered {
            offered.settle(&mut transaction, self.store.now_us()).await?;
        }
        let judged = self.admit(&mut transaction, writings).await?;
        transaction.commit().await?;
        Ok(judged)
    }

    async fn admit(
        &self,
        connection: &mut SqliteConnection,
        writings: Vec<Writing>,
    ) -> Result<Vec<Judged>, Error> {
        let Some((_, first)) = writings.first() else { return Ok(Vec::new()) };
        let entity = first.record().entity();
        let keys: Vec<&str> = writings.iter().map(|(_, record)| record.key()).collect();
        let known = shelf::standing(connection, entity, &keys).await?;
        let judge = |(verb, record): Writing| {
            let known = known.get(record.key());
            judge(&verb, record, known)
        };
        let judged: Vec<Judged> = writings.into_iter().map(judge).collect();
        let admitted: Vec<&Admitted> = judged.iter().filter_map(Judged::admitted).collect();
        rows::insert(connection, entity, self.store.now_us(), &admitted).await?;
        Ok(judged)
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
