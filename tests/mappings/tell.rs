//! The table of an example, as `cargo verify` keeps it in its log.

use crate::{expected::Expected, outcome::Outcome};

/// Counts of each record type, then every row with what became of it.
pub(crate) fn table(name: &str, source: &str, expected: &Expected, outcome: &Outcome) -> String {
    let mut lines = vec![format!("== {name} ({source})")];
    lines.push(format!(
        "{:<16} {:>5} {:>9} {:>11} {:>8}",
        "record", "rows", "accepted", "incomplete", "refused"
    ));
    for (entity, counts) in &outcome.checked {
        lines.push(format!(
            "{entity:<16} {:>5} {:>9} {:>11} {:>8}",
            counts.rows, counts.accepted, counts.incomplete, counts.refused
        ));
    }
    for ((entity, source_key), row) in &expected.accepted {
        let lacks = match row.incomplete.len() {
            0 => "whole".to_owned(),
            count => format!("lacks {count}"),
        };
        lines.push(format!("{entity:<16} {source_key:<24} accepted {} ({lacks})", row.key));
    }
    for ((entity, source_key), findings) in &expected.refused {
        let source_key = if source_key.is_empty() { "(no key)" } else { source_key };
        let findings: Vec<String> = findings
            .iter()
            .map(|finding| format!("{} {} {:?}", finding.rule, finding.path, finding.value))
            .collect();
        lines.push(format!("{entity:<16} {source_key:<24} refused  {}", findings.join("; ")));
    }
    lines.join("\n")
}
