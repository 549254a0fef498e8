//! Statistics of third countries beside a state's own exports.

use std::collections::{BTreeMap, BTreeSet};

use rmd_standard::mineral;

use super::{Region, index::is_normal};
use crate::{
    Named,
    view::{MirrorView, day},
};

/// Declarations that are named as evidence; of more, the first by their keys.
const EVIDENCE_MAX: usize = 32;

/// What a partner says it imported from a state in a year.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MirrorRow {
    /// The state, alpha-2.
    pub country: String,
    /// The partner, alpha-2.
    pub partner: String,
    /// The mineral, HS6.
    pub mineral: String,
    /// The year.
    pub year: i16,
    /// Milligrams.
    pub mass_mg: i128,
}

/// State, partner, mineral, year.
type Key = (String, String, String, i16);

impl Region {
    /// A view of every row of a partner.
    pub(super) fn mirrors(&self) -> Vec<MirrorView> {
        let mut reported = BTreeMap::<Key, i128>::new();
        for row in &self.mirror {
            let key = (row.country.clone(), row.partner.clone(), row.mineral.clone(), row.year);
            *reported.entry(key).or_default() += row.mass_mg;
        }
        let mut own = BTreeMap::<Key, (i128, BTreeSet<Named>)>::new();
        for one in self.exports.values().filter(|one| !one.is_void) {
            let record = &one.record;
            let (Some(mineral), Some(exit)) =
                (mineral::hs6(&record.mineral), day(&record.exit_date))
            else {
                continue;
            };
            if !is_normal(record.procedure()) {
                continue;
            }
            let partner = record.destination_country.clone();
            let key = (one.country().to_owned(), partner, mineral, exit.year());
            let (mass, named) = own.entry(key).or_default();
            *mass += i128::from(record.net_mass_mg);
            named.insert(one.named.clone());
            while named.len() > EVIDENCE_MAX {
                named.pop_last();
            }
        }
        let mass_of = |key: &Key| own.get(key).map_or(0, |own| own.0);
        let view = |(key, reported_mg): (&Key, &i128)| {
            let (country, partner, mineral, year) = key.clone();
            let before = (country.clone(), partner.clone(), mineral.clone(), year - 1);
            MirrorView {
                reported_mg: Some(*reported_mg),
                exported_mg: mass_of(key),
                before: reported.get(&before).map(|reported| (*reported, mass_of(&before))),
                evidence: own.get(key).into_iter().flat_map(|own| own.1.iter().cloned()).collect(),
                country,
                partner,
                mineral,
                year,
            }
        };
        reported.iter().map(view).collect()
    }
}
