//! The status of an exporter: what its state declares, under the clock, with its
//! suspension and the end of its licence.
//!
//! No inspection supports Green here, so no year ends it; Blue and Yellow last as
//! long as a site's. A suspended exporter is Red from that day on, one whose licence
//! expired from the day after: the last day of a licence is still inside.

use jiff::{Timestamp, civil::Date};
use rmd_proto::v1::{CertificationStatus, ExporterStatus};

use super::{
    DecisionEvent, Effective, Policy, Reason,
    clock::{self, Period},
    declared::{Declared, Known},
    known, weigh,
};
use crate::model;

/// Everything known about the status of one exporter.
#[derive(Debug, Clone, Default)]
pub struct ExporterHistory {
    revisions: Vec<(Timestamp, Licensed)>,
    decisions: Vec<DecisionEvent>,
}

/// What one revision of an exporter's record declares.
#[derive(Debug, Clone)]
struct Licensed {
    declared: Declared,
    suspended_on: Option<Date>,
    /// First day without a licence.
    expired_on: Option<Date>,
}

impl ExporterHistory {
    /// Adds a revision of the exporter's record, known since that instant. Of
    /// revisions known since one instant the one added last counts.
    #[must_use]
    pub fn with_revision(mut self, record: &ExporterStatus, known_at: Timestamp) -> Self {
        let expiring = model::day(&record.license_expiring_date);
        let licensed = Licensed {
            declared: Declared::plain(
                record.certification_status(),
                &record.certification_status_since,
            ),
            suspended_on: model::day(&record.suspended_since),
            expired_on: expiring.map(clock::next_day),
        };
        self.revisions.push((known_at, licensed));
        self.revisions.sort_by_key(|revision| revision.0);
        self
    }

    /// Adds a decision.
    #[must_use]
    pub fn with_decision(mut self, decision: DecisionEvent) -> Self {
        self.decisions.push(decision);
        self.decisions.sort_by_key(|decision| (decision.decided_on, decision.known_at));
        self
    }
}

/// The status of an exporter on a day, out of what was known by an instant; decisions
/// count as for a site.
pub fn effective_exporter(
    history: &ExporterHistory,
    day: Date,
    known_at: Timestamp,
    policy: &Policy,
) -> Effective {
    let known = known(&history.revisions, known_at, Licensed::current);
    let declared = |day| known.and_then(|(said, licensed)| licensed.course(day, said, policy));
    weigh(declared, &history.decisions, day, known_at)
}

impl Licensed {
    const fn current(&self) -> CertificationStatus {
        self.declared.current()
    }

    fn course(&self, day: Date, said: Known, policy: &Policy) -> Option<(Date, Vec<Period>)> {
        let (declared_on, course) = self.declared.course(day, said, policy).unzip();
        let mut course = course.unwrap_or_default();
        let ends = [(self.suspended_on, Reason::Suspension), (self.expired_on, Reason::Licence)];
        let mut ends: Vec<(Date, Reason)> =
            ends.into_iter().filter_map(|(on, reason)| Some((on?, reason))).collect();
        // The first of them counts; the other says nothing more.
        ends.sort_by_key(|end| end.0);
        let first = ends.first();
        if let Some((from, reason)) = first {
            course = clock::barred(course, *from, *reason);
        }
        let ended_on = first.map(|end| end.0).filter(|from| *from <= day);
        Some((declared_on.max(ended_on)?, course))
    }
}
