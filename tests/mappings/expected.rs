//! What `expected.toml` says becomes of the rows of an example.
//!
//! Every row of the example stands in it once: accepted with what is still lacking,
//! or refused with each finding. Keys that nobody reads are refused, so that a slip
//! of the pen is no passed test.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use anyhow::{Context as _, Result, ensure};
use serde::Deserialize;

/// Record type and key of the row at the source.
pub(crate) type RowKey = (String, String);

/// The expectations of one example.
#[derive(Debug, Clone)]
pub(crate) struct Expected {
    pub(crate) accepted: BTreeMap<RowKey, Accepted>,
    pub(crate) refused: BTreeMap<RowKey, BTreeSet<Refusing>>,
}

/// A row that becomes a record.
#[derive(Debug, Clone)]
pub(crate) struct Accepted {
    pub(crate) key: String,
    /// `RULE path` of everything that is still lacking.
    pub(crate) incomplete: BTreeSet<String>,
    /// The day on which the source says that the record is void.
    pub(crate) annulled_on: Option<String>,
    /// What stays in the state.
    pub(crate) withheld: Option<BTreeSet<String>>,
    /// Some fields, by their path in the record.
    pub(crate) fields: BTreeMap<String, serde_json::Value>,
}

/// One finding that refuses a row.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Refusing {
    pub(crate) rule: String,
    pub(crate) path: String,
    #[serde(default)]
    pub(crate) value: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    /// By record type: what every accepted record lacks, since no column gives it.
    #[serde(default)]
    lacking: BTreeMap<String, BTreeSet<String>>,
    accepted: Vec<AcceptedRow>,
    #[serde(default)]
    refused: Vec<RefusedRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AcceptedRow {
    entity: String,
    source_key: String,
    key: String,
    #[serde(default)]
    incomplete: BTreeSet<String>,
    annulled_on: Option<String>,
    withheld: Option<BTreeSet<String>>,
    #[serde(default)]
    fields: BTreeMap<String, serde_json::Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RefusedRow {
    entity: String,
    source_key: String,
    findings: BTreeSet<Refusing>,
}

impl Expected {
    pub(crate) fn load(folder: &Path) -> Result<Self> {
        let path = folder.join("expected.toml");
        let text = std::fs::read_to_string(&path).context("read what is expected")?;
        Self::parse(&text).with_context(|| format!("understand {}", path.display()))
    }

    fn parse(text: &str) -> Result<Self> {
        let file: File = toml::from_str(text)?;
        let mut expected = Self { accepted: BTreeMap::new(), refused: BTreeMap::new() };
        for row in file.accepted {
            let mut incomplete = row.incomplete;
            for lacking in file.lacking.get(&row.entity).into_iter().flatten() {
                ensure!(incomplete.insert(lacking.clone()), "{lacking} stands twice");
            }
            let accepted = Accepted {
                key: row.key,
                incomplete,
                annulled_on: row.annulled_on,
                withheld: row.withheld,
                fields: row.fields,
            };
            let key = (row.entity, row.source_key);
            ensure!(
                expected.accepted.insert(key.clone(), accepted).is_none(),
                "{key:?} stands twice"
            );
        }
        for row in file.refused {
            let key = (row.entity, row.source_key);
            ensure!(!row.findings.is_empty(), "{key:?} is refused for nothing");
            ensure!(!expected.accepted.contains_key(&key), "{key:?} is accepted and refused");
            ensure!(
                expected.refused.insert(key.clone(), row.findings).is_none(),
                "{key:?} stands twice"
            );
        }
        Ok(expected)
    }
}
