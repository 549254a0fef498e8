//! Takes the entries of a block apart.
//!
//! What it decides (what is worth a reference, where zstd had better begin anew)
//! concerns the size alone: any decision is read back to the same bytes.

mod repeats;
mod table;

use self::{
    repeats::Repeats,
    table::{Table, Values},
};
use super::{
    DEPTH_MAX, ENTRY_TAG, PIECES_MAX, list,
    number::{length, put, take_bytes, zigzag},
    texts,
};

/// From so many bytes on, a column is worth statistics of its own.
const OWN_BYTES_MIN: usize = 1024;

/// Fewer texts than this stay whole, because a dictionary knows them so.
const ACROSS_MIN: usize = 8;

/// Longer texts than this are prose.
const ACROSS_BYTES_MAX: usize = 128;

/// A block by column.
#[derive(Debug)]
pub(in crate::packing) struct Split {
    /// All columns.
    pub(in crate::packing) bytes: Vec<u8>,
    /// Where columns with statistics of their own begin and end, rising.
    pub(in crate::packing) cuts: Vec<usize>,
}

/// Takes the bytes of an `EntryBlock` apart; none where they are no entries in
/// canonical encoding.
pub(in crate::packing) fn split(rows: &[u8]) -> Option<Split> {
    let (mut rest, mut entries) = (rows, Vec::new());
    while !rest.is_empty() {
        rest = rest.strip_prefix(&[ENTRY_TAG])?;
        entries.push(take_bytes(&mut rest)?);
    }
    let table = Table::of(&entries)?;
    let bytes = Vec::with_capacity(rows.len() / 2);
    let mut writer = Writer { out: bytes, cuts: Vec::new() };
    put(&mut writer.out, entries.len() as u64);
    writer.messages(&table, 0);
    Some(Split { bytes: writer.out, cuts: writer.cuts })
}

struct Writer {
    out: Vec<u8>,
    cuts: Vec<usize>,
}

impl Writer {
    fn messages(&mut self, table: &Table<'_>, depth: usize) {
        self.numbers(&table.shapes_of);
        for shape in &table.shapes {
            put(&mut self.out, shape.len() as u64);
            self.out.extend_from_slice(shape);
        }
        for column in &table.columns {
            match &column.values {
                Values::Numbers(values) => self.numbers(values),
                // Headers, salts and payloads do not repeat.
                Values::Texts(values) if depth == 0 => self.texts(0, values, depth),
                Values::Texts(values) => self.repeated(values, depth),
            }
        }
    }

    fn repeated(&mut self, values: &[&[u8]], depth: usize) {
        let Some(repeats) = Repeats::of(values) else { return self.texts(0, values, depth) };
        self.out.push(texts::REPEATS);
        let flags_at = self.out.len() - 1;
        self.numbers(&repeats.numbers);
        self.texts_at(flags_at, &repeats.distinct, depth);
    }

    fn texts(&mut self, flags: u8, values: &[&[u8]], depth: usize) {
        self.out.push(flags);
        self.texts_at(self.out.len() - 1, values, depth);
    }

    /// Texts whose flags stand already, and get what is decided here.
    fn texts_at(&mut self, flags_at: usize, values: &[&[u8]], depth: usize) {
        if depth < DEPTH_MAX
            && values.iter().any(|value| !value.is_empty())
            && let Some(table) = Table::of(values)
        {
            self.out[flags_at] |= texts::MESSAGES;
            return self.messages(&table, depth + 1);
        }
        let is_in_pieces =
            |value: &&[u8]| (2..=PIECES_MAX).contains(&value.split(|byte| *byte == b'/').count());
        if (1..DEPTH_MAX).contains(&depth) && values.iter().all(is_in_pieces) {
            self.out[flags_at] |= texts::PIECES;
            return self.pieces(values, depth + 1);
        }
        let width = values.first().map_or(0, |first| first.len());
        let is_even = values.iter().all(|value| value.len() == width);
        if is_even && (1..=ACROSS_BYTES_MAX).contains(&width) && values.len() >= ACROSS_MIN {
            self.out[flags_at] |= texts::ONE_LENGTH;
            put(&mut self.out, width as u64);
            let begin = self.out.len();
            for at in 0..width {
                self.out.extend(values.iter().map(|value| value[at]));
            }
            return self.cut_from(begin);
        }
        let lengths: Vec<u64> = values.iter().map(|value| value.len() as u64).collect();
        self.numbers(&lengths);
        let begin = self.out.len();
        for value in values {
            self.out.extend_from_slice(value);
        }
        self.cut_from(begin);
    }

    /// A key is made of fields of its record: piece by piece it is the same as they.
    fn pieces(&mut self, values: &[&[u8]], depth: usize) {
        let mut left: Vec<_> =
            values.iter().map(|value| value.split(|byte| *byte == b'/')).collect();
        let counts: Vec<u64> =
            values.iter().map(|value| value.split(|byte| *byte == b'/').count() as u64).collect();
        self.numbers(&counts);
        loop {
            let now: Vec<&[u8]> = left.iter_mut().filter_map(Iterator::next).collect();
            if now.is_empty() {
                return;
            }
            self.repeated(&now, depth);
        }
    }

    fn numbers(&mut self, values: &[u64]) {
        let first = values.first().copied().unwrap_or_default();
        if values.len() == 1 {
            return put(&mut self.out, first);
        }
        if values.iter().all(|&value| value == first) {
            self.out.push(0);
            return put(&mut self.out, first);
        }
        let divisor = divisor(values);
        let (mut plain, mut apart, mut before) = (0, 0, 0);
        for value in values.iter().map(|value| value / divisor) {
            plain += length(value);
            apart += length(zigzag(value.wrapping_sub(before)));
            before = value;
        }
        let flag = |is_set, flag| if is_set { flag } else { 0 };
        let is_apart = apart < plain;
        self.out.push(
            list::EACH | flag(is_apart, list::DIFFERENCES) | flag(divisor > 1, list::DIVISOR),
        );
        if divisor > 1 {
            put(&mut self.out, divisor);
        }
        let begin = self.out.len();
        before = 0;
        for value in values.iter().map(|value| value / divisor) {
            let written = if is_apart { zigzag(value.wrapping_sub(before)) } else { value };
            put(&mut self.out, written);
            before = value;
        }
        self.cut_from(begin);
    }

    fn cut_from(&mut self, begin: usize) {
        let end = self.out.len();
        if end - begin >= OWN_BYTES_MIN {
            if self.cuts.last() != Some(&begin) {
                self.cuts.push(begin);
            }
            self.cuts.push(end);
        }
    }
}

/// The largest number that divides them all: instants are whole seconds, masses whole
/// kilograms, whatever their unit is here.
fn divisor(values: &[u64]) -> u64 {
    let mut divisor = 0;
    for &value in values {
        let mut rest = value;
        while rest != 0 {
            (divisor, rest) = (rest, divisor % rest);
        }
        if divisor == 1 {
            break;
        }
    }
    divisor.max(1)
}
