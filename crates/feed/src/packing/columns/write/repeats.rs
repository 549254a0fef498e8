//! Texts that occur more than once.

/// A place of the table that holds no text.
const FREE: u32 = u32::MAX;

/// Distinct texts, and which of them stands where.
pub(super) struct Repeats<'a> {
    /// 0 for the next new text, from 1 on for one that was there.
    pub(super) numbers: Vec<u64>,
    /// In the order in which they first occur.
    pub(super) distinct: Vec<&'a [u8]>,
}

impl<'a> Repeats<'a> {
    /// None where numbers would take more than the texts that they stand for.
    pub(super) fn of(values: &[&'a [u8]]) -> Option<Self> {
        let mut known = vec![FREE; (2 * values.len()).next_power_of_two()];
        let mut numbers = Vec::with_capacity(values.len());
        let mut distinct: Vec<&[u8]> = Vec::new();
        let (mut last, mut saved) = (FREE, 0);
        for &value in values {
            if last != FREE && distinct[last as usize] == value {
                numbers.push(u64::from(last) + 1);
                saved += value.len();
                continue;
            }
            let slot = slot(&known, &distinct, value);
            last = known[slot];
            if last == FREE {
                last = u32::try_from(distinct.len()).ok()?;
                known[slot] = last;
                distinct.push(value);
                numbers.push(0);
            } else {
                numbers.push(u64::from(last) + 1);
                saved += value.len();
            }
        }
        (saved > values.len()).then_some(Self { numbers, distinct })
    }
}

/// Where a text stands in the table, or may stand: at least half of it is free.
fn slot(known: &[u32], distinct: &[&[u8]], value: &[u8]) -> usize {
    let mask = known.len() - 1;
    let mut slot = hash(value) & mask;
    while known[slot] != FREE && distinct[known[slot] as usize] != value {
        slot = (slot + 1) & mask;
    }
    slot
}

/// Spreads texts over a table; nobody gains by making them meet, a block is short.
fn hash(value: &[u8]) -> usize {
    const ODD: u64 = 0x9E37_79B9_7F4A_7C15;
    let mut hash = value.len() as u64;
    for chunk in value.chunks(8) {
        let mut word = [0; 8];
        word[..chunk.len()].copy_from_slice(chunk);
        hash = (hash.rotate_left(23) ^ u64::from_le_bytes(word)).wrapping_mul(ODD);
    }
    usize::try_from(hash >> 32).unwrap_or_default()
}
