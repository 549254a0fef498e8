//! Lines of customs declarations of goods that entered.
//!
//! Owns one table. The order of values in a row is the order of the columns
//! above it.

use rmd_proto::v1::ImportDeclaration;
use rmd_standard::code;

use super::{Head, word};
use crate::store::bulk::{Cell, Columns, Rows, Table};

pub(super) static TABLE: Table = Table {
    name: "import_declaration",
    key: "record_key",
    columns: &[Columns::named(
        "record_key, rev, void, country, declaration_number, line, importer_identifier, \
         mineral, net_mass_mg, customs_value_minor, customs_value_currency, \
         consignor_country, origin_country, entry_post, entry_date, procedure, \
         certificate_country, certificate_identifier",
    )],
};

/// The rows of these records.
pub(super) fn rows(records: &[(Head<'_>, &ImportDeclaration)]) -> Vec<Rows> {
    let mut rows = Rows::new(&TABLE);
    for (head, declaration) in records {
        rows.push(row(head, declaration));
    }
    vec![rows]
}

fn row<'a>(head: &Head<'a>, declaration: &'a ImportDeclaration) -> Vec<Cell<'a>> {
    let mut row = head.values();
    row.extend([
        Cell::required(&declaration.country),
        Cell::required(&declaration.declaration_number),
        Cell::integer(i64::from(declaration.line)),
        Cell::text(&declaration.importer_identifier),
        Cell::text(&declaration.mineral),
        Cell::integer(declaration.net_mass_mg),
        Cell::integer(declaration.customs_value_minor),
        Cell::text(&declaration.customs_value_currency),
        Cell::text(&declaration.consignor_country),
        Cell::list(&declaration.origin_country),
        Cell::text(&declaration.entry_post),
        Cell::text(&declaration.entry_date),
        word(&code::PROCEDURE, declaration.procedure),
        Cell::text(&declaration.certificate_country),
        Cell::text(&declaration.certificate_identifier),
    ]);
    row
}
