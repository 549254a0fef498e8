//! The engine, and the task that lets it run behind the intake.
//!
//! Nothing is judged while nodes are still being caught up with, so that a first load
//! runs alone; one that never ends is judged now and then, the more seldom the longer it
//! takes to judge everything.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp, civil::Date};
use rmd_runtime::{SharedClock, lifecycle::chain};
use rmd_standard::effective::Policy;
use serde::Serialize;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use super::{
    Error, Reader, feeds,
    finding::{Counts, Occasion},
    ground::{self, Ground},
    kept, queue,
    queue::{Keys, Queue},
    step::{self, DUE_MAX, Task},
    turn::{self, Evaluated, Turn},
    whole::{self, End, Progress},
};
use crate::store::Store;

/// Entries in one step: with all that they affect some seconds of work at most.
const STRETCH: i64 = 16_384;

/// How long findings may stay as they are because owners always have more.
const PATIENCE: SignedDuration = SignedDuration::from_mins(1);

/// How many times as long as the last run took nothing is judged while owners have more.
const REST: i32 = 10;

/// How often it is looked at what no record tells: feeds, and statistics of partners.
const STATES_INTERVAL: SignedDuration = SignedDuration::from_secs(15);

/// Judges what records of several states say about each other. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Engine {
    store: Store,
    clock: SharedClock,
    policy: Policy,
}

/// What one step did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Report {
    /// Steps.
    pub(crate) steps: u64,
    /// Whether everything was judged.
    pub(crate) whole: bool,
    /// Subjects that were judged.
    pub(crate) subjects: u64,
    /// What became of findings.
    pub(crate) findings: Counts,
}

impl Report {
    fn add(&mut self, other: Self) {
        self.steps += other.steps;
        self.whole |= other.whole;
        self.subjects += other.subjects;
        self.findings.add(other.findings);
    }
}

/// Judges what comes until the shutdown.
pub(crate) async fn run(
    engine: Engine,
    poll: Duration,
    shutdown: CancellationToken,
) -> Result<(), Error> {
    let mut pace = Pace::default();
    loop {
        // Never dropped half way: a connection that was left so is good for nobody.
        let wait = engine.turn(&mut pace, poll, &|_| !shutdown.is_cancelled()).await;
        tokio::select! {
            biased;
            () = shutdown.cancelled() => return Ok(()),
            () = tokio::time::sleep(wait) => {}
        }
    }
}

/// When the task did what.
#[derive(Debug, Default)]
struct Pace {
    /// Since when something waits that owners have more of.
    waits_since: Option<Timestamp>,
    /// How long the last work took.
    took: SignedDuration,
    looked_at: Option<Timestamp>,
}

impl Pace {
    /// Whether it is time although owners have more.
    fn is_due(&mut self, now: Timestamp, is_caught_up: bool) -> bool {
        if is_caught_up {
            self.waits_since = None;
            return true;
        }
        let since = *self.waits_since.get_or_insert(now);
        now.duration_since(since) > PATIENCE.max(self.took.saturating_mul(REST))
    }

    fn worked(&mut self, from: Timestamp, to: Timestamp) {
        self.took = to.duration_since(from);
        self.waits_since = None;
    }

    /// Whether it is time to look at what no record tells.
    fn looks(&mut self, now: Timestamp) -> bool {
        let is_due = self.looked_at.is_none_or(|at| now.duration_since(at) >= STATES_INTERVAL);
        if is_due {
            self.looked_at = Some(now);
        }
        is_due
    }
}

impl Engine {
    /// One that judges by the clock's day, and sites by that policy.
    pub(crate) const fn new(store: Store, clock: SharedClock, policy: Policy) -> Self {
        Self { store, clock, policy }
    }

    /// The store that it works on.
    pub(super) const fn store(&self) -> &Store {
        &self.store
    }

    /// The records as they are, on the day of the last evaluation; today before the first.
    pub(super) async fn look(&self) -> Result<(Reader, Ground), Error> {
        let mut reader = Reader::open(&self.store).await?;
        let evaluated = turn::evaluated(&mut reader.own).await?;
        let day = evaluated.map_or_else(|| self.clock.today(), |evaluated| evaluated.day);
        let ground = ground::read(&mut reader.records, day, &self.policy).await?;
        step::decided(&mut reader, 0).await?;
        Ok((reader, ground))
    }

    /// One turn of the task; how long to wait for the next.
    async fn turn(&self, pace: &mut Pace, poll: Duration, progress: Progress<'_>) -> Duration {
        match self.work(pace, progress).await {
            // Another process is at it: who goes on at once would only hinder it.
            Ok(Some(report)) if report.steps == 0 => poll,
            Ok(Some(report)) => {
                let Counts { opened, changed, closed, reopened } = report.findings;
                let (whole, subjects) = (report.whole, report.subjects);
                info!(whole, subjects, opened, changed, closed, reopened, "records reconciled");
                Duration::ZERO
            }
            Ok(None) => poll,
            Err(error) => {
                warn!(error = chain(&error), "records not reconciled");
                poll
            }
        }
    }

    async fn work(&self, pace: &mut Pace, progress: Progress<'_>) -> Result<Option<Report>, Error> {
        let begun = self.clock.now();
        let is_caught_up = self.is_caught_up(begun).await?;
        if !pace.is_due(begun, is_caught_up) {
            return Ok(None);
        }
        let looks = pace.looks(begun);
        let report = self.step(self.clock.today(), (false, looks), progress).await?;
        if report.is_some() {
            pace.worked(begun, self.clock.now());
        }
        Ok(report)
    }

    async fn is_caught_up(&self, now: Timestamp) -> Result<bool, Error> {
        let mut connection = self.store.acquire().await?;
        for queue in queue::queues(&mut connection).await? {
            if !queue.is_caught_up(&mut connection, now.as_microsecond()).await? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Judges until nothing is left, at a day; everything if that is asked for.
    pub(crate) async fn run_at(
        &self,
        day: Date,
        is_whole: bool,
        progress: Progress<'_>,
    ) -> Result<Report, Error> {
        let mut sum = Report::default();
        while let Some(report) =
            self.step(day, (is_whole && sum.steps == 0, sum.steps == 0), progress).await?
        {
            sum.add(report);
        }
        Ok(sum)
    }

    /// Does one step; none if there is nothing to do. Where another process did one in
    /// between, it counts for nothing, and is to be asked for again.
    pub(crate) async fn step(
        &self,
        day: Date,
        (must_be_whole, looks): (bool, bool),
        progress: Progress<'_>,
    ) -> Result<Option<Report>, Error> {
        let mut reader = Reader::open(&self.store).await?;
        let found = turn::load(&mut reader.own).await?;
        let evaluated = turn::evaluated(&mut reader.own).await?;
        let ground = ground::read(&mut reader.records, day, &self.policy).await?;
        let (decisions, decided) = step::decided(&mut reader, found.decisions).await?;
        let states = if looks || must_be_whole || found.is_whole() {
            feeds::digest(&mut reader.records).await?
        } else {
            found.states.clone()
        };
        let queues = queue::queues(&mut reader.records).await?;
        let is_settled =
            ground.levels == found.levels || !ground::is_unsettled(&mut reader.records).await?;
        let levels = if is_settled { ground.levels.clone() } else { found.levels.clone() };
        let is_whole = must_be_whole
            || found.is_whole()
            || found.ground != ground.digest
            || found.levels != levels
            || evaluated.is_some_and(|evaluated| evaluated.day > day);
        let next =
            Turn { ground: ground.digest.clone(), levels, decisions, states, ..found.clone() };
        let occasion = Occasion {
            day,
            at: self.clock.now(),
            parameters_version: ground.context.parameters.version,
        };
        let now = Now { evaluated, found, next, queues, occasion };
        if is_whole {
            return self.whole(&mut reader, &ground, now, progress).await;
        }
        let has_moved = now.evaluated.is_none_or(|evaluated| evaluated.day != day);
        self.part(&mut reader, &ground, now, (decided, has_moved)).await
    }

    async fn whole(
        &self,
        reader: &mut Reader,
        ground: &Ground,
        now: Now,
        progress: Progress<'_>,
    ) -> Result<Option<Report>, Error> {
        let at = (ground, now.occasion);
        let ran = match whole::run(&self.store, reader, at, &now.found, progress).await? {
            End::Ran(ran) => ran,
            End::Overtaken => return Ok(Some(Report::default())),
            End::Stopped => return Ok(None),
        };
        let mut transaction = self.store.begin().await?;
        let next = now.next.with_whole(false);
        let Some(_) = turn::take(&mut transaction, &ran.turn, &next).await? else {
            return Ok(Some(Report::default()));
        };
        queue::advance(&mut transaction, &now.queues).await?;
        turn::complete(&mut transaction, now.occasion.evaluated()).await?;
        transaction.commit().await?;
        let (subjects, findings) = (ran.subjects, ran.counts);
        Ok(Some(Report { steps: 1, whole: true, subjects, findings }))
    }

    async fn part(
        &self,
        reader: &mut Reader,
        ground: &Ground,
        now: Now,
        (decided, has_moved): (std::collections::BTreeSet<String>, bool),
    ) -> Result<Option<Report>, Error> {
        let day = now.occasion.day;
        let (mut room, mut cut) = (STRETCH, Vec::with_capacity(now.queues.len()));
        let mut touched = Keys::new();
        for queue in &now.queues {
            let queue = queue.cut(room);
            room -= queue.entries();
            queue::touched(&mut reader.records, &queue, &mut touched).await?;
            cut.push(queue);
        }
        let due = kept::due(&mut reader.own, day, DUE_MAX).await?;
        let is_last = cut == now.queues && i64::try_from(due.len()).is_ok_and(|due| due < DUE_MAX);
        let states = has_moved || now.next.states != now.found.states;
        let task = Task { touched, decided, due, states };
        let is_idle = cut.iter().all(|queue| !queue.is_behind());
        if is_idle && task.decided.is_empty() && task.due.is_empty() && !states {
            return Ok(None);
        }
        let outcome = step::judge(reader, ground, now.occasion, &task).await?;
        let mut transaction = self.store.begin().await?;
        let Some(_) = turn::take(&mut transaction, &now.found, &now.next).await? else {
            return Ok(Some(Report::default()));
        };
        outcome.write(&mut transaction, now.occasion, false).await?;
        queue::advance(&mut transaction, &cut).await?;
        if is_last {
            turn::complete(&mut transaction, now.occasion.evaluated()).await?;
        }
        transaction.commit().await?;
        let (subjects, findings) = (outcome.subjects, outcome.changes.counts());
        Ok(Some(Report { steps: 1, whole: false, subjects, findings }))
    }
}

/// What a step found, and what it leaves.
struct Now {
    evaluated: Option<Evaluated>,
    found: Turn,
    next: Turn,
    queues: Vec<Queue>,
    occasion: Occasion,
}
