//! A set on disk: whose records, of which day.
//!
//! Somebody else may have written it, so its spelling is read with patience: a folder of
//! a state in any case, a day with a time, lines that Windows ended. What is passed over is
//! told. Refuses a folder without a day or without a member state. A file that is not
//! there holds nothing.

mod day;
mod line;
mod loaded;
mod mend;
mod place;

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, ensure};
use jiff::civil::Date;
use rmd_demo::generate::FILES;
use rmd_standard::{Entity, country};

use crate::tell;

pub(crate) use line::{Line, lines};
pub(crate) use loaded::{Loaded, OfState, Taken};
pub(crate) use mend::country_of;

/// A state of a set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct State {
    /// ISO 3166-1 alpha-2.
    pub(crate) alpha2: &'static str,
    /// ISO 3166-1 alpha-3, the name of its folder.
    pub(crate) alpha3: &'static str,
}

/// A set.
#[derive(Debug)]
pub(crate) struct Set {
    /// The day for which it is made.
    pub(crate) as_of: Date,
    /// Its states, with their folders.
    pub(crate) states: Vec<(State, PathBuf)>,
    folder: PathBuf,
}

/// Files beside the folders of states.
const BESIDE: [&str; 5] =
    ["as-of", "labels.jsonl", "near-misses.jsonl", "partner-statistics.csv", "README.md"];

/// Files of a state that are read beside those of a generated set.
const MORE_FILES: [(Entity, &str); 2] =
    [(Entity::Audit, "audits"), (Entity::Incident, "incidents")];

impl Set {
    /// Opens a folder; tells what is there and is no part of a set.
    pub(crate) fn open(folder: &Path) -> Result<Self> {
        let as_of = day::read(&folder.join("as-of"))?;
        let mut names: Vec<(String, PathBuf)> = fs::read_dir(folder)
            .with_context(|| format!("open {}", folder.display()))?
            .map(|entry| {
                let path = entry?.path();
                let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                Ok((name, path))
            })
            .collect::<Result<_>>()?;
        names.sort();
        let mut states: Vec<(State, PathBuf)> = Vec::new();
        for (name, path) in names {
            match state_of(&name).filter(|_| path.is_dir()) {
                Some(state) if states.iter().any(|(known, _)| *known == state) => {
                    tell::note(&format!(
                        "passed over: {name} is a second folder of {}; put its files into one",
                        state.alpha3
                    ));
                }
                Some(state) => states.push((state, path)),
                None if BESIDE.contains(&name.as_str()) => {}
                None => tell::note(&format!(
                    "passed over: {name} is neither a file of a set nor the ALPHA-3 code of a \
                     member, as COD; rename it if it holds records"
                )),
            }
        }
        ensure!(
            !states.is_empty(),
            "{} has no folder of a member state; put the records of each state into a folder \
             named by its ALPHA-3 code, as COD",
            folder.display()
        );
        // In the order of the members, whatever the spelling.
        let place = |one: &State| country::MEMBERS.iter().position(|member| member.0 == one.alpha2);
        states.sort_by_key(|(state, _)| place(state));
        let set = Self { as_of, states, folder: folder.to_owned() };
        for (state, folder) in &set.states {
            unknown_files(*state, folder)?;
        }
        Ok(set)
    }

    /// A file beside the folders of the states.
    pub(crate) fn beside(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// The file of partner statistics, if there is one.
    pub(crate) fn partners(&self) -> Option<PathBuf> {
        Some(self.beside("partner-statistics.csv")).filter(|file| file.is_file())
    }
}

/// The record type of a file of a state, and the name of the file.
pub(crate) fn files() -> impl Iterator<Item = (Entity, String)> {
    FILES.into_iter().chain(MORE_FILES).map(|(entity, name)| (entity, format!("{name}.jsonl")))
}

/// The member whose folder has that name.
fn state_of(name: &str) -> Option<State> {
    let name = name.to_ascii_uppercase();
    let member = country::MEMBERS.iter().find(|one| one.1 == name || one.0 == name);
    member.map(|one| State { alpha2: one.0, alpha3: one.1 })
}

/// Tells the files of a state that are not read.
fn unknown_files(state: State, folder: &Path) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| format!("open {}", folder.display()))? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if !files().any(|(_, known)| known == name) {
            let known: Vec<String> = files().map(|(_, known)| known).collect();
            tell::note(&format!(
                "passed over: {}/{name}; files of a state are {}",
                state.alpha3,
                known.join(", ")
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(as_of: &str) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("as-of"), as_of).unwrap();
        folder
    }

    #[test]
    fn folders_are_known_in_any_case_and_by_either_code() {
        let folder = folder("2026-11-20");
        for name in ["rwa", "CD", "notes", "FRA"] {
            fs::create_dir(folder.path().join(name)).unwrap();
        }
        let set = Set::open(folder.path()).unwrap();
        let names: Vec<&str> = set.states.iter().map(|(state, _)| state.alpha3).collect();
        assert_eq!(names, ["COD", "RWA"]);
        assert!(set.partners().is_none());
    }

    #[test]
    fn a_set_needs_a_day_and_a_member() {
        let none = folder("2026-11-20");
        let error = Set::open(none.path()).unwrap_err().to_string();
        assert!(error.contains("has no folder of a member state"), "{error}");
        let without = tempfile::tempdir().unwrap();
        fs::create_dir(without.path().join("COD")).unwrap();
        let error = Set::open(without.path()).unwrap_err().to_string();
        assert!(error.contains("as-of"), "{error}");
    }
}
