//! Rules across the fields of what a state declares, and of the audits and
//! incidents that it shares.
//!
//! A month or a day that has not come yet cannot have been declared: such a
//! record is refused, because it would count in the wrong balance.

use rmd_proto::v1::{Audit, ExporterStatus, Incident, ProductionDeclaration, StockDeclaration};

use super::{in_the_future, month_to_come};
use crate::{
    Severity,
    model::{Rule, RuleText},
    site_id::SiteId,
};

pub(crate) const EXPORTER_STATUS: &[Rule<ExporterStatus>] = &[
    Rule {
        text: future(
            "EXPORTER-CERTIFICATION-STATUS-SINCE-FUTURE",
            "certification_status_since",
            "lies in the future; a status is declared from the day on which it holds. Correct the date at the source",
            "est dans le futur ; un statut est déclaré dès le jour où il vaut. Corrigez la date à la source",
        ),
        broken: |status, context| in_the_future(&status.certification_status_since, context),
    },
    Rule {
        text: future(
            "EXPORTER-LAST-AUDIT-DATE-FUTURE",
            "last_audit_date",
            "lies in the future; an audit counts once it was held. Correct the date at the source",
            "est dans le futur ; un audit compte une fois tenu. Corrigez la date à la source",
        ),
        broken: |status, context| in_the_future(&status.last_audit_date, context),
    },
];

pub(crate) const PRODUCTION_DECLARATION: &[Rule<ProductionDeclaration>] = &[
    Rule {
        text: RuleText {
            id: "PRODUCTION-MINE-SITE-ID-COUNTRY",
            severity: Severity::Refuse,
            field: "mine_site_id",
            en: "begins with another state than country; a state declares the production of its own sites. Correct whichever is wrong at the source",
            fr: "commence par un autre État que country ; un État déclare la production de ses propres sites. Corrigez à la source celui des deux qui est faux",
        },
        broken: |one, _| {
            let id = SiteId::parse(&one.mine_site_id)?;
            (id.country != one.country).then(|| one.mine_site_id.clone())
        },
    },
    Rule {
        text: future("PRODUCTION-PERIOD-FUTURE", "period", MONTH_EN, MONTH_FR),
        broken: |one, context| month_to_come(&one.period, context),
    },
];

pub(crate) const STOCK_DECLARATION: &[Rule<StockDeclaration>] = &[Rule {
    text: future("STOCK-PERIOD-FUTURE", "period", MONTH_EN, MONTH_FR),
    broken: |one, context| month_to_come(&one.period, context),
}];

pub(crate) const AUDIT: &[Rule<Audit>] = &[Rule {
    text: future(
        "AUDIT-AUDIT-DATE-FUTURE",
        "audit_date",
        "lies in the future; an audit is recorded once it has ended. Correct the date at the source",
        "est dans le futur ; un audit est inscrit une fois achevé. Corrigez la date à la source",
    ),
    broken: |audit, context| in_the_future(&audit.audit_date, context),
}];

pub(crate) const INCIDENT: &[Rule<Incident>] = &[Rule {
    text: future(
        "INCIDENT-INCIDENT-DATE-FUTURE",
        "incident_date",
        "lies in the future; an incident is recorded once it has happened. Correct the date at the source",
        "est dans le futur ; un incident est inscrit une fois survenu. Corrigez la date à la source",
    ),
    broken: |incident, context| in_the_future(&incident.incident_date, context),
}];

const MONTH_EN: &str =
    "lies in the future; a month is declared once it has begun. Correct the month at the source";
const MONTH_FR: &str =
    "est dans le futur ; un mois est déclaré une fois commencé. Corrigez le mois à la source";

const fn future(
    id: &'static str,
    field: &'static str,
    en: &'static str,
    fr: &'static str,
) -> RuleText {
    RuleText { id, severity: Severity::Refuse, field, en, fr }
}
