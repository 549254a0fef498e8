//! Business entities and addresses, flattened into the columns of their owner.
//!
//! Owns the names of those columns and the order of their values. TIN and
//! contact details are national: they have no column, so what must not arrive
//! could not be kept either.

use rmd_proto::v1::{Address, BusinessEntity, GeoPoint};

use crate::store::bulk::{Cell, Columns};

/// The columns of a party, whose names begin with `prefix`.
pub(super) const fn columns(prefix: &'static str) -> Columns {
    Columns::under(
        prefix,
        "identifier, name, legal_address_country, legal_address_subnational_division_l1, \
         legal_address_subnational_division_l1_text, legal_address_subnational_division_l2, \
         legal_address_subnational_division_l3, legal_address_subnational_division_l4, \
         legal_address_address_locality_text, legal_address_address_locality_code, \
         physical_address_country, physical_address_subnational_division_l1, \
         physical_address_subnational_division_l1_text, physical_address_subnational_division_l2, \
         physical_address_subnational_division_l3, physical_address_subnational_division_l4, \
         physical_address_address_locality_text, physical_address_address_locality_code, \
         premises_latitude_e7, premises_longitude_e7",
    )
}

/// The columns of an address, whose names begin with `prefix`.
pub(super) const fn address_columns(prefix: &'static str) -> Columns {
    Columns::under(
        prefix,
        "country, subnational_division_l1, subnational_division_l1_text, subnational_division_l2, \
         subnational_division_l3, subnational_division_l4, address_locality_text, \
         address_locality_code",
    )
}

/// Places of [`columns`].
const WIDTH: usize = 20;

/// Adds the values of [`columns`] to a row.
pub(super) fn push<'a>(row: &mut Vec<Cell<'a>>, party: Option<&'a BusinessEntity>) {
    let Some(party) = party else { return row.resize(row.len() + WIDTH, Cell::Absent) };
    row.extend([Cell::text(&party.identifier), Cell::text(&party.name)]);
    for address in [&party.legal_address, &party.physical_address] {
        row.extend(address_values(address.as_ref()));
    }
    row.extend(point_values(party.premises.as_ref()));
}

/// The values of [`address_columns`]: the fields of MD.05 in the order of the message.
pub(super) fn address_values(address: Option<&Address>) -> [Cell<'_>; 8] {
    let Some(address) = address else { return [const { Cell::Absent }; 8] };
    [
        Cell::text(&address.country),
        Cell::text(&address.subnational_division_l1),
        Cell::text(&address.subnational_division_l1_text),
        Cell::text(&address.subnational_division_l2),
        Cell::text(&address.subnational_division_l3),
        Cell::text(&address.subnational_division_l4),
        Cell::text(&address.address_locality_text),
        Cell::text(&address.address_locality_code),
    ]
}

/// Latitude and longitude of a point, where there is one.
pub(super) fn point_values(point: Option<&GeoPoint>) -> [Cell<'static>; 2] {
    [
        Cell::integer(point.map(|point| i64::from(point.latitude_e7))),
        Cell::integer(point.map(|point| i64::from(point.longitude_e7))),
    ]
}
