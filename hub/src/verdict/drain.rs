//! The task that judges, behind the intake.
//!
//! A step is one transaction: the records of a stretch of one feed, or some that
//! became due again, are judged and what changed is appended. A feed is judged
//! when its owner is caught up with and sends no large frames one after the other, so
//! that a first load runs alone and what comes in two feeds at once is there before either
//! is judged; one that never ends is judged once a minute. Killed anywhere, a step is repeated.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use jiff::SignedDuration;
use rmd_feed::FeedKey;
use rmd_runtime::{SharedClock, lifecycle::chain};
use rmd_standard::Entity;
use sqlx::AnyConnection;
use tokio_util::sync::CancellationToken;
use tracing::{debug, warn};

use super::{
    Error, compose, erased, parked,
    publish::{self, Change, Pen},
    queue::{self, Keys, Queue},
    reference, source,
    subject::{self, Subject, Whose},
};
use crate::{
    erase,
    store::{self, Store},
};

/// Entries of a feed in one step: some milliseconds of the writer's turn.
const STRETCH: i64 = 512;

/// Records that are due, in one step.
const DUE_MAX: i64 = 256;

/// How long a feed may go unjudged because its owner always has more.
const PATIENCE: SignedDuration = SignedDuration::from_mins(1);

/// Judges records and tells their nodes. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Judge {
    store: Store,
    clock: SharedClock,
    key: Arc<FeedKey>,
    /// Name of the hub on checkpoints.
    hub: String,
}

/// Judges what comes until the shutdown.
pub(crate) async fn run(
    judge: Judge,
    poll: Duration,
    shutdown: CancellationToken,
) -> Result<(), Error> {
    loop {
        let wait = match judge.step().await {
            Ok(true) => Duration::ZERO,
            Ok(false) => poll,
            Err(error) => {
                warn!(error = chain(&error), "verdicts not made");
                poll
            }
        };
        tokio::select! {
            biased;
            () = shutdown.cancelled() => return Ok(()),
            () = tokio::time::sleep(wait) => {}
        }
    }
}

impl Judge {
    /// One that signs as the hub does.
    pub(crate) fn new(
        store: Store,
        clock: SharedClock,
        (key, hub): (Arc<FeedKey>, String),
    ) -> Self {
        Self { store, clock, key, hub }
    }

    /// Does one step; false if there is nothing to do now.
    pub(crate) async fn step(&self) -> Result<bool, Error> {
        if self.tell_erased().await? || self.look_at_sources().await? || self.judge_due().await? {
            return Ok(true);
        }
        let now_us = self.clock.now().as_microsecond();
        let queues = queue::queues(&mut *self.store.acquire().await?, now_us).await?;
        for next in &queues {
            if self.is_ready(next, &queues) && self.judge_stretch(next).await? {
                return Ok(true);
            }
            if self.judge_anew(next).await? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn is_ready(&self, next: &Queue, queues: &[Queue]) -> bool {
        if !next.is_behind() {
            return false;
        }
        let now_us = self.clock.now().as_microsecond();
        let waited = |judged: &queue::Judged| now_us.saturating_sub(judged.at_us);
        let is_overdue = next
            .judged
            .as_ref()
            .is_some_and(|judged| SignedDuration::from_micros(waited(judged)) > PATIENCE);
        // What transactions of a state name is mostly its own master data.
        let is_before =
            |other: &&Queue| other.whose.country == next.whose.country && other.feed < next.feed;
        let is_done = |other: &Queue| other.is_caught_up() && !other.is_behind();
        let is_its_turn =
            next.is_caught_up() && !next.is_loading && queues.iter().filter(is_before).all(is_done);
        next.judged.is_none() || is_its_turn || is_overdue
    }

    /// Judges the next stretch of a feed; false if another process has.
    async fn judge_stretch(&self, next: &Queue) -> Result<bool, Error> {
        let now_us = self.clock.now().as_microsecond();
        let mut transaction = self.store.begin().await?;
        queue::turn(&mut transaction).await?;
        let queue = queue::again(&mut transaction, next).await?;
        let Some(judged) = &queue.judged else {
            // Noted first, so that its patience has a begin.
            let (_, levels) = queue::levels(&mut transaction, &queue).await?;
            queue::advance(&mut transaction, &queue, 0, &levels, now_us).await?;
            transaction.commit().await?;
            return Ok(true);
        };
        if !queue.is_behind() {
            return Ok(false);
        }
        let to = queue.cursor.min(queue.from() + STRETCH);
        let keys = queue::touched(&mut transaction, &queue, to).await?;
        self.judge(&mut transaction, &queue.whose, keys).await?;
        let at_us = if to == queue.cursor { now_us } else { judged.at_us };
        queue::advance(&mut transaction, &queue, to, &judged.levels, at_us).await?;
        transaction.commit().await?;
        debug!(node.id = queue.whose.node_id, feed = queue.feed, seq.last = to, "feed judged");
        Ok(true)
    }

    /// Begins a feed again whose levels changed, once its records were moved.
    async fn judge_anew(&self, queue: &Queue) -> Result<bool, Error> {
        let mut connection = self.store.acquire().await?;
        let (in_force, levels) = queue::levels(&mut connection, queue).await?;
        if !queue.is_moved(&levels)
            || queue::is_unsettled(&mut connection, queue, &in_force).await?
        {
            return Ok(false);
        }
        drop(connection);
        let mut transaction = self.store.begin().await?;
        queue::turn(&mut transaction).await?;
        let now_us = self.clock.now().as_microsecond();
        queue::advance(&mut transaction, queue, 0, &levels, now_us).await?;
        transaction.commit().await?;
        Ok(true)
    }

    async fn judge_due(&self) -> Result<bool, Error> {
        {
            let mut connection = self.store.acquire().await?;
            let any = sqlx::query("SELECT node_id FROM verdict_due LIMIT 1");
            if any.fetch_optional(&mut *connection).await?.is_none() {
                return Ok(false);
            }
        }
        let mut transaction = self.store.begin().await?;
        queue::turn(&mut transaction).await?;
        if let Some((whose, keys)) = queue::take_due(&mut transaction, DUE_MAX).await? {
            self.judge(&mut transaction, &whose, keys).await?;
        }
        transaction.commit().await?;
        Ok(true)
    }

    /// Tells an owner that its order to erase was executed.
    async fn tell_erased(&self) -> Result<bool, Error> {
        if erase::untold(&mut *self.store.acquire().await?).await?.is_none() {
            return Ok(false);
        }
        let mut transaction = self.store.begin().await?;
        queue::turn(&mut transaction).await?;
        let pen = Pen { key: &self.key, hub: &self.hub, now: self.clock.now() };
        if let Some(untold) = erase::untold(&mut transaction).await? {
            let told_seq = erased::append(&mut transaction, pen, &untold).await?;
            erase::tell(&mut transaction, &untold, told_seq).await?;
        }
        transaction.commit().await?;
        Ok(true)
    }

    /// Notes which record types a state would have sent by now.
    async fn look_at_sources(&self) -> Result<bool, Error> {
        {
            let mut connection = self.store.acquire().await?;
            let before = source::load(&mut connection).await?;
            if source::now(&mut connection, &before).await? == before {
                return Ok(false);
            }
        }
        let mut transaction = self.store.begin().await?;
        queue::turn(&mut transaction).await?;
        let before = source::load(&mut transaction).await?;
        let now = source::now(&mut transaction, &before).await?;
        source::save(&mut transaction, &before, &now).await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// Judges records of one node and appends what changed.
    async fn judge(
        &self,
        connection: &mut AnyConnection,
        whose: &Whose,
        keys: Keys,
    ) -> Result<(), Error> {
        let sources = source::load(connection).await?;
        let is_awaited = is_anything_awaited(connection).await?;
        let mut changes = Vec::new();
        for (entity, keys) in keys {
            let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
            let subjects = subject::load(connection, whose, &entity, &keys).await?;
            let last = publish::last(connection, &whose.node_id, &entity, &keys).await?;
            for (key, subject) in &subjects {
                let now = compose::compose(&entity, key, subject, &sources);
                changes.extend(Change::between(&entity, key, last.get(key), now));
            }
            // What this version does not know neither names anything nor is named.
            if let Some(entity) = Entity::from_name(&entity) {
                park(connection, whose, entity, &subjects).await?;
                release(connection, entity, &subjects, is_awaited).await?;
            }
        }
        let pen = Pen { key: &self.key, hub: &self.hub, now: self.clock.now() };
        publish::append(connection, pen, &whose.node_id, &changes).await
    }
}

/// Notes what these records wait for, where that changed.
async fn park(
    connection: &mut AnyConnection,
    whose: &Whose,
    entity: Entity,
    subjects: &BTreeMap<String, Subject>,
) -> Result<(), Error> {
    for (key, subject) in subjects {
        if subject.missing != subject.noted {
            parked::replace(connection, &whose.node_id, entity, key, &subject.missing).await?;
        }
    }
    Ok(())
}

/// Has the records judged again that wait for one of these.
async fn release(
    connection: &mut AnyConnection,
    entity: Entity,
    subjects: &BTreeMap<String, Subject>,
    is_awaited: bool,
) -> Result<(), Error> {
    if !is_awaited {
        return Ok(());
    }
    let came = subjects.iter().filter(|(_, subject)| subject.accepted.is_some());
    let names: Vec<String> = came.flat_map(|(key, _)| reference::names(entity, key)).collect();
    parked::wake(connection, entity, &names).await
}

/// Whether any record waits for another one. Those that the same step parks see
/// what it brings, because it is written before.
async fn is_anything_awaited(connection: &mut AnyConnection) -> Result<bool, store::Error> {
    let any = sqlx::query("SELECT node_id FROM parked LIMIT 1").fetch_optional(connection);
    Ok(any.await?.is_some())
}
