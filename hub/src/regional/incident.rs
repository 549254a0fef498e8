//! Incidents, as far as the states share them.
//!
//! Owns one table. The order of values in a row is the order of the columns
//! above it. The report as it was made is national and has no column.

use rmd_proto::v1::Incident;
use rmd_standard::code;

use super::{Head, site_key, word};
use crate::store::bulk::{Cell, Columns, Rows, Table};

pub(super) static TABLE: Table = Table {
    name: "incident",
    key: "record_key",
    columns: &[Columns::named(
        "record_key, rev, void, country, incident_number, risk, level, incident_date, \
         mine_site_id, mine_site_key, exporter_identifier, state, summary",
    )],
};

/// The rows of these records.
pub(super) fn rows(records: &[(Head<'_>, &Incident)]) -> Vec<Rows> {
    let mut rows = Rows::new(&TABLE);
    for (head, incident) in records {
        rows.push(row(head, incident));
    }
    vec![rows]
}

fn row<'a>(head: &Head<'a>, incident: &'a Incident) -> Vec<Cell<'a>> {
    let mut row = head.values();
    let level = (incident.level != 0).then_some(i64::from(incident.level));
    row.extend([
        Cell::required(&incident.country),
        Cell::required(&incident.incident_number),
        word(&code::ANNEX_RISK, incident.risk),
        Cell::integer(level),
        Cell::text(&incident.incident_date),
        Cell::text(&incident.mine_site_id),
        site_key(&incident.mine_site_id),
        Cell::text(&incident.exporter_identifier),
        word(&code::INCIDENT_STATE, incident.state),
        Cell::text(&incident.summary),
    ]);
    row
}
