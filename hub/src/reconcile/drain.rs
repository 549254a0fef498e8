//! The engine: what is to be judged, and that it is judged once.
//!
//! Each step reads from one moment, judges, and writes what follows in its turn. Who
//! judges for longer holds the lease, so that nobody throws his work away.

use std::sync::Arc;

use jiff::civil::Date;
use rmd_runtime::SharedClock;
use rmd_standard::effective::Policy;
use serde::Serialize;

use super::{
    Error, Reader, feeds,
    finding::{Counts, Occasion},
    ground::{self, Ground},
    kept,
    lease::{self, Held, Lease, Leases},
    queue,
    queue::{Keys, Queue},
    shelf::KeySet,
    step::{self, DUE_MAX, Task, UNJUDGED_MAX},
    turn::{self, Evaluated, Turn},
    whole::{self, Progress},
};
use crate::store::Store;

/// Entries in one step: with all that they affect some seconds of work at most.
const STRETCH: i64 = 16_384;

/// Judges what records of several states say about each other. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Engine {
    store: Store,
    pub(super) clock: SharedClock,
    pub(super) leases: Leases,
    policy: Policy,
    /// Entries in one step.
    pub(super) stretch: i64,
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

impl Engine {
    /// One that judges by the clock's day, and sites by that policy.
    pub(crate) fn new(store: Store, clock: SharedClock, policy: Policy) -> Self {
        let leases = Leases::new(store.clone(), clock.clone());
        Self { store, clock, leases, policy, stretch: STRETCH }
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

    /// The lease without which nothing is judged, if nobody has it.
    pub(crate) async fn lease(&self) -> Result<Lease, Error> {
        Ok(self.leases.take().await??)
    }

    /// The lease, as soon as it is to be had; who has it is told once.
    pub(crate) async fn lease_in_turn(&self, told: impl Fn(&Held)) -> Result<Lease, Error> {
        let mut last = None;
        loop {
            let held = match self.lease().await {
                Err(Error::Held(held)) => held,
                taken => return taken,
            };
            if last.as_ref() != Some(&held.holder) {
                told(&held);
                last = Some(held.holder);
            }
            tokio::time::sleep(lease::LOOK_AGAIN).await;
        }
    }

    /// Judges until nothing is left, at a day; everything if that is asked for. Gives the
    /// lease back.
    pub(crate) async fn run_with(
        &self,
        lease: Lease,
        (day, is_whole): (Date, bool),
        progress: Progress<'_>,
    ) -> Result<Report, Error> {
        let mut sum = Report::default();
        loop {
            let is_first = sum.steps == 0;
            let asked = (is_whole && is_first, is_first);
            let Some(report) = self.step(day, asked, progress, Some(&lease)).await? else { break };
            sum.add(report);
        }
        lease.give_back().await?;
        Ok(sum)
    }

    /// A lease for one step, where there is none for more.
    async fn lease_beside(&self, lease: Option<&Lease>) -> Result<Option<Lease>, Error> {
        match lease {
            Some(_) => Ok(None),
            None => self.lease().await.map(Some),
        }
    }

    /// Does one step; none if there is nothing to do. Where another process did one in
    /// between, it counts for nothing, and is to be asked for again.
    pub(crate) async fn step(
        &self,
        day: Date,
        (must_be_whole, looks): (bool, bool),
        progress: Progress<'_>,
        lease: Option<&Lease>,
    ) -> Result<Option<Report>, Error> {
        let mut reader = Reader::open(&self.store).await?;
        let found = turn::load(&mut reader.own).await?;
        let evaluated = turn::evaluated(&mut reader.own).await?;
        let ground = Arc::new(ground::read(&mut reader.records, day, &self.policy).await?);
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
            let own = self.lease_beside(lease).await?;
            let report = self.whole(&mut reader, &ground, now, progress).await?;
            give_back(own).await?;
            return Ok(Some(report));
        }
        let has_moved = now.evaluated.is_none_or(|evaluated| evaluated.day != day);
        let Some((task, cut)) = self.task(&mut reader, &now, (decided, has_moved)).await? else {
            return Ok(None);
        };
        let own = self.lease_beside(lease).await?;
        let report = self.part(&mut reader, &ground, &now, (&task, &cut)).await?;
        give_back(own).await?;
        Ok(Some(report))
    }

    async fn whole(
        &self,
        reader: &mut Reader,
        ground: &Arc<Ground>,
        now: Now,
        progress: Progress<'_>,
    ) -> Result<Report, Error> {
        let at = (ground, now.occasion);
        let ran = whole::run(&self.store, reader, at, &now.found, progress).await?;
        let Some(ran) = ran else { return Ok(Report::default()) };
        let mut transaction = self.store.begin().await?;
        let next = now.next.with_whole(false);
        let Some(_) = turn::take(&mut transaction, &ran.turn, &next).await? else {
            return Ok(Report::default());
        };
        queue::advance(&mut transaction, &now.queues).await?;
        turn::complete(&mut transaction, now.occasion.evaluated()).await?;
        transaction.commit().await?;
        let (subjects, findings) = (ran.subjects, ran.counts);
        Ok(Report { steps: 1, whole: true, subjects, findings })
    }

    /// What there is to judge, and the queues as far as it goes; none if nothing is left.
    async fn task(
        &self,
        reader: &mut Reader,
        now: &Now,
        (decided, has_moved): (std::collections::BTreeSet<String>, bool),
    ) -> Result<Option<(Task, Vec<Queue>)>, Error> {
        let (mut room, mut cut) = (self.stretch, Vec::with_capacity(now.queues.len()));
        let mut touched = Keys::new();
        for queue in &now.queues {
            let queue = queue.cut(room);
            room -= queue.entries();
            queue::touched(&mut reader.records, &queue, &mut touched).await?;
            cut.push(queue);
        }
        let due = kept::due(&mut reader.own, now.occasion.day, DUE_MAX).await?;
        let states = has_moved || now.next.states != now.found.states;
        let mut task = Task { touched, decided, due, unjudged: KeySet::new(), states };
        let is_idle = cut.iter().all(|queue| !queue.is_behind());
        if is_idle && task.decided.is_empty() && task.due.is_empty() && !states {
            task.unjudged = kept::unjudged(&mut reader.own, "", UNJUDGED_MAX).await?;
            return Ok((!task.unjudged.is_empty()).then_some((task, cut)));
        }
        Ok(Some((task, cut)))
    }

    async fn part(
        &self,
        reader: &mut Reader,
        ground: &Ground,
        now: &Now,
        (task, cut): (&Task, &[Queue]),
    ) -> Result<Report, Error> {
        let due = i64::try_from(task.due.len()).unwrap_or(i64::MAX);
        let is_last = cut == now.queues && due < DUE_MAX;
        let outcome = step::judge(reader, ground, now.occasion, task).await?;
        let mut transaction = self.store.begin().await?;
        let Some(_) = turn::take(&mut transaction, &now.found, &now.next).await? else {
            return Ok(Report::default());
        };
        outcome.write(&mut transaction, now.occasion, false).await?;
        queue::advance(&mut transaction, cut).await?;
        if is_last {
            turn::complete(&mut transaction, now.occasion.evaluated()).await?;
        }
        transaction.commit().await?;
        let (subjects, findings) = (outcome.subjects, outcome.changes.counts());
        Ok(Report { steps: 1, whole: false, subjects, findings })
    }
}

async fn give_back(lease: Option<Lease>) -> Result<(), Error> {
    match lease {
        Some(lease) => Ok(lease.give_back().await?),
        None => Ok(()),
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
