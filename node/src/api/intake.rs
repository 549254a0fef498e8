//! The way of posted records into the journal.
//!
//! Owns the order: what was posted is on disk in `intake`, then the journal
//! takes it as it takes every row, then it stands among the records, then the
//! answer goes out. Requests that wait are written together, so that a thousand
//! of them cost the disk what one does. Refuses what is there already and what a
//! row of another mode has. Invariant: whatever a crash leaves in `intake` was
//! answered by nobody, and is offered again at the next start.

mod offer;
mod repair;
mod rows;

use std::collections::HashSet;

use rmd_api::{Cause, Fault, Verb, Written};
use rmd_standard::{Entity, National, Record, Refusal, Valid};
use tokio::sync::{mpsc, oneshot};
use tracing::{debug, warn};

use super::{
    Error, Place,
    shelf::{self, Origin, Standing},
    store::Store,
};
use crate::journal::{self, BATCH_ITEMS_MAX, Journal};

/// Requests that may wait for their turn: one batch, while another is written.
const QUEUE_MAX: usize = BATCH_ITEMS_MAX;

/// What a posted record waits for.
#[derive(Debug)]
struct Request {
    verb: Verb,
    record: Valid<Record, National>,
    answer: oneshot::Sender<Result<Written, Fault>>,
}

/// Hands records to the one task that writes them. Cheap to clone; the task ends
/// once the last handle is gone.
#[derive(Debug, Clone)]
pub(super) struct Handle {
    queue: mpsc::Sender<Request>,
}

impl Handle {
    /// Keeps a record durably and publishes what may leave of it.
    pub(super) async fn write(
        &self,
        verb: Verb,
        record: Valid<Record, National>,
    ) -> Result<Written, Fault> {
        let (answer, answered) = oneshot::channel();
        let stopped = || Fault::Unavailable(Cause::from(Error::Stopped));
        let request = Request { verb, record, answer };
        self.queue.send(request).await.map_err(|_| stopped())?;
        answered.await.map_err(|_| stopped())?
    }
}

/// The task that writes.
#[derive(Debug)]
pub(super) struct Service {
    store: Store,
    journal: Journal,
    place: Place,
    queue: mpsc::Receiver<Request>,
}

/// A request that was admitted: its record lies in `intake`.
#[derive(Debug)]
pub(super) struct Admitted {
    written: Written,
    record: Valid<Record, National>,
    payload: Vec<u8>,
}

impl Service {
    /// The task, and the handle that feeds it.
    pub(super) fn new(store: Store, journal: Journal, place: Place) -> (Self, Handle) {
        let (sender, queue) = mpsc::channel(QUEUE_MAX);
        (Self { store, journal, place, queue }, Handle { queue: sender })
    }

    /// Takes up what a crash left, then writes until every handle is gone.
    pub(super) async fn run(mut self) -> Result<(), Error> {
        self.repair().await?;
        let mut requests = Vec::with_capacity(QUEUE_MAX);
        while self.queue.recv_many(&mut requests, QUEUE_MAX).await > 0 {
            for round in rounds(std::mem::take(&mut requests)) {
                self.serve(round).await;
            }
        }
        Ok(())
    }

    /// Writes requests of one type, each key once, and answers them all.
    async fn serve(&self, round: Round) {
        let Round { entity, requests } = round;
        let (writings, answers): (Vec<_>, Vec<_>) = requests
            .into_iter()
            .map(|request| ((request.verb, request.record), request.answer))
            .unzip();
        let count = answers.len();
        let results = match self.write(entity, writings).await {
            Ok(results) => results,
            Err(error) => {
                let text = rmd_runtime::lifecycle::chain(&error);
                warn!(entity = entity.name(), requests = count, error = text, "posts not written");
                (0..count).map(|_| Err(fault(&error, &text))).collect()
            }
        };
        debug!(entity = entity.name(), requests = count, "posts answered");
        for (answer, result) in answers.into_iter().zip(results) {
            // Who went away in the meantime asks again, and is told that it is there.
            let _ = answer.send(result);
        }
    }

    /// What became of each of these records, in their order.
    async fn write(
        &self,
        entity: Entity,
        writings: Vec<(Verb, Valid<Record, National>)>,
    ) -> Result<Vec<Result<Written, Fault>>, Error> {
        let _turn = self.store.turn_to_apply().await;
        let mut admitted = Vec::new();
        let mut answers = Vec::with_capacity(writings.len());
        for judged in self.admit(entity, writings).await? {
            match judged {
                Judged::Admitted(one) => {
                    admitted.push(one);
                    answers.push(None);
                }
                Judged::Answered(answer) => answers.push(Some(answer)),
            }
        }
        let mut offered = self.offer(entity, admitted).await?.into_iter();
        let answers = answers.into_iter().filter_map(|answer| answer.or_else(|| offered.next()));
        Ok(answers.collect())
    }

    /// Decides which requests may go on and puts their records into `intake`,
    /// durably; the others get their answer.
    pub(super) async fn admit(
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

/// Whether a request may go on.
#[derive(Debug)]
pub(super) enum Judged {
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

/// A record that was kept, checked as the rules and the day are now.
pub(super) fn recheck(
    entity: Entity,
    payload: &[u8],
    context: &rmd_standard::Context,
) -> Result<Valid<Record, National>, Refusal> {
    let record = Record::decode(entity, payload)
        .map_err(|_| Refusal { key: None, findings: vec![super::findings::unreadable(entity)] })?;
    Valid::recheck(record, context)
}

/// Requests of one type, each key once.
struct Round {
    entity: Entity,
    requests: Vec<Request>,
}

/// Sorts requests into rounds that keep the order of those for one key.
fn rounds(requests: Vec<Request>) -> Vec<Round> {
    let mut rounds = Vec::new();
    let mut waiting = requests;
    while let Some(entity) = waiting.first().map(|request| request.record.record().entity()) {
        let mut keys = HashSet::new();
        let (now, later): (Vec<Request>, Vec<Request>) = waiting.into_iter().partition(|request| {
            request.record.record().entity() == entity
                && keys.insert(request.record.key().to_owned())
        });
        rounds.push(Round { entity, requests: now });
        waiting = later;
    }
    rounds
}

/// What the client is told of a fault of the whole batch; the log has all of it.
fn fault(error: &Error, text: &str) -> Fault {
    let cause = Cause::from(text.to_owned());
    match error {
        Error::Store(_) | Error::Stopped => Fault::Unavailable(cause),
        Error::Journal(journal::Error::Store(_) | journal::Error::ClockBehind { .. }) => {
            Fault::Unavailable(cause)
        }
        _ => Fault::Internal(cause),
    }
}
