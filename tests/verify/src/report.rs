//! What `cargo verify` prints: each part as it ends, a table, and the count.
//!
//! The only module of this program that prints. With `--json`, standard output
//! holds one JSON object and progress goes to standard error.

use std::{
    fmt::Write as _,
    io::{self, Write as _},
    process::ExitCode,
    time::Duration,
};

use anyhow::Result;
use serde::Serialize;

use crate::part::{Outcome, Part};

/// What a clean clone may take on two cores.
const BUDGET: Duration = Duration::from_mins(45);

/// Of a failing part's log, this many last lines are shown; the file has the rest.
const LINES_MAX: usize = 400;

#[derive(Debug)]
pub(crate) struct Report {
    json: bool,
    outcomes: Vec<Outcome>,
}

#[derive(Serialize)]
struct Summary<'r> {
    passed: usize,
    failed: usize,
    seconds: f64,
    parts: &'r [Outcome],
}

/// A line of progress within a part, on standard error.
pub(crate) fn aside(text: &str) {
    // A reader that has gone away does not stop the checks.
    drop(writeln!(io::stderr().lock(), "{text}"));
}

impl Report {
    pub(crate) fn new(json: bool) -> Self {
        Self { json, outcomes: Vec::new() }
    }

    pub(crate) fn begin(&self, part: Part) {
        self.progress(&format!("{:<13} {}", part.name(), part.about()));
    }

    pub(crate) fn end(&mut self, outcome: Outcome) {
        if !outcome.passed {
            self.progress(&last_lines(&outcome.output));
            self.progress(&format!("  {}", outcome.note));
        }
        self.progress(&format!("{:<13} {}", "", line(&outcome)));
        self.outcomes.push(outcome);
    }

    pub(crate) fn has_passed(&self) -> bool {
        self.outcomes.iter().all(|outcome| outcome.passed)
    }

    /// The end of the report: the table and the count, or the JSON object.
    pub(crate) fn close(&self) -> Result<String> {
        let failed = self.outcomes.iter().filter(|outcome| !outcome.passed).count();
        let summary = Summary {
            passed: self.outcomes.len() - failed,
            failed,
            seconds: self.outcomes.iter().map(|outcome| outcome.seconds).sum(),
            parts: &self.outcomes,
        };
        if self.json { Ok(serde_json::to_string(&summary)?) } else { summary.table() }
    }

    fn progress(&self, text: &str) {
        let written = if self.json {
            writeln!(io::stderr().lock(), "{text}")
        } else {
            writeln!(io::stdout().lock(), "{text}")
        };
        // A reader that has gone away does not stop the checks.
        drop(written);
    }
}

impl Summary<'_> {
    fn table(&self) -> Result<String> {
        let mut text = String::new();
        writeln!(text, "\n{:<13} {:<7} {:>8}  note", "part", "result", "seconds")?;
        for outcome in self.parts {
            let (result, note) = (word(outcome.passed), &outcome.note);
            let row = format!("{:<13} {result:<7} {:>8.1}  {note}", outcome.part, outcome.seconds);
            writeln!(text, "{}", row.trim_end())?;
        }
        writeln!(text, "{:<13} {:<7} {:>8.1}", "total", "", self.seconds)?;
        if self.seconds > BUDGET.as_secs_f64() {
            writeln!(text, "over the budget of {} minutes", BUDGET.as_secs() / 60)?;
        }
        write!(text, "{} passed, {} failed", self.passed, self.failed)?;
        Ok(text)
    }
}

/// The parts and what they do, one a line.
#[expect(clippy::unnecessary_wraps, reason = "goes where a report goes")]
pub(crate) fn list() -> Result<String> {
    let lines = Part::ALL.map(|part| format!("{:<13} {}", part.name(), part.about()));
    Ok(lines.join("\n"))
}

/// Prints the last text and turns it into the exit code.
pub(crate) fn exit(text: Result<String>, has_passed: bool) -> ExitCode {
    match text {
        Ok(text) => drop(writeln!(io::stdout().lock(), "{text}")),
        Err(error) => {
            drop(writeln!(io::stderr().lock(), "cargo verify: {error:#}"));
            return ExitCode::FAILURE;
        }
    }
    if has_passed { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn line(outcome: &Outcome) -> String {
    format!("{} in {:.1} s  ({})", word(outcome.passed), outcome.seconds, outcome.log.display())
}

fn word(passed: bool) -> &'static str {
    if passed { "passed" } else { "FAILED" }
}

fn last_lines(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let cut = lines.len().saturating_sub(LINES_MAX);
    let head = if cut > 0 { format!("({cut} lines before these)\n") } else { String::new() };
    head + &lines[cut..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(part: Part, passed: bool) -> Outcome {
        Outcome {
            part: part.name(),
            passed,
            seconds: 1.25,
            note: "412 tests".to_owned(),
            log: "target/verify/part.log".into(),
            output: String::new(),
        }
    }

    #[test]
    fn the_last_line_counts_the_parts() {
        let outcomes = vec![outcome(Part::Fmt, true), outcome(Part::Tidy, true)];
        let report = Report { json: false, outcomes };
        let text = report.close().unwrap();
        assert_eq!(text.lines().last(), Some("2 passed, 0 failed"));
        assert!(text.contains("tidy          passed       1.2  412 tests"), "{text}");
        assert!(report.has_passed());
    }

    #[test]
    fn one_failed_part_fails_the_whole() {
        let outcomes = vec![outcome(Part::Fmt, true), outcome(Part::Tidy, false)];
        let report = Report { json: true, outcomes };
        let json: serde_json::Value = serde_json::from_str(&report.close().unwrap()).unwrap();
        assert_eq!((&json["passed"], &json["failed"]), (&1.into(), &1.into()));
        assert_eq!(json["parts"][1]["part"], "tidy");
        assert_eq!(json["parts"][1]["passed"], false);
        assert!(!report.has_passed());
    }

    #[test]
    fn a_long_log_is_cut_at_its_beginning() {
        let lines: Vec<String> = (0..1_000).map(|number| number.to_string()).collect();
        let shown = last_lines(&lines.join("\n"));
        assert!(shown.starts_with("(600 lines before these)\n600\n"));
        assert!(shown.ends_with("\n999"));
        assert_eq!(last_lines("a\nb"), "a\nb");
    }
}
