//! Mine sites, with their licences, operators, inspections and status changes.
//!
//! Owns the five tables of MD.01. The order of values in a row is the order of
//! the columns above it.

use rmd_proto::v1::{Address, Inspection, License, Location, MineSite, StatusChange};
use rmd_standard::code;
use sqlx::AnyConnection;

use super::{Head, party, word};
use crate::store::{
    Error,
    bulk::{Rows, Table, Value},
};

pub(super) static TABLE: Table = Table {
    name: "mine_site",
    key: "record_key",
    columns: "record_key, rev, void, icglr_id, address_country, national_id, \
              certification_status, certification_status_since, activity_status, activity_since, \
              latitude_e7, longitude_e7, national_cadaster_localization, \
              local_geographic_designation, polygon, altitude_cm, mineral, owner_identifier, \
              owner_name, owner_legal_address_country, \
              owner_legal_address_subnational_division_l1, \
              owner_legal_address_subnational_division_l1_text, \
              owner_legal_address_subnational_division_l2, \
              owner_legal_address_subnational_division_l3, \
              owner_legal_address_subnational_division_l4, \
              owner_legal_address_address_locality_text, \
              owner_legal_address_address_locality_code, owner_physical_address_country, \
              owner_physical_address_subnational_division_l1, \
              owner_physical_address_subnational_division_l1_text, \
              owner_physical_address_subnational_division_l2, \
              owner_physical_address_subnational_division_l3, \
              owner_physical_address_subnational_division_l4, \
              owner_physical_address_address_locality_text, \
              owner_physical_address_address_locality_code, site_name, operation_type, \
              workers_declared, address_address_country, address_subnational_division_l1, \
              address_subnational_division_l1_text, address_subnational_division_l2, \
              address_subnational_division_l3, address_subnational_division_l4, \
              address_address_locality_text, address_address_locality_code",
};

static LICENSE: Table = Table {
    name: "mine_site_license",
    key: "record_key, position",
    columns: "record_key, position, license_type, license_id, owner_identifier, owner_name, \
              owner_legal_address_country, owner_legal_address_subnational_division_l1, \
              owner_legal_address_subnational_division_l1_text, \
              owner_legal_address_subnational_division_l2, \
              owner_legal_address_subnational_division_l3, \
              owner_legal_address_subnational_division_l4, \
              owner_legal_address_address_locality_text, \
              owner_legal_address_address_locality_code, owner_physical_address_country, \
              owner_physical_address_subnational_division_l1, \
              owner_physical_address_subnational_division_l1_text, \
              owner_physical_address_subnational_division_l2, \
              owner_physical_address_subnational_division_l3, \
              owner_physical_address_subnational_division_l4, \
              owner_physical_address_address_locality_text, \
              owner_physical_address_address_locality_code, applied_date, granted_date, \
              expiring_date, license_status, covered_commodities",
};

static OPERATOR: Table = Table {
    name: "mine_site_operator",
    key: "record_key, position",
    columns: "record_key, position, identifier, name, legal_address_country, \
              legal_address_subnational_division_l1, legal_address_subnational_division_l1_text, \
              legal_address_subnational_division_l2, legal_address_subnational_division_l3, \
              legal_address_subnational_division_l4, legal_address_address_locality_text, \
              legal_address_address_locality_code, physical_address_country, \
              physical_address_subnational_division_l1, \
              physical_address_subnational_division_l1_text, \
              physical_address_subnational_division_l2, physical_address_subnational_division_l3, \
              physical_address_subnational_division_l4, physical_address_address_locality_text, \
              physical_address_address_locality_code",
};

static INSPECTION: Table = Table {
    name: "mine_site_inspection",
    key: "record_key, position",
    columns: "record_key, position, inspection_id, inspection_date, inspection_result, \
              inspector_position, government_agency, inspection_report, inspection_purpose, \
              inspection_results, corrective_due_date",
};

static STATUS_CHANGE: Table = Table {
    name: "mine_site_status_change",
    key: "record_key, position",
    columns: "record_key, position, date_of_change, new_status",
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
    }
    rows.insert(connection).await?;
    licenses.insert(connection).await?;
    operators.insert(connection).await?;
    inspections.insert(connection).await?;
    changes.insert(connection).await
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
    row.push(Value::list(&site.mineral));
    row.extend(party::values(site.owner.as_ref()));
    row.extend([
        Value::text(&site.site_name),
        word(&code::OPERATION_TYPE, site.operation_type),
        Value::integer(site.workers_declared.map(i64::from)),
    ]);
    row.extend(party::address_values(site.address.as_ref().unwrap_or(&Address::default())));
    row
}

fn location_values(location: Option<&Location>) -> [Value; 6] {
    let empty = Location::default();
    let location = location.unwrap_or(&empty);
    let point = location.geolocalization.as_ref();
    [
        Value::integer(point.map(|point| i64::from(point.latitude_e7))),
        Value::integer(point.map(|point| i64::from(point.longitude_e7))),
        Value::text(&location.national_cadaster_localization),
        Value::text(&location.local_geographic_designation),
        Value::text(&location.polygon),
        Value::integer(location.altitude_cm.map(i64::from)),
    ]
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
    ]);
    row
}
