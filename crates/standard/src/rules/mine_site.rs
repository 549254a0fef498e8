//! Rules across the fields of a mine site, its licences and its inspections.

use rmd_proto::v1::{GeoPoint, Inspection, License, MineSite, TagAllocation};

use super::{in_the_future, out_of_order};
use crate::{
    Severity,
    model::{Rule, RuleText},
    site_id::SiteId,
};

/// The twelve members lie within 18.1° S to 22.3° N and 11.4° E to 41.9° E; one
/// degree more leaves room for surveys at the border. Whether a point is in its
/// own country is judged at the hub, with the borders.
const LATITUDE_E7: std::ops::RangeInclusive<i32> = -191_000_000..=233_000_000;
const LONGITUDE_E7: std::ops::RangeInclusive<i32> = 104_000_000..=429_000_000;

pub(crate) const MINE_SITE: &[Rule<MineSite>] = &[
    Rule {
        text: RuleText {
            id: "MD01-ICGLR-ID-COUNTRY",
            severity: Severity::Refuse,
            field: "icglr_id",
            en: "begins with another state than address_country. Correct whichever is wrong at the source",
            fr: "commence par un autre État que address_country. Corrigez à la source celui des deux qui est faux",
        },
        broken: |site, _| {
            let id = SiteId::parse(&site.icglr_id)?;
            (id.country != site.address_country).then(|| site.icglr_id.clone())
        },
    },
    Rule {
        text: RuleText {
            id: "MD01-ICGLR-ID-PUBLISHED",
            severity: Severity::Incomplete,
            field: "icglr_id",
            en: "is readable but not of the published form CC-<lat><+|-><long>-<number>; it is kept as issued. Issue new ids with the hyphen after the country",
            fr: "est lisible mais n'a pas la forme publiée CC-<lat><+|-><long>-<numéro> ; il est gardé tel que délivré. Délivrez les nouveaux avec le tiret après le pays",
        },
        broken: |site, _| {
            let id = SiteId::parse(&site.icglr_id)?;
            (!id.published_form).then(|| site.icglr_id.clone())
        },
    },
    Rule {
        text: RuleText {
            id: "MD01-POINT-REGION",
            severity: Severity::Refuse,
            field: "mine_site_location",
            en: "has a point outside the Great Lakes Region. Check that latitude and longitude are decimal degrees, not exchanged, with their signs",
            fr: "a un point hors de la région des Grands Lacs. Vérifiez que latitude et longitude sont en degrés décimaux, non inversées, avec leur signe",
        },
        broken: |site, _| {
            let point = site.mine_site_location.as_ref()?.geolocalization?;
            let inside = LATITUDE_E7.contains(&point.latitude_e7)
                && LONGITUDE_E7.contains(&point.longitude_e7);
            (!inside).then(|| written(point))
        },
    },
];

fn written(point: GeoPoint) -> String {
    let degrees = |e7: i32| rust_decimal::Decimal::new(i64::from(e7), 7).normalize();
    format!("{} {}", degrees(point.latitude_e7), degrees(point.longitude_e7))
}

pub(crate) const LICENSE: &[Rule<License>] = &[
    Rule {
        text: RuleText {
            id: "MD02-APPLIED-GRANTED-ORDER",
            severity: Severity::Refuse,
            field: "granted_date",
            en: "lies before applied_date. Correct whichever date is wrong at the source",
            fr: "précède applied_date. Corrigez à la source celle des deux dates qui est fausse",
        },
        broken: |license, _| out_of_order(&license.applied_date, &license.granted_date),
    },
    Rule {
        text: RuleText {
            id: "MD02-GRANTED-EXPIRING-ORDER",
            severity: Severity::Refuse,
            field: "expiring_date",
            en: "lies before granted_date. Correct whichever date is wrong at the source",
            fr: "précède granted_date. Corrigez à la source celle des deux dates qui est fausse",
        },
        broken: |license, _| out_of_order(&license.granted_date, &license.expiring_date),
    },
];

pub(crate) const INSPECTION: &[Rule<Inspection>] = &[
    Rule {
        text: RuleText {
            id: "MD07-INSPECTION-DATE-FUTURE",
            severity: Severity::Refuse,
            field: "inspection_date",
            en: "lies in the future; an inspection is recorded once it was held. Correct the date at the source",
            fr: "est dans le futur ; une inspection est inscrite une fois tenue. Corrigez la date à la source",
        },
        broken: |visit, context| in_the_future(&visit.inspection_date, context),
    },
    Rule {
        text: RuleText {
            id: "MD07-CORRECTIVE-DUE-ORDER",
            severity: Severity::Refuse,
            field: "corrective_due_date",
            en: "lies before inspection_date. Correct whichever date is wrong at the source",
            fr: "précède inspection_date. Corrigez à la source celle des deux dates qui est fausse",
        },
        broken: |visit, _| out_of_order(&visit.inspection_date, &visit.corrective_due_date),
    },
];

pub(crate) const TAG_ALLOCATION: &[Rule<TagAllocation>] = &[Rule {
    text: RuleText {
        id: "ALLOCATION-FROM-TO-ORDER",
        severity: Severity::Incomplete,
        field: "to_identifier",
        en: "comes before from_identifier; no tag is in such a range. Correct whichever is wrong at the source",
        fr: "vient avant from_identifier ; aucune étiquette n'est dans un tel intervalle. Corrigez à la source celui des deux qui est faux",
    },
    broken: |range, _| {
        let (first, last) = (&range.from_identifier, &range.to_identifier);
        // Numbers of one length have the order of their text; others cannot be told.
        (first.len() == last.len() && first > last).then(|| format!("{first} > {last}"))
    },
}];
