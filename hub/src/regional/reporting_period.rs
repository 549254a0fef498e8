//! Statements that a month is complete.
//!
//! Owns one table. The order of values in a row is the order of the columns
//! above it.

use rmd_proto::v1::ReportingPeriod;

use super::Head;
use crate::store::bulk::{Cell, Columns, Rows, Table};

pub(super) static TABLE: Table = Table {
    name: "reporting_period",
    key: "record_key",
    columns: &[Columns::named(
        "record_key, rev, void, country, period, feed, record_count, closed_at_us",
    )],
};

/// The rows of these records.
pub(super) fn rows(records: &[(Head<'_>, &ReportingPeriod)]) -> Vec<Rows> {
    let mut rows = Rows::new(&TABLE);
    for (head, period) in records {
        rows.push(row(head, period));
    }
    vec![rows]
}

fn row<'a>(head: &Head<'a>, period: &'a ReportingPeriod) -> Vec<Cell<'a>> {
    let mut row = head.values();
    row.extend([
        Cell::required(&period.country),
        Cell::required(&period.period),
        Cell::required(&period.feed),
        Cell::integer(period.record_count.and_then(|count| i64::try_from(count).ok())),
        Cell::integer(period.closed_at_us),
    ]);
    row
}
