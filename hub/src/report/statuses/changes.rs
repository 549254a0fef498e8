//! Statuses that became another one in a month, as is known at the evaluation.

use jiff::{Span, Timestamp, civil::Date};
use rmd_report::{StatusChange, StatusReason, Whose};
use rmd_standard::effective::{
    Effective, ExporterHistory, Policy, Reason, SiteHistory, effective, effective_exporter,
};

use super::{Occasion, status};
use crate::share::{decision::Decision, exporter, site, subject::Subject};

/// The status of a site or an exporter as a function of the day.
pub(super) struct Course<'a> {
    history: History,
    known_at: Timestamp,
    policy: &'a Policy,
    /// Whether the Secretariat ever decided: it may have for some days alone.
    is_decided: bool,
}

enum History {
    Site(SiteHistory),
    Exporter(ExporterHistory),
}

impl<'a> Course<'a> {
    pub(super) fn of(subject: &Subject, decisions: &[Decision], occasion: &'a Occasion) -> Self {
        let history = match subject {
            Subject::Site(one) => History::Site(site::history(&one.revisions, decisions)),
            Subject::Exporter(one) => {
                History::Exporter(exporter::history(&one.revisions, decisions))
            }
        };
        let is_decided = !decisions.is_empty();
        Self { history, known_at: occasion.known_at, policy: &occasion.policy, is_decided }
    }

    pub(super) fn on(&self, day: Date) -> Effective {
        match &self.history {
            History::Site(history) => effective(history, day, self.known_at, self.policy),
            History::Exporter(history) => {
                effective_exporter(history, day, self.known_at, self.policy)
            }
        }
    }

    /// What changed in the month up to the evaluation, in the order of days. A change of
    /// the reason alone is none.
    pub(super) fn changes(&self, subject: &Subject, occasion: &Occasion) -> Vec<StatusChange> {
        let first = occasion.month.first_day();
        let last = occasion.month.last_day().min(occasion.day);
        let Ok(before) = first.yesterday() else { return Vec::new() };
        let (mut was, ends) = (self.on(before), self.on(last));
        // Of most nothing changed, and there are a great many.
        let is_same = ends.status == was.status && ends.since < first;
        let mut changes = Vec::new();
        if last < first || is_same && !self.is_decided {
            return changes;
        }
        for day in first.series(Span::new().days(1)).take_while(|day| *day <= last) {
            let now = self.on(day);
            if now.status != was.status {
                changes.push(StatusChange {
                    whose: match subject {
                        Subject::Site(_) => Whose::Site,
                        Subject::Exporter(_) => Whose::Exporter,
                    },
                    country: subject.country().to_owned(),
                    id: subject.name().to_owned(),
                    on: day,
                    from: status(was.status),
                    to: status(now.status),
                    reason: reason(now.reason),
                });
            }
            was = now;
        }
        changes
    }
}

const fn reason(reason: Reason) -> StatusReason {
    match reason {
        Reason::Inspection => StatusReason::Inspection,
        Reason::Lapse => StatusReason::Lapse,
        Reason::Overdue => StatusReason::Overdue,
        Reason::Declaration => StatusReason::Declaration,
        Reason::Suspension => StatusReason::Suspension,
        Reason::Licence => StatusReason::Licence,
        Reason::Decision => StatusReason::Decision,
        Reason::Unknown => StatusReason::Unknown,
    }
}
