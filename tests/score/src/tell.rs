//! What a person, or a program, is told.

use anyhow::Result;

use crate::score::Score;

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

/// Prints a score.
pub(crate) fn score(score: &Score, json: bool) -> Result<()> {
    for text in &score.missed {
        note(&format!("not found: {text}"));
    }
    for text in &score.wrong {
        note(&format!("no label: {text}"));
    }
    for text in &score.other_weight {
        note(&format!("another severity: {text}"));
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
