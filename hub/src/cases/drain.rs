//! The task of the cases, behind the engine.
//!
//! A step is one transaction: some events of findings, some answers, one case whose hold
//! has passed, one notice. It follows the events after a cursor of its own, so that the
//! engine knows nothing of cases. Killed anywhere, a step is repeated.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use jiff::{SignedDuration, Timestamp};
use rmd_feed::FeedKey;
use rmd_runtime::{SharedClock, lifecycle::chain};
use rmd_standard::country::alpha2_of;
use sqlx::{AnyConnection, FromRow, Row as _};
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;
use tracing::{debug, info, warn};

use super::{
    Error, State,
    cause::About,
    file::{self, Change, Event, File, Kind},
    finding,
    missing::Complete,
    notice::{self, Pen},
    reply, returned,
};
use crate::store::Store;

/// Events of findings in one step.
const EVENTS_MAX: i64 = 128;

/// What the network agreed on about cases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Terms {
    /// Days that a state has for an answer.
    pub(crate) answer_days: u16,
    /// Days after which a case is sent by itself; 0: an officer sends.
    pub(crate) send_after_days: u16,
}

/// Works on the cases. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Desk {
    store: Store,
    clock: SharedClock,
    key: Arc<FeedKey>,
    /// Name of the hub on checkpoints.
    hub: String,
    terms: Terms,
    complete: Arc<Mutex<Complete>>,
}

/// Works on what comes until the shutdown.
pub(crate) async fn run(
    desk: Desk,
    poll: Duration,
    shutdown: CancellationToken,
) -> Result<(), Error> {
    loop {
        let wait = match desk.step().await {
            Ok(true) => Duration::ZERO,
            Ok(false) => poll,
            Err(error) => {
                warn!(error = chain(&error), "cases not worked on");
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

/// An event of the history of findings.
#[derive(Debug, FromRow)]
struct FindingEvent {
    event_id: i64,
    finding_id: String,
    change: String,
    severity: i64,
}

impl Desk {
    /// One that signs as the hub does.
    pub(crate) fn new(
        store: Store,
        clock: SharedClock,
        (key, hub): (Arc<FeedKey>, String),
        terms: Terms,
    ) -> Self {
        Self { store, clock, key, hub, terms, complete: Arc::default() }
    }

    /// Does one step; false if there is nothing to do now.
    pub(crate) async fn step(&self) -> Result<bool, Error> {
        Ok(self.follow().await?
            || self.note_answers().await?
            || self.send_held().await?
            || self.tell_erased().await?
            || self.publish().await?
            || self.catch_up().await?)
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }

    fn pen(&self) -> Pen<'_> {
        Pen { key: &self.key, hub: &self.hub, now: self.clock.now() }
    }

    /// Takes up what became of findings.
    async fn follow(&self) -> Result<bool, Error> {
        if events(&mut *self.store.acquire().await?, 1).await?.is_empty() {
            return Ok(false);
        }
        let now_us = self.now().as_microsecond();
        let mut transaction = self.store.begin().await?;
        file::turn(&mut transaction).await?;
        let events = events(&mut transaction, EVENTS_MAX).await?;
        for event in &events {
            take_up(&mut transaction, event, now_us).await?;
        }
        if let Some(last) = events.last() {
            file::advance(&mut transaction, last.event_id).await?;
        }
        transaction.commit().await?;
        debug!(events = events.len(), "events of findings taken up");
        Ok(true)
    }

    /// Notes what states answered.
    async fn note_answers(&self) -> Result<bool, Error> {
        if !reply::is_any_waiting(&mut *self.store.acquire().await?).await? {
            return Ok(false);
        }
        let now_us = self.now().as_microsecond();
        let mut transaction = self.store.begin().await?;
        file::turn(&mut transaction).await?;
        reply::note(&mut transaction, (now_us, self.clock.today())).await?;
        transaction.commit().await?;
        Ok(true)
    }

    /// Sends a case by itself, where the network agreed on a hold.
    async fn send_held(&self) -> Result<bool, Error> {
        let Terms { answer_days, send_after_days } = self.terms;
        if send_after_days == 0 {
            return Ok(false);
        }
        let hold = SignedDuration::from_hours(24 * i64::from(send_after_days));
        let now = self.now();
        let until_us = now.saturating_sub(hold).unwrap_or(Timestamp::MIN).as_microsecond();
        let Some(case_id) = held(&mut *self.store.acquire().await?, until_us).await? else {
            return Ok(false);
        };
        let mut transaction = self.store.begin().await?;
        file::turn(&mut transaction).await?;
        let found = file::find(&mut transaction, &case_id).await?;
        if let Some(mut file) = found.filter(|file| file.state == State::Open) {
            let now_us = now.as_microsecond();
            file.send(self.clock.today(), answer_days, now_us);
            file.changed_at_us = now_us;
            let event = Event::of_hub(now_us, "sent", format!("held {send_after_days} days"));
            file::save(&mut transaction, &file, &[event]).await?;
            finding::ask(&mut transaction, (&case_id, &file.country)).await?;
        }
        transaction.commit().await?;
        Ok(true)
    }

    /// Says in the feed of verdicts what was erased there.
    async fn tell_erased(&self) -> Result<bool, Error> {
        if notice::untold(&mut *self.store.acquire().await?).await?.is_none() {
            return Ok(false);
        }
        let mut transaction = self.store.begin().await?;
        file::turn(&mut transaction).await?;
        if let Some(untold) = notice::untold(&mut transaction).await? {
            notice::append_order(&mut transaction, self.pen(), &untold).await?;
        }
        transaction.commit().await?;
        Ok(true)
    }

    /// Publishes the notice of one case to the nodes of its state.
    async fn publish(&self) -> Result<bool, Error> {
        let Some(case_id) = notice::next_due(&mut *self.store.acquire().await?).await? else {
            return Ok(false);
        };
        let mut transaction = self.store.begin().await?;
        file::turn(&mut transaction).await?;
        if let Some(mut file) = file::find(&mut transaction, &case_id).await? {
            let nodes = if file.is_due {
                notice::publish(&mut transaction, self.pen(), &file).await?
            } else {
                0
            };
            file.is_due = false;
            file::save(&mut transaction, &file, &[]).await?;
            info!(
                case.id = case_id,
                state = file.state.as_str(),
                nodes,
                "notice of a case published"
            );
        }
        transaction.commit().await?;
        Ok(true)
    }

    /// Has a case told again of which a node of its state has no notice.
    async fn catch_up(&self) -> Result<bool, Error> {
        let mut complete = self.complete.lock().await;
        let case_id = complete.next(&mut *self.store.acquire().await?).await?;
        let Some(case_id) = case_id else { return Ok(false) };
        let mut transaction = self.store.begin().await?;
        file::turn(&mut transaction).await?;
        if let Some(mut file) = file::find(&mut transaction, &case_id).await? {
            file.is_due = true;
            file::save(&mut transaction, &file, &[]).await?;
        }
        transaction.commit().await?;
        Ok(true)
    }
}

async fn events(connection: &mut AnyConnection, limit: i64) -> Result<Vec<FindingEvent>, Error> {
    let after = file::cursor(connection).await?;
    Ok(sqlx::query_as(
        "SELECT event_id, finding_id, change, severity
         FROM finding_event
         WHERE event_id > $1
         ORDER BY event_id
         LIMIT $2",
    )
    .bind(after)
    .bind(limit)
    .fetch_all(connection)
    .await?)
}

/// The gravest case that was open by an instant, of a state that can be asked: a day must
/// not pass for one that nobody has heard of.
async fn held(connection: &mut AnyConnection, until_us: i64) -> Result<Option<String>, Error> {
    let nodes = notice::able(connection).await?;
    let countries: BTreeSet<&str> =
        nodes.iter().filter_map(|id| id.split('/').next()).filter_map(alpha2_of).collect();
    for country in countries {
        let row = sqlx::query(
            "SELECT case_id
             FROM case_file
             WHERE state = 'open' AND country = $1 AND opened_at_us <= $2
             ORDER BY severity DESC, opened_at_us, case_id
             LIMIT 1",
        )
        .bind(country)
        .bind(until_us)
        .fetch_optional(&mut *connection)
        .await?;
        if let Some(row) = row {
            return Ok(Some(row.try_get(0)?));
        }
    }
    Ok(None)
}

/// Takes up one event, in the case of each state.
async fn take_up(
    connection: &mut AnyConnection,
    event: &FindingEvent,
    now_us: i64,
) -> Result<(), Error> {
    let Some(mut known) = finding::find(connection, &event.finding_id).await? else {
        return Ok(());
    };
    // The row may be further than the event.
    known.severity = u32::try_from(event.severity).unwrap_or(known.severity);
    let is_open = event.change != "closed";
    for country in known.countries() {
        let Some(about) = About::of(&known, country) else { continue };
        let found = file::find(connection, &about.case_id()).await?;
        // One that came back with its notice, after the hub was restored, waits for its findings.
        let is_returned = match &found {
            Some(file) => file.findings < returned::findings(connection, &file.case_id).await?,
            None => false,
        };
        let is_new = found.is_none();
        let mut file = found.unwrap_or_else(|| File::new(&about, now_us));
        let before = file::standing(connection, &file.case_id, &known.finding_id).await?;
        let was_open = before.as_ref().is_some_and(|(state, _)| state == "open");
        let kind = match (was_open, is_open) {
            _ if is_returned && is_open => Kind::Known,
            (false, true) => Kind::Opened,
            (true, true) => Kind::Changed,
            (true, false) => Kind::Closed,
            (false, false) => Kind::Known,
        };
        file::stand(connection, &mut file, &known, (is_open, event.severity)).await?;
        let change = Change { kind, severity_before: before.map_or(0, |(_, severity)| severity) };
        let events: Vec<Event> = file.take(&known, change, now_us).into_iter().collect();
        file.changed_at_us = now_us;
        file::save(connection, &file, &events).await?;
        if is_new {
            reply::look_again(connection, &file.case_id).await?;
        }
    }
    Ok(())
}
