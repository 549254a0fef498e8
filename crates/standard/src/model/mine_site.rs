//! Tables of MD.01 MineSite and what is embedded in it: MD.02, MD.07, MD.08, MD.10,
//! capacities and allotted tags.

use rmd_proto::v1::{
    Address, BusinessEntity, Capacity, CertificationStatus, Extension, GeoPoint, Inspection,
    License, LicenseType, Location, MineSite, StatusChange, TagAllocation,
};

use super::{
    Field, Form, Message, Rule,
    Value::{Code, Height, List, MaybeSmall, Part, Text, Texts, Whole},
};
use crate::{code, rules};

impl Message for MineSite {
    const CODE: &'static str = "MD01";
    const FIELDS: &'static [Field<Self>] = &[
        Field::<Self>::new("icglr_id", Form::SiteId, |m| Text(&mut m.icglr_id)).vital(),
        Field::<Self>::new("address_country", Form::Country, |m| Text(&mut m.address_country))
            .vital(),
        Field::<Self>::new("national_id", Form::IDENTIFIER, |m| Text(&mut m.national_id)).wanted(),
        Field::<Self>::new("certification_status", Form::Code(&code::CERTIFICATION_STATUS), |m| {
            Code(&mut m.certification_status)
        })
        .vital(),
        Field::<Self>::new("activity_status", Form::Code(&code::ACTIVITY_STATUS), |m| {
            Code(&mut m.activity_status)
        })
        .wanted(),
        Field::<Self>::part::<Location>("mine_site_location", |m| Part(&mut m.mine_site_location))
            .vital(),
        Field::<Self>::new("mineral", Form::Mineral, |m| Texts(&mut m.mineral)).wanted(),
        Field::<Self>::list::<License>("license", |m| List(&mut m.license)).wanted(),
        Field::<Self>::part::<BusinessEntity>("owner", |m| Part(&mut m.owner)).wanted(),
        Field::<Self>::list::<BusinessEntity>("operator", |m| List(&mut m.operator)),
        Field::<Self>::list::<Inspection>("inspection", |m| List(&mut m.inspection)),
        Field::<Self>::list::<StatusChange>("status_change", |m| List(&mut m.status_change)),
        Field::<Self>::new("site_name", Form::LINE, |m| Text(&mut m.site_name)),
        Field::<Self>::new("certification_status_since", Form::Date, |m| {
            Text(&mut m.certification_status_since)
        }),
        Field::<Self>::new("activity_since", Form::Date, |m| Text(&mut m.activity_since)),
        Field::<Self>::new("operation_type", Form::Code(&code::OPERATION_TYPE), |m| {
            Code(&mut m.operation_type)
        }),
        Field::<Self>::new("workers_declared", Form::Count, |m| {
            MaybeSmall(&mut m.workers_declared)
        }),
        Field::<Self>::new("list_of_minerals", Form::PROSE, |m| Text(&mut m.list_of_minerals)),
        Field::<Self>::list::<Capacity>("capacity", |m| List(&mut m.capacity)),
        Field::<Self>::list::<TagAllocation>("tag_allocation", |m| List(&mut m.tag_allocation)),
        Field::<Self>::list::<Extension>("extension", |m| List(&mut m.extension)),
    ];
    const RULES: &'static [Rule<Self>] = rules::MINE_SITE;
}

impl Message for License {
    const CODE: &'static str = "MD02";
    const FIELDS: &'static [Field<Self>] = &[
        Field::<Self>::new("license_type", Form::Code(&code::LICENSE_TYPE), |m| {
            Code(&mut m.license_type)
        })
        .wanted(),
        Field::<Self>::new("license_id", Form::IDENTIFIER, |m| Text(&mut m.license_id))
            .wanted_if(has_title),
        Field::<Self>::part::<BusinessEntity>("owner", |m| Part(&mut m.owner)).wanted_if(has_title),
        Field::<Self>::new("applied_date", Form::Date, |m| Text(&mut m.applied_date)),
        Field::<Self>::new("granted_date", Form::Date, |m| Text(&mut m.granted_date)),
        Field::<Self>::new("expiring_date", Form::Date, |m| Text(&mut m.expiring_date)),
        Field::<Self>::new("license_status", Form::Code(&code::LICENSE_STATUS), |m| {
            Code(&mut m.license_status)
        }),
        Field::<Self>::new("covered_commodities", Form::Mineral, |m| {
            Texts(&mut m.covered_commodities)
        })
        .wanted(),
        Field::<Self>::new("license_location", Form::Subdivision, |m| {
            Text(&mut m.license_location)
        }),
    ];
    const RULES: &'static [Rule<Self>] = rules::LICENSE;
}

/// A number and a holder are required unless the site is unlicensed or artisanal.
fn has_title(license: &License) -> bool {
    !matches!(license.license_type(), LicenseType::Unlicensed | LicenseType::ArtisanalPermit)
}

impl Message for Location {
    const CODE: &'static str = "MD08";
    const FIELDS: &'static [Field<Self>] = &[
        Field::<Self>::part::<GeoPoint>("geolocalization", |m| Part(&mut m.geolocalization))
            .vital(),
        Field::<Self>::new("national_cadaster_localization", Form::LINE, |m| {
            Text(&mut m.national_cadaster_localization)
        }),
        Field::<Self>::part::<Address>("local_geographic_designation", |m| {
            Part(&mut m.local_geographic_designation)
        }),
        Field::<Self>::new("polygon", Form::Polygon, |m| Text(&mut m.polygon)),
        Field::<Self>::new("altitude_cm", Form::Altitude, |m| Height(&mut m.altitude_cm)),
    ];
}

impl Message for Inspection {
    const CODE: &'static str = "MD07";
    const FIELDS: &'static [Field<Self>] = &[
        Field::<Self>::new("inspection_id", Form::IDENTIFIER, |m| Text(&mut m.inspection_id))
            .wanted(),
        Field::<Self>::new("inspection_date", Form::Date, |m| Text(&mut m.inspection_date))
            .wanted(),
        Field::<Self>::new("inspection_result", Form::Code(&code::CERTIFICATION_STATUS), |m| {
            Code(&mut m.inspection_result)
        })
        .wanted(),
        Field::<Self>::new("inspector_name", Form::LINE, |m| Text(&mut m.inspector_name))
            .wanted()
            .national(),
        Field::<Self>::new("inspector_position", Form::LINE, |m| Text(&mut m.inspector_position))
            .wanted(),
        Field::<Self>::new("government_agency", Form::LINE, |m| Text(&mut m.government_agency))
            .wanted(),
        Field::<Self>::new("inspection_report", Form::PROSE, |m| Text(&mut m.inspection_report)),
        Field::<Self>::new("inspection_purpose", Form::PROSE, |m| Text(&mut m.inspection_purpose)),
        Field::<Self>::new("inspection_results", Form::PROSE, |m| Text(&mut m.inspection_results)),
        Field::<Self>::new("government_id", Form::IDENTIFIER, |m| Text(&mut m.government_id))
            .national(),
        Field::<Self>::new("corrective_due_date", Form::Date, |m| Text(&mut m.corrective_due_date))
            .wanted_if(|visit| visit.inspection_result() == CertificationStatus::Yellow),
    ];
    const RULES: &'static [Rule<Self>] = rules::INSPECTION;
}

impl Message for StatusChange {
    const CODE: &'static str = "MD10";
    const FIELDS: &'static [Field<Self>] = &[
        Field::<Self>::new("date_of_change", Form::Date, |m| Text(&mut m.date_of_change)).vital(),
        Field::<Self>::new("new_status", Form::Code(&code::CERTIFICATION_STATUS), |m| {
            Code(&mut m.new_status)
        })
        .vital(),
        Field::<Self>::new("cause", Form::Code(&code::STATUS_CAUSE), |m| Code(&mut m.cause)),
        Field::<Self>::new("inspection_id", Form::IDENTIFIER, |m| Text(&mut m.inspection_id)),
    ];
}

impl Message for Capacity {
    const CODE: &'static str = "CAPACITY";
    const FIELDS: &'static [Field<Self>] = &[
        Field::<Self>::new("mineral", Form::Mineral, |m| Text(&mut m.mineral)).wanted(),
        Field::<Self>::new("monthly_mass_mg", Form::Mass, |m| Whole(&mut m.monthly_mass_mg))
            .wanted(),
    ];
}

impl Message for TagAllocation {
    const CODE: &'static str = "ALLOCATION";
    const FIELDS: &'static [Field<Self>] = &[
        Field::<Self>::new("scheme", Form::Code(&code::TAG_SCHEME), |m| Code(&mut m.scheme))
            .wanted(),
        Field::<Self>::new("from_identifier", Form::IDENTIFIER, |m| Text(&mut m.from_identifier))
            .wanted(),
        Field::<Self>::new("to_identifier", Form::IDENTIFIER, |m| Text(&mut m.to_identifier))
            .wanted(),
        Field::<Self>::new("tag_count", Form::Count, |m| MaybeSmall(&mut m.tag_count)),
    ];
    const RULES: &'static [Rule<Self>] = rules::TAG_ALLOCATION;
}
