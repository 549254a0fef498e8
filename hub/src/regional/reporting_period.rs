//! Statements that a month is complete.
//!
//! Owns one table. The order of values in a row is the order of the columns
//! above it.

use rmd_proto::v1::ReportingPeriod;
use sqlx::AnyConnection;

use super::Head;
use crate::store::{
    Error,
    bulk::{Columns, Rows, Table, Value},
};

pub(super) static TABLE: Table = Table {
    name: "reporting_period",
    key: "record_key",
    columns: &[Columns::named(
        "record_key, rev, void, country, period, feed, record_count, closed_at_us",
    )],
};

/// Writes records of which no row exists.
pub(super) async fn insert(
    connection: &mut AnyConnection,
    records: &[(Head<'_>, &ReportingPeriod)],
) -> Result<(), Error> {
    let mut rows = Rows::new(&TABLE);
    for (head, period) in records {
        rows.push(row(head, period));
    }
    rows.insert(connection).await
}

fn row(head: &Head<'_>, period: &ReportingPeriod) -> Vec<Value> {
    let mut row = head.values();
    row.extend([
        Value::required(&period.country),
        Value::required(&period.period),
        Value::required(&period.feed),
        Value::Integer(period.record_count.and_then(|count| i64::try_from(count).ok())),
        Value::integer(period.closed_at_us),
    ]);
    row
}
