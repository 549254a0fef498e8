//! The house rules that no lint can see.
//!
//! Each rule is a pure function over manifests or text, with its own tests; this
//! module walks the repository and collects. A rule names file, line and remedy.
//! Words that the rules look for are written in two halves here, so that the rules
//! hold for this folder as for every other.

use std::{fmt, fs, path::Path};

use anyhow::{Context as _, Result, ensure};

use crate::{house::House, log::Log};

mod arrows;
mod code;
mod manifest;
mod rust;
mod text;

/// A place that breaks a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Fault {
    path: String,
    /// Counted from 1; 0 where the whole file is meant.
    line: usize,
    rule: String,
}

/// What the rules found.
#[derive(Debug, Default)]
struct Found {
    faults: Vec<Fault>,
    /// What is allowed and should become less.
    notes: Vec<String>,
}

impl Fault {
    fn new(path: &str, line: usize, rule: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line, rule: rule.into() }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.path, self.line, self.rule)
    }
}

pub(crate) fn check(house: &House, log: &mut Log) -> Result<String> {
    let mut found = Found::default();
    found.faults.extend(arrows::check(&house.packages, &house.root));
    let mut files = 0;
    for path in house.files()? {
        let bytes =
            fs::read(house.root.join(&path)).with_context(|| format!("read {}", path.display()))?;
        // What is no text (an image, a database) has no words of ours.
        if let (Ok(text), Some(path)) = (String::from_utf8(bytes), path.to_str()) {
            check_file(path, &text, &mut found);
            files += 1;
        }
    }
    for note in &found.notes {
        log.line(format!("note: {note}"))?;
    }
    for fault in &found.faults {
        log.line(fault.to_string())?;
    }
    ensure!(found.faults.is_empty(), "{} faults in {files} files", found.faults.len());
    let seams = found.notes.len();
    Ok(format!("{files} files, {seams} above {} lines", rust::LINES_SEAM))
}

fn check_file(path: &str, text: &str, found: &mut Found) {
    let file = Path::new(path);
    let name = file.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    if matches!(name, "Cargo.lock" | "package-lock.json") {
        found.faults.extend(text::check_lock(path, text));
        return;
    }
    found.faults.extend(text::check(path, text));
    if name == "Cargo.toml" {
        found.faults.extend(manifest::check(path, text));
    }
    if file.extension().is_some_and(|extension| extension == "rs") {
        found.faults.extend(rust::check_shape(path, text));
        found.faults.extend(code::check(path, text));
        found.notes.extend(rust::note(path, text));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_file_is_spared_the_rules_for_text() {
        let mut found = Found::default();
        let host = ["registry+https://index.crates", "io"].join(".");
        check_file("Cargo.lock", &host, &mut found);
        assert_eq!(found.faults, []);
        check_file("README.md", &host, &mut found);
        assert_eq!(found.faults.len(), 1);
    }

    #[test]
    fn a_fault_names_file_line_and_rule() {
        let fault = Fault::new("node/src/main.rs", 61, "too long");
        assert_eq!(fault.to_string(), "node/src/main.rs:61: too long");
    }
}
