//! What is known to be wrong in a set, and what is just inside a limit.

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

/// What a rule has to find, and what it must not, because it is just inside a limit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Told {
    /// How much it weighs, if it is found.
    pub(crate) found: Option<Severity>,
    /// What it would weigh beyond the limit: nothing that weighs as much is found.
    pub(crate) near: Option<Severity>,
}

impl Told {
    /// Found, beyond every limit that matters.
    pub(crate) const INFORMATION: Self = Self::found(Severity::Information);
    /// Found, and a warning.
    pub(crate) const WARNING: Self = Self::found(Severity::Warning);
    /// Found, and serious.
    pub(crate) const SERIOUS: Self = Self::found(Severity::Serious);
    /// Just inside a limit that informs.
    pub(crate) const NOT_INFORMATION: Self = Self::near(Severity::Information);
    /// Just inside a limit that warns.
    pub(crate) const NOT_WARNING: Self = Self::near(Severity::Warning);
    /// Just inside a serious limit, and nothing at all.
    pub(crate) const NOT_SERIOUS: Self = Self::near(Severity::Serious);
    /// Just inside the serious limit, beyond that which warns.
    pub(crate) const ONLY_WARNING: Self =
        Self { found: Some(Severity::Warning), near: Some(Severity::Serious) };

    /// Serious, or just inside the limit.
    pub(crate) const fn serious(is_found: bool) -> Self {
        if is_found { Self::SERIOUS } else { Self::NOT_SERIOUS }
    }

    const fn found(severity: Severity) -> Self {
        Self { found: Some(severity), near: None }
    }

    const fn near(severity: Severity) -> Self {
        Self { found: None, near: Some(severity) }
    }
}

impl From<Severity> for Told {
    fn from(severity: Severity) -> Self {
        Self::found(severity)
    }
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
