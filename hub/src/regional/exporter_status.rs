//! Whether exporters may export.
//!
//! Owns one table. The order of values in a row is the order of the columns
//! above it.

use rmd_proto::v1::ExporterStatus;
use rmd_standard::code;

use super::{Head, party, word};
use crate::store::bulk::{Cell, Columns, Rows, Table};

pub(super) static TABLE: Table = Table {
    name: "exporter_status",
    key: "record_key",
    columns: &[
        Columns::named("record_key, rev, void, country"),
        party::columns("exporter_"),
        Columns::named(
            "certification_status, certification_status_since, license_id, \
             license_expiring_date, suspended_since, last_audit_date",
        ),
    ],
};

/// The rows of these records.
pub(super) fn rows(records: &[(Head<'_>, &ExporterStatus)]) -> Vec<Rows> {
    let mut rows = Rows::new(&TABLE);
    for (head, status) in records {
        rows.push(row(head, status));
    }
    vec![rows]
}

fn row<'a>(head: &Head<'a>, status: &'a ExporterStatus) -> Vec<Cell<'a>> {
    let mut row = head.values();
    row.push(Cell::required(&status.country));
    party::push(&mut row, status.exporter.as_ref());
    row.extend([
        word(&code::CERTIFICATION_STATUS, status.certification_status),
        Cell::text(&status.certification_status_since),
        Cell::text(&status.license_id),
        Cell::text(&status.license_expiring_date),
        Cell::text(&status.suspended_since),
        Cell::text(&status.last_audit_date),
    ]);
    row
}
