//! The shape of Rust files: their names, their length, their first line.

use super::{Fault, code};

/// Above this, a file hides what it is.
const LINES_MAX: usize = 600;
/// Above this, look for the seam.
pub(super) const LINES_SEAM: usize = 400;
/// A main function parses, binds and waits; everything else has a module.
const LINES_MAIN_MAX: usize = 60;

pub(super) fn check_shape(path: &str, text: &str) -> Vec<Fault> {
    let lines = text.lines().count();
    let whole = |rule: String| Fault::new(path, 0, rule);
    let mut faults = Vec::new();
    if path.ends_with("/mod.rs") {
        faults.push(whole("use foo.rs beside foo/ instead of foo/mod.rs".to_owned()));
    }
    if lines > LINES_MAX {
        faults.push(whole(format!("{lines} lines; {LINES_MAX} are the limit: split it")));
    }
    if path.ends_with("src/main.rs") && lines > LINES_MAIN_MAX {
        faults.push(whole(format!("{lines} lines; main.rs has at most {LINES_MAIN_MAX}")));
    }
    if !text.starts_with("//!") && !code::is_test_file(path) {
        faults.push(whole("open the module with `//!`: what it owns and refuses".to_owned()));
    }
    faults
}

/// What is allowed and should become less.
pub(super) fn note(path: &str, text: &str) -> Option<String> {
    let lines = text.lines().count();
    (lines > LINES_SEAM && lines <= LINES_MAX).then(|| format!("{path} has {lines} lines"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(lines: usize) -> String {
        format!("//! A module.\n{}", "\n".repeat(lines - 1))
    }

    #[test]
    fn length_is_limited() {
        assert!(check_shape("node/src/journal.rs", &text(600)).is_empty());
        assert_eq!(check_shape("node/src/journal.rs", &text(601)).len(), 1);
        assert!(note("node/src/journal.rs", &text(400)).is_none());
        assert!(note("node/src/journal.rs", &text(401)).is_some());
    }

    #[test]
    fn a_main_function_is_short() {
        assert!(check_shape("node/src/main.rs", &text(60)).is_empty());
        assert_eq!(check_shape("node/src/main.rs", &text(61)).len(), 1);
    }

    #[test]
    fn a_module_has_its_own_name_and_says_what_it_is() {
        assert_eq!(check_shape("node/src/capture/mod.rs", &text(10)).len(), 1);
        assert_eq!(check_shape("node/src/capture.rs", "use std::fs;\n").len(), 1);
        assert!(check_shape("node/src/capture/tests.rs", "use std::fs;\n").is_empty());
    }
}
