//! What parties hold at the end of a month.
//!
//! Owns one table. The order of values in a row is the order of the columns
//! above it.

use rmd_proto::v1::StockDeclaration;
use rmd_standard::code;

use super::{Head, word};
use crate::store::bulk::{Cell, Columns, Rows, Table};

pub(super) static TABLE: Table = Table {
    name: "stock_declaration",
    key: "record_key",
    columns: &[Columns::named(
        "record_key, rev, void, country, party_identifier, mineral, period, closing_mass_mg, \
         concentration_ppm, analyte",
    )],
};

/// The rows of these records.
pub(super) fn rows(records: &[(Head<'_>, &StockDeclaration)]) -> Vec<Rows> {
    let mut rows = Rows::new(&TABLE);
    for (head, declaration) in records {
        rows.push(row(head, declaration));
    }
    vec![rows]
}

fn row<'a>(head: &Head<'a>, declaration: &'a StockDeclaration) -> Vec<Cell<'a>> {
    let mut row = head.values();
    row.extend([
        Cell::required(&declaration.country),
        Cell::text(&declaration.party_identifier),
        Cell::text(&declaration.mineral),
        Cell::text(&declaration.period),
        Cell::integer(declaration.closing_mass_mg),
        Cell::integer(declaration.concentration_ppm.map(i64::from)),
        word(&code::ANALYTE, declaration.analyte),
    ]);
    row
}
