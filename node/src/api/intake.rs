//! The way of posted records into the journal.
//!
//! Owns the order: what was posted is on disk in `intake`, then the journal
//! takes it as it takes every row, then it stands among the records, then the
//! answer goes out. Requests that wait are written together, so that a thousand
//! of them cost the disk what one does, and the next are put into `intake` while
//! the journal takes those before them. Refuses what is there already and what a
//! row of another mode has. Invariant: whatever a crash leaves in `intake` was
//! answered by nobody, and is offered again at the next start.

mod admit;
mod offer;
mod repair;
mod rows;

use std::collections::HashSet;

use rmd_api::{Cause, Fault, Verb, Written};
use rmd_standard::{Entity, National, Record, Refusal, Valid};
use tokio::sync::{Notify, mpsc, oneshot};
use tracing::{debug, warn};

use self::admit::{Admitted, Judged};
use super::{Error, Place, store::Store};
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

/// What a request waits on.
type Answer = oneshot::Sender<Result<Written, Fault>>;

/// The task that writes.
#[derive(Debug)]
pub(super) struct Service {
    desk: Desk,
    queue: mpsc::Receiver<Request>,
}

/// What both halves of the task work with.
#[derive(Debug)]
pub(super) struct Desk {
    store: Store,
    journal: Journal,
    place: Place,
}

/// Records in `intake` that the journal takes next, and who waits for each.
#[derive(Debug)]
struct Taken {
    entity: Entity,
    admitted: Vec<Admitted>,
    answers: Vec<Answer>,
}

/// Keys between `intake` and their answer: what becomes of them is not known yet.
#[derive(Debug, Default)]
struct Pending {
    keys: std::sync::Mutex<HashSet<(Entity, String)>>,
    settled: Notify,
}

impl Service {
    /// The task, and the handle that feeds it.
    pub(super) fn new(store: Store, journal: Journal, place: Place) -> (Self, Handle) {
        let (sender, queue) = mpsc::channel(QUEUE_MAX);
        (Self { desk: Desk { store, journal, place }, queue }, Handle { queue: sender })
    }

    /// Both halves of the task, for what they do one by one.
    #[cfg(test)]
    pub(super) fn desk(&self) -> &Desk {
        &self.desk
    }

    /// Takes up what a crash left, then writes until every handle is gone.
    pub(super) async fn run(self) -> Result<(), Error> {
        let Self { desk, queue } = self;
        desk.repair().await?;
        let pending = Pending::default();
        let (taken, taking) = mpsc::channel(1);
        tokio::join!(desk.admit_all(queue, taken, &pending), desk.take_all(taking, &pending));
        Ok(())
    }
}

impl Desk {
    /// The first half: puts what comes into `intake`.
    async fn admit_all(
        &self,
        mut queue: mpsc::Receiver<Request>,
        taken: mpsc::Sender<Taken>,
        pending: &Pending,
    ) {
        let mut requests = Vec::with_capacity(QUEUE_MAX);
        while queue.recv_many(&mut requests, QUEUE_MAX).await > 0 {
            for round in rounds(std::mem::take(&mut requests)) {
                self.admit_round(round, &taken, pending).await;
            }
        }
    }

    /// Admits requests of one type, each key once, and passes them on.
    async fn admit_round(&self, round: Round, taken: &mpsc::Sender<Taken>, pending: &Pending) {
        pending.until_free(&round).await;
        let Some(batch) = self.admit_or_answer(round).await else { return };
        pending.begin(&batch);
        // The other half ends after this one; were it gone, those who wait would see it.
        drop(taken.send(batch).await);
    }

    /// Those that are admitted; the others get their answer.
    async fn admit_or_answer(&self, round: Round) -> Option<Taken> {
        let Round { entity, requests } = round;
        let split = |request: Request| ((request.verb, request.record), request.answer);
        let (writings, waiting): (Vec<_>, Vec<Answer>) = requests.into_iter().map(split).unzip();
        let judged = match self.admit(entity, writings).await {
            Ok(judged) => judged,
            Err(error) => {
                refuse_all(entity, waiting, &error);
                return None;
            }
        };
        let (mut admitted, mut answers) = (Vec::new(), Vec::new());
        for (answer, judged) in waiting.into_iter().zip(judged) {
            match judged {
                Judged::Admitted(one) => {
                    admitted.push(one);
                    answers.push(answer);
                }
                // Who went away in the meantime asks again.
                Judged::Answered(result) => drop(answer.send(result)),
            }
        }
        (!admitted.is_empty()).then_some(Taken { entity, admitted, answers })
    }

    /// The second half: hands what lies in `intake` to the journal, and answers.
    async fn take_all(&self, mut taking: mpsc::Receiver<Taken>, pending: &Pending) {
        while let Some(Taken { entity, admitted, answers }) = taking.recv().await {
            let keys: Vec<String> =
                admitted.iter().map(|one| one.record.key().to_owned()).collect();
            let offered = {
                let _turn = self.store.turn_to_apply().await;
                self.offer(entity, admitted).await
            };
            pending.end(entity, keys);
            debug!(entity = entity.name(), requests = answers.len(), "posts taken");
            match offered {
                Ok(results) => answer_all(answers, results),
                Err(error) => refuse_all(entity, answers, &error),
            }
        }
    }
}

impl Pending {
    fn keys(&self) -> std::sync::MutexGuard<'_, HashSet<(Entity, String)>> {
        self.keys.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Waits until it is known what became of every key of the round.
    async fn until_free(&self, round: &Round) {
        loop {
            let settled = self.settled.notified();
            let is_pending = {
                let keys = self.keys();
                let key = |one: &Request| (round.entity, one.record.key().to_owned());
                round.requests.iter().any(|one| keys.contains(&key(one)))
            };
            if !is_pending {
                return;
            }
            settled.await;
        }
    }

    fn begin(&self, batch: &Taken) {
        let keys = batch.admitted.iter().map(|one| (batch.entity, one.record.key().to_owned()));
        self.keys().extend(keys);
    }

    fn end(&self, entity: Entity, keys: Vec<String>) {
        let mut pending = self.keys();
        for key in keys {
            pending.remove(&(entity, key));
        }
        drop(pending);
        self.settled.notify_waiters();
    }
}

/// Who went away in the meantime asks again, and is told that it is there.
fn answer_all(answers: Vec<Answer>, results: Vec<Result<Written, Fault>>) {
    for (answer, result) in answers.into_iter().zip(results) {
        drop(answer.send(result));
    }
}

/// Tells all who wait that the store has failed.
fn refuse_all(entity: Entity, answers: Vec<Answer>, error: &Error) {
    let text = rmd_runtime::lifecycle::chain(error);
    let requests = answers.len();
    warn!(entity = entity.name(), requests, error = text, "posts not written");
    for answer in answers {
        drop(answer.send(Err(fault(error, &text))));
    }
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
