//! Lines of customs declarations of goods that left.
//!
//! Owns one table. The order of values in a row is the order of the columns
//! above it.

use rmd_proto::v1::ExportDeclaration;
use rmd_standard::code;
use sqlx::AnyConnection;

use super::{Head, word};
use crate::store::{
    Error,
    bulk::{Columns, Rows, Table, Value},
};

pub(super) static TABLE: Table = Table {
    name: "export_declaration",
    key: "record_key",
    columns: &[Columns::named(
        "record_key, rev, void, country, declaration_number, line, exporter_identifier, \
         mineral, net_mass_mg, customs_value_minor, customs_value_currency, \
         destination_country, exit_post, exit_date, procedure, certificate_country, \
         certificate_identifier",
    )],
};

/// Writes records of which no row exists.
pub(super) async fn insert(
    connection: &mut AnyConnection,
    records: &[(Head<'_>, &ExportDeclaration)],
) -> Result<(), Error> {
    let mut rows = Rows::new(&TABLE);
    for (head, declaration) in records {
        rows.push(row(head, declaration));
    }
    rows.insert(connection).await
}

fn row(head: &Head<'_>, declaration: &ExportDeclaration) -> Vec<Value> {
    let mut row = head.values();
    row.extend([
        Value::required(&declaration.country),
        Value::required(&declaration.declaration_number),
        Value::integer(i64::from(declaration.line)),
        Value::text(&declaration.exporter_identifier),
        Value::text(&declaration.mineral),
        Value::integer(declaration.net_mass_mg),
        Value::integer(declaration.customs_value_minor),
        Value::text(&declaration.customs_value_currency),
        Value::text(&declaration.destination_country),
        Value::text(&declaration.exit_post),
        Value::text(&declaration.exit_date),
        word(&code::PROCEDURE, declaration.procedure),
        Value::text(&declaration.certificate_country),
        Value::text(&declaration.certificate_identifier),
    ]);
    row
}
