//! Lots, with their inputs, tags and taxes.
//!
//! Owns the four tables of MD.12. The order of values in a row is the order of
//! the columns above it.

use rmd_proto::v1::{InputLot, Lot, Tag, Tax};
use rmd_standard::code;

use super::{Head, party, site_key, word, words};
use crate::store::bulk::{Cell, Columns, Rows, Table};

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

/// The tables of the lists. No foreign key clears them: it would be checked for
/// each of their rows.
pub(super) static LISTS: [&Table; 3] = [&INPUT, &TAG, &TAX];

/// The rows of these lots: lots first.
pub(super) fn rows(lots: &[(Head<'_>, &Lot)]) -> Vec<Rows> {
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
    vec![rows, inputs, tags, taxes]
}

fn row<'a>(head: &Head<'a>, lot: &'a Lot) -> Vec<Cell<'a>> {
    let mut row = head.values();
    row.extend([
        Cell::required(&lot.country),
        Cell::required(&lot.lot_number),
        Cell::integer(lot.registered_at_us),
    ]);
    party::push(&mut row, lot.creator.as_ref());
    row.extend([
        Cell::text(&lot.mineral),
        Cell::integer(lot.concentration_ppm.map(i64::from)),
        word(&code::ANALYTE, lot.analyte),
        Cell::integer(lot.mass_mg),
        word(&code::UNIT_OF_MEASUREMENT, lot.unit_of_measurement),
        words(&code::CREATOR_ROLE, &lot.creator_role),
        words(&code::ORIGINATING_OPERATION, &lot.originating_operation),
        Cell::text(&lot.package_type),
        Cell::integer(lot.nr_of_packages_e3.map(i64::from)),
        Cell::text(&lot.mine_site_id),
        site_key(&lot.mine_site_id),
    ]);
    party::push(&mut row, lot.recipient.as_ref());
    row.extend([
        Cell::text(&lot.date_sealed),
        Cell::text(&lot.date_shipped),
        Cell::text(&lot.purchase_number),
        Cell::text(&lot.purchase_date),
        Cell::text(&lot.date_in),
        Cell::integer(lot.received_at_us),
        Cell::text(&lot.transportation_method),
        Cell::text(&lot.transportation_route),
        Cell::text(&lot.transport_company),
        Cell::text(&lot.export_certificate_id),
    ]);
    row
}

fn input_row<'a>(head: [Cell<'a>; 2], input: &'a InputLot) -> Vec<Cell<'a>> {
    let mut row = Vec::from(head);
    row.extend([
        Cell::text(&input.lot_number),
        Cell::text(&input.country),
        Cell::text(&input.creator_identifier),
        Cell::integer(input.contributed_mass_mg),
        Cell::integer(input.contributed_concentration_ppm.map(i64::from)),
    ]);
    row
}

fn tag_row<'a>(head: [Cell<'a>; 2], tag: &'a Tag) -> Vec<Cell<'a>> {
    let mut row = Vec::from(head);
    row.push(Cell::text(&tag.identifier));
    party::push(&mut row, tag.issuer.as_ref());
    row.extend([
        Cell::text(&tag.issue_date),
        Cell::text(&tag.issue_time),
        word(&code::TAG_SCHEME, tag.scheme),
        word(&code::TAG_KIND, tag.kind),
        word(&code::TAG_STATE, tag.state),
        Cell::integer(tag.state_since_us),
        Cell::integer(tag.applied_at_us),
    ]);
    row
}

fn tax_row<'a>(head: [Cell<'a>; 2], tax: &'a Tax) -> Vec<Cell<'a>> {
    let mut row = Vec::from(head);
    row.extend([
        Cell::text(&tax.tax_type),
        Cell::integer(tax.tax_amount_minor),
        Cell::text(&tax.currency),
        Cell::text(&tax.tax_authority),
        Cell::text(&tax.tax_paid_date),
        Cell::text(&tax.receipt_reference),
    ]);
    row
}
