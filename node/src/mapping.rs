//! The mapping: SQL and code lists that turn national rows into records.
//!
//! Owns the ministry's one file, its checking, and the normaliser that both
//! capture modes share. Refuses a file in which anything is not understood, and
//! tells all its faults at once. Invariant: a [`Mapping`] that exists has known
//! record types and lists, marked queries and readable code lists; what only the
//! database can tell is told by [`check`].

pub(crate) mod check;
mod children;
mod culprit;
pub(crate) mod draft;
mod fault;
mod findings;
mod imprint;
mod normalise;
pub(crate) mod normalisers;
mod parse;
mod plan;
pub(crate) mod preview;
mod read;
mod template;
#[cfg(test)]
mod tests;
mod watch;

use std::collections::BTreeMap;
use std::path::Path;

use jiff::tz::TimeZone;
use rmd_standard::{CodeLists, Entity};
use sha2::{Digest as _, Sha256};

pub(crate) use culprit::Culprit;
pub(crate) use fault::{Fault, Faults};
pub(crate) use imprint::Basis;
pub(crate) use normalise::{Gathered, Normaliser, Output, Sieve, keyless};
use normalisers::Pipeline;
pub(crate) use plan::{Plan, PlanError, WatchPlan, refused};
pub(crate) use read::{Place, Read, bind_of, key_text};
pub(crate) use template::{Condition, Template};
pub(crate) use watch::{Lookup, Noted, ungiven};

/// Keys that one statement may name: two SQLite parameters each stay far below
/// its limit of 32 766, and the statement stays below a packet of any server.
pub(crate) const KEYS_MAX: usize = 500;

/// Rows of one page of a scan, whose lists are read by their keys. SQLite binds
/// each key twice, far below its limit. Mapped and checked, a lot with its lists
/// takes some kilobytes, and a few pages are on their way at once.
pub(crate) const PAGE_ROWS_MAX: usize = 1024;

/// One mapping file, understood.
#[derive(Debug, Clone)]
pub(crate) struct Mapping {
    /// First 8 bytes of the SHA-256 of the file, in hexadecimal.
    pub(crate) id: String,
    /// Name that the ministry gave it.
    pub(crate) name: String,
    /// Name of the file, for messages.
    pub(crate) file: String,
    /// Zone of zone-less times at the source.
    pub(crate) zone: TimeZone,
    /// Record types in the order of the file.
    pub(crate) records: Vec<RecordMap>,
    /// National words for the codes of the standard.
    pub(crate) codes: CodeLists,
}

/// How one record type is read.
#[derive(Debug, Clone)]
pub(crate) struct RecordMap {
    /// The record type.
    pub(crate) entity: Entity,
    /// Plain column behind the alias `_key`, in the names of the query's FROM.
    pub(crate) key: String,
    /// The query of the rows.
    pub(crate) rows: Template,
    /// Whether a re-read may scan the table.
    pub(crate) scan: bool,
    /// What is done to values before they are read, by alias.
    pub(crate) normalise: BTreeMap<String, Pipeline>,
    /// Queries of the lists.
    pub(crate) children: Vec<ChildMap>,
    /// Every table that contributes; at least one.
    pub(crate) watches: Vec<Watch>,
}

/// How one list of a record is read.
#[derive(Debug, Clone)]
pub(crate) struct ChildMap {
    /// Name of the list, such as `inspection`.
    pub(crate) list: &'static str,
    /// Column that holds the parent's key, behind the alias `_key`.
    pub(crate) key: String,
    /// The query of the list's rows.
    pub(crate) rows: Template,
    /// What is done to values before they are read, by alias.
    pub(crate) normalise: BTreeMap<String, Pipeline>,
}

/// One table that contributes to a record.
#[derive(Debug, Clone)]
pub(crate) struct Watch {
    /// Name of the table, for marks and status.
    pub(crate) table: String,
    /// How its changes are noticed.
    pub(crate) mode: Mode,
}

/// How changes of a table are noticed.
#[derive(Debug, Clone)]
pub(crate) enum Mode {
    /// By reading all of it.
    Diff,
    /// By a column that says when a row changed.
    Cursor(Cursor),
    /// By triggers that note the keys of changed rows in a side table.
    Triggers(Noted),
    /// By the log of a PostgreSQL server, in which their old and new keys stand.
    Log(Noted),
}

/// A table that says when its rows changed.
#[derive(Debug, Clone)]
pub(crate) struct Cursor {
    /// The column, in the names of the query's FROM.
    pub(crate) changed_at: String,
    /// The query that yields `_key` of the parent and `_changed_at`.
    pub(crate) keys: Template,
    /// Overrides how far behind the mark is read again.
    pub(crate) lag: Option<Lag>,
}

/// How far behind the mark a table is read again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lag {
    /// Of a column that holds times.
    Time(std::time::Duration),
    /// Of a column that holds whole numbers, in their unit.
    Number(i64),
}

impl Mapping {
    /// Reads a mapping file.
    pub(crate) fn load(path: &Path) -> Result<Self, Faults> {
        let file = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
        let bytes = std::fs::read(path).map_err(|error| {
            Fault::new(&file, "", "")
                .says(
                    &format!("the file cannot be read ({error}); check its path and its rights"),
                    &format!(
                        "le fichier est illisible ({error}) ; vérifiez son chemin et ses droits"
                    ),
                )
                .into_faults()
        })?;
        let text = String::from_utf8(bytes).map_err(|_| {
            Fault::new(&file, "", "")
                .says(
                    "the file is not UTF-8; save it as UTF-8",
                    "le fichier n'est pas en UTF-8 ; enregistrez-le en UTF-8",
                )
                .into_faults()
        })?;
        Self::parse(&file, &text)
    }

    /// Understands the text of a mapping; `file` is for messages.
    pub(crate) fn parse(file: &str, text: &str) -> Result<Self, Faults> {
        parse::mapping(file, text)
    }
}

impl RecordMap {
    /// The first table that is watched by reading all of it.
    pub(crate) fn diff_table(&self) -> Option<&str> {
        self.watches
            .iter()
            .find(|watch| matches!(watch.mode, Mode::Diff))
            .map(|watch| watch.table.as_str())
    }
}

fn mapping_id(text: &str) -> String {
    hex::encode(&Sha256::digest(text.as_bytes())[..8])
}
