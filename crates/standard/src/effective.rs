//! The status clock.

use jiff::{Timestamp, civil::Date, tz::Offset};
use rmd_proto::v1::{self, CertificationStatus};

/// What the clock depends on beside the record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// Months that a Yellow site has to correct; default 6.
    pub yellow_months: u32,
}

impl Default for Policy {
    fn default() -> Self {
        Self { yellow_months: 6 }
    }
}

/// A decision of the Secretariat about a site, as it became known.
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
    /// Whether it also overrides a worse declared status and ends earlier decisions.
    pub lifts: bool,
}

/// Everything known about the status of one site.
#[derive(Debug, Clone)]
pub struct SiteHistory {
    site: v1::MineSite,
    known_at: Timestamp,
    decisions: Vec<DecisionEvent>,
}

impl SiteHistory {
    /// The history that a site's record declares, known since that instant.
    pub fn new(site: &v1::MineSite, known_at: Timestamp) -> Self {
        Self { site: site.clone(), known_at, decisions: Vec::new() }
    }

    /// Adds a decision.
    #[must_use]
    pub fn with_decision(mut self, decision: DecisionEvent) -> Self {
        self.decisions.push(decision);
        self
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
pub fn effective(
    history: &SiteHistory,
    day: Date,
    _known_at: Timestamp,
    _policy: &Policy,
) -> Effective {
    Effective {
        status: history.site.certification_status(),
        since: day,
        until: history.decisions.first().map(|_| calendar_day(history.known_at)),
        reason: Reason::Declaration,
    }
}

/// The calendar day of an instant, in UTC+2 as everywhere in the network.
pub fn calendar_day(instant: Timestamp) -> Date {
    Offset::constant(2).to_datetime(instant).date()
}
