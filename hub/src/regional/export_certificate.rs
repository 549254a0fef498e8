//! Export certificates (MD.03).
//!
//! Owns one table. The order of values in a row is the order of the columns
//! above it.

use rmd_proto::v1::ExportCertificate;
use rmd_standard::code;

use super::{Head, party, word};
use crate::store::bulk::{Cell, Columns, Rows, Table};

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

/// The rows of these records.
pub(super) fn rows(records: &[(Head<'_>, &ExportCertificate)]) -> Vec<Rows> {
    let mut rows = Rows::new(&TABLE);
    for (head, certificate) in records {
        rows.push(row(head, certificate));
    }
    vec![rows]
}

fn row<'a>(head: &Head<'a>, certificate: &'a ExportCertificate) -> Vec<Cell<'a>> {
    let mut row = head.values();
    row.extend([
        Cell::required(&certificate.issuing_country),
        Cell::required(&certificate.identifier),
    ]);
    party::push(&mut row, certificate.exporter.as_ref());
    party::push(&mut row, certificate.importer.as_ref());
    row.extend([
        Cell::list(&certificate.lot_number),
        Cell::text(&certificate.designated_mineral_description),
        Cell::text(&certificate.type_of_ore),
        Cell::integer(certificate.lot_weight_mg),
        word(&code::UNIT_OF_MEASUREMENT, certificate.lot_weight_uom),
        Cell::text(&certificate.lot_grade),
        Cell::integer(certificate.concentration_ppm.map(i64::from)),
        word(&code::ANALYTE, certificate.analyte),
        Cell::list(&certificate.mineral_origin),
        Cell::integer(certificate.customs_value_minor),
        Cell::text(&certificate.customs_value_currency),
        Cell::text(&certificate.date_of_shipment),
        Cell::text(&certificate.shipment_route),
        Cell::text(&certificate.transport_company),
        Cell::text(&certificate.member_state_issuing_authority),
        Cell::text(&certificate.position_of_verifier),
        Cell::text(&certificate.date_of_verification),
        Cell::text(&certificate.date_of_issuance),
        Cell::text(&certificate.date_of_expiration),
        Cell::text(&certificate.certificate_file),
        Cell::text(&certificate.destination_country),
        Cell::text(&certificate.void_date),
        word(&code::CERTIFICATE_STATE, certificate.state),
    ]);
    row
}
