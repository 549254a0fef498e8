//! Whether exporters may export.
//!
//! Owns one table. The order of values in a row is the order of the columns
//! above it.

use rmd_proto::v1::ExporterStatus;
use rmd_standard::code;
use sqlx::AnyConnection;

use super::{Head, party, word};
use crate::store::{
    Error,
    bulk::{Columns, Rows, Table, Value},
};

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

/// Writes records of which no row exists.
pub(super) async fn insert(
    connection: &mut AnyConnection,
    records: &[(Head<'_>, &ExporterStatus)],
) -> Result<(), Error> {
    let mut rows = Rows::new(&TABLE);
    for (head, status) in records {
        rows.push(row(head, status));
    }
    rows.insert(connection).await
}

fn row(head: &Head<'_>, status: &ExporterStatus) -> Vec<Value> {
    let mut row = head.values();
    row.push(Value::required(&status.country));
    row.extend(party::values(status.exporter.as_ref()));
    row.extend([
        word(&code::CERTIFICATION_STATUS, status.certification_status),
        Value::text(&status.certification_status_since),
        Value::text(&status.license_id),
        Value::text(&status.license_expiring_date),
        Value::text(&status.suspended_since),
        Value::text(&status.last_audit_date),
    ]);
    row
}
