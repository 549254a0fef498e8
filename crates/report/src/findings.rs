//! What the rules found: counts for everybody, single findings for the Secretariat.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// The findings of an evaluation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Findings {
    /// By rule, state and severity; what never occurred is absent.
    pub counts: Vec<FindingCount>,
    /// What could not be tested, by rule; a rule that could be tested everywhere is absent.
    pub untested: Vec<Untested>,
    /// Every open finding; empty in a public edition.
    pub list: Vec<FindingLine>,
}

/// The findings of one rule, state and severity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FindingCount {
    /// `R01` to `R28`.
    pub rule: String,
    /// Alpha-2 of the state that may answer.
    pub country: String,
    /// 1 information, 2 warning, 3 serious.
    pub severity: u8,
    /// Open on the day of evaluation.
    pub open: u64,
    /// Opened, or opened again, in the month.
    pub opened: u64,
    /// Closed in the month.
    pub closed: u64,
}

/// What a rule could not test, for want of data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Untested {
    /// `R01` to `R28`.
    pub rule: String,
    /// Lots, certificates, months and so on, in part at least.
    pub subjects: u64,
}

/// One open finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FindingLine {
    /// Its id, lower-case hexadecimal.
    pub id: String,
    /// `R01` to `R28`.
    pub rule: String,
    /// 1 information, 2 warning, 3 serious.
    pub severity: u8,
    /// Alpha-2 of the state that may answer.
    pub country: String,
    /// What kind of thing it is about.
    pub subject_kind: String,
    /// Which one.
    pub subject_key: String,
    /// The day on which it opened.
    pub opened_on: Date,
    /// What it says, in English.
    pub en: String,
    /// What it says, in French.
    pub fr: String,
}
