//! Statistics of third countries beside a state's own exports.

use std::collections::{BTreeMap, BTreeSet};

use rmd_standard::mineral;

use super::{Line, Region, index::is_normal};
use crate::{
    Named,
    part::MirrorKey,
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

/// Statistics of partners and a state's own exports, summed up line by line in any order.
#[derive(Debug, Default)]
pub struct Mirrors {
    reported: BTreeMap<MirrorKey, i128>,
    own: BTreeMap<MirrorKey, (i128, BTreeSet<Named>)>,
}

impl Mirrors {
    /// Adds a row of a partner.
    pub fn reported(&mut self, row: &MirrorRow) {
        let key = (row.country.clone(), row.partner.clone(), row.mineral.clone(), row.year);
        *self.reported.entry(key).or_default() += row.mass_mg;
    }

    /// Adds an export to a partner, of a line that is not void and no transit, and names
    /// it.
    pub fn exported(&mut self, line: &Line<'_>, partner: &str, named: &Named) {
        let (Some(mineral), Some(exit)) = (mineral::hs6(line.mineral), day(line.when)) else {
            return;
        };
        let key = (line.country.to_owned(), partner.to_owned(), mineral, exit.year());
        let (mass, evidence) = self.own.entry(key).or_default();
        *mass += i128::from(line.mass_mg);
        evidence.insert(named.clone());
        while evidence.len() > EVIDENCE_MAX {
            evidence.pop_last();
        }
    }

    /// A view of every row of a partner.
    pub fn views(&self) -> Vec<MirrorView> {
        let mass_of = |key: &MirrorKey| self.own.get(key).map_or(0, |own| own.0);
        let view = |(key, reported_mg): (&MirrorKey, &i128)| {
            let (country, partner, mineral, year) = key.clone();
            let before = (country.clone(), partner.clone(), mineral.clone(), year - 1);
            let evidence = self.own.get(key).into_iter().flat_map(|own| own.1.iter().cloned());
            MirrorView {
                reported_mg: Some(*reported_mg),
                exported_mg: mass_of(key),
                before: self.reported.get(&before).map(|reported| (*reported, mass_of(&before))),
                evidence: evidence.collect(),
                country,
                partner,
                mineral,
                year,
            }
        };
        self.reported.iter().map(view).collect()
    }
}

impl Region {
    /// A view of every row of a partner.
    pub(crate) fn mirrors(&self) -> Vec<MirrorView> {
        let mut mirrors = Mirrors::default();
        for row in &self.mirror {
            mirrors.reported(row);
        }
        for one in self.exports.values().filter(|one| !one.is_void) {
            let record = &one.record;
            let line = Line {
                country: one.country(),
                mineral: &record.mineral,
                when: &record.exit_date,
                mass_mg: record.net_mass_mg,
                concentration_ppm: None,
            };
            if is_normal(record.procedure()) {
                mirrors.exported(&line, &record.destination_country, &one.named);
            }
        }
        mirrors.views()
    }
}
