//! A set on disk: whose records, of which day, with which labels.
//!
//! Refuses a folder without a day or without a member state. A file that is not there
//! holds nothing.

use std::{
    fs::{self, File},
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result, ensure};
use jiff::{civil::Date, tz::TimeZone};
use rmd_demo::generate::FILES;
use rmd_standard::{Entity, National, Record, Valid, country, icglr};

use crate::score::Label;

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
    /// Its states.
    pub(crate) states: Vec<State>,
    folder: PathBuf,
}

impl Set {
    /// Opens a folder.
    pub(crate) fn open(folder: &Path) -> Result<Self> {
        let file = folder.join("as-of");
        let text = fs::read_to_string(&file).with_context(|| format!("read {}", file.display()))?;
        let as_of = text.trim().parse().with_context(|| format!("read {}", file.display()))?;
        let members = country::MEMBERS.iter().map(|one| State { alpha2: one.0, alpha3: one.1 });
        let states: Vec<State> = members.filter(|one| folder.join(one.alpha3).is_dir()).collect();
        ensure!(!states.is_empty(), "{} has no folder of a member state", folder.display());
        Ok(Self { as_of, states, folder: folder.to_owned() })
    }

    /// What is known to be wrong in it.
    pub(crate) fn labels(&self) -> Result<Vec<Label>> {
        let file = self.folder.join("labels.jsonl");
        let read = |line: Result<String>| {
            let line = line?;
            serde_json::from_str(&line).with_context(|| format!("read the label {line}"))
        };
        lines(&file)?.map(read).collect()
    }

    /// Lines of a record type of a state.
    pub(crate) fn lines(
        &self,
        state: State,
        entity: Entity,
    ) -> Result<Box<dyn Iterator<Item = Result<String>>>> {
        let known = FILES.iter().find(|(of, _)| *of == entity).map(|(_, name)| *name);
        let name = match entity {
            Entity::Audit => Some("audits"),
            _ => known,
        };
        match name {
            Some(name) => lines(&self.folder.join(state.alpha3).join(format!("{name}.jsonl"))),
            None => Ok(Box::new(std::iter::empty())),
        }
    }

    /// The file of partner statistics, if there is one.
    pub(crate) fn partners(&self) -> Option<PathBuf> {
        Some(self.folder.join("partner-statistics.csv")).filter(|file| file.is_file())
    }

    /// What records of a state are checked with.
    pub(crate) fn context(&self, state: State) -> rmd_standard::Context {
        rmd_standard::Context {
            country: state.alpha2.to_owned(),
            today: self.as_of,
            zone: TimeZone::fixed(jiff::tz::offset(2)),
        }
    }

    /// Reads a line; what is refused, with the reason.
    pub(crate) fn read(
        &self,
        state: State,
        entity: Entity,
        line: &str,
    ) -> Result<Valid<Record, National>, String> {
        let json = icglr::parse(line.as_bytes()).map_err(|finding| finding.en)?;
        icglr::read(entity, &json, &self.context(state)).map_err(|refusal| {
            let first = refusal.findings.first();
            first.map_or_else(String::new, |one| format!("{} {}: {}", one.rule, one.path, one.en))
        })
    }
}

fn lines(file: &Path) -> Result<Box<dyn Iterator<Item = Result<String>>>> {
    if !file.exists() {
        return Ok(Box::new(std::iter::empty()));
    }
    let name = file.display().to_string();
    let file = File::open(file).with_context(|| format!("open {name}"))?;
    let lines = BufReader::new(file).lines();
    let lines = lines.filter(|line| line.as_ref().map_or(true, |line| !line.trim().is_empty()));
    Ok(Box::new(lines.map(move |line| line.with_context(|| format!("read {name}")))))
}
