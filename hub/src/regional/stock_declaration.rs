//! What parties hold at the end of a month.
//!
//! Owns one table. The order of values in a row is the order of the columns
//! above it.

use rmd_proto::v1::StockDeclaration;
use rmd_standard::code;
use sqlx::AnyConnection;

use super::{Head, word};
use crate::store::{
    Error,
    bulk::{Columns, Rows, Table, Value},
};

pub(super) static TABLE: Table = Table {
    name: "stock_declaration",
    key: "record_key",
    columns: &[Columns::named(
        "record_key, rev, void, country, party_identifier, mineral, period, closing_mass_mg, \
         concentration_ppm, analyte",
    )],
};

/// Writes records of which no row exists.
pub(super) async fn insert(
    connection: &mut AnyConnection,
    records: &[(Head<'_>, &StockDeclaration)],
) -> Result<(), Error> {
    let mut rows = Rows::new(&TABLE);
    for (head, declaration) in records {
        rows.push(row(head, declaration));
    }
    rows.insert(connection).await
}

fn row(head: &Head<'_>, declaration: &StockDeclaration) -> Vec<Value> {
    let mut row = head.values();
    row.extend([
        Value::required(&declaration.country),
        Value::text(&declaration.party_identifier),
        Value::text(&declaration.mineral),
        Value::text(&declaration.period),
        Value::integer(declaration.closing_mass_mg),
        Value::integer(declaration.concentration_ppm.map(i64::from)),
        word(&code::ANALYTE, declaration.analyte),
    ]);
    row
}
