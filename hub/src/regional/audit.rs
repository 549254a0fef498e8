//! Audits of exporters and sites.
//!
//! Owns one table. The order of values in a row is the order of the columns
//! above it. The name of the lead auditor is national and has no column.

use rmd_proto::v1::Audit;
use rmd_standard::code;
use sqlx::AnyConnection;

use super::{Head, site_key, word};
use crate::store::{
    Error,
    bulk::{Columns, Rows, Table, Value},
};

pub(super) static TABLE: Table = Table {
    name: "audit",
    key: "record_key",
    columns: &[Columns::named(
        "record_key, rev, void, country, audit_number, audit_type, exporter_identifier, \
         mine_site_id, mine_site_key, audit_date, auditor, conclusion, report_reference",
    )],
};

/// Writes records of which no row exists.
pub(super) async fn insert(
    connection: &mut AnyConnection,
    records: &[(Head<'_>, &Audit)],
) -> Result<(), Error> {
    let mut rows = Rows::new(&TABLE);
    for (head, audit) in records {
        rows.push(row(head, audit));
    }
    rows.insert(connection).await
}

fn row(head: &Head<'_>, audit: &Audit) -> Vec<Value> {
    let mut row = head.values();
    row.extend([
        Value::required(&audit.country),
        Value::required(&audit.audit_number),
        word(&code::AUDIT_TYPE, audit.audit_type),
        Value::text(&audit.exporter_identifier),
        Value::text(&audit.mine_site_id),
        site_key(&audit.mine_site_id),
        Value::text(&audit.audit_date),
        Value::text(&audit.auditor),
        word(&code::AUDIT_CONCLUSION, audit.conclusion),
        Value::text(&audit.report_reference),
    ]);
    row
}
