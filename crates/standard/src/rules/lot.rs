//! Rules across the fields of a lot. That a production lot names its site and
//! carries tags is a condition in its table.

use rmd_proto::v1::Lot;

use super::out_of_order;
use crate::{
    Severity,
    model::{Rule, RuleText},
};

pub(crate) const LOT: &[Rule<Lot>] = &[Rule {
    text: RuleText {
        id: "MD12-SEALED-SHIPPED-ORDER",
        severity: Severity::Refuse,
        field: "date_shipped",
        en: "lies before date_sealed. Correct whichever date is wrong at the source",
        fr: "précède date_sealed. Corrigez à la source celle des deux dates qui est fausse",
    },
    broken: |lot, _| out_of_order(&lot.date_sealed, &lot.date_shipped),
}];

/// An instant of which the source has only the day.
pub(crate) const TIME_REGISTRATION: RuleText = RuleText {
    id: "MD12-TIME-REGISTRATION-REQUIRED",
    severity: Severity::Incomplete,
    field: "registered_at_us",
    en: "has no time of registration, which the standard requires; the beginning of the day, in the zone of the source, marks the day. Map the column that holds the time",
    fr: "n'a pas d'heure d'enregistrement, que la norme exige ; le début du jour, dans le fuseau de la source, marque le jour. Reliez la colonne qui contient l'heure",
};
