//! Business entities and addresses, flattened into the columns of their owner.
//!
//! Owns the order of those columns. TIN and contact details are national: they
//! have no column, so what must not arrive could not be kept either.

use rmd_proto::v1::{Address, BusinessEntity};

use crate::store::bulk::Value;

/// identifier, name, `legal_address_*`, `physical_address_*`.
pub(super) fn values(party: Option<&BusinessEntity>) -> Vec<Value> {
    let empty = BusinessEntity::default();
    let party = party.unwrap_or(&empty);
    let mut values = vec![Value::text(&party.identifier), Value::text(&party.name)];
    for address in [&party.legal_address, &party.physical_address] {
        values.extend(address_values(address.as_ref().unwrap_or(&Address::default())));
    }
    values
}

/// The eight fields of MD.05 in the order of the message.
pub(super) fn address_values(address: &Address) -> [Value; 8] {
    [
        Value::text(&address.country),
        Value::text(&address.subnational_division_l1),
        Value::text(&address.subnational_division_l1_text),
        Value::text(&address.subnational_division_l2),
        Value::text(&address.subnational_division_l3),
        Value::text(&address.subnational_division_l4),
        Value::text(&address.address_locality_text),
        Value::text(&address.address_locality_code),
    ]
}
