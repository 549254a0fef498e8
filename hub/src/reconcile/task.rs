//! The task that lets the engine run behind the intake.
//!
//! Nothing is judged while nodes are still being caught up with, so that a first load
//! runs alone; one that never ends is judged now and then, the more seldom the longer it
//! takes to judge everything. While another process reconciles, it leaves it to that.
//! The shutdown cuts a step wherever it is, since a question about millions of records
//! may take longer than a server may to end; what was not written whole is judged again.

use std::{convert::Infallible, time::Duration};

use jiff::{SignedDuration, Timestamp};
use rmd_runtime::lifecycle::chain;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use super::{Engine, Error, Report, finding::Counts, queue};

/// How long findings may stay as they are because owners always have more.
const PATIENCE: SignedDuration = SignedDuration::from_mins(1);

/// How many times as long as the last run took nothing is judged while owners have more.
const REST: i32 = 10;

/// How often it is looked at what no record tells: feeds, and statistics of partners.
const STATES_INTERVAL: SignedDuration = SignedDuration::from_secs(15);

/// Judges what comes until the shutdown.
pub(crate) async fn run(
    engine: Engine,
    poll: Duration,
    shutdown: CancellationToken,
) -> Result<(), Infallible> {
    let mut pace = Pace::default();
    let judged = async {
        loop {
            let wait = engine.turn(&mut pace, poll).await;
            tokio::time::sleep(wait).await;
        }
    };
    shutdown.run_until_cancelled(judged).await;
    Ok(())
}

/// When the task did what.
#[derive(Debug, Default)]
struct Pace {
    /// Since when something waits that owners have more of.
    waits_since: Option<Timestamp>,
    /// How long the last work took.
    took: SignedDuration,
    looked_at: Option<Timestamp>,
    /// Who held us up last.
    waits_for: Option<String>,
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
        (self.waits_since, self.waits_for) = (None, None);
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
    /// One turn of the task; how long to wait for the next.
    async fn turn(&self, pace: &mut Pace, poll: Duration) -> Duration {
        match self.work(pace).await {
            // Another process is at it: who goes on at once would only hinder it.
            Ok(Some(report)) if report.steps == 0 => poll,
            Ok(Some(report)) => {
                let Counts { opened, changed, closed, reopened } = report.findings;
                let (whole, subjects) = (report.whole, report.subjects);
                info!(whole, subjects, opened, changed, closed, reopened, "records reconciled");
                Duration::ZERO
            }
            Ok(None) => poll,
            // It does what is to be done.
            Err(Error::Held(held)) => {
                if pace.waits_for.as_ref() != Some(&held.holder) {
                    info!(holder = held.holder, since = %held.since, "another process reconciles");
                }
                pace.waits_for = Some(held.holder);
                poll
            }
            Err(error) => {
                warn!(error = chain(&error), "records not reconciled");
                poll
            }
        }
    }

    async fn work(&self, pace: &mut Pace) -> Result<Option<Report>, Error> {
        let begun = self.clock.now();
        let is_caught_up = self.is_caught_up(begun).await?;
        if !pace.is_due(begun, is_caught_up) {
            return Ok(None);
        }
        let looks = pace.looks(begun);
        let report = self.step(self.clock.today(), (false, looks), &|_| (), None).await?;
        if report.is_some() {
            pace.worked(begun, self.clock.now());
        }
        Ok(report)
    }

    async fn is_caught_up(&self, now: Timestamp) -> Result<bool, Error> {
        let mut connection = self.store().acquire().await?;
        for queue in queue::queues(&mut connection).await? {
            if !queue.is_caught_up(&mut connection, now.as_microsecond()).await? {
                return Ok(false);
            }
        }
        Ok(true)
    }
}
