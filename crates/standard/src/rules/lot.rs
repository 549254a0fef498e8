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
