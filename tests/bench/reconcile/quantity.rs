//! Figures beside what is to be reached, and the table of them.

use std::{fs, path::Path};

use anyhow::{Context as _, Result};
use rmd_runtime::output;
use serde::Serialize;

/// A figure; a ratio of more than 1 is better than what is to be reached.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Quantity {
    #[serde(rename = "quantity")]
    pub(super) name: String,
    pub(super) unit: &'static str,
    pub(super) better: &'static str,
    /// None where nothing is to be reached.
    pub(super) reference: Option<f64>,
    pub(super) ours: f64,
    pub(super) ratio: Option<f64>,
}

impl Quantity {
    /// Less is better.
    pub(super) fn lower(name: String, unit: &'static str, ours: f64, reference: f64) -> Self {
        let (reference, ratio) = (Some(reference), Some(reference / ours));
        Self { name, unit, better: "lower", reference, ours, ratio }
    }

    /// More is better.
    pub(super) fn higher(name: String, unit: &'static str, ours: f64, reference: f64) -> Self {
        let (reference, ratio) = (Some(reference), Some(ours / reference));
        Self { name, unit, better: "higher", reference, ours, ratio }
    }

    /// Told beside the others; less is better.
    pub(super) const fn told(name: String, unit: &'static str, ours: f64) -> Self {
        Self { name, unit, better: "lower", reference: None, ours, ratio: None }
    }

    fn row(&self) -> [String; 5] {
        let maybe = |number: Option<f64>| number.map_or_else(String::new, |of| format!("{of:.2}"));
        let reference = self.reference.map_or_else(String::new, |of| format!("{of:.1}"));
        [
            self.name.clone(),
            self.unit.to_owned(),
            reference,
            format!("{:.1}", self.ours),
            maybe(self.ratio),
        ]
    }
}

const HEADS: [&str; 5] = ["quantity", "unit", "to reach", "ours", "ratio"];

/// For a person.
pub(super) fn table(quantities: &[Quantity]) -> String {
    let rows: Vec<Vec<String>> = quantities.iter().map(|one| one.row().into()).collect();
    output::table(&HEADS, &rows)
}

/// Writes the table of one store, with the command that makes it.
pub(super) fn write(file: &Path, command: &str, quantities: &[Quantity]) -> Result<()> {
    let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    let heads = HEADS.map(str::to_owned);
    let mut text = format!("# Made by a command\n\n```text\n{command}\n```\n\n");
    text.push_str(&line(&heads));
    text.push_str("|---|---|---|---|---|\n");
    for one in quantities {
        text.push_str(&line(&one.row()));
    }
    fs::write(file, text).with_context(|| format!("write {}", file.display()))
}
