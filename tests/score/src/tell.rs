//! What a person, or a program, is told.

use std::collections::BTreeMap;

use anyhow::Result;

use crate::score::Score;

/// Times that the like is told in full; of more, how often.
const TOLD_OFTEN: u64 = 5;

/// Prints one line of the result.
#[expect(clippy::print_stdout, reason = "the one place where results are printed")]
fn line(text: &str) {
    println!("{text}");
}

/// Prints what is no result.
#[expect(clippy::print_stderr, reason = "the one place where progress is printed")]
pub(crate) fn note(text: &str) {
    eprintln!("{text}");
}

/// Prints an error with all its causes.
pub(crate) fn fault(error: &anyhow::Error) {
    note(&format!("rmd-score: {error:#}"));
}

/// What is told of many lines: the first of each kind, and how many more there are.
#[derive(Debug, Default)]
pub(crate) struct Often {
    kinds: BTreeMap<String, u64>,
}

impl Often {
    /// Tells something of a kind.
    pub(crate) fn note(&mut self, kind: &str, text: &str) {
        let count = self.kinds.entry(kind.to_owned()).or_default();
        *count += 1;
        if *count <= TOLD_OFTEN {
            note(text);
        }
    }

    /// Tells how many were not told.
    pub(crate) fn finish(self) {
        for (kind, count) in self.kinds.into_iter().filter(|(_, count)| *count > TOLD_OFTEN) {
            note(&format!("{} more: {kind}", count - TOLD_OFTEN));
        }
    }
}

/// Prints a score.
pub(crate) fn score(score: &Score, json: bool) -> Result<()> {
    for lost in &score.missed {
        note(&format!("not found: {lost}"));
    }
    for text in &score.wrong {
        note(&format!("no label: {text}"));
    }
    for text in &score.other_weight {
        note(&format!("another severity: {text}"));
    }
    for text in &score.near {
        note(&format!("a near miss was found: {text}"));
    }
    for text in &score.on_clean {
        note(&format!("on the clean control: {text}"));
    }
    if json {
        line(&serde_json::to_string(score)?);
        return Ok(());
    }
    line("rule  severity  positives  precision  recall");
    for rule in &score.rules {
        line(&format!(
            "{}   {:>8}  {:>9}  {:>9.3}  {:>6.3}",
            rule.rule, rule.severity, rule.positives, rule.precision, rule.recall
        ));
    }
    line(&format!(
        "severity 3: recall {:.4}, {} on the clean control",
        score.severity3_recall, score.severity3_on_clean
    ));
    Ok(())
}
