//! What a query may hold before anything reads it.
//!
//! The parser of the query language calls itself once for each open bracket, and
//! its checks walk a fragment once for each time that it is spread, also inside
//! others: a few thousand bytes could take the stack of the process, or a processor
//! for a day. Both are counted here over the bytes alone, wherever they stand, so
//! that no way of quoting hides one.

use crate::{answer::problem::Problem, ask::Complaint};

/// Open brackets of a query. Every field of every type needs 60; the parser has
/// stack for three thousand.
const BRACKETS_MAX: usize = 500;
/// Spreads of fragments. A client's introspection has 10; what 16 nest is walked
/// some hundred times.
const SPREADS_MAX: usize = 16;

/// Refuses a query that is not worth parsing.
pub(super) fn check(text: &str) -> Result<(), Problem> {
    let brackets = text.bytes().filter(|byte| b"{[(".contains(byte)).count();
    let spreads = text.matches("...").count();
    let mut findings = Vec::new();
    for (found, max, en, fr) in [
        (brackets, BRACKETS_MAX, "open brackets", "parenthèses ouvrantes"),
        (spreads, SPREADS_MAX, "spreads (...)", "fragments (...)"),
    ] {
        if found > max {
            let wrong = [
                &*format!("has {found} {en}, more than {max}"),
                &*format!("a {found} {fr}, plus que {max}"),
            ];
            let remedy = ["Ask for less at once", "Demandez moins à la fois"];
            let complaint =
                Complaint { rule: "GRAPHQL-BOUNDS", path: "query", value: "", wrong, remedy };
            findings.push(complaint.finding());
        }
    }
    if findings.is_empty() { Ok(()) } else { Err(Problem::invalid(findings)) }
}
