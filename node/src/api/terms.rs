//! By what a record is found: one term for each value that a filter can name.
//!
//! Owns the words of the terms, of a record and of a query alike, so that both
//! sides agree by construction. Texts are folded to lower case, minerals to the
//! six digits on which their codes are compared. Invariant: a record has the
//! terms of a query exactly if the query's filters leave it.

use std::collections::BTreeSet;

use jiff::civil::Date;
use rmd_api::{Collection, LotFilter, Mineral, Query};
use rmd_standard::{Entity, Record, mineral, site_id};

/// The terms of one record, and where it lies in a range.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Terms {
    /// The term of its type, which every record has and which carries `at`.
    pub(super) base: &'static str,
    /// The others.
    pub(super) values: BTreeSet<String>,
    /// Lots: instant of registration, UTC microseconds; certificates: day of issuance.
    pub(super) at: Option<i64>,
}

/// What a query asks for, in terms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Asked {
    /// The type of the records.
    pub(super) entity: Entity,
    /// Terms that a record must have, beside that of its type.
    pub(super) values: BTreeSet<String>,
    /// The half-open range of `at`; none without a bound.
    pub(super) range: Option<(i64, i64)>,
    /// Set when no record of this node can be meant.
    pub(super) nothing: bool,
}

/// The record types that the API shows.
pub(super) fn is_shown(entity: Entity) -> bool {
    Collection::ALL.iter().any(|collection| collection.entity() == entity)
}

/// The terms of a record; none of a type that the API does not show.
pub(super) fn of(record: &Record) -> Terms {
    let base = record.entity().name();
    let mut terms = Terms { base, ..Terms::default() };
    let mut put = |name: &str, value: String| {
        if !value.is_empty() {
            terms.values.insert(word(base, name, &value));
        }
    };
    match record {
        Record::MineSite(site) => {
            put("status", site.certification_status.to_string());
            put("activity", site.activity_status.to_string());
            site.mineral.iter().for_each(|code| put("mineral", of_code(code)));
        }
        Record::Lot(lot) => {
            put("mineral", of_code(&lot.mineral));
            put("number", fold(&lot.lot_number));
            put("site", site_id::key_of(&lot.mine_site_id).unwrap_or_default());
            let creator = lot.creator.as_ref();
            put("creator", creator.map(|creator| fold(&creator.identifier)).unwrap_or_default());
            lot.creator_role.iter().for_each(|role| put("role", role.to_string()));
            let operations = lot.originating_operation.iter();
            operations.for_each(|operation| put("operation", operation.to_string()));
            terms.at = (lot.registered_at_us != 0).then_some(lot.registered_at_us);
        }
        Record::ExportCertificate(certificate) => {
            put("mineral", of_code(&certificate.type_of_ore));
            put("identifier", fold(&certificate.identifier));
            certificate.lot_number.iter().for_each(|number| put("number", fold(number)));
            terms.at = certificate.date_of_issuance.parse().ok().map(day);
        }
        _ => {}
    }
    terms
}

/// The terms of a query to a node that holds the records of one state.
pub(super) fn asked(query: &Query, country: &str) -> Asked {
    let entity = query.collection.entity();
    let base = entity.name();
    let mut values = BTreeSet::new();
    let mut want = |name: &str, value: Option<String>| {
        values.extend(value.map(|value| word(base, name, &value)));
    };
    want("status", query.certification_status.map(|status| status.to_string()));
    want("activity", query.activity_status.map(|activity| activity.to_string()));
    want("mineral", query.mineral.as_ref().map(of_mineral));
    want("identifier", query.identifier.as_deref().map(fold));
    want("number", query.lot_number.as_deref().map(fold));
    want("site", query.mine_site.clone());
    want("creator", query.creator_identifier.as_deref().map(fold));
    want("role", query.creator_role.map(|role| role.to_string()));
    want("operation", query.originating_operation.map(|operation| operation.to_string()));
    let range = match query.collection {
        Collection::Lots => range(query.registered_from_us, query.registered_before_us),
        _ => range(query.issued_from.map(day), query.issued_to.map(|last| day(last) + 1)),
    };
    let nothing = query.country.as_ref().is_some_and(|asked| !asked.eq_ignore_ascii_case(country));
    Asked { entity, values, range, nothing }
}

/// The terms of the lots that are summed.
pub(super) fn asked_lots(filter: &LotFilter) -> Asked {
    let base = Entity::Lot.name();
    Asked {
        entity: Entity::Lot,
        values: filter.mine_site.iter().map(|site| word(base, "site", site)).collect(),
        range: range(filter.registered_from_us, filter.registered_before_us),
        nothing: false,
    }
}

/// The terms that a certificate or lot of that name has.
pub(super) fn named(entity: Entity, name: &str, text: &str) -> Asked {
    let values = BTreeSet::from([word(entity.name(), name, &fold(text))]);
    Asked { entity, values, range: None, nothing: false }
}

/// The term of one value of one filter.
pub(super) fn word(base: &str, name: &str, value: &str) -> String {
    format!("{base}/{name}/{value}")
}

fn range(from: Option<i64>, before: Option<i64>) -> Option<(i64, i64)> {
    (from.is_some() || before.is_some())
        .then(|| (from.unwrap_or(i64::MIN), before.unwrap_or(i64::MAX)))
}

fn of_code(code: &str) -> String {
    mineral::hs6(code).unwrap_or_else(|| fold(code))
}

fn of_mineral(mineral: &Mineral) -> String {
    match mineral {
        Mineral::Hs6(hs6) => hs6.clone(),
        Mineral::Text(text) => fold(text),
    }
}

fn fold(text: &str) -> String {
    text.to_lowercase()
}

/// Days from the first day of our era, so that they can be compared.
fn day(date: Date) -> i64 {
    const FIRST: Date = Date::constant(1, 1, 1);
    // Calendar days of jiff are all within its own span.
    FIRST.until(date).map_or(0, |span| i64::from(span.get_days()))
}
