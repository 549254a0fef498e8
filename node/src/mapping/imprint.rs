//! A hash over everything that the source gave of a row and its lists.
//!
//! Owns what goes into it: each cell with its type, in the order of the columns, the
//! rows of each list in their own order, and before them all that decides what comes of
//! them: the mapping, the state, the program. Rules that look at the day need not be in
//! it: they refuse what lies in the future, so a record that was good stays good, and
//! the day is in no record. Refuses to be compared between two nodes: a salt goes first.

use std::sync::LazyLock;

use rmd_standard::{Cell, Context};
use sha2::{Digest as _, Sha256};

use super::Mapping;
use crate::source::Row;

/// 128 bits: two rows of one node do not meet by chance.
pub(super) type Imprint = [u8; 16];

/// What every imprint of a pass begins with.
#[derive(Debug)]
pub(crate) struct Basis([u8; 32]);

/// The program that maps: another one may map otherwise. Its own file tells it, as
/// versions are raised less often than programs are built.
static PROGRAM: LazyLock<String> = LazyLock::new(|| {
    let file = std::env::current_exe().and_then(std::fs::metadata).ok();
    let made = file.as_ref().and_then(|file| file.modified().ok());
    let size = file.map(|file| file.len());
    format!("{} {size:?} {made:?}", env!("CARGO_PKG_VERSION"))
});

impl Basis {
    pub(crate) fn new(salt: &[u8], mapping: &Mapping, context: &Context) -> Self {
        let mut digest = Sha256::new().chain_update(salt);
        let zone = context.zone.iana_name().unwrap_or_default();
        for part in [&mapping.id, &context.country, zone, PROGRAM.as_str()] {
            digest.update((part.len() as u64).to_be_bytes());
            digest.update(part);
        }
        Self(digest.finalize().into())
    }
}

/// Puts the cells of one row after another into a hash; its room is used again.
#[derive(Debug, Default)]
pub(super) struct Imprinter {
    bytes: Vec<u8>,
}

impl Imprinter {
    pub(super) fn begin(&mut self, basis: &Basis) {
        self.bytes.clear();
        self.bytes.extend(basis.0);
    }

    /// The rows of a list follow.
    pub(super) fn list(&mut self, rows: usize) {
        self.bytes.push(b'[');
        self.number(rows);
    }

    pub(super) fn row(&mut self, row: &Row) {
        for cell in &row.cells {
            self.cell(cell);
        }
        for (index, fault) in &row.faults {
            self.bytes.push(b'!');
            self.number(*index);
            self.text(fault.as_bytes());
        }
        for (index, bytes) in &row.bytes {
            self.bytes.push(b'?');
            self.number(*index);
            self.text(bytes);
        }
    }

    pub(super) fn finish(&self) -> Imprint {
        let mut imprint = Imprint::default();
        imprint.copy_from_slice(&Sha256::digest(&self.bytes)[..16]);
        imprint
    }

    fn cell(&mut self, cell: &Cell) {
        match cell {
            Cell::Null => self.bytes.push(b'0'),
            Cell::Bool(truth) => self.bytes.extend([b'b', u8::from(*truth)]),
            Cell::Integer(number) => {
                self.bytes.push(b'i');
                self.bytes.extend(number.to_be_bytes());
            }
            Cell::Real(number) => {
                self.bytes.push(b'r');
                self.bytes.extend(number.to_bits().to_be_bytes());
            }
            Cell::Decimal(number) => {
                self.bytes.push(b'd');
                self.bytes.extend(number.serialize());
            }
            Cell::Text(text) => {
                self.bytes.push(b't');
                self.text(text.as_bytes());
            }
        }
    }

    fn text(&mut self, text: &[u8]) {
        self.number(text.len());
        self.bytes.extend(text);
    }

    fn number(&mut self, number: usize) {
        self.bytes.extend((number as u64).to_be_bytes());
    }
}
