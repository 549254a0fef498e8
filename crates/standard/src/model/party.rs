//! Tables of MD.04 BusinessEntity, MD.05 Address, MD.06 GeoPoint, MD.09
//! ContactDetails, and of what a state says beyond the standard.

use rmd_proto::v1::{Address, BusinessEntity, ContactDetails, Extension, GeoPoint};

use super::{
    Field, Form, Message, Slot as _,
    Value::{Degrees, Part, Text, Texts},
};

impl Message for BusinessEntity {
    const CODE: &'static str = "MD04";
    const FIELDS: &'static [Field<Self>] = &[
        Field::<Self>::new("identifier", Form::IDENTIFIER, |m| Text(&mut m.identifier)).wanted(),
        Field::<Self>::new("name", Form::LINE, |m| Text(&mut m.name)).wanted(),
        Field::<Self>::new("tin", Form::IDENTIFIER, |m| Text(&mut m.tin)).wanted().national(),
        // At least one of the two addresses: each is wanted where the other is absent.
        Field::<Self>::part::<Address>("legal_address", |m| Part(&mut m.legal_address))
            .wanted_if(|m| !m.physical_address.is_present()),
        Field::<Self>::part::<Address>("physical_address", |m| Part(&mut m.physical_address)),
        Field::<Self>::part::<ContactDetails>("contact_details", |m| Part(&mut m.contact_details))
            .wanted(),
        Field::<Self>::part::<GeoPoint>("premises", |m| Part(&mut m.premises)),
    ];
}

impl Message for GeoPoint {
    const CODE: &'static str = "MD06";
    const FIELDS: &'static [Field<Self>] = &[
        Field::<Self>::new("latitude_e7", Form::Degrees { max: 90 }, |m| {
            Degrees(&mut m.latitude_e7)
        })
        .vital(),
        Field::<Self>::new("longitude_e7", Form::Degrees { max: 180 }, |m| {
            Degrees(&mut m.longitude_e7)
        })
        .vital(),
    ];
}

impl Message for Address {
    const CODE: &'static str = "MD05";
    const FIELDS: &'static [Field<Self>] = &[
        Field::<Self>::new("country", Form::Country, |m| Text(&mut m.country)).wanted(),
        Field::<Self>::new("subnational_division_l1", Form::Subdivision, |m| {
            Text(&mut m.subnational_division_l1)
        }),
        Field::<Self>::new("subnational_division_l1_text", Form::LINE, |m| {
            Text(&mut m.subnational_division_l1_text)
        }),
        Field::<Self>::new("subnational_division_l2", Form::LINE, |m| {
            Text(&mut m.subnational_division_l2)
        }),
        Field::<Self>::new("subnational_division_l3", Form::LINE, |m| {
            Text(&mut m.subnational_division_l3)
        }),
        Field::<Self>::new("subnational_division_l4", Form::LINE, |m| {
            Text(&mut m.subnational_division_l4)
        }),
        Field::<Self>::new("address_locality_text", Form::LINE, |m| {
            Text(&mut m.address_locality_text)
        })
        .wanted(),
        Field::<Self>::new("address_locality_code", Form::LINE, |m| {
            Text(&mut m.address_locality_code)
        }),
    ];
}

impl Message for ContactDetails {
    const CODE: &'static str = "MD09";
    const FIELDS: &'static [Field<Self>] = &[
        Field::<Self>::new("legal_representative", Form::LINE, |m| {
            Text(&mut m.legal_representative)
        })
        .wanted()
        .national(),
        Field::<Self>::new("contact_phone_number", Form::Phone, |m| {
            Texts(&mut m.contact_phone_number)
        })
        .wanted()
        .national(),
        Field::<Self>::new("contact_email", Form::Email, |m| Text(&mut m.contact_email))
            .wanted()
            .national(),
    ];
}

impl Message for Extension {
    const CODE: &'static str = "EXTENSION";
    const FIELDS: &'static [Field<Self>] = &[
        Field::<Self>::new("path", Form::LINE, |m| Text(&mut m.path)).wanted().national(),
        Field::<Self>::new("json", Form::Json, |m| Text(&mut m.json)).wanted().national(),
    ];
}
