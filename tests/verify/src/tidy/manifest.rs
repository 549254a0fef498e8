//! Dependencies: a version once, in the workspace, with a line that says why. A member
//! that needs another one says why too.

use super::Fault;

pub(super) fn check(path: &str, text: &str) -> Vec<Fault> {
    let is_workspace = text.lines().any(|line| line.trim() == "[workspace]");
    let mut faults = Vec::new();
    let mut table = "";
    let mut above = "";
    for (index, line) in text.lines().enumerate() {
        let (line, previous) = (line.trim(), above);
        if !line.is_empty() {
            above = line;
        }
        if let Some(name) = line.strip_prefix('[') {
            table = name.trim_end_matches(']');
        } else if is_dependency(table, line) {
            let is_inherited = !is_workspace && is_inherited(line);
            let rule = if is_inherited { None } else { argued(line, previous) };
            faults.extend(rule.map(|rule| Fault::new(path, index + 1, rule)));
        }
    }
    faults
}

fn is_dependency(table: &str, line: &str) -> bool {
    let name = table.rsplit('.').next().unwrap_or(table);
    let is_table = matches!(name, "dependencies" | "dev-dependencies" | "build-dependencies");
    is_table && line.contains('=') && !line.starts_with('#')
}

/// Crates of ours need no argument: their own manifests describe them.
fn argued(line: &str, above: &str) -> Option<&'static str> {
    let is_ours = line.contains("path = ");
    (!is_ours && !above.starts_with('#'))
        .then_some("a dependency needs a comment line above it that says why")
}

fn is_inherited(line: &str) -> bool {
    line.contains(".workspace = true") || line.contains("{ workspace = true")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<usize> {
        check("Cargo.toml", text).into_iter().map(|fault| fault.line).collect()
    }

    #[test]
    fn each_dependency_of_the_workspace_is_argued() {
        let text = "[workspace]\nmembers = []\n\n[workspace.dependencies]\n# Ours.\n\
                    a = { path = \"a\" }\nb = { path = \"b\" }\n\n# Because.\nserde = \"1\"\n\
                    toml = \"1\"\n";
        assert_eq!(lines(text), [11]);
    }

    #[test]
    fn a_member_inherits_its_versions_or_says_why_not() {
        let text = "[package]\nname = \"x\"\n[dependencies]\nserde.workspace = true\n\
                    tokio = { workspace = true, features = [\"test-util\"] }\ntoml = \"1\"\n\
                    # Because.\ncsv = \"1\"\n[target.'cfg(unix)'.dependencies]\nlibc = \"1\"\n";
        assert_eq!(lines(text), [6, 10]);
    }
}
