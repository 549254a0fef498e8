//! What sites yielded, month by month.
//!
//! Owns one table. The order of values in a row is the order of the columns
//! above it.

use rmd_proto::v1::ProductionDeclaration;
use rmd_standard::code;

use super::{Head, site_key, word};
use crate::store::bulk::{Cell, Columns, Rows, Table};

pub(super) static TABLE: Table = Table {
    name: "production_declaration",
    key: "record_key",
    columns: &[Columns::named(
        "record_key, rev, void, country, mine_site_id, mine_site_key, mineral, period, mass_mg, \
         concentration_ppm, analyte, workers_declared",
    )],
};

/// The rows of these records.
pub(super) fn rows(records: &[(Head<'_>, &ProductionDeclaration)]) -> Vec<Rows> {
    let mut rows = Rows::new(&TABLE);
    for (head, declaration) in records {
        rows.push(row(head, declaration));
    }
    vec![rows]
}

fn row<'a>(head: &Head<'a>, declaration: &'a ProductionDeclaration) -> Vec<Cell<'a>> {
    let mut row = head.values();
    row.extend([
        Cell::required(&declaration.country),
        Cell::text(&declaration.mine_site_id),
        site_key(&declaration.mine_site_id),
        Cell::text(&declaration.mineral),
        Cell::text(&declaration.period),
        Cell::integer(declaration.mass_mg),
        Cell::integer(declaration.concentration_ppm.map(i64::from)),
        word(&code::ANALYTE, declaration.analyte),
        Cell::integer(declaration.workers_declared.map(i64::from)),
    ]);
    row
}
