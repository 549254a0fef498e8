//! The rows of a list under their parents.
//!
//! Owns the finding of a row's parent and the order of the rows of one parent,
//! which does not depend on the order in which the source gave them.

use std::cmp::Ordering;
use std::collections::HashMap;

use rmd_standard::Cell;

use super::plan::QueryPlan;
use super::read::key_of;
use crate::source::Row;

/// The rows of one list by the key of their parent.
pub(super) type Children<'r> = HashMap<String, Vec<&'r Row>>;

/// Sorts the rows of a list under their parents. The source chose the rows by
/// comparing keys in its own way, which may ignore case or trailing blanks; the
/// parent that it meant is found again in the same way.
pub(super) fn group<'r>(
    plan: &QueryPlan<'_>,
    rows: &'r [Row],
    parents: &HashMap<&str, usize>,
) -> Children<'r> {
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
