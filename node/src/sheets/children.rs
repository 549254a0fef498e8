//! The rows of lists, found by the record that they belong to.
//!
//! Holds them packed, some tens of bytes a cell, sorted by a hash of the name
//! of their record. Refuses more than it may hold. Invariant: the elements of
//! one record come in an order of their content, so that a record does not
//! change with the order of rows in a sheet.

use std::{
    collections::{BTreeSet, hash_map::RandomState},
    hash::BuildHasher as _,
};

use rmd_sheet::{ROWS_MAX, Raw, Row};

use super::{
    error::Error,
    head::{Head, Target},
};

/// Bytes of all rows of lists of a file.
const BYTES_MAX: usize = 64 << 20;

/// The rows of the lists of one file.
#[derive(Debug, Default)]
pub(super) struct Children {
    bytes: Vec<u8>,
    entries: Vec<Entry>,
    hasher: RandomState,
    /// Rows of records whose lists another row of records has as well.
    contested: BTreeSet<u32>,
}

#[derive(Debug, Clone, Copy)]
struct Entry {
    hash: u64,
    start: u32,
    end: u32,
    row: u32,
    /// The row of the record that took it; 0 for none.
    owner: u32,
    list: u16,
}

/// One row of a list.
#[derive(Debug, Clone, Copy)]
pub(super) struct Child<'c> {
    /// Place of the list.
    pub(super) list: usize,
    /// Number of the row on its sheet.
    pub(super) row: u32,
    cells: &'c [u8],
}

impl Children {
    /// Adds a row of a list; false if it does not say to which record it belongs.
    pub(super) fn push(&mut self, list: usize, head: &Head, row: &Row) -> Result<bool, Error> {
        let parent = head.columns.iter().position(|column| *column == Some(Target::Parent));
        let parent = parent.map_or_else(String::new, |column| link(row.cell(column)));
        if parent.is_empty() {
            return Ok(false);
        }
        let start = self.bytes.len();
        pack_text(&mut self.bytes, &parent);
        for (column, target) in head.columns.iter().enumerate() {
            if let Some(Target::Field(field)) = target
                && !row.cell(column).is_blank()
            {
                self.bytes.extend(u16::try_from(*field).unwrap_or(u16::MAX).to_le_bytes());
                pack(&mut self.bytes, row.cell(column));
            }
        }
        if self.bytes.len() > BYTES_MAX {
            let (found, most) = (self.bytes.len() as u64, BYTES_MAX as u64);
            let what = "bytes of lists · octets de listes";
            return Err(rmd_sheet::Error::TooLarge { what, found, most }.into());
        }
        if self.entries.len() >= ROWS_MAX as usize {
            let (found, most) = (self.entries.len() as u64, u64::from(ROWS_MAX));
            let what = "rows of lists · lignes de listes";
            return Err(rmd_sheet::Error::TooLarge { what, found, most }.into());
        }
        let at = |bytes: usize| u32::try_from(bytes).unwrap_or(u32::MAX);
        self.entries.push(Entry {
            hash: self.hasher.hash_one(&parent),
            start: at(start),
            end: at(self.bytes.len()),
            row: row.number,
            owner: 0,
            list: u16::try_from(list).unwrap_or(u16::MAX),
        });
        Ok(true)
    }

    /// Puts the rows in order; to be called once, before any is asked for.
    pub(super) fn sort(&mut self) {
        let bytes = &self.bytes;
        let of = |entry: &Entry| &bytes[entry.start as usize..entry.end as usize];
        self.entries.sort_unstable_by(|a, b| {
            (a.hash, a.list, of(a), a.row).cmp(&(b.hash, b.list, of(b), b.row))
        });
    }

    /// The rows that belong to a record, list by list.
    pub(super) fn of<'c>(&'c self, parent: &'c str) -> impl Iterator<Item = Child<'c>> {
        self.range(parent).filter_map(move |index| {
            let entry = self.entries[index];
            let mut cells = &self.bytes[entry.start as usize..entry.end as usize];
            let own = unpack_text(&mut cells)?;
            (own == parent).then_some(Child {
                list: usize::from(entry.list),
                row: entry.row,
                cells,
            })
        })
    }

    /// Gives the rows that belong to a record to a row of records.
    pub(super) fn take(&mut self, parent: &str, row: u32) {
        for index in self.range(parent) {
            let entry = self.entries[index];
            let mut cells = &self.bytes[entry.start as usize..entry.end as usize];
            if unpack_text(&mut cells) != Some(parent) {
                continue;
            }
            match entry.owner {
                0 => self.entries[index].owner = row,
                owner => self.contested.extend([owner, row]),
            }
        }
    }

    /// Whether another row of records has the same lists.
    pub(super) fn is_contested(&self, row: u32) -> bool {
        self.contested.contains(&row)
    }

    /// Rows that belong to no record: list and row.
    pub(super) fn homeless(&self) -> impl Iterator<Item = (usize, u32)> {
        let none = self.entries.iter().filter(|entry| entry.owner == 0);
        none.map(|entry| (usize::from(entry.list), entry.row))
    }

    fn range(&self, parent: &str) -> std::ops::Range<usize> {
        let hash = self.hasher.hash_one(parent);
        let start = self.entries.partition_point(|entry| entry.hash < hash);
        let count = self.entries[start..].iter().take_while(|entry| entry.hash == hash).count();
        start..start + count
    }
}

impl Child<'_> {
    /// The cells: column and value.
    pub(super) fn cells(&self) -> Vec<(usize, Raw)> {
        let (mut rest, mut cells) = (self.cells, Vec::new());
        while let Some(field) = unpack_bytes::<2>(&mut rest) {
            let Some(raw) = unpack(&mut rest) else { break };
            cells.push((usize::from(u16::from_le_bytes(field)), raw));
        }
        cells
    }
}

/// The name of a record in a cell: a number counts as its digits.
pub(super) fn link(raw: &Raw) -> String {
    super::cell::plain(raw).unwrap_or_default()
}

fn pack(bytes: &mut Vec<u8>, raw: &Raw) {
    let mut number = |tag: u8, number: f64| {
        bytes.push(tag);
        bytes.extend(number.to_le_bytes());
    };
    match raw {
        Raw::Empty => bytes.push(0),
        Raw::Number(value) => number(1, *value),
        Raw::Percent(value) => number(2, *value),
        Raw::Stamp(value) => number(3, *value),
        Raw::Bool(truth) => bytes.extend([4, u8::from(*truth)]),
        Raw::Text(text) => {
            bytes.push(5);
            pack_text(bytes, text);
        }
        Raw::Fault(text) => {
            bytes.push(6);
            pack_text(bytes, text);
        }
    }
}

fn pack_text(bytes: &mut Vec<u8>, text: &str) {
    // Cells hold at most 32 768 letters.
    bytes.extend(u32::try_from(text.len()).unwrap_or(u32::MAX).to_le_bytes());
    bytes.extend(text.as_bytes());
}

fn unpack(bytes: &mut &[u8]) -> Option<Raw> {
    let [tag] = unpack_bytes::<1>(bytes)?;
    Some(match tag {
        0 => Raw::Empty,
        4 => Raw::Bool(unpack_bytes::<1>(bytes)? == [1]),
        5 => Raw::Text(unpack_text(bytes)?.to_owned()),
        6 => Raw::Fault(unpack_text(bytes)?.to_owned()),
        tag => {
            let number = f64::from_le_bytes(unpack_bytes::<8>(bytes)?);
            match tag {
                1 => Raw::Number(number),
                2 => Raw::Percent(number),
                _ => Raw::Stamp(number),
            }
        }
    })
}

fn unpack_text<'b>(bytes: &mut &'b [u8]) -> Option<&'b str> {
    let length = u32::from_le_bytes(unpack_bytes::<4>(bytes)?) as usize;
    let (text, rest) = bytes.split_at_checked(length)?;
    *bytes = rest;
    std::str::from_utf8(text).ok()
}

fn unpack_bytes<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
    let (head, rest) = bytes.split_first_chunk::<N>()?;
    *bytes = rest;
    Some(*head)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sheets::labels::Language;

    fn head() -> Head {
        Head {
            texts: Vec::new(),
            row: 1,
            columns: vec![Some(Target::Parent), Some(Target::Field(3)), None],
            unknown: Vec::new(),
            language: Language::English,
            corrects: None,
            score: 2,
            is_marked: false,
        }
    }

    fn row(number: u32, cells: Vec<Raw>) -> Row {
        Row { number, cells }
    }

    #[test]
    fn rows_come_back_with_their_record_in_an_order_of_their_content() {
        let text = |text: &str| Raw::Text(text.to_owned());
        let mut children = Children::default();
        let rows = [
            (2, vec![text("L-1"), text("b")]),
            (3, vec![Raw::Number(7.0), Raw::Stamp(43_115.0)]),
            (4, vec![text(" L-1 "), text("a"), text("left out")]),
            (5, vec![text("L-9"), Raw::Bool(true)]),
        ];
        for (number, cells) in rows {
            assert!(children.push(0, &head(), &row(number, cells)).unwrap());
        }
        assert!(!children.push(0, &head(), &row(6, vec![Raw::Empty, text("c")])).unwrap());
        children.sort();
        let of = |parent: &str| -> Vec<(u32, Vec<(usize, Raw)>)> {
            children.of(parent).map(|child| (child.row, child.cells())).collect()
        };
        assert_eq!(of("L-1"), [(4, vec![(3, text("a"))]), (2, vec![(3, text("b"))])]);
        assert_eq!(of("7"), [(3, vec![(3, Raw::Stamp(43_115.0))])]);
        assert_eq!(of("L-2"), []);
        children.take("L-1", 10);
        children.take("7", 11);
        assert_eq!(children.homeless().collect::<Vec<_>>(), [(0, 5)]);
        assert!(!children.is_contested(10));
        children.take("L-1", 12);
        assert!(children.is_contested(10) && children.is_contested(12));
    }
}
