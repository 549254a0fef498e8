//! Made-up companies, in full, as the standard wants them. Nobody's name is real.

use rmd_proto::v1::{Address, BusinessEntity, ContactDetails, GeoPoint};

use super::state::{State, state};

/// What a company does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// Works a site.
    Miner,
    /// Buys at sites and combines.
    Trader,
    /// Processes and exports.
    Exporter,
}

/// Companies of each kind that a state has, beside its miners.
pub(crate) const TRADERS: i64 = 4;
/// Exporters that a state has.
pub(crate) const EXPORTERS: i64 = 4;

/// The identifier of a company.
pub(crate) fn identifier(country: &str, role: Role, number: i64) -> String {
    let letter = match role {
        Role::Miner => 'M',
        Role::Trader => 'T',
        Role::Exporter => 'E',
    };
    format!("{country}-{letter}-{number:05}")
}

/// A company of a member state.
pub(crate) fn party(country: &'static str, role: Role, number: i64) -> BusinessEntity {
    let identifier = identifier(country, role, number);
    let place = state(country);
    let name = match role {
        Role::Miner => format!("Cooperative {identifier}"),
        Role::Trader => format!("Comptoir {identifier}"),
        Role::Exporter => format!("Export {identifier}"),
    };
    let digits = format!("{:07}", number % 10_000_000);
    let town = format!("{}, quarter {number}", place.post);
    BusinessEntity {
        contact_details: Some(ContactDetails {
            legal_representative: format!("Representative of {identifier}"),
            contact_phone_number: vec![format!("+{}{digits}", place.phone)],
            contact_email: format!("{}@example.org", identifier.to_lowercase()),
        }),
        premises: (role != Role::Miner).then(|| premises(place)),
        tin: format!("T{digits}"),
        ..abroad(country, &identifier, &name, &town)
    }
}

/// A company of any country, with an address.
pub(crate) fn abroad(country: &str, identifier: &str, name: &str, town: &str) -> BusinessEntity {
    BusinessEntity {
        identifier: identifier.to_owned(),
        name: name.to_owned(),
        tin: "N/A".to_owned(),
        legal_address: Some(Address {
            country: country.to_owned(),
            address_locality_text: town.to_owned(),
            ..Address::default()
        }),
        contact_details: Some(ContactDetails {
            legal_representative: format!("Representative of {identifier}"),
            contact_phone_number: vec!["+442071234567".to_owned()],
            contact_email: "office@example.org".to_owned(),
        }),
        ..BusinessEntity::default()
    }
}

/// Traders and exporters sit in the middle of the first belt of their state.
fn premises(state: &State) -> GeoPoint {
    let belt = &state.belts[0];
    let middle = |(low, high): (i64, i64)| i32::try_from((low + high) * 50_000).unwrap_or_default();
    GeoPoint { latitude_e7: middle(belt.latitude), longitude_e7: middle(belt.longitude) }
}
