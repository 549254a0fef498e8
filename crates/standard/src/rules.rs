//! Every rule of the standard, listed.

use crate::{Entity, Severity};

/// One rule as it is listed for people.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct RuleInfo {
    /// Id, as findings name it.
    pub id: String,
    /// Record type.
    pub entity: Entity,
    /// Path of the field; `[]` stands for any element of a list.
    pub path: String,
    /// Weight.
    pub severity: Severity,
    /// Message in English.
    pub en: String,
    /// Message in French.
    pub fr: String,
}

/// Every rule of every record type.
pub fn all() -> impl Iterator<Item = RuleInfo> {
    std::iter::empty()
}
