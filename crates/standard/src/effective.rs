//! The status of a mine site or of an exporter that counts on a day: of the three
//! statuses of each, declared, decided and effective, the one that is computed.
//!
//! Three statuses are kept apart. *Declared* is the state's own history.
//! *Decided* is what the Secretariat decided, in force until lifted.
//! *Effective* is what this one pure function makes of both, for node, hub and
//! rules alike. Nothing here reads a clock: the day, and the instant by which
//! something had to be known, are parameters.
//!
//! Invariant: what happens after `day`, or became known after `known_at`, has
//! no influence on the answer.

mod clock;
mod declared;
mod exporter;
mod revisions;

use std::collections::BTreeMap;

use jiff::{Timestamp, civil::Date, tz::Offset};
use rmd_proto::v1::{self, CertificationStatus};

use clock::Period;
use declared::Declared;
pub use exporter::{ExporterHistory, effective_exporter};
use revisions::Revisions;

/// What the clock depends on beside the record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// Months that a Yellow site or exporter has to correct; default 6.
    pub yellow_months: u32,
    /// The same in states that have a period of their own, by their alpha-2 codes.
    pub yellow_months_of: BTreeMap<String, u32>,
}

impl Default for Policy {
    fn default() -> Self {
        Self { yellow_months: 6, yellow_months_of: BTreeMap::new() }
    }
}

impl Policy {
    /// Months that Yellow lasts in a state (alpha-2).
    pub fn yellow_months_in(&self, country: &str) -> u32 {
        self.yellow_months_of.get(country).copied().unwrap_or(self.yellow_months)
    }

    /// The same for the records of one state (alpha-2) alone.
    #[must_use]
    pub fn of(&self, country: &str) -> Self {
        let yellow_months = self.yellow_months_in(country);
        Self { yellow_months, yellow_months_of: BTreeMap::new() }
    }
}

/// A decision of the Secretariat about a site or an exporter, as it became known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecisionEvent {
    /// Number of the decision.
    pub decision_id: String,
    /// Status decided.
    pub status: CertificationStatus,
    /// Day from which it is in force.
    pub decided_on: Date,
    /// Instant at which it became known.
    pub known_at: Timestamp,
    /// Whether it ends the decisions before it and overrides what the state
    /// had declared up to that day, even if that is worse.
    pub lifts: bool,
}

/// Everything known about the status of one site.
#[derive(Debug, Clone, Default)]
pub struct SiteHistory {
    revisions: Revisions<Declared>,
    decisions: Vec<DecisionEvent>,
}

impl SiteHistory {
    /// The history that a site's record declares, known since that instant.
    pub fn new(site: &v1::MineSite, known_at: Timestamp) -> Self {
        Self::default().with_revision(site, known_at)
    }

    /// Adds another revision of the site's record, known since that instant. Of
    /// revisions known since one instant the one added last counts.
    #[must_use]
    pub fn with_revision(self, site: &v1::MineSite, known_at: Timestamp) -> Self {
        self.with_revision_said(site, known_at, known_at)
    }

    /// The same of a revision that was said before it became known: what has no day of
    /// its own counts from there.
    #[must_use]
    pub fn with_revision_said(
        mut self,
        site: &v1::MineSite,
        known_at: Timestamp,
        said_at: Timestamp,
    ) -> Self {
        self.revisions.push(Declared::of(site), known_at, said_at);
        self
    }

    /// Adds a decision.
    #[must_use]
    pub fn with_decision(mut self, decision: DecisionEvent) -> Self {
        self.decisions.push(decision);
        self.decisions.sort_by_key(|decision| (decision.decided_on, decision.known_at));
        self
    }

    /// The days on which a revision or a decision became known.
    pub fn known_on(&self) -> impl Iterator<Item = Date> {
        let decisions = self.decisions.iter().map(|decision| calendar_day(decision.known_at));
        self.revisions.known_on().chain(decisions)
    }

    /// The days on which something begins that is declared or decided, whatever is known
    /// of it: between two of them, with the same knowledge, only the clock of a status
    /// makes another answer, and that on the day after [`Effective::until`].
    pub fn begins_on(&self) -> impl Iterator<Item = Date> {
        let revisions = self.revisions.each();
        let declared = revisions.flat_map(|(said_on, declared)| declared.days().chain([said_on]));
        declared.chain(self.decisions.iter().map(|decision| decision.decided_on))
    }
}

/// Why a status counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reason {
    /// Green, supported by an inspection.
    Inspection,
    /// Blue, because Green lapsed.
    Lapse,
    /// Red, because Blue or Yellow lasted too long.
    Overdue,
    /// As the state declares it.
    Declaration,
    /// Red, because the state suspended the exporter.
    Suspension,
    /// Red, because the exporter's licence expired.
    Licence,
    /// As the Secretariat decided.
    Decision,
    /// Nothing was declared by that day, or known by that instant.
    Unknown,
}

impl Reason {
    /// The word in bulletins and JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Inspection => "inspection",
            Self::Lapse => "lapse",
            Self::Overdue => "overdue",
            Self::Declaration => "declaration",
            Self::Suspension => "suspension",
            Self::Licence => "licence",
            Self::Decision => "decision",
            Self::Unknown => "unknown",
        }
    }
}

/// The status that counts on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Effective {
    /// The status; `Unspecified` only with [`Reason::Unknown`].
    pub status: CertificationStatus,
    /// First day on which it holds.
    pub since: Date,
    /// Last day on which it holds if nothing else happens; none if without end.
    pub until: Option<Date>,
    /// Why it counts.
    pub reason: Reason,
}

/// The status of a site on a day, out of what was known by an instant.
///
/// The declared history runs under the clock: Green until the same calendar
/// day one year after the inspection, then Blue; Blue for three calendar
/// years, then Red; Yellow for the period of the policy, then Red. The limit
/// day itself is still inside. While a decision is in force the worse of the
/// two counts. A decision that lifts sets a worse declared status aside, with
/// its clock, and counts alone until the state declares something newer or the
/// Secretariat decides again. A declared status that is no worse is not set
/// aside: Green that lapses under a lifting decision lapses.
pub fn effective(
    history: &SiteHistory,
    day: Date,
    known_at: Timestamp,
    policy: &Policy,
) -> Effective {
    let declared = |day| history.revisions.course(day, known_at, policy);
    weigh(declared, &history.decisions, day, known_at)
}

/// The worse of what is declared and what is decided. `declared` gives the day of the
/// latest declaration by a day, and the course of the status from there on.
fn weigh(
    declared: impl Fn(Date) -> Option<(Date, Vec<Period>)>,
    decisions: &[DecisionEvent],
    day: Date,
    known_at: Timestamp,
) -> Effective {
    let (declared_on, course) = declared(day).unzip();
    let course = course.unwrap_or_default();
    let current = course.iter().position(|period| period.holds_on(day));
    let course = &course[current.unwrap_or(course.len())..];
    let Some(decided) = decided(decisions, day, known_at) else {
        return course.first().map_or(unknown(day), |period| period.as_effective(period.until));
    };
    let is_older = |lift: &Lift| declared_on.is_none_or(|on| on <= lift.on);
    match decided.lift.filter(is_older) {
        Some(lift) if lift.sets_aside(declared(lift.on)) => decided.alone(),
        _ => decided.beside(course),
    }
}

/// The calendar day of an instant, in UTC+2 as everywhere in the network.
pub fn calendar_day(instant: Timestamp) -> Date {
    Offset::constant(2).to_datetime(instant).date()
}

const fn unknown(day: Date) -> Effective {
    Effective {
        status: CertificationStatus::Unspecified,
        since: day,
        until: None,
        reason: Reason::Unknown,
    }
}

/// Which of two statuses is worse: Green, Blue, Yellow, Red.
const fn badness(status: CertificationStatus) -> u8 {
    match status {
        CertificationStatus::Unspecified => 0,
        CertificationStatus::Green => 1,
        CertificationStatus::Blue => 2,
        CertificationStatus::Yellow => 3,
        CertificationStatus::Red => 4,
    }
}

/// What the decisions in force amount to.
struct Decided {
    status: CertificationStatus,
    since: Date,
    lift: Option<Lift>,
}

/// The last decision that lifts.
#[derive(Clone, Copy)]
struct Lift {
    on: Date,
    status: CertificationStatus,
}

fn decided(decisions: &[DecisionEvent], day: Date, known_at: Timestamp) -> Option<Decided> {
    let known: Vec<&DecisionEvent> = decisions
        .iter()
        .filter(|decision| decision.decided_on <= day && decision.known_at <= known_at)
        .collect();
    let lift = known.iter().rposition(|decision| decision.lifts);
    let in_force = &known[lift.unwrap_or(0)..];
    let lift = lift.map(|at| Lift { on: known[at].decided_on, status: known[at].status });
    let worst = in_force.iter().map(|decision| badness(decision.status)).max()?;
    let first = in_force.iter().find(|decision| badness(decision.status) == worst)?;
    Some(Decided { status: first.status, since: first.decided_on, lift })
}

impl Lift {
    /// Whether what was declared by its day is worse, or nothing at all.
    fn sets_aside(self, declared: Option<(Date, Vec<Period>)>) -> bool {
        let periods = declared.map(|(_, periods)| periods).unwrap_or_default();
        let then = periods.iter().find(|period| period.holds_on(self.on));
        then.is_none_or(|period| badness(period.status) > badness(self.status))
    }
}

impl Decided {
    fn alone(&self) -> Effective {
        Effective { status: self.status, since: self.since, until: None, reason: Reason::Decision }
    }

    /// The worse of the decision and the declared course, which begins today.
    fn beside(&self, course: &[Period]) -> Effective {
        let Some(today) = course.first() else { return self.alone() };
        let declared = badness(today.status);
        let worst = declared.max(badness(self.status));
        // A better declared period changes nothing; a worse one ends this.
        let until = course.iter().take_while(|period| badness(period.status) <= worst).last();
        let until = until.and_then(|period| period.until);
        if declared == worst && (badness(self.status) < worst || today.since <= self.since) {
            today.as_effective(until)
        } else {
            Effective { until, ..self.alone() }
        }
    }
}

#[cfg(test)]
mod tests;
