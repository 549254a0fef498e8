//! The status of a site or an exporter as a function of the day and of what was known.
//!
//! Made out of the revisions, the decisions and the clock alone. Refuses nothing, and
//! reads no store.

use std::collections::BTreeSet;

use jiff::{Timestamp, civil::Date};
use rmd_proto::v1;
use rmd_standard::{
    Entity,
    effective::{
        Effective, ExporterHistory, Policy, SiteHistory, calendar_day, effective,
        effective_exporter,
    },
};

use super::revision::{Revision, Told};
use crate::{
    share::{decision::Decision, exporter, site, subject::Subject},
    store,
};

/// A status as a function of the day and of what was known.
pub(super) struct Course {
    history: History,
    /// Days on which it may change, each with when it became known.
    events: Vec<(Date, Timestamp)>,
}

enum History {
    Site(SiteHistory),
    Exporter(ExporterHistory),
}

/// From a day on, one status for one reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Turn {
    pub(super) on: Date,
    /// What holds on that day; `until` is its last day, if nothing else happens.
    pub(super) effective: Effective,
}

impl Course {
    /// Of a record that may be released no more, out of its revisions.
    pub(super) fn of_revisions(
        entity: Entity,
        known: &[Revision],
        decisions: &[Decision],
    ) -> Result<Self, store::Error> {
        Ok(if entity == Entity::ExporterStatus {
            Self::of_exporter(&each(known, Revision::exporter)?, decisions)
        } else {
            Self::of_site(&each(known, Revision::site)?, decisions)
        })
    }

    /// Of a released record, out of so many of its revisions, the first ones.
    pub(super) fn of_subject(subject: &Subject, revisions: usize, decisions: &[Decision]) -> Self {
        match subject {
            Subject::Site(site) => Self::of_site(first(&site.revisions, revisions), decisions),
            Subject::Exporter(exporter) => {
                Self::of_exporter(first(&exporter.revisions, revisions), decisions)
            }
        }
    }

    fn of_site(revisions: &[Told<v1::MineSite>], decisions: &[Decision]) -> Self {
        let events = events(revisions, days_of_site, decisions);
        Self { history: History::Site(site::history(revisions, decisions)), events }
    }

    fn of_exporter(revisions: &[Told<v1::ExporterStatus>], decisions: &[Decision]) -> Self {
        let events = events(revisions, days_of_exporter, decisions);
        Self { history: History::Exporter(exporter::history(revisions, decisions)), events }
    }

    pub(super) fn on(&self, day: Date, known_at: Timestamp, policy: &Policy) -> Effective {
        match &self.history {
            History::Site(history) => effective(history, day, known_at, policy),
            History::Exporter(history) => effective_exporter(history, day, known_at, policy),
        }
    }

    /// All that held up to a day, or for ever, as it was known at an instant: from each
    /// turn to the next, status and reason are the same.
    pub(super) fn turns(
        &self,
        known_at: Timestamp,
        last: Option<Date>,
        policy: &Policy,
    ) -> Vec<Turn> {
        let known = self.events.iter().filter(|event| event.1 <= known_at);
        let days: BTreeSet<Date> = known.map(|event| event.0).collect();
        let mut turns: Vec<Turn> = Vec::new();
        let mut next = days.first().copied();
        while let Some(day) = next.filter(|day| last.is_none_or(|last| *day <= last)) {
            let effective = self.on(day, known_at, policy);
            let goes_on = turns.last().is_some_and(|before| is_same(&before.effective, &effective));
            let until = if goes_on { effective.until } else { day.yesterday().ok() };
            if let Some(before) = turns.last_mut() {
                before.effective.until = until;
            }
            if !goes_on {
                turns.push(Turn { on: day, effective });
            }
            let ends = effective.until.and_then(|until| until.tomorrow().ok());
            let event = day.tomorrow().ok().and_then(|after| days.range(after..).next().copied());
            next = [ends, event].into_iter().flatten().min();
        }
        turns
    }

    /// The first day after one on which something that is known begins.
    pub(super) fn event_after(&self, day: Date) -> Option<Date> {
        self.events.iter().map(|event| event.0).filter(|event| *event > day).min()
    }
}

fn is_same(one: &Effective, other: &Effective) -> bool {
    (one.status, one.reason) == (other.status, other.reason)
}

fn first<T>(all: &[T], count: usize) -> &[T] {
    &all[..count.min(all.len())]
}

fn each<M>(
    known: &[Revision],
    read: impl Fn(&Revision) -> Result<M, store::Error>,
) -> Result<Vec<Told<M>>, store::Error> {
    known.iter().map(|one| one.told(&read)).collect()
}

/// The days of what was declared and decided, and the day on which each revision was
/// said, which counts for what has no day.
fn events<M>(
    revisions: &[Told<M>],
    days: impl Fn(&M) -> Vec<Date>,
    decisions: &[Decision],
) -> Vec<(Date, Timestamp)> {
    let mut events: Vec<(Date, Timestamp)> =
        decisions.iter().map(|one| (one.decided_on, one.recorded_at)).collect();
    for told in revisions {
        let said_on = calendar_day(told.said_at.min(told.known_at));
        events.extend(days(&told.says).into_iter().chain([said_on]).map(|on| (on, told.known_at)));
    }
    events
}

fn days_of_site(site: &v1::MineSite) -> Vec<Date> {
    let changes = site.status_change.iter().map(|one| &one.date_of_change);
    let visits = site.inspection.iter().map(|one| &one.inspection_date);
    let days = changes.chain(visits).chain([&site.certification_status_since]);
    days.filter_map(|day| day.parse().ok()).collect()
}

fn days_of_exporter(status: &v1::ExporterStatus) -> Vec<Date> {
    let days = [&status.certification_status_since, &status.suspended_since];
    let expired: Option<Date> = status.license_expiring_date.parse().ok();
    let expired = expired.and_then(|day| day.tomorrow().ok());
    days.into_iter().filter_map(|day| day.parse().ok()).chain(expired).collect()
}
