//! The task that lets the engine run behind the intake.
//!
//! Nothing is judged while nodes are still being caught up with, so that a first load
//! runs alone, and nobody is asked about what only half of it says; one that never ends is
//! judged now and then, the more seldom the longer it takes to judge everything. While another process reconciles, it leaves it to that.
//! The shutdown cuts a step wherever it is, since a question about millions of records
//! may take longer than a server may to end; what was not written whole is judged again.

use std::{convert::Infallible, time::Duration};

use jiff::{SignedDuration, Timestamp};
use rmd_runtime::lifecycle::chain;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use super::{
    Engine, Error, Report,
    finding::Counts,
    queue::{self, Coming},
};

/// How long findings may stay as they are because owners always have more.
const PATIENCE: SignedDuration = SignedDuration::from_mins(1);

/// The same while a feed is loaded; ten million records take less. Both at once take the
/// memory of both.
const PATIENCE_WITH_LOADS: SignedDuration = SignedDuration::from_hours(1);

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
    engine.leases.returned().await;
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
    fn is_due(&mut self, now: Timestamp, coming: Coming) -> bool {
        let patience = match coming {
            Coming::Nothing => {
                self.waits_since = None;
                return true;
            }
            Coming::Some => PATIENCE,
            Coming::Load => PATIENCE_WITH_LOADS,
        };
        let since = *self.waits_since.get_or_insert(now);
        now.duration_since(since) > patience.max(self.took.saturating_mul(REST))
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
        let coming = self.coming(begun).await?;
        if !pace.is_due(begun, coming) {
            return Ok(None);
        }
        let looks = pace.looks(begun);
        let report = self.step(self.clock.today(), (false, looks), &|_| (), None).await?;
        if report.is_some() {
            pace.worked(begun, self.clock.now());
        }
        Ok(report)
    }

    /// The most that is still to come of any feed.
    async fn coming(&self, now: Timestamp) -> Result<Coming, Error> {
        let mut connection = self.store().acquire().await?;
        let mut most = Coming::Nothing;
        for queue in queue::queues(&mut connection).await? {
            most = most.max(queue.coming(&mut connection, now.as_microsecond()).await?);
        }
        Ok(most)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_always_has_more_is_judged_after_a_minute_and_a_load_after_an_hour() {
        let at = |seconds: i64| Timestamp::from_second(1_790_000_000 + seconds).unwrap();
        for (coming, patience) in [(Coming::Some, 60), (Coming::Load, 3_600)] {
            let mut pace = Pace::default();
            assert!(!pace.is_due(at(0), coming));
            assert!(!pace.is_due(at(patience), coming));
            assert!(pace.is_due(at(patience + 1), coming));
            // The more seldom the longer it took, and at once where nothing is to come.
            pace.worked(at(0), at(patience));
            assert!(!pace.is_due(at(0), coming));
            assert!(!pace.is_due(at(10 * patience), coming));
            assert!(pace.is_due(at(10 * patience), Coming::Nothing));
        }
    }
}
