//! Mine sites, with their licences, operators, inspections, status changes,
//! capacities and tag allocations.
//!
//! Owns the seven tables of MD.01. The order of values in a row is the order of
//! the columns above it.

use rmd_proto::v1::{
    Capacity, Inspection, License, Location, MineSite, StatusChange, TagAllocation,
};
use rmd_standard::code;
use sqlx::AnyConnection;

use super::{Head, party, word};
use crate::store::{
    Error,
    bulk::{Columns, Rows, Table, Value},
};

pub(super) static TABLE: Table = Table {
    name: "mine_site",
    key: "record_key",
    columns: &[
        Columns::named(
            "record_key, rev, void, icglr_id, address_country, national_id, certification_status, \
             certification_status_since, activity_status, activity_since, latitude_e7, \
             longitude_e7, national_cadaster_localization",
        ),
        party::address_columns("local_geographic_designation_"),
        Columns::named("polygon, altitude_cm, mineral, list_of_minerals"),
        party::columns("owner_"),
        Columns::named("site_name, operation_type, workers_declared"),
    ],
};

static LICENSE: Table = Table {
    name: "mine_site_license",
    key: "record_key, position",
    columns: &[
        Columns::named("record_key, position, license_type, license_id"),
        party::columns("owner_"),
        Columns::named(
            "applied_date, granted_date, expiring_date, license_status, covered_commodities, \
             license_location",
        ),
    ],
};

static OPERATOR: Table = Table {
    name: "mine_site_operator",
    key: "record_key, position",
    columns: &[Columns::named("record_key, position"), party::columns("")],
};

static INSPECTION: Table = Table {
    name: "mine_site_inspection",
    key: "record_key, position",
    columns: &[Columns::named(
        "record_key, position, inspection_id, inspection_date, inspection_result, \
         inspector_position, government_agency, inspection_report, inspection_purpose, \
         inspection_results, corrective_due_date",
    )],
};

static STATUS_CHANGE: Table = Table {
    name: "mine_site_status_change",
    key: "record_key, position",
    columns: &[Columns::named(
        "record_key, position, date_of_change, new_status, cause, inspection_id",
    )],
};

static CAPACITY: Table = Table {
    name: "mine_site_capacity",
    key: "record_key, position",
    columns: &[Columns::named("record_key, position, mineral, monthly_mass_mg")],
};

static TAG_ALLOCATION: Table = Table {
    name: "mine_site_tag_allocation",
    key: "record_key, position",
    columns: &[Columns::named(
        "record_key, position, scheme, from_identifier, to_identifier, tag_count",
    )],
};

/// Writes sites of which no row exists.
pub(super) async fn insert(
    connection: &mut AnyConnection,
    sites: &[(Head<'_>, &MineSite)],
) -> Result<(), Error> {
    let mut rows = Rows::new(&TABLE);
    let mut licenses = Rows::new(&LICENSE);
    let mut operators = Rows::new(&OPERATOR);
    let mut inspections = Rows::new(&INSPECTION);
    let mut changes = Rows::new(&STATUS_CHANGE);
    let mut capacities = Rows::new(&CAPACITY);
    let mut allocations = Rows::new(&TAG_ALLOCATION);
    for (head, site) in sites {
        rows.push(row(head, site));
        for (position, license) in (0..).zip(&site.license) {
            licenses.push(license_row(head.child(position), license));
        }
        for (position, operator) in (0..).zip(&site.operator) {
            operators.push(head.child(position).into_iter().chain(party::values(Some(operator))));
        }
        for (position, inspection) in (0..).zip(&site.inspection) {
            inspections.push(inspection_row(head.child(position), inspection));
        }
        for (position, change) in (0..).zip(&site.status_change) {
            changes.push(status_change_row(head.child(position), change));
        }
        for (position, capacity) in (0..).zip(&site.capacity) {
            capacities.push(capacity_row(head.child(position), capacity));
        }
        for (position, allocation) in (0..).zip(&site.tag_allocation) {
            allocations.push(allocation_row(head.child(position), allocation));
        }
    }
    rows.insert(connection).await?;
    licenses.insert(connection).await?;
    operators.insert(connection).await?;
    inspections.insert(connection).await?;
    changes.insert(connection).await?;
    capacities.insert(connection).await?;
    allocations.insert(connection).await
}

fn row(head: &Head<'_>, site: &MineSite) -> Vec<Value> {
    let mut row = head.values();
    row.extend([
        Value::required(&site.icglr_id),
        Value::required(&site.address_country),
        Value::text(&site.national_id),
        word(&code::CERTIFICATION_STATUS, site.certification_status),
        Value::text(&site.certification_status_since),
        word(&code::ACTIVITY_STATUS, site.activity_status),
        Value::text(&site.activity_since),
    ]);
    row.extend(location_values(site.mine_site_location.as_ref()));
    row.extend([Value::list(&site.mineral), Value::text(&site.list_of_minerals)]);
    row.extend(party::values(site.owner.as_ref()));
    row.extend([
        Value::text(&site.site_name),
        word(&code::OPERATION_TYPE, site.operation_type),
        Value::integer(site.workers_declared.map(i64::from)),
    ]);
    row
}

fn location_values(location: Option<&Location>) -> Vec<Value> {
    let empty = Location::default();
    let location = location.unwrap_or(&empty);
    let mut values = Vec::from(party::point_values(location.geolocalization.as_ref()));
    values.push(Value::text(&location.national_cadaster_localization));
    values.extend(party::address_values(location.local_geographic_designation.as_ref()));
    values.extend([
        Value::text(&location.polygon),
        Value::integer(location.altitude_cm.map(i64::from)),
    ]);
    values
}

fn license_row(head: [Value; 2], license: &License) -> Vec<Value> {
    let mut row = Vec::from(head);
    row.extend([word(&code::LICENSE_TYPE, license.license_type), Value::text(&license.license_id)]);
    row.extend(party::values(license.owner.as_ref()));
    row.extend([
        Value::text(&license.applied_date),
        Value::text(&license.granted_date),
        Value::text(&license.expiring_date),
        word(&code::LICENSE_STATUS, license.license_status),
        Value::list(&license.covered_commodities),
        Value::text(&license.license_location),
    ]);
    row
}

fn inspection_row(head: [Value; 2], inspection: &Inspection) -> Vec<Value> {
    let mut row = Vec::from(head);
    row.extend([
        Value::text(&inspection.inspection_id),
        Value::text(&inspection.inspection_date),
        word(&code::CERTIFICATION_STATUS, inspection.inspection_result),
        Value::text(&inspection.inspector_position),
        Value::text(&inspection.government_agency),
        Value::text(&inspection.inspection_report),
        Value::text(&inspection.inspection_purpose),
        Value::text(&inspection.inspection_results),
        Value::text(&inspection.corrective_due_date),
    ]);
    row
}

fn status_change_row(head: [Value; 2], change: &StatusChange) -> Vec<Value> {
    let mut row = Vec::from(head);
    row.extend([
        Value::text(&change.date_of_change),
        word(&code::CERTIFICATION_STATUS, change.new_status),
        word(&code::STATUS_CAUSE, change.cause),
        Value::text(&change.inspection_id),
    ]);
    row
}

fn capacity_row(head: [Value; 2], capacity: &Capacity) -> Vec<Value> {
    let mut row = Vec::from(head);
    row.extend([Value::text(&capacity.mineral), Value::integer(capacity.monthly_mass_mg)]);
    row
}

fn allocation_row(head: [Value; 2], allocation: &TagAllocation) -> Vec<Value> {
    let mut row = Vec::from(head);
    row.extend([
        word(&code::TAG_SCHEME, allocation.scheme),
        Value::text(&allocation.from_identifier),
        Value::text(&allocation.to_identifier),
        Value::integer(allocation.tag_count.map(i64::from)),
    ]);
    row
}
