//! What sites yielded, month by month.
//!
//! Owns one table. The order of values in a row is the order of the columns
//! above it.

use rmd_proto::v1::ProductionDeclaration;
use rmd_standard::code;
use sqlx::AnyConnection;

use super::{Head, site_key, word};
use crate::store::{
    Error,
    bulk::{Columns, Rows, Table, Value},
};

pub(super) static TABLE: Table = Table {
    name: "production_declaration",
    key: "record_key",
    columns: &[Columns::named(
        "record_key, rev, void, country, mine_site_id, mine_site_key, mineral, period, mass_mg, \
         concentration_ppm, analyte, workers_declared",
    )],
};

/// Writes records of which no row exists.
pub(super) async fn insert(
    connection: &mut AnyConnection,
    records: &[(Head<'_>, &ProductionDeclaration)],
) -> Result<(), Error> {
    let mut rows = Rows::new(&TABLE);
    for (head, declaration) in records {
        rows.push(row(head, declaration));
    }
    rows.insert(connection).await
}

fn row(head: &Head<'_>, declaration: &ProductionDeclaration) -> Vec<Value> {
    let mut row = head.values();
    row.extend([
        Value::required(&declaration.country),
        Value::text(&declaration.mine_site_id),
        site_key(&declaration.mine_site_id),
        Value::text(&declaration.mineral),
        Value::text(&declaration.period),
        Value::integer(declaration.mass_mg),
        Value::integer(declaration.concentration_ppm.map(i64::from)),
        word(&code::ANALYTE, declaration.analyte),
        Value::integer(declaration.workers_declared.map(i64::from)),
    ]);
    row
}
