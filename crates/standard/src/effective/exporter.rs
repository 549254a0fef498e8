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
    declared::Declared,
    revisions::{Revisions, Said, Statement},
    weigh,
};
use crate::model;

/// Everything known about the status of one exporter.
#[derive(Debug, Clone, Default)]
pub struct ExporterHistory {
    revisions: Revisions<Licensed>,
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
    pub fn with_revision(self, record: &ExporterStatus, known_at: Timestamp) -> Self {
        self.with_revision_said(record, known_at, known_at)
    }

    /// The same of a revision that was said before it became known.
    #[must_use]
    pub fn with_revision_said(
        mut self,
        record: &ExporterStatus,
        known_at: Timestamp,
        said_at: Timestamp,
    ) -> Self {
        let expiring = model::day(&record.license_expiring_date);
        let licensed = Licensed {
            declared: Declared::plain(
                &record.country,
                record.certification_status(),
                &record.certification_status_since,
            ),
            suspended_on: model::day(&record.suspended_since),
            expired_on: expiring.map(clock::next_day),
        };
        self.revisions.push(licensed, known_at, said_at);
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
    let declared = |day| history.revisions.course(day, known_at, policy);
    weigh(declared, &history.decisions, day, known_at)
}

impl Statement for Licensed {
    fn current(&self) -> CertificationStatus {
        self.declared.current()
    }

    fn is_silent(&self) -> bool {
        let is_barred = self.suspended_on.is_some() || self.expired_on.is_some();
        self.declared.is_silent() && !is_barred
    }

    fn first_day(&self, said: Said) -> Option<Date> {
        let first = self.declared.first_day(said);
        [first, self.suspended_on, self.expired_on].into_iter().flatten().min()
    }

    fn course(&self, day: Date, said: Said, policy: &Policy) -> Option<(Date, Vec<Period>)> {
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

#[cfg(test)]
mod tests {
    use CertificationStatus::{Blue, Green, Red, Unspecified, Yellow};
    use jiff::civil::date;

    use super::*;

    fn at(day: &str) -> Timestamp {
        format!("{day}T12:00:00Z").parse().unwrap()
    }

    /// An exporter with its status since 2016-01-01.
    fn exporter(status: CertificationStatus) -> ExporterStatus {
        ExporterStatus {
            certification_status: status.into(),
            certification_status_since: "2016-01-01".to_owned(),
            ..ExporterStatus::default()
        }
    }

    fn history(record: &ExporterStatus) -> ExporterHistory {
        ExporterHistory::default().with_revision(record, at("2015-12-01"))
    }

    fn on(history: &ExporterHistory, day: &str) -> Effective {
        effective_exporter(history, day.parse().unwrap(), at("2030-01-01"), &Policy::default())
    }

    #[test]
    fn green_has_no_end_while_blue_and_yellow_end_in_red() {
        let rows = [
            (Green, "2015-12-31", Unspecified, Reason::Unknown),
            (Green, "2016-01-01", Green, Reason::Declaration),
            (Green, "2029-01-01", Green, Reason::Declaration),
            (Blue, "2019-01-01", Blue, Reason::Declaration),
            (Blue, "2019-01-02", Red, Reason::Overdue),
            (Yellow, "2016-07-01", Yellow, Reason::Declaration),
            (Yellow, "2016-07-02", Red, Reason::Overdue),
        ];
        for (status, day, expected, reason) in rows {
            let effective = on(&history(&exporter(status)), day);
            assert_eq!(
                (effective.status, effective.reason),
                (expected, reason),
                "{status:?} {day}"
            );
        }
        assert_eq!(on(&history(&exporter(Green)), "2017-01-01").until, None);
    }

    #[test]
    fn a_suspension_and_the_end_of_a_licence_make_red() {
        let licensed =
            ExporterStatus { license_expiring_date: "2017-03-31".to_owned(), ..exporter(Green) };
        let last = on(&history(&licensed), "2017-03-31");
        assert_eq!((last.status, last.until), (Green, Some(date(2017, 3, 31))));
        let over = on(&history(&licensed), "2017-04-01");
        assert_eq!((over.status, over.reason), (Red, Reason::Licence));
        assert_eq!((over.since, over.until), (date(2017, 4, 1), None));
        // The first of both counts, whichever it is.
        let suspended = ExporterStatus { suspended_since: "2016-06-01".to_owned(), ..licensed };
        let suspended = history(&suspended);
        assert_eq!(on(&suspended, "2016-05-31").until, Some(date(2016, 5, 31)));
        let after = on(&suspended, "2018-01-01");
        assert_eq!((after.reason, after.since), (Reason::Suspension, date(2016, 6, 1)));
        // Red before, it stays Red for the reason that it had.
        let blue = ExporterStatus { suspended_since: "2020-06-01".to_owned(), ..exporter(Blue) };
        assert_eq!(on(&history(&blue), "2021-01-01").reason, Reason::Overdue);
    }

    #[test]
    fn decisions_count_as_for_a_site() {
        let decision = |status, day: &str, lifts| DecisionEvent {
            decision_id: day.to_owned(),
            status,
            decided_on: day.parse().unwrap(),
            known_at: at(day),
            lifts,
        };
        let suspended = ExporterStatus {
            suspended_since: "2016-06-01".to_owned(),
            license_expiring_date: "2017-03-31".to_owned(),
            ..exporter(Green)
        };
        let worse = history(&exporter(Green)).with_decision(decision(Red, "2016-09-01", false));
        assert_eq!(on(&worse, "2016-08-31").status, Green);
        assert_eq!(on(&worse, "2016-09-01").status, Red);
        let lifted = history(&suspended).with_decision(decision(Green, "2016-09-01", true));
        assert_eq!(on(&lifted, "2016-08-31").status, Red);
        assert_eq!(on(&lifted, "2016-09-01").status, Green);
    }

    #[test]
    fn what_is_known_later_changes_nothing_before() {
        let suspended =
            ExporterStatus { suspended_since: "2016-06-01".to_owned(), ..exporter(Green) };
        let history = history(&exporter(Green)).with_revision(&suspended, at("2016-09-01"));
        let known = |known: &str| {
            let policy = Policy::default();
            effective_exporter(&history, date(2016, 7, 1), at(known), &policy).status
        };
        assert_eq!((known("2016-08-31"), known("2016-09-01")), (Green, Red));
    }
}
