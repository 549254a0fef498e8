//! Which rows a scan has met, in one bit a row.
//!
//! Owns bitmaps by number: rows are numbered as they arrive, so ten million rows
//! take about 1.3 MB. A row that was met is found, and no other.

use std::collections::HashMap;

/// Bits of one map: 32 768 rows in 4 KiB.
const MAP_BITS: u32 = 15;

const MAP_WORDS: usize = (1 << MAP_BITS) / 64;

/// The rows met in one scan.
#[derive(Debug, Default)]
pub(super) struct Seen {
    maps: HashMap<i64, Map>,
}

/// Rows whose numbers begin alike. Numbers of old files lie far apart, as hashes
/// did, so a map of a few rows is a list.
#[derive(Debug)]
enum Map {
    Few(Vec<u16>),
    Many(Box<[u64; MAP_WORDS]>),
}

/// Rows that are kept in a list.
const FEW: usize = 64;

impl Seen {
    /// Marks a row as met.
    pub(super) fn mark(&mut self, row_id: i64) {
        let (map, bit) = place(row_id);
        self.maps.entry(map).or_insert(Map::Few(Vec::new())).mark(bit);
    }

    /// Whether a row was met.
    pub(super) fn contains(&self, row_id: i64) -> bool {
        let (map, bit) = place(row_id);
        self.maps.get(&map).is_some_and(|map| map.contains(bit))
    }
}

impl Map {
    fn mark(&mut self, bit: u16) {
        if self.contains(bit) {
            return;
        }
        match self {
            Self::Few(bits) if bits.len() < FEW => bits.push(bit),
            Self::Few(bits) => {
                let mut words = Box::new([0; MAP_WORDS]);
                for bit in bits {
                    set(&mut words, *bit);
                }
                set(&mut words, bit);
                *self = Self::Many(words);
            }
            Self::Many(words) => set(words, bit),
        }
    }

    fn contains(&self, bit: u16) -> bool {
        match self {
            Self::Few(bits) => bits.contains(&bit),
            Self::Many(words) => words[usize::from(bit / 64)] & (1 << (bit % 64)) != 0,
        }
    }
}

fn set(words: &mut [u64; MAP_WORDS], bit: u16) {
    words[usize::from(bit / 64)] |= 1 << (bit % 64);
}

/// The map of a row, and its bit in it.
fn place(row_id: i64) -> (i64, u16) {
    let bit = row_id & ((1 << MAP_BITS) - 1);
    // Fifteen bits always fit.
    (row_id >> MAP_BITS, u16::try_from(bit).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_that_were_met_are_found_and_no_others() {
        let mut seen = Seen::default();
        let is_met = |row: &i64| row % 3 == 0;
        (0..200_000).filter(is_met).for_each(|row| seen.mark(row));
        assert!((0..200_000).all(|row| seen.contains(row) == is_met(&row)));
    }

    #[test]
    fn numbers_that_are_hashes_are_found_and_no_others() {
        let mut seen = Seen::default();
        let hash = |row: i64| row.wrapping_mul(0x1e37_79b9_7f4a_7c15);
        (0..50_000).for_each(|row| seen.mark(hash(row)));
        (0..50_000).for_each(|row| seen.mark(hash(row)));
        assert!((0..100_000).all(|row| seen.contains(hash(row)) == (row < 50_000)));
    }
}
