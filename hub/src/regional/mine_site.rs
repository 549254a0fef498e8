//! Mine sites, with their licences, operators, inspections, status changes,
//! capacities and tag allocations.
//!
//! Owns the seven tables of MD.01. The order of values in a row is the order of
//! the columns above it.

use rmd_proto::v1::{
    Capacity, Inspection, License, Location, MineSite, StatusChange, TagAllocation,
};
use rmd_standard::code;

use super::{Head, party, word};
use crate::store::bulk::{Cell, Columns, Rows, Table};

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

/// Columns of a location: a point, a text, an address, a text and a number.
const LOCATION_WIDTH: usize = 2 + 1 + 8 + 2;

/// The rows of these sites: sites first.
pub(super) fn rows(sites: &[(Head<'_>, &MineSite)]) -> Vec<Rows> {
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
            let mut row = Vec::from(head.child(position));
            party::push(&mut row, Some(operator));
            operators.push(row);
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
    vec![rows, licenses, operators, inspections, changes, capacities, allocations]
}

fn row<'a>(head: &Head<'a>, site: &'a MineSite) -> Vec<Cell<'a>> {
    let mut row = head.values();
    row.extend([
        Cell::required(&site.icglr_id),
        Cell::required(&site.address_country),
        Cell::text(&site.national_id),
        word(&code::CERTIFICATION_STATUS, site.certification_status),
        Cell::text(&site.certification_status_since),
        word(&code::ACTIVITY_STATUS, site.activity_status),
        Cell::text(&site.activity_since),
    ]);
    row.extend(location_values(site.mine_site_location.as_ref()));
    row.extend([Cell::list(&site.mineral), Cell::text(&site.list_of_minerals)]);
    party::push(&mut row, site.owner.as_ref());
    row.extend([
        Cell::text(&site.site_name),
        word(&code::OPERATION_TYPE, site.operation_type),
        Cell::integer(site.workers_declared.map(i64::from)),
    ]);
    row
}

fn location_values(location: Option<&Location>) -> Vec<Cell<'_>> {
    let Some(location) = location else { return vec![Cell::Absent; LOCATION_WIDTH] };
    let mut values = Vec::from(party::point_values(location.geolocalization.as_ref()));
    values.push(Cell::text(&location.national_cadaster_localization));
    values.extend(party::address_values(location.local_geographic_designation.as_ref()));
    values.extend([
        Cell::text(&location.polygon),
        Cell::integer(location.altitude_cm.map(i64::from)),
    ]);
    values
}

fn license_row<'a>(head: [Cell<'a>; 2], license: &'a License) -> Vec<Cell<'a>> {
    let mut row = Vec::from(head);
    row.extend([word(&code::LICENSE_TYPE, license.license_type), Cell::text(&license.license_id)]);
    party::push(&mut row, license.owner.as_ref());
    row.extend([
        Cell::text(&license.applied_date),
        Cell::text(&license.granted_date),
        Cell::text(&license.expiring_date),
        word(&code::LICENSE_STATUS, license.license_status),
        Cell::list(&license.covered_commodities),
        Cell::text(&license.license_location),
    ]);
    row
}

fn inspection_row<'a>(head: [Cell<'a>; 2], inspection: &'a Inspection) -> Vec<Cell<'a>> {
    let mut row = Vec::from(head);
    row.extend([
        Cell::text(&inspection.inspection_id),
        Cell::text(&inspection.inspection_date),
        word(&code::CERTIFICATION_STATUS, inspection.inspection_result),
        Cell::text(&inspection.inspector_position),
        Cell::text(&inspection.government_agency),
        Cell::text(&inspection.inspection_report),
        Cell::text(&inspection.inspection_purpose),
        Cell::text(&inspection.inspection_results),
        Cell::text(&inspection.corrective_due_date),
    ]);
    row
}

fn status_change_row<'a>(head: [Cell<'a>; 2], change: &'a StatusChange) -> Vec<Cell<'a>> {
    let mut row = Vec::from(head);
    row.extend([
        Cell::text(&change.date_of_change),
        word(&code::CERTIFICATION_STATUS, change.new_status),
        word(&code::STATUS_CAUSE, change.cause),
        Cell::text(&change.inspection_id),
    ]);
    row
}

fn capacity_row<'a>(head: [Cell<'a>; 2], capacity: &'a Capacity) -> Vec<Cell<'a>> {
    let mut row = Vec::from(head);
    row.extend([Cell::text(&capacity.mineral), Cell::integer(capacity.monthly_mass_mg)]);
    row
}

fn allocation_row<'a>(head: [Cell<'a>; 2], allocation: &'a TagAllocation) -> Vec<Cell<'a>> {
    let mut row = Vec::from(head);
    row.extend([
        word(&code::TAG_SCHEME, allocation.scheme),
        Cell::text(&allocation.from_identifier),
        Cell::text(&allocation.to_identifier),
        Cell::integer(allocation.tag_count.map(i64::from)),
    ]);
    row
}
