//! Tables of what a state declares of exporters, production and stocks, and of
//! the audits and incidents that it shares.

use rmd_proto::v1::{
    Audit, BusinessEntity, ExporterStatus, Incident, ProductionDeclaration, StockDeclaration,
};

use super::{
    Field, Form, Message, Rule,
    Value::{Code, MaybeSmall, MaybeWhole, Part, Small, Text},
};
use crate::{code, rules};

impl Message for ExporterStatus {
    const CODE: &'static str = "EXPORTER";
    const FIELDS: &'static [Field<Self>] = &[
        Field::<Self>::new("country", Form::Country, |m| Text(&mut m.country)).vital(),
        Field::<Self>::part::<BusinessEntity>("exporter", |m| Part(&mut m.exporter)).vital(),
        Field::<Self>::new("certification_status", Form::Code(&code::CERTIFICATION_STATUS), |m| {
            Code(&mut m.certification_status)
        })
        .vital(),
        Field::<Self>::new("certification_status_since", Form::Date, |m| {
            Text(&mut m.certification_status_since)
        })
        .wanted(),
        Field::<Self>::new("license_id", Form::IDENTIFIER, |m| Text(&mut m.license_id)).wanted(),
        Field::<Self>::new("license_expiring_date", Form::Date, |m| {
            Text(&mut m.license_expiring_date)
        }),
        Field::<Self>::new("suspended_since", Form::Date, |m| Text(&mut m.suspended_since)),
        Field::<Self>::new("last_audit_date", Form::Date, |m| Text(&mut m.last_audit_date)),
    ];
    const RULES: &'static [Rule<Self>] = rules::EXPORTER_STATUS;
}

impl Message for ProductionDeclaration {
    const CODE: &'static str = "PRODUCTION";
    const FIELDS: &'static [Field<Self>] = &[
        Field::<Self>::new("country", Form::Country, |m| Text(&mut m.country)).vital(),
        // A part of the key, so it must be readable, unlike the site that a lot quotes.
        Field::<Self>::new("mine_site_id", Form::SiteId, |m| Text(&mut m.mine_site_id)).vital(),
        Field::<Self>::new("mineral", Form::Mineral, |m| Text(&mut m.mineral)).vital(),
        Field::<Self>::new("period", Form::Month, |m| Text(&mut m.period)).vital(),
        Field::<Self>::new("mass_mg", Form::MassOrZero, |m| MaybeWhole(&mut m.mass_mg)).vital(),
        Field::<Self>::new("concentration_ppm", Form::Concentration, |m| {
            MaybeSmall(&mut m.concentration_ppm)
        }),
        Field::<Self>::new("analyte", Form::Code(&code::ANALYTE), |m| Code(&mut m.analyte)),
        Field::<Self>::new("workers_declared", Form::Count, |m| {
            MaybeSmall(&mut m.workers_declared)
        }),
    ];
    const RULES: &'static [Rule<Self>] = rules::PRODUCTION_DECLARATION;
}

impl Message for StockDeclaration {
    const CODE: &'static str = "STOCK";
    const FIELDS: &'static [Field<Self>] = &[
        Field::<Self>::new("country", Form::Country, |m| Text(&mut m.country)).vital(),
        Field::<Self>::new("party_identifier", Form::IDENTIFIER, |m| Text(&mut m.party_identifier))
            .vital(),
        Field::<Self>::new("mineral", Form::Mineral, |m| Text(&mut m.mineral)).vital(),
        Field::<Self>::new("period", Form::Month, |m| Text(&mut m.period)).vital(),
        Field::<Self>::new("closing_mass_mg", Form::MassOrZero, |m| {
            MaybeWhole(&mut m.closing_mass_mg)
        })
        .vital(),
        Field::<Self>::new("concentration_ppm", Form::Concentration, |m| {
            MaybeSmall(&mut m.concentration_ppm)
        }),
        Field::<Self>::new("analyte", Form::Code(&code::ANALYTE), |m| Code(&mut m.analyte)),
    ];
    const RULES: &'static [Rule<Self>] = rules::STOCK_DECLARATION;
}

impl Message for Audit {
    const CODE: &'static str = "AUDIT";
    const FIELDS: &'static [Field<Self>] = &[
        Field::<Self>::new("country", Form::Country, |m| Text(&mut m.country)).vital(),
        Field::<Self>::new("audit_number", Form::IDENTIFIER, |m| Text(&mut m.audit_number)).vital(),
        Field::<Self>::new("audit_type", Form::Code(&code::AUDIT_TYPE), |m| {
            Code(&mut m.audit_type)
        })
        .wanted(),
        // An audit is of an exporter or of a site.
        Field::<Self>::new("exporter_identifier", Form::IDENTIFIER, |m| {
            Text(&mut m.exporter_identifier)
        })
        .wanted_if(|audit| audit.mine_site_id.is_empty()),
        Field::<Self>::new("mine_site_id", Form::SiteReference, |m| Text(&mut m.mine_site_id)),
        Field::<Self>::new("audit_date", Form::Date, |m| Text(&mut m.audit_date)).wanted(),
        Field::<Self>::new("auditor", Form::LINE, |m| Text(&mut m.auditor)).wanted(),
        Field::<Self>::new("lead_auditor_name", Form::LINE, |m| Text(&mut m.lead_auditor_name))
            .national(),
        Field::<Self>::new("conclusion", Form::Code(&code::AUDIT_CONCLUSION), |m| {
            Code(&mut m.conclusion)
        })
        .wanted(),
        Field::<Self>::new("report_reference", Form::PROSE, |m| Text(&mut m.report_reference)),
    ];
    const RULES: &'static [Rule<Self>] = rules::AUDIT;
}

impl Message for Incident {
    const CODE: &'static str = "INCIDENT";
    const FIELDS: &'static [Field<Self>] = &[
        Field::<Self>::new("country", Form::Country, |m| Text(&mut m.country)).vital(),
        Field::<Self>::new("incident_number", Form::IDENTIFIER, |m| Text(&mut m.incident_number))
            .vital(),
        Field::<Self>::new("risk", Form::Code(&code::ANNEX_RISK), |m| Code(&mut m.risk)).wanted(),
        Field::<Self>::new("level", Form::Level, |m| Small(&mut m.level)).wanted(),
        Field::<Self>::new("incident_date", Form::Date, |m| Text(&mut m.incident_date)).wanted(),
        Field::<Self>::new("mine_site_id", Form::SiteReference, |m| Text(&mut m.mine_site_id)),
        Field::<Self>::new("exporter_identifier", Form::IDENTIFIER, |m| {
            Text(&mut m.exporter_identifier)
        }),
        Field::<Self>::new("state", Form::Code(&code::INCIDENT_STATE), |m| Code(&mut m.state))
            .wanted(),
        Field::<Self>::new("summary", Form::PROSE, |m| Text(&mut m.summary)),
        Field::<Self>::new("description", Form::PROSE, |m| Text(&mut m.description)).national(),
    ];
    const RULES: &'static [Rule<Self>] = rules::INCIDENT;
}
