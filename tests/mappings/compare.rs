//! Expected against actual, difference by difference.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::{
    expected::{Accepted, Expected, RowKey},
    outcome::{Counts, Leaving, Outcome},
};

/// Everything in which an example does other than its file says; empty if nothing.
pub(crate) fn differences(expected: &Expected, outcome: &Outcome) -> Vec<String> {
    let mut found = Vec::new();
    found.extend(outcome.faults.iter().map(|fault| format!("mapping check: fault {fault}")));
    found.extend(outcome.warnings.iter().map(|said| format!("mapping check: warning {said}")));
    found.extend(outcome.refused_by_hub.iter().map(|row| format!("the hub refused {row}")));
    same("quarantine list", &expected.refused, &outcome.quarantined, &mut found);
    // A row without a key is found by no key, so no preview shows it.
    let mut with_key = expected.refused.clone();
    with_key.retain(|key, _| !key.1.is_empty());
    same("preview", &with_key, &outcome.preview_refused, &mut found);
    accepted(expected, outcome, &mut found);
    counts(expected, outcome, &mut found);
    found
}

fn same<V: PartialEq + std::fmt::Debug>(
    of: &str,
    expected: &BTreeMap<RowKey, V>,
    actual: &BTreeMap<RowKey, V>,
    found: &mut Vec<String>,
) {
    let keys: BTreeSet<&RowKey> = expected.keys().chain(actual.keys()).collect();
    for key in keys {
        let (wanted, got) = (expected.get(key), actual.get(key));
        if wanted != got {
            found.push(format!("{of}: {key:?} refused: expected {wanted:?}, got {got:?}"));
        }
    }
}

fn accepted(expected: &Expected, outcome: &Outcome, found: &mut Vec<String>) {
    let keys: BTreeSet<&RowKey> =
        expected.accepted.keys().chain(outcome.previewed.keys()).collect();
    for key in keys {
        match (expected.accepted.get(key), outcome.previewed.get(key)) {
            (Some(wanted), Some(got)) => record(key, wanted, got, found),
            (Some(_), None) => found.push(format!("{key:?} is not accepted")),
            (None, _) => found.push(format!("{key:?} is accepted, and not expected")),
        }
    }
}

fn record(key: &RowKey, wanted: &Accepted, got: &Leaving, found: &mut Vec<String>) {
    let mut differ = |of: &str, wanted: &dyn std::fmt::Debug, got: &dyn std::fmt::Debug| {
        found.push(format!("{key:?} {of}: expected {wanted:?}, got {got:?}"));
    };
    if wanted.key != got.key {
        differ("key", &wanted.key, &got.key);
    }
    if wanted.annulled_on != got.annulled_on {
        differ("annulled on", &wanted.annulled_on, &got.annulled_on);
    }
    if wanted.withheld.as_ref().is_some_and(|withheld| *withheld != got.withheld) {
        differ("withheld", &wanted.withheld, &got.withheld);
    }
    for lacking in wanted.incomplete.difference(&got.incomplete) {
        differ("does not lack", lacking, &"nothing");
    }
    for lacking in got.incomplete.difference(&wanted.incomplete) {
        differ("lacks", &"nothing", lacking);
    }
    for (path, value) in &wanted.fields {
        let actual = at(&got.record, path);
        if actual != Some(value) {
            differ(path, value, &actual);
        }
    }
}

/// The value at a path such as `license[0].owner.identifier`.
fn at<'v>(record: &'v Value, path: &str) -> Option<&'v Value> {
    path.split('.').try_fold(record, |value, part| {
        let (name, index) = match part.split_once('[') {
            Some((name, rest)) => (name, rest.strip_suffix(']')?.parse::<usize>().ok()),
            None => (part, None),
        };
        let value = value.get(name)?;
        index.map_or(Some(value), |index| value.get(index))
    })
}

/// The counts of `mapping check` and of the running node are those of the file.
fn counts(expected: &Expected, outcome: &Outcome, found: &mut Vec<String>) {
    let mut wanted: BTreeMap<String, Counts> = BTreeMap::new();
    let mut published: BTreeMap<String, (u64, u64)> = BTreeMap::new();
    for ((entity, _), row) in &expected.accepted {
        let counts = wanted.entry(entity.clone()).or_default();
        counts.rows += 1;
        counts.accepted += 1;
        counts.incomplete += u64::from(!row.incomplete.is_empty());
        // A record that is declared void is published as such.
        published.entry(entity.clone()).or_default().0 += 1;
    }
    for (entity, _) in expected.refused.keys() {
        let counts = wanted.entry(entity.clone()).or_default();
        counts.rows += 1;
        counts.refused += 1;
        published.entry(entity.clone()).or_default().1 += 1;
    }
    if wanted != outcome.checked {
        found.push(format!("mapping check: expected {wanted:?}, got {:?}", outcome.checked));
    }
    if published != outcome.captured {
        found.push(format!(
            "status, published and refused: expected {published:?}, got {:?}",
            outcome.captured
        ));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::at;

    #[test]
    fn a_path_leads_through_objects_and_lists() {
        let record = json!({"license": [{"owner": {"identifier": "E-1"}}], "mineral": ["a", "b"]});
        assert_eq!(at(&record, "license[0].owner.identifier"), Some(&json!("E-1")));
        assert_eq!(at(&record, "mineral[1]"), Some(&json!("b")));
        for path in ["license[1].owner", "license[x].owner", "owner", "mineral[2]"] {
            assert_ne!(at(&record, path), Some(&json!("E-1")), "{path}");
        }
        assert_eq!(at(&record, "license[1].owner"), None);
    }
}
