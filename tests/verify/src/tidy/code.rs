//! What stands in Rust code, and where. Comments are not looked at.

use super::{Fault, text::has_word};

/// The crate that is unmaintained has one user.
const BACKOFF_FILE: &str = "crates/runtime/src/retry.rs";
/// A gRPC status is built where its codes are.
const STATUS_FILE: &str = "proto/src/code.rs";
/// SQL that is not a constant is the ministry's own, a list of placeholders of the
/// hub's store, or written by the demo and by tests.
const SQL_FOLDERS: [&str; 4] = ["node/src/source", "hub/src/store", "deploy/demo/", "tests/"];

/// The functions that build a `tonic::Status`.
const STATUS_BUILDERS: [&str; 20] = [
    "new(",
    "ok(",
    "cancelled(",
    "unknown(",
    "invalid_argument(",
    "deadline_exceeded(",
    "not_found(",
    "already_exists(",
    "permission_denied(",
    "resource_exhausted(",
    "failed_precondition(",
    "aborted(",
    "out_of_range(",
    "unimplemented(",
    "internal(",
    "unavailable(",
    "data_loss(",
    "unauthenticated(",
    "with_details(",
    "with_metadata(",
];

pub(super) fn check(path: &str, text: &str) -> Vec<Fault> {
    // This folder holds the words that the rules look for.
    if path.starts_with("tests/verify/src/tidy") {
        return Vec::new();
    }
    let tests_from = if is_test_file(path) { 0 } else { tests_begin(text) };
    let mut sleeps = usize::from(text.contains("fn eventually"));
    let mut faults = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let code = without_comment(line);
        let is_test = index >= tests_from;
        let mut rules = check_line(path, code, is_test);
        if is_test && !is_timed(path) && has_call(code, "sleep(") {
            // The one function that waits for a state has to wait between two looks.
            if sleeps == 0 {
                rules.push("no sleep in a test: wait for the state, with `eventually`");
            }
            sleeps = sleeps.saturating_sub(1);
        }
        faults.extend(rules.into_iter().map(|rule| Fault::new(path, index + 1, rule)));
    }
    faults
}

fn check_line(path: &str, code: &str, is_test: bool) -> Vec<&'static str> {
    let mut rules = Vec::new();
    if has_call(code, "todo!") || has_call(code, "unimplemented!") {
        rules.push("no stub: finish it, or leave it out");
    }
    if code.contains("#[ignore") {
        rules.push("a test that is ignored is no test");
    }
    if !is_test && has_call(code, "macro_rules!") {
        rules.push("no macro in product code: write it out, or use a function");
    }
    if path != BACKOFF_FILE && has_call(code, "backoff::") {
        rules.push("the crate backoff is used in crates/runtime/src/retry.rs only");
    }
    let is_sql_folder = SQL_FOLDERS.iter().any(|folder| path.starts_with(folder));
    if !is_test && !is_sql_folder && has_word(code, "AssertSqlSafe") {
        rules.push("SQL that is no constant belongs to the folders of the ministry's SQL");
    }
    if path != STATUS_FILE && builds_status(code) {
        rules.push("a gRPC status is built in proto/src/code.rs only: return a Fault");
    }
    rules
}

/// Whether the whole file is a test.
pub(super) fn is_test_file(path: &str) -> bool {
    let is_own = path.starts_with("tests/") && !path.starts_with("tests/verify/");
    is_own || path.contains("/tests/") || path.ends_with("/tests.rs")
}

/// Whether a file is of a program that measures or of an injected fault: what lasts
/// there is meant to.
fn is_timed(path: &str) -> bool {
    path.starts_with("tests/bench/") || path.starts_with("tests/network/faults/")
}

/// The line from which on a file holds its unit tests; the end if it has none.
fn tests_begin(text: &str) -> usize {
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    let begin = lines.windows(2).position(|pair| {
        pair[0] == "#[cfg(test)]" && pair[1].starts_with("mod ") && pair[1].ends_with('{')
    });
    begin.unwrap_or(lines.len())
}

/// The line without a comment that is the whole line or follows a blank.
fn without_comment(line: &str) -> &str {
    if line.trim_start().starts_with("//") {
        return "";
    }
    line.find(" // ").map_or(line, |at| &line[..at])
}

/// Whether the call stands in the code and is not the end of a longer name. A path
/// before it (`tokio::time::`) is part of the same call.
fn has_call(code: &str, call: &str) -> bool {
    code.match_indices(call).any(|(at, _)| {
        let before = code[..at].chars().next_back();
        // `self::backoff::` would be a module of ours.
        let is_longer = |char: char| char.is_alphanumeric() || char == '_';
        let is_path = before == Some(':') && call.ends_with("::");
        !before.is_some_and(is_longer) && !is_path
    })
}

fn builds_status(code: &str) -> bool {
    code.match_indices("Status::").any(|(at, name)| {
        let before = code[..at].chars().next_back();
        let is_longer = before.is_some_and(|char| char.is_alphanumeric() || char == '_');
        let after = &code[at + name.len()..];
        !is_longer && STATUS_BUILDERS.iter().any(|builder| after.starts_with(builder))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(path: &str, text: &str) -> usize {
        check(path, text).len()
    }

    #[test]
    fn macros_are_found_in_product_code() {
        assert_eq!(count("hub/src/a.rs", "macro_rules! sites {\n"), 1);
        assert_eq!(count("hub/src/a/tests.rs", "macro_rules! sites {\n"), 0);
    }

    #[test]
    fn stubs_and_ignored_tests_are_found() {
        let text = "fn a() { todo!() }\nfn b() { unimplemented!(\"x\") }\n#[ignore = \"slow\"]\n";
        assert_eq!(count("node/src/a.rs", text), 3);
        assert_eq!(count("node/src/a.rs", "// a todo!() in a comment\nlet not_todo = 1;\n"), 0);
    }

    #[test]
    fn tests_do_not_sleep() {
        let sleep = "tokio::time::sleep(SHORT).await;\n";
        let unit = format!("{sleep}#[cfg(test)]\nmod tests {{\n{sleep}}}\n");
        assert_eq!(check("node/src/a.rs", &unit).iter().map(|f| f.line).collect::<Vec<_>>(), [4]);
        assert_eq!(count("node/src/a/tests.rs", sleep), 1);
        assert_eq!(count("tests/src/network.rs", sleep), 1);
        assert_eq!(count("tests/network/faults/cut.rs", sleep), 0);
        assert_eq!(count("tests/verify/src/log.rs", sleep), 0);
    }

    #[test]
    fn only_the_function_that_waits_for_a_state_may_sleep_once() {
        let text = "async fn eventually() {\nsleep(POLL).await;\n}\nfn other() { sleep(POLL) }\n";
        let faults = check("tests/src/wait.rs", text);
        assert_eq!(faults.iter().map(|fault| fault.line).collect::<Vec<_>>(), [4]);
    }

    #[test]
    fn backoff_has_one_user() {
        let text = "use backoff::ExponentialBackoff;\n";
        assert_eq!(count(BACKOFF_FILE, text), 0);
        assert_eq!(count("hub/src/follow.rs", text), 1);
        assert_eq!(
            count("hub/src/follow.rs", "use crate::backoff::Wait;\nretry::Backoff::new();"),
            0
        );
    }

    #[test]
    fn sql_that_is_no_constant_stays_in_its_folders() {
        let text = "sqlx::query(AssertSqlSafe(text))\n";
        assert_eq!(count("node/src/source/sqlite.rs", text), 0);
        assert_eq!(count("hub/src/store.rs", text), 0);
        assert_eq!(count("hub/src/regional/tests.rs", text), 0);
        assert_eq!(count("hub/src/regional.rs", text), 1);
    }

    #[test]
    fn a_status_is_built_in_one_file() {
        assert_eq!(count(STATUS_FILE, "Status::new(code, text)"), 0);
        assert_eq!(count("hub/src/server.rs", "Err(tonic::Status::internal(text))"), 1);
        let fine = "Status::from(fault); SiteStatus::new(1); Status::Green; Status::code(&status)";
        assert_eq!(count("hub/src/server.rs", fine), 0);
    }
}
