//! In which order parts are applied, and what is missing between them.
//!
//! Parts may come in any order, twice, and overlap with one another and with what
//! the network brought. All are of one feed and one epoch. Invariant: a part is
//! applied only where it begins at or before the entry that comes next.

use std::fmt;

use super::Manifest;

/// What to do with the parts of one feed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Schedule {
    /// Parts to apply, by their place in what was given, in this order.
    pub apply: Vec<usize>,
    /// Parts that hold nothing new.
    pub known: Vec<usize>,
    /// Parts that cannot be applied before what is missing has come.
    pub beyond: Vec<usize>,
    /// Entries that no part brought, up to the end of the last bundle.
    pub missing: Vec<Missing>,
    /// Last seq that is applied once `apply` is done.
    pub reaches: u64,
}

/// Entries that no part brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// The first of them.
    pub first_seq: u64,
    /// The last of them.
    pub last_seq: u64,
    /// The part that holds them, if one of the given bundles names it.
    pub part: Option<MissingPart>,
}

/// A part that is known of and was not given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissingPart {
    /// Its number from 1.
    pub number: usize,
    /// How many parts the bundle has.
    pub of: usize,
    /// The number of the bundle in hexadecimal.
    pub bundle_id: String,
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { first_seq, last_seq, part } = self;
        if let Some(MissingPart { number, of, bundle_id }) = part {
            let id = &bundle_id[..bundle_id.len().min(8)];
            return write!(
                f,
                "part {number} of {of} of bundle {id} is missing: seq {first_seq}-{last_seq}\n\
                 la partie {number} de {of} du paquet {id} manque : seq {first_seq}-{last_seq}"
            );
        }
        let after = first_seq.saturating_sub(1);
        write!(
            f,
            "seq {first_seq}-{last_seq} is missing and in none of these bundles; ask for an \
             export with --after {after}\n\
             les seq {first_seq}-{last_seq} manquent et ne sont dans aucun de ces paquets ; \
             demandez un export avec --after {after}"
        )
    }
}

/// Decides about the parts of one feed for a follower that has applied everything
/// up to `cursor`.
pub fn schedule(cursor: u64, parts: &[&Manifest]) -> Schedule {
    let mut order: Vec<usize> = (0..parts.len()).collect();
    // Of two that begin at one place the longer one goes first and makes the other known.
    order.sort_by_key(|&index| (parts[index].first_seq(), u64::MAX - parts[index].last_seq()));
    let mut schedule = Schedule { reaches: cursor, ..Schedule::default() };
    for index in order {
        let (first, last) = (parts[index].first_seq(), parts[index].last_seq());
        if last <= schedule.reaches {
            schedule.known.push(index);
        } else if first <= schedule.reaches + 1 {
            schedule.apply.push(index);
            schedule.reaches = last;
        } else {
            schedule.beyond.push(index);
        }
    }
    schedule.missing = missing(schedule.reaches, parts, &schedule.beyond);
    schedule
}

/// What lies between `reaches`, the parts beyond it, and the end of every bundle.
fn missing(reaches: u64, parts: &[&Manifest], beyond: &[usize]) -> Vec<Missing> {
    let ends = parts.iter().filter_map(|manifest| manifest.message().part.last());
    let end = ends.map(|part| part.last_seq).max().unwrap_or(reaches);
    let mut found = Vec::new();
    let mut next = reaches + 1;
    // These stand in rising order of their first seq.
    for &index in beyond {
        let (first, last) = (parts[index].first_seq(), parts[index].last_seq());
        name(next, first - 1, parts, &mut found);
        next = next.max(last + 1);
    }
    name(next, end, parts, &mut found);
    found
}

/// Names the parts that hold the entries from `first` to `last`, if there are any.
fn name(first: u64, last: u64, parts: &[&Manifest], found: &mut Vec<Missing>) {
    let mut next = first;
    while next <= last {
        let holds = |manifest: &&Manifest| {
            let table = &manifest.message().part;
            let number = table.partition_point(|part| part.last_seq < next);
            let part = table.get(number).filter(|part| part.first_seq <= next)?;
            let part_last = part.last_seq.min(last);
            let (of, bundle_id) = (table.len(), manifest.bundle_id());
            Some((part_last, MissingPart { number: number + 1, of, bundle_id }))
        };
        let (last_seq, part) = if let Some((last_seq, part)) = parts.iter().find_map(holds) {
            (last_seq, Some(part))
        } else {
            let tables = parts.iter().flat_map(|manifest| &manifest.message().part);
            let later = tables.map(|part| part.first_seq).filter(|&first| first > next).min();
            (later.map_or(last, |later| last.min(later - 1)), None)
        };
        found.push(Missing { first_seq: next, last_seq, part });
        next = last_seq + 1;
    }
}
