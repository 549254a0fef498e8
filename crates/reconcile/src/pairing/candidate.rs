//! Two lines that may be one shipment.

use std::collections::{BTreeMap, BTreeSet};

use petgraph::unionfind::UnionFind;

use super::{Export, Import};
use crate::{amount::MILLION, view::nature};

/// An export and an import, by their places, that may be a pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Candidate {
    /// Difference of masses in parts per million of the export's.
    pub(super) mass_ppm: i64,
    /// Days between exit and entry.
    pub(super) days: i64,
    /// Place of the export among the exports, by key.
    pub(super) export: usize,
    /// Place of the import among the imports, by key.
    pub(super) import: usize,
}

impl Candidate {
    pub(super) fn of(export: usize, import: usize, out: &Export, into: &Import) -> Self {
        let days = nature::day(&out.record.exit_date).zip(nature::day(&into.record.entry_date));
        let days = days.map_or(0, |(exit, entry)| i64::from((entry - exit).get_days()).abs());
        let mass_ppm = mass_ppm(out.record.net_mass_mg, into.record.net_mass_mg);
        Self { mass_ppm, days, export, import }
    }
}

/// Difference of masses in parts per million of the export's; at most a million times it.
fn mass_ppm(out: i64, into: i64) -> i64 {
    let (out, into) = (i128::from(out), i128::from(into));
    let most = i128::from(MILLION) * i128::from(MILLION);
    let ppm = (out - into).abs() * i128::from(MILLION) / out.max(1);
    i64::try_from(ppm.min(most)).unwrap_or(i64::MAX)
}

/// Candidates that hang together, by component.
pub(super) fn components(
    exports: usize,
    imports: usize,
    candidates: BTreeSet<Candidate>,
) -> Vec<Vec<Candidate>> {
    let mut together = UnionFind::new(exports + imports);
    for one in &candidates {
        together.union(one.export, exports + one.import);
    }
    let mut by_component = BTreeMap::<usize, Vec<Candidate>>::new();
    for one in candidates {
        by_component.entry(together.find(one.export)).or_default().push(one);
    }
    by_component.into_values().collect()
}
