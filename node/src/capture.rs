//! Capture: noticing that rows of the national database may have changed.
//!
//! Owns the loop over the record types, its waits and its back-off. Only
//! nominates keys: rows are re-read, mapped and handed to the journal, whose
//! hash gate drops what is unchanged. A pass that fails is told to status and
//! tried again later; it touches no other record type and is never read as
//! "there are no rows". Cost, said openly: states between two readings are not
//! seen.

mod bound;
mod connection;
mod drain;
mod log;
mod nominate;
mod pass;
pub(crate) mod rehearse;
mod reread;
mod scan;
mod seen;
mod sift;
#[cfg(test)]
mod tests;
mod window;

pub(crate) use self::log::loggings;
pub(crate) use self::nominate::notings;

use std::sync::Arc;
use std::time::{Duration, Instant};

use rmd_runtime::clock::SharedClock;
use rmd_runtime::retry::Backoff;
use tokio_util::sync::CancellationToken;

use self::connection::Connection;
use self::nominate::Nominator;
use crate::hours::Opening;
use crate::journal::{self, Journal};
use crate::mapping::{Mapping, PlanError, RecordMap};
use crate::source::{self, Source};

/// Longest wait between two attempts of a record type whose passes fail.
const BACKOFF_MAX: Duration = Duration::from_mins(5);

/// Wait between two looks at a side table, which cost one look-up by index each.
const TRIGGERS_INTERVAL: Duration = Duration::from_millis(500);

/// What capture works with.
#[derive(Debug, Clone)]
pub(crate) struct Context {
    /// The national database.
    pub(crate) source: Source,
    /// The ministry's mapping.
    pub(crate) mapping: Arc<Mapping>,
    /// Where records go.
    pub(crate) journal: Journal,
    /// Instants and the evaluation day.
    pub(crate) clock: SharedClock,
    /// When the source may be read.
    pub(crate) opening: Opening,
    /// The state, ISO 3166-1 alpha-2.
    pub(crate) country: String,
    /// How often and how far back.
    pub(crate) settings: Settings,
    /// Ends the loop.
    pub(crate) shutdown: CancellationToken,
}

/// How often and how far back.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    /// Wait between the end of a pass and the next.
    pub(crate) interval: Duration,
    /// How far behind the mark a cursor window begins: the longest time that a
    /// transaction of the ministry's software takes from writing to commit.
    pub(crate) lag: Duration,
    /// Every how many passes of a cursor everything is read, which finds deleted
    /// rows and rows committed later than `lag`.
    pub(crate) sweep_every: u32,
    /// Wait between two looks at what triggers noted.
    pub(crate) triggers_interval: Duration,
    /// What becomes of notes at the source.
    pub(crate) notes: Notes,
}

/// What becomes of what a nominator gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Notes {
    /// It is taken back once the journal has it.
    TakenBack,
    /// Nobody looks at it: the journal is a copy that is thrown away.
    LeftAlone,
}

impl Settings {
    /// The defaults for an interval: lag of two intervals and at least ten seconds,
    /// a sweep about once an hour.
    pub(crate) fn every(interval: Duration) -> Self {
        let hour = Duration::from_hours(1).as_secs();
        let passes = hour / interval.as_secs().max(1);
        Self {
            interval,
            lag: (interval * 2).max(Duration::from_secs(10)),
            sweep_every: u32::try_from(passes).unwrap_or(u32::MAX).max(1),
            triggers_interval: TRIGGERS_INTERVAL.min(interval),
            notes: Notes::TakenBack,
        }
    }
}

/// Why a pass failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The source cannot be read.
    #[error(transparent)]
    Source(#[from] source::Error),
    /// A query of the mapping does not fit.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// The journal cannot be written.
    #[error("the journal cannot be written / le journal ne peut pas être écrit")]
    Journal(#[from] journal::Error),
    /// No row of a chunk has a key that can be read, so that no further one can be asked for.
    #[error(
        "rows of {entity} have a _key that cannot be read; correct them at the source / des lignes de {entity} ont une _key illisible ; corrigez-les à la source"
    )]
    KeyUnreadable {
        /// The record type.
        entity: &'static str,
    },
    /// The process is shutting down.
    #[error("shutting down")]
    Stopped,
}

impl Error {
    /// What may stand in a log; the whole message is in `status`.
    fn for_log(&self) -> String {
        match self {
            Self::Source(error) | Self::Plan(PlanError::Source { source: error, .. }) => {
                error.for_log()
            }
            other => connection::chain(other),
        }
    }
}

/// Captures until shutdown: every record type in the order of the mapping, each
/// with its own wait.
pub(crate) async fn run(context: Context) {
    let mapping = Arc::clone(&context.mapping);
    let mut connection = Connection::new(&context, &mapping);
    let mut turns: Vec<Turn<'_>> =
        mapping.records.iter().map(|record| Turn::new(record, &context.settings)).collect();
    loop {
        tokio::select! {
            () = context.shutdown.cancelled() => return,
            () = context.opening.opened(context.settings.interval) => {}
        }
        for (index, turn) in turns.iter_mut().enumerate() {
            if context.shutdown.is_cancelled() {
                return;
            }
            if context.opening.closed_until().is_some() {
                break;
            }
            if turn.due <= Instant::now() {
                turn.take(&mut connection, index).await;
            } else if turn.look_due.is_some_and(|due| due <= Instant::now()) {
                turn.look(&mut connection, index).await;
            }
        }
        let now = Instant::now();
        let due = turns.iter().flat_map(|turn| turn.look_due.into_iter().chain([turn.due]));
        let next = due.min().unwrap_or(now + BACKOFF_MAX);
        tokio::select! {
            () = context.shutdown.cancelled() => return,
            () = tokio::time::sleep(next.saturating_duration_since(now)) => {}
        }
    }
}

/// One pass over every record type, in the order of the mapping.
#[cfg(test)]
async fn run_once(context: &Context) -> Vec<(&'static str, Result<u64, Error>)> {
    pass_over_all(context, false).await
}

/// The same, reading everything as every n-th pass does.
#[cfg(test)]
async fn sweep_once(context: &Context) -> Vec<(&'static str, Result<u64, Error>)> {
    pass_over_all(context, true).await
}

async fn pass_over_all(context: &Context, sweep: bool) -> Vec<(&'static str, Result<u64, Error>)> {
    let mapping = Arc::clone(&context.mapping);
    let mut connection = Connection::new(context, &mapping);
    let mut results = Vec::new();
    for (index, record) in mapping.records.iter().enumerate() {
        let result = connection.pass(index, record, sweep).await;
        results.push((record.entity.name(), result.map(|done| done.rows)));
    }
    results
}

/// The turn of one record type.
struct Turn<'m> {
    record: &'m RecordMap,
    due: Instant,
    /// When to look at what was nominated; none without a nominator.
    look_due: Option<Instant>,
    backoff: Backoff,
    passes: u32,
}

impl<'m> Turn<'m> {
    fn new(record: &'m RecordMap, settings: &Settings) -> Self {
        let backoff = Backoff::new(settings.interval.max(Duration::from_secs(1)), BACKOFF_MAX);
        Self { record, due: Instant::now(), look_due: None, backoff, passes: 0 }
    }

    async fn take<'c>(&mut self, connection: &mut Connection<'c>, index: usize)
    where
        'm: 'c,
    {
        let settings = &connection.context.settings;
        self.passes = self.passes.wrapping_add(1);
        let sweep = self.passes.is_multiple_of(settings.sweep_every);
        let wait = settings.interval;
        let entity = self.record.entity.name();
        match connection.pass(index, self.record, sweep).await {
            Ok(done) => {
                tracing::debug!(entity, rows = done.rows, "capture pass finished");
                self.backoff.reset();
                self.due = Instant::now() + wait;
                self.look_again(settings, done.is_behind);
            }
            Err(error) => self.failed(wait, &error),
        }
    }

    /// Reads what was nominated since the last look; nothing is told if it was nothing.
    async fn look<'c>(&mut self, connection: &mut Connection<'c>, index: usize)
    where
        'm: 'c,
    {
        let settings = &connection.context.settings;
        match connection.look(index, self.record).await {
            Ok(Some(done)) => self.look_again(settings, done.is_behind),
            Ok(None) => self.look_due = None,
            Err(error) => self.failed(settings.interval, &error),
        }
    }

    fn look_again(&mut self, settings: &Settings, is_behind: bool) {
        let wait = if is_behind { Duration::ZERO } else { settings.triggers_interval };
        self.look_due = Nominator::of(self.record).map(|_| Instant::now() + wait);
    }

    fn failed(&mut self, wait: Duration, error: &Error) {
        self.look_due = None;
        if matches!(error, Error::Stopped) {
            return;
        }
        let wait = self.backoff.next().max(wait);
        self.due = Instant::now() + wait;
        let (entity, error) = (self.record.entity.name(), error.for_log());
        tracing::warn!(entity, error, wait_ms = wait.as_millis(), "capture pass failed");
    }
}
