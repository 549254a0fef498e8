//! Which rows a scan has met, in a few bits a row.
//!
//! Owns bitmaps that grow with the rows: 16 bits each, four of them set, so that
//! ten million rows take 20 MB. A row that was met is always found. One that was
//! not met may pass for met about twice in a thousand; the bits are drawn anew
//! in each pass, so that its deletion is seen by the next.

/// Rows that the first bitmap is meant for; each further one holds twice as many.
const FIRST_ROWS: usize = 1 << 16;

/// Bits kept for each row.
const BITS_PER_ROW: usize = 16;

/// Bits set for each row.
const PROBES: u64 = 4;

/// The rows met in one scan.
#[derive(Debug)]
pub(super) struct Seen {
    seed: u64,
    maps: Vec<Map>,
}

#[derive(Debug)]
struct Map {
    words: Vec<u64>,
    rows_left: usize,
}

impl Seen {
    /// Nothing met yet; `seed` differs from pass to pass.
    pub(super) fn new(seed: u64) -> Self {
        Self { seed, maps: vec![Map::new(FIRST_ROWS)] }
    }

    /// Marks a row as met.
    pub(super) fn mark(&mut self, row_id: i64) {
        let hash = self.hash(row_id);
        if self.maps.last().is_none_or(|map| map.rows_left == 0) {
            self.maps.push(Map::new(FIRST_ROWS << self.maps.len()));
        }
        if let Some(map) = self.maps.last_mut() {
            map.rows_left -= 1;
            for probe in 0..PROBES {
                let bit = map.bit(hash, probe);
                map.words[bit / 64] |= 1 << (bit % 64);
            }
        }
    }

    /// Whether a row was met.
    pub(super) fn contains(&self, row_id: i64) -> bool {
        let hash = self.hash(row_id);
        self.maps.iter().any(|map| {
            (0..PROBES).all(|probe| {
                let bit = map.bit(hash, probe);
                map.words[bit / 64] & (1 << (bit % 64)) != 0
            })
        })
    }

    /// The finaliser of SplitMix64 (Steele, Lea and Flood 2014).
    fn hash(&self, row_id: i64) -> u64 {
        let mut hash = row_id.cast_unsigned().wrapping_add(self.seed);
        hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        hash ^ (hash >> 31)
    }
}

impl Map {
    fn new(rows: usize) -> Self {
        Self { words: vec![0; rows * BITS_PER_ROW / 64], rows_left: rows }
    }

    /// The bit of a probe: two halves of the hash give as many as one likes
    /// (Kirsch and Mitzenmacher 2006).
    fn bit(&self, hash: u64, probe: u64) -> usize {
        let mixed = (hash & 0xffff_ffff).wrapping_add(probe.wrapping_mul((hash >> 32) | 1));
        // The number of bits is a power of two times 64 at least; it fits in usize.
        usize::try_from(mixed % (self.words.len() as u64 * 64)).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_that_was_met_is_found() {
        let mut seen = Seen::new(7);
        for row in 0..200_000_i64 {
            seen.mark(row.wrapping_mul(0x9e37_79b9));
        }
        assert!((0..200_000_i64).all(|row| seen.contains(row.wrapping_mul(0x9e37_79b9))));
    }

    #[test]
    fn few_rows_pass_for_met_and_others_in_the_next_pass() {
        let met = |seed| {
            let mut seen = Seen::new(seed);
            (0..100_000).for_each(|row| seen.mark(row));
            (100_000..200_000).filter(|row| seen.contains(*row)).collect::<Vec<i64>>()
        };
        let (first, second) = (met(1), met(2_000_000));
        assert!(first.len() < 600, "{} of 100 000", first.len());
        let both = first.iter().filter(|row| second.contains(row)).count();
        assert!(both < 20, "{both} rows pass for met in both");
    }
}
