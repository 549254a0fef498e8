//! Says why a row that holds erased content is not published.
//!
//! Owns the rule ERASED and its words. Tells no value: the row itself has them.

use rmd_standard::{Entity, Finding, Severity};

/// The rule's id.
const RULE: &str = "ERASED";

/// The finding of a row whose record was erased.
pub(super) fn finding(entity: Entity, record_key: &str) -> Finding {
    Finding {
        rule: RULE.to_owned(),
        severity: Severity::Refuse,
        path: String::new(),
        value: String::new(),
        en: format!(
            "{entity} {record_key}: the row holds what was erased by order, so it is not \
             published again (rule {RULE}). Correct it at the source, or delete it there."
        ),
        fr: format!(
            "{entity} {record_key} : la ligne contient ce qui a été effacé sur ordre, elle n'est \
             donc pas republiée (règle {RULE}). Corrigez-la à la source, ou supprimez-la."
        ),
    }
}
