//! Tables of MD.03 ExportCertificate, the customs declarations and the reporting period.

use rmd_proto::v1::{
    BusinessEntity, ExportCertificate, ExportDeclaration, Extension, ImportDeclaration,
    ReportingPeriod,
};

use super::{
    Field, Form, Message, Rule,
    Value::{Code, List, MaybeCount, MaybeSmall, MaybeWhole, Part, Small, Text, Texts, Whole},
};
use crate::{code, rules};

impl Message for ExportCertificate {
    const CODE: &'static str = "MD03";
    const FIELDS: &'static [Field<Self>] = &[
        Field::<Self>::new("issuing_country", Form::Country, |m| Text(&mut m.issuing_country))
            .vital(),
        Field::<Self>::new("identifier", Form::IDENTIFIER, |m| Text(&mut m.identifier)).vital(),
        Field::<Self>::part::<BusinessEntity>("exporter", |m| Part(&mut m.exporter)).wanted(),
        Field::<Self>::part::<BusinessEntity>("importer", |m| Part(&mut m.importer)).wanted(),
        Field::<Self>::new("lot_number", Form::IDENTIFIER, |m| Texts(&mut m.lot_number)).wanted(),
        Field::<Self>::new("designated_mineral_description", Form::PROSE, |m| {
            Text(&mut m.designated_mineral_description)
        }),
        Field::<Self>::new("type_of_ore", Form::Mineral, |m| Text(&mut m.type_of_ore)).wanted(),
        Field::<Self>::new("lot_weight_mg", Form::Mass, |m| Whole(&mut m.lot_weight_mg)).vital(),
        Field::<Self>::new("lot_weight_uom", Form::Code(&code::UNIT_OF_MEASUREMENT), |m| {
            Code(&mut m.lot_weight_uom)
        })
        .wanted(),
        Field::<Self>::new("lot_grade", Form::LINE, |m| Text(&mut m.lot_grade)).wanted(),
        Field::<Self>::new("concentration_ppm", Form::Concentration, |m| {
            MaybeSmall(&mut m.concentration_ppm)
        }),
        Field::<Self>::new("mineral_origin", Form::Origin, |m| Texts(&mut m.mineral_origin))
            .wanted(),
        Field::<Self>::new("customs_value_minor", Form::Money, |m| {
            MaybeWhole(&mut m.customs_value_minor)
        })
        .wanted(),
        Field::<Self>::new("customs_value_currency", Form::Currency, |m| {
            Text(&mut m.customs_value_currency)
        })
        .wanted(),
        Field::<Self>::new("date_of_shipment", Form::Date, |m| Text(&mut m.date_of_shipment))
            .wanted(),
        Field::<Self>::new("shipment_route", Form::PROSE, |m| Text(&mut m.shipment_route)),
        Field::<Self>::new("transport_company", Form::LINE, |m| Text(&mut m.transport_company)),
        Field::<Self>::new("member_state_issuing_authority", Form::LINE, |m| {
            Text(&mut m.member_state_issuing_authority)
        })
        .wanted(),
        Field::<Self>::new("name_of_verifier", Form::LINE, |m| Text(&mut m.name_of_verifier))
            .wanted()
            .national(),
        Field::<Self>::new("position_of_verifier", Form::LINE, |m| {
            Text(&mut m.position_of_verifier)
        })
        .wanted(),
        Field::<Self>::new("id_of_verifier", Form::IDENTIFIER, |m| Text(&mut m.id_of_verifier))
            .national(),
        Field::<Self>::new("date_of_verification", Form::Date, |m| {
            Text(&mut m.date_of_verification)
        })
        .wanted(),
        Field::<Self>::new("name_of_validator", Form::LINE, |m| Text(&mut m.name_of_validator))
            .wanted()
            .national(),
        Field::<Self>::new("date_of_issuance", Form::Date, |m| Text(&mut m.date_of_issuance))
            .wanted(),
        Field::<Self>::new("date_of_expiration", Form::Date, |m| Text(&mut m.date_of_expiration))
            .wanted(),
        Field::<Self>::new("certificate_file", Form::PROSE, |m| Text(&mut m.certificate_file))
            .wanted(),
        Field::<Self>::new("destination_country", Form::Country, |m| {
            Text(&mut m.destination_country)
        }),
        Field::<Self>::new("void_date", Form::Date, |m| Text(&mut m.void_date)),
        Field::<Self>::new("analyte", Form::Code(&code::ANALYTE), |m| Code(&mut m.analyte)),
        Field::<Self>::new("state", Form::Code(&code::CERTIFICATE_STATE), |m| Code(&mut m.state)),
        Field::<Self>::list::<Extension>("extension", |m| List(&mut m.extension)),
    ];
    const RULES: &'static [Rule<Self>] = rules::EXPORT_CERTIFICATE;
}

impl Message for ExportDeclaration {
    const CODE: &'static str = "EXPORT";
    const FIELDS: &'static [Field<Self>] = &[
        Field::<Self>::new("country", Form::Country, |m| Text(&mut m.country)).vital(),
        Field::<Self>::new("declaration_number", Form::IDENTIFIER, |m| {
            Text(&mut m.declaration_number)
        })
        .vital(),
        Field::<Self>::new("line", Form::LineNumber, |m| Small(&mut m.line)).vital(),
        Field::<Self>::new("exporter_identifier", Form::IDENTIFIER, |m| {
            Text(&mut m.exporter_identifier)
        })
        .wanted(),
        Field::<Self>::new("mineral", Form::Mineral, |m| Text(&mut m.mineral)).wanted(),
        Field::<Self>::new("net_mass_mg", Form::Mass, |m| Whole(&mut m.net_mass_mg)).vital(),
        Field::<Self>::new("customs_value_minor", Form::Money, |m| {
            MaybeWhole(&mut m.customs_value_minor)
        })
        .wanted(),
        Field::<Self>::new("customs_value_currency", Form::Currency, |m| {
            Text(&mut m.customs_value_currency)
        })
        .wanted(),
        Field::<Self>::new("destination_country", Form::Country, |m| {
            Text(&mut m.destination_country)
        })
        .wanted(),
        Field::<Self>::new("exit_post", Form::LINE, |m| Text(&mut m.exit_post)),
        Field::<Self>::new("exit_date", Form::Date, |m| Text(&mut m.exit_date)).wanted(),
        Field::<Self>::new("procedure", Form::Code(&code::PROCEDURE), |m| Code(&mut m.procedure))
            .wanted(),
        Field::<Self>::new("certificate_country", Form::Country, |m| {
            Text(&mut m.certificate_country)
        }),
        Field::<Self>::new("certificate_identifier", Form::IDENTIFIER, |m| {
            Text(&mut m.certificate_identifier)
        }),
    ];
}

impl Message for ImportDeclaration {
    const CODE: &'static str = "IMPORT";
    const FIELDS: &'static [Field<Self>] = &[
        Field::<Self>::new("country", Form::Country, |m| Text(&mut m.country)).vital(),
        Field::<Self>::new("declaration_number", Form::IDENTIFIER, |m| {
            Text(&mut m.declaration_number)
        })
        .vital(),
        Field::<Self>::new("line", Form::LineNumber, |m| Small(&mut m.line)).vital(),
        Field::<Self>::new("importer_identifier", Form::IDENTIFIER, |m| {
            Text(&mut m.importer_identifier)
        })
        .wanted(),
        Field::<Self>::new("mineral", Form::Mineral, |m| Text(&mut m.mineral)).wanted(),
        Field::<Self>::new("net_mass_mg", Form::Mass, |m| Whole(&mut m.net_mass_mg)).vital(),
        Field::<Self>::new("customs_value_minor", Form::Money, |m| {
            MaybeWhole(&mut m.customs_value_minor)
        })
        .wanted(),
        Field::<Self>::new("customs_value_currency", Form::Currency, |m| {
            Text(&mut m.customs_value_currency)
        })
        .wanted(),
        Field::<Self>::new("consignor_country", Form::Country, |m| Text(&mut m.consignor_country))
            .wanted(),
        Field::<Self>::new("origin_country", Form::Country, |m| Texts(&mut m.origin_country)),
        Field::<Self>::new("entry_post", Form::LINE, |m| Text(&mut m.entry_post)),
        Field::<Self>::new("entry_date", Form::Date, |m| Text(&mut m.entry_date)).wanted(),
        Field::<Self>::new("procedure", Form::Code(&code::PROCEDURE), |m| Code(&mut m.procedure))
            .wanted(),
        Field::<Self>::new("certificate_country", Form::Country, |m| {
            Text(&mut m.certificate_country)
        }),
        Field::<Self>::new("certificate_identifier", Form::IDENTIFIER, |m| {
            Text(&mut m.certificate_identifier)
        }),
    ];
}

impl Message for ReportingPeriod {
    const CODE: &'static str = "PERIOD";
    const FIELDS: &'static [Field<Self>] = &[
        Field::<Self>::new("country", Form::Country, |m| Text(&mut m.country)).vital(),
        Field::<Self>::new("period", Form::Month, |m| Text(&mut m.period)).vital(),
        Field::<Self>::new("feed", Form::Feed, |m| Text(&mut m.feed)).vital(),
        Field::<Self>::new("record_count", Form::Count, |m| MaybeCount(&mut m.record_count))
            .wanted(),
        Field::<Self>::new("closed_at_us", Form::Instant, |m| Whole(&mut m.closed_at_us)).wanted(),
    ];
}
