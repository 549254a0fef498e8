//! Every rule of the standard: those across fields stand here, those of single
//! fields come out of the tables of `model`.
//!
//! A rule id is stable: it names the message of the standard, the field, and
//! what is wrong (`MD04-TIN-REQUIRED`).

mod declaration;
mod list;
mod lot;
mod mine_site;
mod trade;

use crate::{
    Context, Entity, Severity,
    model::{RuleText, day},
};

pub(crate) use declaration::{
    AUDIT, EXPORTER_STATUS, INCIDENT, PRODUCTION_DECLARATION, STOCK_DECLARATION,
};
pub(crate) use list::grounds;
pub use list::{RuleInfo, all};
pub(crate) use lot::{LOT, TIME_REGISTRATION};
pub(crate) use mine_site::{INSPECTION, LICENSE, MINE_SITE, TAG_ALLOCATION};
pub(crate) use trade::EXPORT_CERTIFICATE;

/// What `withheld` may say.
pub(crate) const WITHHELD: RuleText = RuleText {
    id: "WITHHELD-PATHS",
    severity: Severity::Refuse,
    field: "withheld",
    en: "names something other than national fields of this record, each once. Upgrade or correct the node that released it",
    fr: "nomme autre chose que des champs nationaux de cette fiche, chacun une fois. Mettez à jour ou corrigez le nœud qui l'a publiée",
};

/// Whose records a node may publish.
pub(crate) const fn country_rule(entity: Entity) -> &'static RuleText {
    match entity {
        Entity::MineSite => &OWN_SITE,
        Entity::ExportCertificate => &OWN_CERTIFICATE,
        _ => &OWN_RECORD,
    }
}

const OWN_SITE: RuleText = own("MD01-ADDRESS-COUNTRY-OWN", "address_country");
const OWN_CERTIFICATE: RuleText = own("MD03-ISSUING-COUNTRY-OWN", "issuing_country");
const OWN_RECORD: RuleText = own("COUNTRY-OWN", "country");

const fn own(id: &'static str, field: &'static str) -> RuleText {
    RuleText {
        id,
        severity: Severity::Refuse,
        field,
        en: "is not the state of this node; a state publishes only its own records. Correct it at the source, or leave the row out of the query",
        fr: "n'est pas l'État de ce nœud ; un État ne publie que ses propres fiches. Corrigez-la à la source, ou écartez la ligne de la requête",
    }
}

/// The later day, as a value of a finding, if the two are out of order.
fn out_of_order(earlier: &str, later: &str) -> Option<String> {
    match (day(earlier), day(later)) {
        (Some(first), Some(second)) if first > second => Some(format!("{earlier} > {later}")),
        _ => None,
    }
}

/// The day, as a value of a finding, if it has not come yet.
fn in_the_future(date: &str, context: &Context) -> Option<String> {
    (day(date)? > context.today).then(|| date.to_owned())
}

/// The month, as a value of a finding, if it has not begun yet.
fn month_to_come(period: &str, context: &Context) -> Option<String> {
    let first = day(&format!("{period}-01"))?;
    (first > context.today).then(|| period.to_owned())
}

#[cfg(test)]
mod tests;
