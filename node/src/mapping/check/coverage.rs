//! How far the columns of a mapping fill the fields of the standard.
//!
//! Owns the counts of each column: cells with a value, without one, and those
//! that a rule or a normaliser refuses.

use rmd_standard::{Column, Entity, aliases, column};
use serde::Serialize;

use super::report::RecordReport;
use crate::mapping::normalise::{ColumnCount, Tally};
use crate::mapping::plan::{Plan, QueryPlan, Target};

/// Aliases that are named of a field of many parts.
const ALIASES_MAX: usize = 3;

/// One column of one query.
#[derive(Debug, Serialize)]
pub(crate) struct FieldReport {
    /// The alias, behind the name of its list.
    pub(crate) field: String,
    /// Whether its values stay in the state.
    pub(crate) national: bool,
    /// Cells with a value.
    pub(crate) filled: u64,
    /// Cells without one.
    pub(crate) empty: u64,
    /// Records in which the value broke a rule or could not be read.
    pub(crate) refused: u64,
    /// Of 1000 cells, those with a value.
    pub(crate) filled_per_mille: u64,
    /// What each normaliser did, in their order.
    pub(crate) normalisers: Vec<StepReport>,
}

/// What one normaliser did with the cells of a column.
#[derive(Debug, Serialize)]
pub(crate) struct StepReport {
    /// Its name.
    pub(crate) name: &'static str,
    /// Cells that it was given.
    pub(crate) cells: u64,
    /// Of these, changed.
    pub(crate) changed: u64,
    /// Of these, read as absent.
    pub(crate) emptied: u64,
    /// Of these, not readable.
    pub(crate) unread: u64,
}

/// Puts the counts into the report of a record type.
pub(super) fn conclude(report: &mut RecordReport, plan: &Plan<'_>, tally: &Tally) {
    let mut fields = Vec::new();
    let mut paths = Vec::new();
    collect(report, None, &plan.rows, &tally.rows, (&mut fields, &mut paths));
    let children = plan.record.children.iter().zip(&plan.children).zip(&tally.children);
    for ((map, plan), counts) in children {
        paths.push(map.list.to_owned());
        collect(report, Some(map.list), plan, counts, (&mut fields, &mut paths));
    }
    report.fields = fields;
    let is_given = |path: &str| {
        let inside = format!("{path}.");
        paths.iter().any(|given| given == path || given.starts_with(&inside))
    };
    let absent = std::mem::take(&mut report.absent);
    report.missing = absent.into_iter().filter(|(path, _)| !is_given(path)).collect();
    for (path, missing) in &mut report.missing {
        missing.aliases = givers(plan.record.entity, path);
    }
}

/// What a mapping may write to give the field of a path: its alias, those below it,
/// or the list that it is.
fn givers(entity: Entity, path: &str) -> Vec<String> {
    if entity.lists().contains(&path) {
        return vec![format!("[[record.child]] list = \"{path}\"")];
    }
    let inside = format!("{path}.");
    let gives = |alias: &&str| {
        let given = column(entity, None, alias).map(Column::field_path).unwrap_or_default();
        given == path || given.starts_with(&inside)
    };
    let found = aliases(entity, None).into_iter().filter(gives);
    found.take(ALIASES_MAX).map(str::to_owned).collect()
}

fn collect(
    report: &RecordReport,
    list: Option<&str>,
    plan: &QueryPlan<'_>,
    counts: &[ColumnCount],
    (fields, paths): (&mut Vec<FieldReport>, &mut Vec<String>),
) {
    for (index, (target, count)) in plan.targets.iter().zip(counts).enumerate() {
        let Target::Field(column) = target else { continue };
        let path = column.field_path();
        let alias = column.alias();
        let steps = plan.pipelines[index].map_or(&[][..], |pipeline| &pipeline.steps);
        fields.push(FieldReport {
            field: list.map_or_else(|| alias.to_owned(), |list| format!("{list}.{alias}")),
            national: column.is_national(),
            filled: count.filled,
            empty: count.empty,
            refused: report.bad.get(&path).copied().unwrap_or(0),
            filled_per_mille: per_mille(count.filled, count.filled + count.empty),
            normalisers: steps
                .iter()
                .zip(&count.steps)
                .map(|(normal, count)| StepReport {
                    name: normal.name(),
                    cells: count.cells,
                    changed: count.changed,
                    emptied: count.emptied,
                    unread: count.unread,
                })
                .collect(),
        });
        paths.push(path);
    }
}

fn per_mille(part: u64, whole: u64) -> u64 {
    part.saturating_mul(1000).checked_div(whole).unwrap_or(0)
}
