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

/// The rows of one list, each with the place of its parent, in the order of these.
#[derive(Debug)]
pub(super) struct Children<'r>(Vec<(usize, &'r Row)>);

impl<'r> Children<'r> {
    /// The rows of the parent at a place.
    pub(super) fn of(&self, place: usize) -> impl ExactSizeIterator<Item = &'r Row> {
        let from = self.0.partition_point(|(of, _)| *of < place);
        let count = self.0[from..].iter().take_while(|(of, _)| *of == place).count();
        self.0[from..from + count].iter().map(|(_, row)| *row)
    }
}

/// Sorts the rows of a list under their parents, whose places stand by their keys. The
/// source chose the rows by comparing keys in its own way, which may ignore case or
/// trailing blanks; the parent that it meant is found again in the same way.
pub(super) fn group<'r>(
    plan: &QueryPlan<'_>,
    rows: &'r [Row],
    parents: &HashMap<&str, usize>,
) -> Children<'r> {
    let index = plan.key_index();
    let mut folded: Option<HashMap<String, usize>> = None;
    let mut children = Vec::with_capacity(rows.len());
    let mut homeless = 0_usize;
    for row in rows {
        let Some(key) = key_of(row, index) else { continue };
        let parent = parents.get(&*key).copied().or_else(|| {
            let folded = folded.get_or_insert_with(|| {
                parents.iter().map(|(key, place)| (fold(key), *place)).collect()
            });
            folded.get(&fold(&key)).copied()
        });
        match parent {
            Some(parent) => children.push((parent, row)),
            None => homeless += 1,
        }
    }
    if homeless > 0 {
        tracing::warn!(rows = homeless, "list rows whose key is no parent's key were left out");
    }
    // The source gives rows of one key in any order; a record must not change with it.
    children.sort_by(|(a, left), (b, right)| a.cmp(b).then_with(|| compare_rows(left, right)));
    Children(children)
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
