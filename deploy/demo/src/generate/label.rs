//! What is known to be wrong in a set.

use rmd_reconcile::{Rule, Severity, SubjectKind};
use serde::Serialize;

/// One thing that a rule has to find.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Label {
    /// The rule.
    pub(crate) rule: Rule,
    /// How much it weighs, 1 to 3.
    pub(crate) severity: u8,
    /// The state that may answer, alpha-2.
    pub(crate) country: String,
    /// What it is about: a record type, or a kind of subject that is no record.
    pub(crate) entity: &'static str,
    /// The key of that.
    pub(crate) key: String,
}

impl Label {
    /// A label about a subject.
    pub(crate) fn new(
        rule: Rule,
        severity: Severity,
        country: &str,
        kind: SubjectKind,
        key: impl Into<String>,
    ) -> Self {
        let entity = match kind {
            SubjectKind::Tag => "Tag",
            SubjectKind::Balance => "Balance",
            SubjectKind::Mirror => "Mirror",
            SubjectKind::Feed => "Feed",
            record => record.entity().map_or("", |entity| entity.name()),
        };
        let (country, key) = (country.to_owned(), key.into());
        Self { rule, severity: severity.number(), country, entity, key }
    }
}
