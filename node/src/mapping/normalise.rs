//! From rows to checked records: the one normaliser of every capture mode.
//!
//! Owns the joining of rows with their children, and what is said of a row that
//! cannot be read. Invariant: the same rows give the same record, in whatever
//! order the source gave them; a fault of one row is a refusal of that row.

use std::cmp::Ordering;
use std::collections::HashMap;

use jiff::civil::Date;
use rmd_standard::{
    Cell, CodeLists, Context, Draft, Entity, Finding, National, Record, Refusal, Valid,
};

use super::findings;
use super::plan::{Plan, QueryPlan, Target};
use super::read::{Read, key_of, key_text};
use crate::source::Row;

/// What became of one source row.
#[derive(Debug)]
pub(crate) struct Output {
    /// Key of the row at the source, as text.
    pub(crate) source_key: String,
    /// The whole record, or why there is none.
    pub(crate) outcome: Result<Valid<Record, National>, Refusal>,
    /// Day and ground, when the row says that the record is void.
    pub(crate) annulled: Option<(Date, String)>,
}

/// Turns what was read of one record type into records.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Normaliser<'a> {
    /// The resolved queries.
    pub(crate) plan: &'a Plan<'a>,
    /// National words for codes.
    pub(crate) codes: &'a CodeLists,
    /// State, day and zone.
    pub(crate) context: &'a Context,
}

/// The rows of one list by the key of their parent.
type Children<'r> = HashMap<String, Vec<&'r Row>>;

impl Normaliser<'_> {
    /// One output per source key, in the order of the rows.
    pub(crate) fn outputs(&self, read: &Read) -> Vec<Output> {
        let key_index = self.plan.rows.key_index();
        let rows = &read.parents.rows;
        let keys: Vec<Option<String>> = rows.iter().map(|row| key_of(row, key_index)).collect();
        let mut count: HashMap<&str, usize> = HashMap::with_capacity(keys.len());
        for key in keys.iter().flatten() {
            *count.entry(key).or_default() += 1;
        }
        let children: Vec<Children<'_>> = self
            .plan
            .children
            .iter()
            .zip(&read.children)
            .map(|(plan, rows)| group(plan, &rows.rows, &count))
            .collect();
        let mut outputs = Vec::with_capacity(rows.len());
        outputs.extend(self.unnamed(rows, key_index));
        for (row, key) in rows.iter().zip(&keys) {
            let Some(key) = key else { continue };
            match count.insert(key, 0) {
                Some(0) => {}
                Some(1) => outputs.push(self.output(key, row, &children)),
                _ => outputs.push(refused(key, findings::twice(self.entity(), key))),
            }
        }
        outputs
    }

    /// The first row whose key cannot be read: it stands for all of them, since
    /// nothing tells them apart.
    fn unnamed(&self, rows: &[Row], key_index: usize) -> Option<Output> {
        let is_unnamed = |row: &&Row| row.faults.iter().any(|(index, _)| *index == key_index);
        let row = rows.iter().find(is_unnamed)?;
        let findings = self.row_faults("", &self.plan.rows, row, "");
        let outcome = Err(Refusal { key: None, findings });
        Some(Output { source_key: String::new(), outcome, annulled: None })
    }

    fn output(&self, key: &str, row: &Row, children: &[Children<'_>]) -> Output {
        let mut faults = self.row_faults(key, &self.plan.rows, row, "");
        let mut draft = Draft::new(self.entity());
        self.fill(&mut draft, &self.plan.rows, row);
        for ((map, plan), groups) in
            self.plan.record.children.iter().zip(&self.plan.children).zip(children)
        {
            for child in groups.get(key).into_iter().flatten() {
                draft.push(map.list);
                self.fill(&mut draft, plan, child);
                faults.extend(self.row_faults(key, plan, child, map.list));
            }
        }
        let annulled = match self.annulment(key, row) {
            Ok(annulled) => annulled,
            Err(finding) => {
                faults.push(*finding);
                None
            }
        };
        let outcome = if faults.is_empty() {
            draft.finish(self.context)
        } else {
            Err(Refusal { key: None, findings: faults })
        };
        Output { source_key: key.to_owned(), outcome, annulled }
    }

    fn fill(&self, draft: &mut Draft, plan: &QueryPlan, row: &Row) {
        for (target, cell) in plan.targets.iter().zip(&row.cells) {
            if let Target::Field(column) = target {
                draft.set(*column, cell, self.codes);
            }
        }
    }

    fn annulment(&self, key: &str, row: &Row) -> Result<Option<(Date, String)>, Box<Finding>> {
        let mut on = None;
        let mut reason = String::new();
        for (target, cell) in self.plan.rows.targets.iter().zip(&row.cells) {
            match target {
                Target::AnnulledOn => on = key_text(cell).filter(|text| !text.trim().is_empty()),
                Target::AnnulledReason => reason = key_text(cell).unwrap_or_default(),
                Target::Key | Target::Field(_) => {}
            }
        }
        let Some(text) = on else { return Ok(None) };
        let day = text.trim().get(..10).and_then(|day| day.parse::<Date>().ok());
        day.map(|day| Some((day, reason.trim().to_owned())))
            .ok_or_else(|| Box::new(findings::no_day(self.entity(), key, &text)))
    }

    /// What is said of each value of a row that the source could not give.
    fn row_faults(&self, key: &str, plan: &QueryPlan, row: &Row, list: &str) -> Vec<Finding> {
        let path = |index: usize| {
            let name = plan.fields.get(index).map_or("?", |field| field.name.as_str());
            if list.is_empty() { name.to_owned() } else { format!("{list}.{name}") }
        };
        row.faults
            .iter()
            .map(|(index, fault)| findings::unreadable(self.entity(), key, &path(*index), fault))
            .collect()
    }

    fn entity(&self) -> Entity {
        self.plan.entity()
    }
}

/// Sorts the rows of a list under their parents. The source chose the rows by
/// comparing keys in its own way, which may ignore case or trailing blanks; the
/// parent that it meant is found again in the same way.
fn group<'r>(plan: &QueryPlan, rows: &'r [Row], parents: &HashMap<&str, usize>) -> Children<'r> {
    let index = plan.key_index();
    let mut folded: Option<HashMap<String, &str>> = None;
    let mut children: Children<'r> = HashMap::new();
    let mut homeless = 0_usize;
    for row in rows {
        let Some(key) = key_of(row, index) else { continue };
        let parent = if parents.contains_key(key.as_str()) {
            Some(key)
        } else {
            let folded =
                folded.get_or_insert_with(|| parents.keys().map(|key| (fold(key), *key)).collect());
            folded.get(&fold(&key)).map(|parent| (*parent).to_owned())
        };
        match parent {
            Some(parent) => children.entry(parent).or_default().push(row),
            None => homeless += 1,
        }
    }
    if homeless > 0 {
        tracing::warn!(rows = homeless, "list rows whose key is no parent's key were left out");
    }
    for rows in children.values_mut() {
        // The source gives rows of one key in any order; a record must not change with it.
        rows.sort_by(|a, b| compare_rows(a, b));
    }
    children
}

fn fold(key: &str) -> String {
    key.trim_end().to_lowercase()
}

fn compare_rows(a: &Row, b: &Row) -> Ordering {
    a.cells
        .iter()
        .zip(&b.cells)
        .map(|(a, b)| compare(a, b))
        .find(|order| order.is_ne())
        .unwrap_or(Ordering::Equal)
}

fn compare(a: &Cell, b: &Cell) -> Ordering {
    match (a, b) {
        (Cell::Bool(a), Cell::Bool(b)) => a.cmp(b),
        (Cell::Integer(a), Cell::Integer(b)) => a.cmp(b),
        (Cell::Real(a), Cell::Real(b)) => a.total_cmp(b),
        (Cell::Decimal(a), Cell::Decimal(b)) => a.cmp(b),
        (Cell::Text(a), Cell::Text(b)) => a.cmp(b),
        _ => rank(a).cmp(&rank(b)),
    }
}

fn rank(cell: &Cell) -> u8 {
    match cell {
        Cell::Null => 0,
        Cell::Bool(_) => 1,
        Cell::Integer(_) => 2,
        Cell::Real(_) => 3,
        Cell::Decimal(_) => 4,
        Cell::Text(_) => 5,
    }
}

fn refused(source_key: &str, finding: Finding) -> Output {
    Output {
        source_key: source_key.to_owned(),
        outcome: Err(Refusal { key: None, findings: vec![finding] }),
        annulled: None,
    }
}

/// The source has rows whose key is null: they cannot be followed.
pub(crate) fn keyless(entity: Entity) -> Output {
    refused("", findings::keyless(entity))
}
