//! Says why two source rows with one record key are both refused.
//!
//! Owns the rule KEY-CLASH and its words. Refuses to say which row is right:
//! that is for the ministry. The finding of each names them all.

use std::collections::BTreeMap;

use rmd_standard::{Entity, Finding, Severity};

/// The rule's id.
pub(crate) const RULE: &str = "KEY-CLASH";

/// Source rows that a finding names at most.
const NAMED_MAX: usize = 5;

/// The finding of every row (row id and source key) that claims this record key.
pub(super) fn finding(
    entity: Entity,
    claimants: &BTreeMap<i64, String>,
    record_key: &str,
) -> Finding {
    // By the number of the row and not by its key, and without a count of many: what
    // is said of a thousand rows must not change with each that joins them.
    let mut source_keys: Vec<&str> =
        claimants.values().take(NAMED_MAX).map(String::as_str).collect();
    source_keys.sort_unstable();
    let (count, nombre) = if claimants.len() > NAMED_MAX {
        source_keys.push("…");
        (format!("more than {NAMED_MAX}"), format!("plus de {NAMED_MAX}"))
    } else {
        (claimants.len().to_string(), claimants.len().to_string())
    };
    let rows = source_keys.join(", ");
    Finding {
        rule: RULE.to_owned(),
        severity: Severity::Refuse,
        path: "_key".to_owned(),
        value: record_key.to_owned(),
        en: format!(
            "{entity} {record_key}: field _key: {count} source rows ({rows}) give the same record \
             key, so none of them is published anew (rule {RULE}). Correct them at the source, or \
             leave only one in the query."
        ),
        fr: format!(
            "{entity} {record_key} : donnée _key : {nombre} lignes de la source ({rows}) donnent la \
             même clé, aucune n'est donc republiée (règle {RULE}). Corrigez-les à la source, ou \
             n'en laissez qu'une dans la requête."
        ),
    }
}
