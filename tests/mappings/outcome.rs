//! What became of the rows of an example, as the commands of its node tell it.
//!
//! Four commands tell the same in their own ways: `mapping check` counts without
//! writing, `preview` shows what leaves, `quarantine list` and `status` tell what the
//! running node made of a whole pass.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result};
use rmd_demo::network::{Network, Node};
use serde_json::Value;

use crate::expected::{Refusing, RowKey};

/// What the commands said.
#[derive(Debug)]
pub(crate) struct Outcome {
    /// From `mapping check`.
    pub(crate) faults: Vec<String>,
    pub(crate) warnings: Vec<String>,
    /// From `mapping check`, by record type.
    pub(crate) checked: BTreeMap<String, Counts>,
    /// From `preview`.
    pub(crate) previewed: BTreeMap<RowKey, Leaving>,
    pub(crate) preview_refused: BTreeMap<RowKey, BTreeSet<Refusing>>,
    /// From `quarantine list`, after a pass of the running node.
    pub(crate) quarantined: BTreeMap<RowKey, BTreeSet<Refusing>>,
    /// From `status`: published, refused, by record type.
    pub(crate) captured: BTreeMap<String, (u64, u64)>,
    /// From `quarantine list` of the hub: what it refused of what the node published.
    pub(crate) refused_by_hub: Vec<String>,
}

/// Counts of one record type.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) rows: u64,
    pub(crate) accepted: u64,
    pub(crate) incomplete: u64,
    pub(crate) refused: u64,
}

/// A record as it would leave.
#[derive(Debug)]
pub(crate) struct Leaving {
    pub(crate) key: String,
    pub(crate) incomplete: BTreeSet<String>,
    pub(crate) annulled_on: Option<String>,
    pub(crate) withheld: BTreeSet<String>,
    pub(crate) record: Value,
}

impl Outcome {
    /// Asks the node, which has read its whole source.
    pub(crate) fn ask(network: &Network, node: &Node) -> Result<Self> {
        let check = network.node_command(node, &["mapping", "check"])?;
        let mut outcome = Self {
            faults: texts(&check["faults"]),
            warnings: texts(&check["warnings"]),
            checked: list(&check["records"]).map(counts).collect::<Result<_>>()?,
            previewed: BTreeMap::new(),
            preview_refused: BTreeMap::new(),
            quarantined: BTreeMap::new(),
            captured: BTreeMap::new(),
            refused_by_hub: texts(&network.hub_command(&["quarantine", "list"])?["refused"]),
        };
        for entity in outcome.checked.keys().cloned().collect::<Vec<_>>() {
            // As many as one preview shows; the examples have a few dozen.
            let preview = network.node_command(node, &["preview", &entity, "--limit", "500"])?;
            outcome.add_preview(&entity, &preview)?;
        }
        let quarantine = network.node_command(node, &["quarantine", "list"])?;
        for row in list(&quarantine["refused"]) {
            let key = (text(row, "entity")?, text(row, "source_key")?);
            outcome.quarantined.insert(key, refusing(&row["findings"])?);
        }
        let status = network.node_command(node, &["status"])?;
        for entity in list(&status["entities"]) {
            let counts = (number(entity, "published")?, number(entity, "refused")?);
            if counts != (0, 0) {
                outcome.captured.insert(text(entity, "entity")?, counts);
            }
        }
        Ok(outcome)
    }

    fn add_preview(&mut self, entity: &str, preview: &Value) -> Result<()> {
        for record in list(&preview["records"]) {
            let leaving = Leaving {
                key: text(record, "key")?,
                incomplete: list(&record["incomplete"])
                    .map(|finding| {
                        Ok(format!("{} {}", text(finding, "rule")?, text(finding, "path")?))
                    })
                    .collect::<Result<_>>()?,
                annulled_on: record["annulled_on"].as_str().map(str::to_owned),
                withheld: texts(&record["withheld"]).into_iter().collect(),
                record: record["record"].clone(),
            };
            self.previewed.insert((entity.to_owned(), text(record, "source_key")?), leaving);
        }
        for row in list(&preview["refused"]) {
            let key = (entity.to_owned(), text(row, "source_key")?);
            self.preview_refused.insert(key, refusing(&row["findings"])?);
        }
        Ok(())
    }
}

fn counts(record: &Value) -> Result<(String, Counts)> {
    let counts = Counts {
        rows: number(record, "rows")?,
        accepted: number(record, "accepted")?,
        incomplete: number(record, "incomplete")?,
        refused: number(record, "refused")?,
    };
    Ok((text(record, "entity")?, counts))
}

/// The findings that refuse; a refused row may lack something besides.
fn refusing(findings: &Value) -> Result<BTreeSet<Refusing>> {
    list(findings)
        .filter(|finding| finding["severity"] == "refuse")
        .map(|finding| {
            let (rule, path) = (text(finding, "rule")?, text(finding, "path")?);
            Ok(Refusing { rule, path, value: text(finding, "value")? })
        })
        .collect()
}

pub(crate) fn list(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

pub(crate) fn text(value: &Value, name: &str) -> Result<String> {
    let text = value[name].as_str().with_context(|| format!("find {name} in {value}"))?;
    Ok(text.to_owned())
}

pub(crate) fn number(value: &Value, name: &str) -> Result<u64> {
    value[name].as_u64().with_context(|| format!("find {name} in {value}"))
}

/// The elements of a list as texts.
fn texts(value: &Value) -> Vec<String> {
    let as_text = |one: &Value| one.as_str().map_or_else(|| one.to_string(), str::to_owned);
    list(value).map(as_text).collect()
}
