//! What a rule says about a record.
//!
//! A finding names the record, the field, the value, the rule and the remedy in
//! English and in French. Values of national fields never appear in a finding:
//! findings travel to the hub and into logs of counts.

mod complete;
mod issue;

use serde::{Deserialize, Serialize};

pub(crate) use issue::{Ground, Issue, plain, render_all};

/// How much a finding weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The record cannot be identified, placed or read; it goes to quarantine.
    Refuse,
    /// The standard requires it and the source lacks it; the record is published.
    Incomplete,
}

impl Severity {
    /// The word in messages and JSON: `refuse` or `incomplete`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Refuse => "refuse",
            Self::Incomplete => "incomplete",
        }
    }
}

/// One finding of one rule about one record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Id of the rule, as listed by [`crate::rules::all`].
    pub rule: String,
    /// Whether the record is refused or published as incomplete.
    pub severity: Severity,
    /// Path of the field, with list indexes, such as `inspection[0].inspection_date`.
    pub path: String,
    /// The value as the source has it; empty if absent or national.
    pub value: String,
    /// Message in English: record, field, value, rule, remedy. Empty where it was
    /// left out, see [`Finding::complete`].
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub en: String,
    /// Message in French: record, field, value, rule, remedy; empty as above.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub fr: String,
}

/// A record that was refused, with everything found on it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// Key of the record, if it could be identified.
    pub key: Option<String>,
    /// At least one of severity refuse; may also hold incomplete ones.
    pub findings: Vec<Finding>,
}
