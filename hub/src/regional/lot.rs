//! Lots, with their inputs, tags and taxes.
//!
//! Owns the four tables of MD.12. The order of values in a row is the order of
//! the columns above it.

use rmd_proto::v1::{InputLot, Lot, Tag, Tax};
use rmd_standard::code;
use sqlx::AnyConnection;

use super::{Head, party, site_key, word, words};
use crate::store::{
    Error,
    bulk::{Columns, Rows, Table, Value},
};

pub(super) static TABLE: Table = Table {
    name: "lot",
    key: "record_key",
    columns: &[
        Columns::named("record_key, rev, void, country, lot_number, registered_at_us"),
        party::columns("creator_"),
        Columns::named(
            "mineral, concentration_ppm, analyte, mass_mg, unit_of_measurement, creator_role, \
             originating_operation, package_type, nr_of_packages_e3, mine_site_id, mine_site_key",
        ),
        party::columns("recipient_"),
        Columns::named(
            "date_sealed, date_shipped, purchase_number, purchase_date, date_in, received_at_us, \
             transportation_method, transportation_route, transport_company, \
             export_certificate_id",
        ),
    ],
};

static INPUT: Table = Table {
    name: "lot_input",
    key: "record_key, position",
    columns: &[Columns::named(
        "record_key, position, lot_number, country, creator_identifier, contributed_mass_mg, \
         contributed_concentration_ppm",
    )],
};

static TAG: Table = Table {
    name: "lot_tag",
    key: "record_key, position",
    columns: &[
        Columns::named("record_key, position, identifier"),
        party::columns("issuer_"),
        Columns::named(
            "issue_date, issue_time, scheme, kind, state, state_since_us, applied_at_us",
        ),
    ],
};

static TAX: Table = Table {
    name: "lot_tax",
    key: "record_key, position",
    columns: &[Columns::named(
        "record_key, position, tax_type, tax_amount_minor, currency, tax_authority, \
         tax_paid_date, receipt_reference",
    )],
};

/// Writes lots of which no row exists.
pub(super) async fn insert(
    connection: &mut AnyConnection,
    lots: &[(Head<'_>, &Lot)],
) -> Result<(), Error> {
    let mut rows = Rows::new(&TABLE);
    let mut inputs = Rows::new(&INPUT);
    let mut tags = Rows::new(&TAG);
    let mut taxes = Rows::new(&TAX);
    for (head, lot) in lots {
        rows.push(row(head, lot));
        for (position, input) in (0..).zip(&lot.input_lot) {
            inputs.push(input_row(head.child(position), input));
        }
        for (position, tag) in (0..).zip(&lot.tag) {
            tags.push(tag_row(head.child(position), tag));
        }
        for (position, tax) in (0..).zip(&lot.tax_paid) {
            taxes.push(tax_row(head.child(position), tax));
        }
    }
    rows.insert(connection).await?;
    inputs.insert(connection).await?;
    tags.insert(connection).await?;
    taxes.insert(connection).await
}

fn row(head: &Head<'_>, lot: &Lot) -> Vec<Value> {
    let mut row = head.values();
    row.extend([
        Value::required(&lot.country),
        Value::required(&lot.lot_number),
        Value::integer(lot.registered_at_us),
    ]);
    row.extend(party::values(lot.creator.as_ref()));
    row.extend([
        Value::text(&lot.mineral),
        Value::integer(lot.concentration_ppm.map(i64::from)),
        word(&code::ANALYTE, lot.analyte),
        Value::integer(lot.mass_mg),
        word(&code::UNIT_OF_MEASUREMENT, lot.unit_of_measurement),
        words(&code::CREATOR_ROLE, &lot.creator_role),
        words(&code::ORIGINATING_OPERATION, &lot.originating_operation),
        Value::text(&lot.package_type),
        Value::integer(lot.nr_of_packages_e3.map(i64::from)),
        Value::text(&lot.mine_site_id),
        site_key(&lot.mine_site_id),
    ]);
    row.extend(party::values(lot.recipient.as_ref()));
    row.extend([
        Value::text(&lot.date_sealed),
        Value::text(&lot.date_shipped),
        Value::text(&lot.purchase_number),
        Value::text(&lot.purchase_date),
        Value::text(&lot.date_in),
        Value::integer(lot.received_at_us),
        Value::text(&lot.transportation_method),
        Value::text(&lot.transportation_route),
        Value::text(&lot.transport_company),
        Value::text(&lot.export_certificate_id),
    ]);
    row
}

fn input_row(head: [Value; 2], input: &InputLot) -> Vec<Value> {
    let mut row = Vec::from(head);
    row.extend([
        Value::text(&input.lot_number),
        Value::text(&input.country),
        Value::text(&input.creator_identifier),
        Value::integer(input.contributed_mass_mg),
        Value::integer(input.contributed_concentration_ppm.map(i64::from)),
    ]);
    row
}

fn tag_row(head: [Value; 2], tag: &Tag) -> Vec<Value> {
    let mut row = Vec::from(head);
    row.push(Value::text(&tag.identifier));
    row.extend(party::values(tag.issuer.as_ref()));
    row.extend([
        Value::text(&tag.issue_date),
        Value::text(&tag.issue_time),
        word(&code::TAG_SCHEME, tag.scheme),
        word(&code::TAG_KIND, tag.kind),
        word(&code::TAG_STATE, tag.state),
        Value::integer(tag.state_since_us),
        Value::integer(tag.applied_at_us),
    ]);
    row
}

fn tax_row(head: [Value; 2], tax: &Tax) -> Vec<Value> {
    let mut row = Vec::from(head);
    row.extend([
        Value::text(&tax.tax_type),
        Value::integer(tax.tax_amount_minor),
        Value::text(&tax.currency),
        Value::text(&tax.tax_authority),
        Value::text(&tax.tax_paid_date),
        Value::text(&tax.receipt_reference),
    ]);
    row
}
