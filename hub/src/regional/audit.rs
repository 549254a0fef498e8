//! Audits of exporters and sites.
//!
//! Owns one table. The order of values in a row is the order of the columns
//! above it. The name of the lead auditor is national and has no column.

use rmd_proto::v1::Audit;
use rmd_standard::code;

use super::{Head, site_key, word};
use crate::store::bulk::{Cell, Columns, Rows, Table};

pub(super) static TABLE: Table = Table {
    name: "audit",
    key: "record_key",
    columns: &[Columns::named(
        "record_key, rev, void, country, audit_number, audit_type, exporter_identifier, \
         mine_site_id, mine_site_key, audit_date, auditor, conclusion, report_reference",
    )],
};

/// The rows of these records.
pub(super) fn rows(records: &[(Head<'_>, &Audit)]) -> Vec<Rows> {
    let mut rows = Rows::new(&TABLE);
    for (head, audit) in records {
        rows.push(row(head, audit));
    }
    vec![rows]
}

fn row<'a>(head: &Head<'a>, audit: &'a Audit) -> Vec<Cell<'a>> {
    let mut row = head.values();
    row.extend([
        Cell::required(&audit.country),
        Cell::required(&audit.audit_number),
        word(&code::AUDIT_TYPE, audit.audit_type),
        Cell::text(&audit.exporter_identifier),
        Cell::text(&audit.mine_site_id),
        site_key(&audit.mine_site_id),
        Cell::text(&audit.audit_date),
        Cell::text(&audit.auditor),
        word(&code::AUDIT_CONCLUSION, audit.conclusion),
        Cell::text(&audit.report_reference),
    ]);
    row
}
