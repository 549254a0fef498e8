//! Says why two source rows with one record key are both refused.
//!
//! Owns the rule KEY-CLASH and its words. Refuses to say which row is right:
//! that is for the ministry. The finding of each names them all.

use std::collections::BTreeMap;

use rmd_standard::{Finding, Severity};

/// The rule's id.
pub(super) const RULE: &str = "KEY-CLASH";

/// Source rows that a finding names at most; the rest are counted.
const NAMED_MAX: usize = 5;

/// The finding of every row (row id and source key) that claims this record key.
pub(super) fn finding(claimants: &BTreeMap<i64, String>, record_key: &str) -> Finding {
    let mut source_keys: Vec<&str> = claimants.values().map(String::as_str).collect();
    source_keys.sort_unstable();
    let count = source_keys.len();
    if count > NAMED_MAX {
        source_keys.truncate(NAMED_MAX);
        source_keys.push("…");
    }
    let rows = source_keys.join(", ");
    Finding {
        rule: RULE.to_owned(),
        severity: Severity::Refuse,
        path: "_key".to_owned(),
        value: record_key.to_owned(),
        en: format!(
            "{count} source rows ({rows}) give the same record key {record_key}; \
             none of them is published anew; correct them at the source or leave only one"
        ),
        fr: format!(
            "{count} lignes de la source ({rows}) donnent la même clé {record_key} ; \
             aucune n'est republiée ; corrigez-les à la source ou n'en laissez qu'une"
        ),
    }
}
