//! What `mapping check` tells, as data.
//!
//! Counts are of records, not of findings, and of cells where a column is meant.
//! Values of national fields are not in findings, so they are not here either.
//! Invariant: what is kept does not grow with the rows of the source.

use std::collections::{BTreeMap, BTreeSet};

use rmd_standard::{Entity, Finding};
use serde::Serialize;

use super::coverage::FieldReport;
use crate::mapping::{Fault, Mapping, Output};
use crate::source::Server;

/// Words shown for each field; a column of free text would otherwise fill the memory.
const WORDS_MAX: usize = 100;

/// The whole answer.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    /// Name of the mapping.
    pub(crate) mapping: String,
    /// Id of the mapping.
    pub(crate) mapping_id: String,
    /// Kind of the source, as the server says it.
    pub(crate) source_kind: String,
    /// Version of the source, as the server says it.
    pub(crate) server_version: String,
    /// What has to be corrected before the mapping can be used.
    pub(crate) faults: Vec<Fault>,
    /// What the node will need.
    pub(crate) warnings: Vec<Fault>,
    /// One per record type, in the order of the file.
    pub(crate) records: Vec<RecordReport>,
}

/// The answer for one record type.
#[derive(Debug, Serialize)]
pub(crate) struct RecordReport {
    /// Name of the record type.
    pub(crate) entity: String,
    /// Rows of the rows query.
    pub(crate) rows: u64,
    /// Whether rows beyond the limit were left unread.
    pub(crate) cut: bool,
    /// Rows of all child queries.
    pub(crate) list_rows: u64,
    /// Records that would be published.
    pub(crate) accepted: u64,
    /// Of these, records that lack what the standard requires.
    pub(crate) incomplete: u64,
    /// Rows that would go to quarantine.
    pub(crate) refused: u64,
    /// Every column of every query.
    pub(crate) fields: Vec<FieldReport>,
    /// Fields that the standard requires and no column gives: path, what lacks it.
    pub(crate) missing: BTreeMap<String, MissingReport>,
    /// What rules found, in the order in which they were first broken.
    pub(crate) rules: Vec<RuleReport>,
    /// Words of the source that are in no code list: field, word, rows.
    pub(crate) unmapped: BTreeMap<String, BTreeMap<String, u64>>,
    /// How the source would look rows up.
    pub(crate) queries: Vec<QueryReport>,
    /// Milliseconds of one re-read of the first keys, lists included.
    pub(crate) reread_ms: u64,
    #[serde(skip)]
    examples: usize,
    /// Records with a finding at a path: refused cells, and absent required fields.
    #[serde(skip)]
    pub(super) bad: BTreeMap<String, u64>,
    #[serde(skip)]
    pub(super) absent: BTreeMap<String, MissingReport>,
}

/// A field that the standard requires.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct MissingReport {
    /// Id of the rule.
    pub(crate) rule: String,
    /// `refuse` or `incomplete`.
    pub(crate) severity: String,
    /// Records that lack it.
    pub(crate) records: u64,
    /// The first of the aliases that give it, or the list that does.
    pub(crate) aliases: Vec<String>,
}

/// The findings of one rule.
#[derive(Debug, Serialize)]
pub(crate) struct RuleReport {
    /// Id of the rule.
    pub(crate) rule: String,
    /// `refuse` or `incomplete`.
    pub(crate) severity: String,
    /// Records with at least one such finding.
    pub(crate) records: u64,
    /// The first of them.
    pub(crate) first: Vec<Example>,
}

/// One finding with the row that it is about.
#[derive(Debug, Serialize)]
pub(crate) struct Example {
    /// Key of the row at the source.
    pub(crate) source_key: String,
    /// Path of the field.
    pub(crate) path: String,
    /// The value as the source has it.
    pub(crate) value: String,
    /// Message in English.
    pub(crate) en: String,
    /// Message in French.
    pub(crate) fr: String,
}

/// The plan of one query.
#[derive(Debug, Serialize)]
pub(crate) struct QueryReport {
    /// `rows` or the name of the list.
    pub(crate) query: String,
    /// The plan in the words of the server, a step a line.
    pub(crate) plan: Vec<String>,
    /// Whether it reads all of the base table.
    pub(crate) scans: bool,
}

impl Report {
    pub(super) fn new(mapping: &Mapping, server: &Server) -> Self {
        Self {
            mapping: mapping.name.clone(),
            mapping_id: mapping.id.clone(),
            source_kind: server.kind.to_owned(),
            server_version: server.version.clone(),
            faults: Vec::new(),
            warnings: Vec::new(),
            records: Vec::new(),
        }
    }

    /// Whether the mapping can be used.
    pub(crate) fn is_sound(&self) -> bool {
        self.faults.is_empty()
    }
}

impl RecordReport {
    pub(super) fn new(entity: Entity, examples: usize) -> Self {
        Self {
            entity: entity.name().to_owned(),
            rows: 0,
            cut: false,
            list_rows: 0,
            accepted: 0,
            incomplete: 0,
            refused: 0,
            fields: Vec::new(),
            missing: BTreeMap::new(),
            rules: Vec::new(),
            unmapped: BTreeMap::new(),
            queries: Vec::new(),
            reread_ms: 0,
            examples,
            bad: BTreeMap::new(),
            absent: BTreeMap::new(),
        }
    }

    /// Counts what became of one row.
    pub(super) fn add(&mut self, output: &Output) {
        self.rows += 1;
        let findings = match &output.outcome {
            Ok(valid) => {
                self.accepted += 1;
                valid.findings()
            }
            Err(refusal) => {
                self.refused += 1;
                refusal.findings.as_slice()
            }
        };
        if output.outcome.is_ok() && !findings.is_empty() {
            self.incomplete += 1;
        }
        let (mut rules, mut paths) = (BTreeSet::new(), BTreeSet::new());
        for finding in findings {
            self.add_finding(&output.source_key, finding, rules.insert(finding.rule.as_str()));
            let path = without_indexes(&finding.path);
            if paths.insert((path.clone(), is_of_absence(finding))) {
                self.add_path(path, finding);
            }
        }
    }

    fn add_finding(&mut self, source_key: &str, finding: &Finding, is_first_of_record: bool) {
        let index = self.rules.iter().position(|known| known.rule == finding.rule);
        let index = index.unwrap_or_else(|| {
            self.rules.push(RuleReport {
                rule: finding.rule.clone(),
                severity: finding.severity.as_str().to_owned(),
                records: 0,
                first: Vec::new(),
            });
            self.rules.len() - 1
        });
        let rule = &mut self.rules[index];
        rule.records += u64::from(is_first_of_record);
        if rule.first.len() < self.examples {
            rule.first.push(Example {
                source_key: source_key.to_owned(),
                path: finding.path.clone(),
                value: finding.value.clone(),
                en: finding.en.clone(),
                fr: finding.fr.clone(),
            });
        }
        if is_out_of_list(finding) {
            let words = self.unmapped.entry(without_indexes(&finding.path)).or_default();
            if words.len() < WORDS_MAX || words.contains_key(&finding.value) {
                *words.entry(finding.value.clone()).or_default() += 1;
            }
        }
    }

    fn add_path(&mut self, path: String, finding: &Finding) {
        if is_of_absence(finding) {
            let missing = self.absent.entry(path).or_insert_with(|| MissingReport {
                rule: finding.rule.clone(),
                severity: finding.severity.as_str().to_owned(),
                records: 0,
                aliases: Vec::new(),
            });
            missing.records += 1;
        } else {
            *self.bad.entry(path).or_default() += 1;
        }
    }
}

/// Whether a finding says that a required field is absent.
fn is_of_absence(finding: &Finding) -> bool {
    finding.rule.ends_with("-REQUIRED")
}

/// Whether a finding says that a word is in no code list.
fn is_out_of_list(finding: &Finding) -> bool {
    finding.rule.ends_with("-LIST") && !finding.value.is_empty()
}

/// `inspection[3].inspection_result` and `inspection[0].inspection_result` are one field.
fn without_indexes(path: &str) -> String {
    let mut depth = 0_u32;
    path.chars()
        .filter(|c| {
            match c {
                '[' => depth += 1,
                ']' => depth = depth.saturating_sub(1),
                _ => return depth == 0,
            }
            false
        })
        .collect()
}
