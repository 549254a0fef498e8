//! Export certificates (MD.03).
//!
//! Owns one table. The order of values in a row is the order of the columns
//! above it.

use rmd_proto::v1::ExportCertificate;
use rmd_standard::code;
use sqlx::AnyConnection;

use super::{Head, party, word};
use crate::store::{
    Error,
    bulk::{Columns, Rows, Table, Value},
};

pub(super) static TABLE: Table = Table {
    name: "export_certificate",
    key: "record_key",
    columns: &[
        Columns::named("record_key, rev, void, issuing_country, identifier"),
        party::columns("exporter_"),
        party::columns("importer_"),
        Columns::named(
            "lot_number, designated_mineral_description, type_of_ore, lot_weight_mg, \
             lot_weight_uom, lot_grade, concentration_ppm, analyte, mineral_origin, \
             customs_value_minor, customs_value_currency, date_of_shipment, shipment_route, \
             transport_company, member_state_issuing_authority, position_of_verifier, \
             date_of_verification, date_of_issuance, date_of_expiration, certificate_file, \
             destination_country, void_date, state",
        ),
    ],
};

/// Writes records of which no row exists.
pub(super) async fn insert(
    connection: &mut AnyConnection,
    records: &[(Head<'_>, &ExportCertificate)],
) -> Result<(), Error> {
    let mut rows = Rows::new(&TABLE);
    for (head, certificate) in records {
        rows.push(row(head, certificate));
    }
    rows.insert(connection).await
}

fn row(head: &Head<'_>, certificate: &ExportCertificate) -> Vec<Value> {
    let mut row = head.values();
    row.extend([
        Value::required(&certificate.issuing_country),
        Value::required(&certificate.identifier),
    ]);
    row.extend(party::values(certificate.exporter.as_ref()));
    row.extend(party::values(certificate.importer.as_ref()));
    row.extend([
        Value::list(&certificate.lot_number),
        Value::text(&certificate.designated_mineral_description),
        Value::text(&certificate.type_of_ore),
        Value::integer(certificate.lot_weight_mg),
        word(&code::UNIT_OF_MEASUREMENT, certificate.lot_weight_uom),
        Value::text(&certificate.lot_grade),
        Value::integer(certificate.concentration_ppm.map(i64::from)),
        word(&code::ANALYTE, certificate.analyte),
        Value::list(&certificate.mineral_origin),
        Value::integer(certificate.customs_value_minor),
        Value::text(&certificate.customs_value_currency),
        Value::text(&certificate.date_of_shipment),
        Value::text(&certificate.shipment_route),
        Value::text(&certificate.transport_company),
        Value::text(&certificate.member_state_issuing_authority),
        Value::text(&certificate.position_of_verifier),
        Value::text(&certificate.date_of_verification),
        Value::text(&certificate.date_of_issuance),
        Value::text(&certificate.date_of_expiration),
        Value::text(&certificate.certificate_file),
        Value::text(&certificate.destination_country),
        Value::text(&certificate.void_date),
        word(&code::CERTIFICATE_STATE, certificate.state),
    ]);
    row
}
