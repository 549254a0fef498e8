//! The way of posted records into the journal.
//!
//! Owns the order: what was posted is on disk in `intake`, then the journal
//! takes it as it takes every row, then it stands among the records, then the
//! answer goes out. Requests that wait are written together, so that a thousand
//! of them cost the disk what one does; and each turn writes both files at once:
//! one batch into the journal, beside it the batch before to the records and the
//! next into `intake`. Refuses what is there already and what a
//! row of another mode has. Invariant: whatever a crash leaves in `intake` was
//! answered by nobody, and is offered again at the next start.

mod admit;
mod offer;
mod repair;
mod round;
mod rows;

use rmd_api::{Cause, Fault, Verb, Written};
use rmd_standard::{Entity, National, Record, Refusal, Valid};
use tokio::sync::{mpsc, oneshot};
use tracing::warn;

pub(super) use self::rows::is_under_way;
use self::{
    admit::{Admitted, Judged},
    offer::Offered,
    round::Round,
};
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

/// Who waits for what became of a record.
type Answer = oneshot::Sender<Result<Written, Fault>>;

/// The task that writes.
#[derive(Debug)]
pub(super) struct Service {
    desk: Desk,
    queue: mpsc::Receiver<Request>,
}

/// What the task works with.
#[derive(Debug)]
pub(super) struct Desk {
    store: Store,
    journal: Journal,
    place: Place,
}

/// A batch that lies in `intake`.
#[derive(Debug)]
struct Admission {
    entity: Entity,
    admitted: Vec<Admitted>,
    answers: Vec<Answer>,
}

/// A batch about which the journal has decided.
#[derive(Debug)]
struct Decision {
    offered: Offered,
    answers: Vec<Answer>,
}

impl Service {
    /// The task, and the handle that feeds it.
    pub(super) fn new(store: Store, journal: Journal, place: Place) -> (Self, Handle) {
        let (sender, queue) = mpsc::channel(QUEUE_MAX);
        (Self { desk: Desk { store, journal, place }, queue }, Handle { queue: sender })
    }

    /// What the task does, step by step.
    #[cfg(test)]
    pub(super) fn desk(&self) -> &Desk {
        &self.desk
    }

    /// Takes up what a crash left, then writes until every handle is gone.
    pub(super) async fn run(self) -> Result<(), Error> {
        let Self { desk, mut queue } = self;
        desk.repair().await?;
        let mut waiting = Vec::with_capacity(QUEUE_MAX);
        let (mut admission, mut decision) = (None, None);
        loop {
            let is_idle = waiting.is_empty() && admission.is_none() && decision.is_none();
            if is_idle && queue.recv_many(&mut waiting, QUEUE_MAX).await == 0 {
                return Ok(());
            }
            let room = QUEUE_MAX.saturating_sub(waiting.len());
            waiting.extend((0..room).map_while(|_| queue.try_recv().ok()));
            let round = Round::next(&mut waiting, admission.as_ref());
            (admission, decision) =
                tokio::join!(desk.keep(decision, round), desk.publish(admission));
        }
    }
}

impl Desk {
    /// One transaction: what the journal has decided stands among the records, and
    /// the next requests lie in `intake`. Answers the former, and those of the
    /// latter that are not admitted.
    async fn keep(&self, decision: Option<Decision>, round: Option<Round>) -> Option<Admission> {
        if decision.is_none() && round.is_none() {
            return None;
        }
        let (writings, waiting) = round.map(Round::split).unwrap_or_default();
        let offered = decision.as_ref().map(|decision| &decision.offered);
        let kept = self.write(offered, writings).await;
        let decided = decision.map_or_else(Vec::new, |decision| decision.answers(kept.is_ok()));
        answer_all(decided);
        match kept {
            Ok(judged) => Admission::of(waiting, judged),
            Err(error) => {
                refuse_all(waiting, &error);
                None
            }
        }
    }

    /// Hands a batch that lies in `intake` to the journal.
    async fn publish(&self, admission: Option<Admission>) -> Option<Decision> {
        let Admission { entity, admitted, answers } = admission?;
        match self.offer(entity, admitted).await {
            Ok(offered) => Some(Decision { offered, answers }),
            Err(error) => {
                refuse_all(answers, &error);
                None
            }
        }
    }
}

impl Admission {
    /// Those that were admitted, if any; the others get their answer.
    fn of(waiting: Vec<Answer>, judged: Vec<Judged>) -> Option<Self> {
        let (mut admitted, mut answers, mut others) = (Vec::new(), Vec::new(), Vec::new());
        for (answer, judged) in waiting.into_iter().zip(judged) {
            match judged {
                Judged::Admitted(one) => {
                    admitted.push(one);
                    answers.push(answer);
                }
                Judged::Answered(result) => others.push((answer, result)),
            }
        }
        answer_all(others);
        let entity = admitted.first().map(|one| one.record.record().entity())?;
        Some(Self { entity, admitted, answers })
    }
}

impl Decision {
    /// What is told; of what did not come to stand among the records, that the store
    /// does not answer: the next start takes it up.
    fn answers(self, is_kept: bool) -> Vec<(Answer, Result<Written, Fault>)> {
        let lost = || Err(Fault::Unavailable(Cause::from("api.sqlite was not written")));
        let results = self.offered.results.into_iter();
        let results = results.map(|result| if is_kept { result } else { lost() });
        self.answers.into_iter().zip(results).collect()
    }
}

/// Who went away in the meantime asks again, and is told what is there.
fn answer_all(answers: Vec<(Answer, Result<Written, Fault>)>) {
    for (answer, result) in answers {
        drop(answer.send(result));
    }
}

/// Tells all who wait that the store has failed.
fn refuse_all(answers: Vec<Answer>, error: &Error) {
    let text = rmd_runtime::lifecycle::chain(error);
    warn!(requests = answers.len(), error = text, "posts not written");
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

/// What the client is told of a fault of the whole batch; the log has all of it.
fn fault(error: &Error, text: &str) -> Fault {
    let cause = Cause::from(text.to_owned());
    match error {
        Error::Store(_)
        | Error::Stopped
        | Error::Journal(
            journal::Error::Store(_)
            | journal::Error::ClockBehind { .. }
            | journal::Error::ClockBeforeBuild { .. },
        ) => Fault::Unavailable(cause),
        _ => Fault::Internal(cause),
    }
}
