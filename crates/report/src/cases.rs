//! Discrepancy cases: what the Secretariat asked states about findings, and what came of it.
//!
//! Counted, never named. That a state was asked is between it and the Secretariat: an
//! edition for everybody counts the region as a whole.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The cases of the region.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cases {
    /// How they stand on the day of evaluation.
    pub standing: Vec<CaseCount>,
    /// What happened to them in the month.
    pub steps: Vec<CaseSteps>,
}

/// Cases that stand alike.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseCount {
    /// Alpha-2 of the state that may answer; none in a public edition.
    pub country: Option<String>,
    /// What they are about, as `pairing`; see [`crate::words::cause`].
    pub cause: String,
    /// Gravest finding: 1 information, 2 warning, 3 serious.
    pub severity: u8,
    /// How they stand.
    pub state: CaseState,
    /// How many.
    pub count: u64,
    /// Of these, how many were not answered by their day.
    pub overdue: u64,
}

/// Cases to which the same happened in the month, each once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseSteps {
    /// Alpha-2 of the state that may answer; none in a public edition.
    pub country: Option<String>,
    /// What they are about.
    pub cause: String,
    /// Gravest finding: 1 information, 2 warning, 3 serious.
    pub severity: u8,
    /// What happened.
    pub step: CaseStep,
    /// To how many.
    pub count: u64,
}

/// How a case stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CaseState {
    /// Its state was not asked yet.
    Open,
    /// Its state was asked.
    Sent,
    /// Its state has answered.
    Answered,
    /// The answer explains it.
    Explained,
    /// It stands.
    Confirmed,
    /// There was nothing.
    FalseAlarm,
    /// Every finding closed by itself.
    Resolved,
}

impl CaseState {
    /// All, in the order of tables.
    pub const ALL: [Self; 7] = [
        Self::Open,
        Self::Sent,
        Self::Answered,
        Self::Explained,
        Self::Confirmed,
        Self::FalseAlarm,
        Self::Resolved,
    ];
}

/// What happened to a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CaseStep {
    /// Opened, or opened again.
    Opened,
    /// Its state was asked.
    Asked,
    /// Its state answered.
    Answered,
    /// The Secretariat decided: explained, confirmed or a false alarm.
    Decided,
    /// Its last finding closed by itself.
    Resolved,
}

impl CaseStep {
    /// All, in the order of tables.
    pub const ALL: [Self; 5] =
        [Self::Opened, Self::Asked, Self::Answered, Self::Decided, Self::Resolved];
}

impl Cases {
    /// The same for everybody: of which state a case is, is left out.
    #[must_use]
    pub fn into_public(self) -> Self {
        let mut standing = BTreeMap::<_, (u64, u64)>::new();
        for one in self.standing {
            let sum = standing.entry((one.cause, one.severity, one.state)).or_default();
            *sum = (sum.0 + one.count, sum.1 + one.overdue);
        }
        let mut steps = BTreeMap::<_, u64>::new();
        for one in self.steps {
            *steps.entry((one.cause, one.severity, one.step)).or_default() += one.count;
        }
        let standing = standing.into_iter().map(|((cause, severity, state), (count, overdue))| {
            CaseCount { country: None, cause, severity, state, count, overdue }
        });
        let steps = steps.into_iter().map(|((cause, severity, step), count)| CaseSteps {
            country: None,
            cause,
            severity,
            step,
            count,
        });
        Self { standing: standing.collect(), steps: steps.collect() }
    }
}
