//! One finding, as far as a score needs it.

use std::collections::BTreeSet;

/// A finding of the rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Found {
    /// `R01` to `R28`.
    pub(crate) rule: String,
    /// 1 to 3.
    pub(crate) severity: u8,
    /// The key of its subject.
    pub(crate) subject: String,
    /// Name of the record type and key of what it rests on.
    pub(crate) evidence: BTreeSet<(String, String)>,
}

impl std::fmt::Display for Found {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{} severity {} {}", self.rule, self.severity, self.subject)
    }
}
