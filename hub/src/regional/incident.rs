//! Incidents, as far as the states share them.
//!
//! Owns one table. The order of values in a row is the order of the columns
//! above it. The report as it was made is national and has no column.

use rmd_proto::v1::Incident;
use rmd_standard::code;
use sqlx::AnyConnection;

use super::{Head, site_key, word};
use crate::store::{
    Error,
    bulk::{Columns, Rows, Table, Value},
};

pub(super) static TABLE: Table = Table {
    name: "incident",
    key: "record_key",
    columns: &[Columns::named(
        "record_key, rev, void, country, incident_number, risk, level, incident_date, \
         mine_site_id, mine_site_key, exporter_identifier, state, summary",
    )],
};

/// Writes records of which no row exists.
pub(super) async fn insert(
    connection: &mut AnyConnection,
    records: &[(Head<'_>, &Incident)],
) -> Result<(), Error> {
    let mut rows = Rows::new(&TABLE);
    for (head, incident) in records {
        rows.push(row(head, incident));
    }
    rows.insert(connection).await
}

fn row(head: &Head<'_>, incident: &Incident) -> Vec<Value> {
    let mut row = head.values();
    let level = (incident.level != 0).then_some(i64::from(incident.level));
    row.extend([
        Value::required(&incident.country),
        Value::required(&incident.incident_number),
        word(&code::ANNEX_RISK, incident.risk),
        Value::integer(level),
        Value::text(&incident.incident_date),
        Value::text(&incident.mine_site_id),
        site_key(&incident.mine_site_id),
        Value::text(&incident.exporter_identifier),
        word(&code::INCIDENT_STATE, incident.state),
        Value::text(&incident.summary),
    ]);
    row
}
