//! The best one-to-one pairing of a component.

use std::collections::{BTreeMap, BTreeSet};

use pathfinding::{matrix::Matrix, prelude::kuhn_munkres};

use super::candidate::Candidate;

/// What a pair is worth before its differences are taken off, and what a millionth of
/// mass takes off. Each is more than all that comes after it can add up to in a
/// component, so that pairs count before masses and masses before days.
const PAIR: i128 = 1 << 100;
const PPM: i128 = 1 << 40;

/// Exports times imports of a component that are solved in the best way. It takes time
/// by the cube of the lines: beyond, the nearest two are paired, then the nearest of
/// those that are left.
const PLACES_MAX: usize = 250_000;

/// The pairs, as places of export and import.
pub(super) fn best(component: &[Candidate]) -> Vec<(usize, usize)> {
    match component {
        [] => return Vec::new(),
        [only] => return vec![(only.export, only.import)],
        _ => {}
    }
    let exports: Vec<usize> = distinct(component.iter().map(|one| one.export));
    let imports: Vec<usize> = distinct(component.iter().map(|one| one.import));
    if exports.len() * imports.len() > PLACES_MAX {
        return nearest(component);
    }
    let worth: BTreeMap<(usize, usize), i128> =
        component.iter().map(|one| ((one.export, one.import), worth(one))).collect();
    // Every row gets a column: there must be as many, and what is no candidate is worth
    // nothing and taken out again.
    let is_turned = exports.len() > imports.len();
    let (rows, columns) = if is_turned { (&imports, &exports) } else { (&exports, &imports) };
    let at = |row: usize, column: usize| {
        if is_turned { (columns[column], rows[row]) } else { (rows[row], columns[column]) }
    };
    let weights = Matrix::from_fn(rows.len(), columns.len(), |(row, column)| {
        worth.get(&at(row, column)).copied().unwrap_or(0)
    });
    let (_, assigned) = kuhn_munkres(&weights);
    let pairs = assigned.into_iter().enumerate().map(|(row, column)| at(row, column));
    pairs.filter(|pair| worth.contains_key(pair)).collect()
}

fn nearest(component: &[Candidate]) -> Vec<(usize, usize)> {
    let mut candidates = component.to_vec();
    candidates.sort_unstable();
    let (mut exports, mut imports) = (BTreeSet::new(), BTreeSet::new());
    candidates.retain(|one| {
        let is_free = !exports.contains(&one.export) && !imports.contains(&one.import);
        if is_free {
            exports.insert(one.export);
            imports.insert(one.import);
        }
        is_free
    });
    candidates.into_iter().map(|one| (one.export, one.import)).collect()
}

fn worth(one: &Candidate) -> i128 {
    PAIR - i128::from(one.mass_ppm) * PPM - i128::from(one.days)
}

fn distinct(places: impl Iterator<Item = usize>) -> Vec<usize> {
    places.collect::<BTreeSet<_>>().into_iter().collect()
}
