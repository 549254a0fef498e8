//! Tables of MD.12 Lot and what is embedded in it: MD.11 Tag, MD.13 Tax, input lots.

use rmd_proto::v1::{BusinessEntity, Extension, InputLot, Lot, OriginatingOperation, Tag, Tax};

use super::{
    Field, Form, Message, Rule,
    Value::{Code, Codes, List, MaybeSmall, MaybeWhole, Part, Text, Whole},
};
use crate::{code, rules};

impl Message for Lot {
    const CODE: &'static str = "MD12";
    const FIELDS: &'static [Field<Self>] = &[
        Field::<Self>::new("country", Form::Country, |m| Text(&mut m.country)).vital(),
        Field::<Self>::new("lot_number", Form::IDENTIFIER, |m| Text(&mut m.lot_number)).vital(),
        Field::<Self>::new("registered_at_us", Form::Instant, |m| Whole(&mut m.registered_at_us))
            .wanted(),
        Field::<Self>::part::<BusinessEntity>("creator", |m| Part(&mut m.creator)).vital(),
        Field::<Self>::new("mineral", Form::Mineral, |m| Text(&mut m.mineral)).wanted(),
        Field::<Self>::new("concentration_ppm", Form::Concentration, |m| {
            MaybeSmall(&mut m.concentration_ppm)
        })
        .wanted(),
        Field::<Self>::new("mass_mg", Form::Mass, |m| Whole(&mut m.mass_mg)).vital(),
        Field::<Self>::new("unit_of_measurement", Form::Code(&code::UNIT_OF_MEASUREMENT), |m| {
            Code(&mut m.unit_of_measurement)
        })
        .wanted(),
        Field::<Self>::new("creator_role", Form::Code(&code::CREATOR_ROLE), |m| {
            Codes(&mut m.creator_role)
        })
        .wanted(),
        Field::<Self>::new(
            "originating_operation",
            Form::Code(&code::ORIGINATING_OPERATION),
            |m| Codes(&mut m.originating_operation),
        )
        .wanted(),
        Field::<Self>::new("package_type", Form::LINE, |m| Text(&mut m.package_type)),
        Field::<Self>::new("nr_of_packages_e3", Form::Thousandths, |m| {
            MaybeSmall(&mut m.nr_of_packages_e3)
        }),
        Field::<Self>::new("mine_site_id", Form::SiteReference, |m| Text(&mut m.mine_site_id))
            .wanted_if(is_production),
        Field::<Self>::part::<BusinessEntity>("recipient", |m| Part(&mut m.recipient)),
        Field::<Self>::list::<InputLot>("input_lot", |m| List(&mut m.input_lot)),
        Field::<Self>::list::<Tag>("tag", |m| List(&mut m.tag)).wanted_if(is_production),
        Field::<Self>::list::<Tax>("tax_paid", |m| List(&mut m.tax_paid)),
        Field::<Self>::new("date_sealed", Form::Date, |m| Text(&mut m.date_sealed)),
        Field::<Self>::new("date_shipped", Form::Date, |m| Text(&mut m.date_shipped)),
        Field::<Self>::new("purchase_number", Form::IDENTIFIER, |m| Text(&mut m.purchase_number)),
        Field::<Self>::new("purchase_date", Form::Date, |m| Text(&mut m.purchase_date)),
        Field::<Self>::new("responsible_staff", Form::LINE, |m| Text(&mut m.responsible_staff))
            .national(),
        Field::<Self>::new("date_in", Form::Date, |m| Text(&mut m.date_in)),
        Field::<Self>::new("transportation_method", Form::LINE, |m| {
            Text(&mut m.transportation_method)
        }),
        Field::<Self>::new("transportation_route", Form::PROSE, |m| {
            Text(&mut m.transportation_route)
        }),
        Field::<Self>::new("transport_company", Form::LINE, |m| Text(&mut m.transport_company)),
        Field::<Self>::new("export_certificate_id", Form::IDENTIFIER, |m| {
            Text(&mut m.export_certificate_id)
        }),
        Field::<Self>::new("price_per_kg_minor", Form::Money, |m| {
            MaybeWhole(&mut m.price_per_kg_minor)
        })
        .national(),
        Field::<Self>::new("price_currency", Form::Currency, |m| Text(&mut m.price_currency))
            .national(),
        Field::<Self>::new("analyte", Form::Code(&code::ANALYTE), |m| Code(&mut m.analyte)),
        Field::<Self>::new("received_at_us", Form::Moment, |m| MaybeWhole(&mut m.received_at_us)),
        Field::<Self>::new("miner_name", Form::LINE, |m| Text(&mut m.miner_name)).national(),
        Field::<Self>::list::<Extension>("extension", |m| List(&mut m.extension)),
    ];
    const RULES: &'static [Rule<Self>] = rules::LOT;
}

/// MD.12: a production lot names its site and carries tags.
fn is_production(lot: &Lot) -> bool {
    lot.originating_operation.contains(&(OriginatingOperation::Production as i32))
}

impl Message for InputLot {
    const CODE: &'static str = "MD12-INPUT";
    const FIELDS: &'static [Field<Self>] = &[
        Field::<Self>::new("lot_number", Form::IDENTIFIER, |m| Text(&mut m.lot_number)).wanted(),
        Field::<Self>::new("country", Form::Country, |m| Text(&mut m.country)),
        Field::<Self>::new("creator_identifier", Form::IDENTIFIER, |m| {
            Text(&mut m.creator_identifier)
        })
        .wanted(),
        Field::<Self>::new("contributed_mass_mg", Form::Mass, |m| {
            MaybeWhole(&mut m.contributed_mass_mg)
        })
        .wanted(),
        Field::<Self>::new("contributed_concentration_ppm", Form::Concentration, |m| {
            MaybeSmall(&mut m.contributed_concentration_ppm)
        }),
    ];
}

impl Message for Tag {
    const CODE: &'static str = "MD11";
    const FIELDS: &'static [Field<Self>] = &[
        Field::<Self>::new("identifier", Form::IDENTIFIER, |m| Text(&mut m.identifier)).wanted(),
        Field::<Self>::part::<BusinessEntity>("issuer", |m| Part(&mut m.issuer)).wanted(),
        Field::<Self>::new("issue_date", Form::Date, |m| Text(&mut m.issue_date)).wanted(),
        Field::<Self>::new("issue_time", Form::Time, |m| Text(&mut m.issue_time)).wanted(),
        Field::<Self>::new("scheme", Form::Code(&code::TAG_SCHEME), |m| Code(&mut m.scheme)),
        Field::<Self>::new("kind", Form::Code(&code::TAG_KIND), |m| Code(&mut m.kind)),
        Field::<Self>::new("state", Form::Code(&code::TAG_STATE), |m| Code(&mut m.state)),
        Field::<Self>::new("state_since_us", Form::Moment, |m| MaybeWhole(&mut m.state_since_us)),
        Field::<Self>::new("applied_at_us", Form::Moment, |m| MaybeWhole(&mut m.applied_at_us)),
    ];
}

impl Message for Tax {
    const CODE: &'static str = "MD13";
    const FIELDS: &'static [Field<Self>] = &[
        Field::<Self>::new("tax_type", Form::LINE, |m| Text(&mut m.tax_type)).wanted(),
        Field::<Self>::new("tax_amount_minor", Form::Money, |m| {
            MaybeWhole(&mut m.tax_amount_minor)
        })
        .wanted(),
        Field::<Self>::new("currency", Form::Currency, |m| Text(&mut m.currency)).wanted(),
        Field::<Self>::new("tax_authority", Form::LINE, |m| Text(&mut m.tax_authority)),
        Field::<Self>::new("tax_paid_date", Form::Date, |m| Text(&mut m.tax_paid_date)),
        Field::<Self>::new("receipt_reference", Form::LINE, |m| Text(&mut m.receipt_reference)),
    ];
}
