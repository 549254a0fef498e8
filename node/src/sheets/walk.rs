//! The passes over a file.
//!
//! The first pass reads the lists and the keys of all records, so that rows
//! with one key and rows of lists without a record are known before anything is
//! taken. Every further pass gives each row with its verdict. Invariant: all
//! passes but the first give the same verdicts.

use std::collections::{BTreeMap, BTreeSet};

use rmd_sheet::Row;
use rmd_standard::Finding;
use sha2::{Digest as _, Sha256};

use super::{
    book::Book,
    children::Children,
    error::Error,
    judge::{self, Bench, Verdict},
};

/// Rows between two reports of progress.
const PROGRESS_ROWS: u64 = 1000;

/// Enough of a hash that a million keys do not meet.
pub(super) type KeyHash = [u8; 12];

/// Told how many rows were read; false ends the reading.
pub(crate) type Progress<'p> = dyn Fn(u64) -> bool + Send + Sync + 'p;

/// A file whose keys and lists are known.
pub(super) struct Walk<'b> {
    pub(super) book: Book,
    bench: &'b Bench,
    progress: &'b Progress<'b>,
    children: Children,
    /// All rows that have the key of a row, for rows that share theirs.
    doubled: BTreeMap<u32, Vec<u32>>,
    /// Rows of lists that belong to no record: list, row.
    pub(super) homeless: BTreeSet<(usize, u32)>,
    rows_read: u64,
}

/// One row as a pass gives it.
pub(super) enum Seen {
    /// A header, an example, a remark.
    Other,
    /// A record, or what should be one.
    Record(Box<Verdict>),
}

impl<'b> Walk<'b> {
    /// Reads the lists and the keys.
    pub(super) fn new(
        book: Book,
        bench: &'b Bench,
        progress: &'b Progress<'b>,
    ) -> Result<Self, Error> {
        let mut walk = Self {
            book,
            bench,
            progress,
            children: Children::default(),
            doubled: BTreeMap::new(),
            homeless: BTreeSet::new(),
            rows_read: 0,
        };
        walk.read_lists()?;
        walk.read_keys()?;
        walk.homeless.extend(walk.children.homeless());
        Ok(walk)
    }

    /// Gives each row of the sheet of records, from the first one.
    pub(super) fn each(
        &mut self,
        visit: &mut dyn FnMut(&Row, Seen) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let Self {
            book: Book { grid, plan }, bench, progress, children, doubled, rows_read, ..
        } = self;
        let (mut rows, mut row) = (grid.rows(&plan.records.name)?, Row::default());
        while rows.next(&mut row)? {
            tell(progress, rows_read)?;
            let head = &plan.records.head;
            if row.number <= head.row || !judge::is_record(head, &row) {
                visit(&row, Seen::Other)?;
                continue;
            }
            let mut verdict = judge::judge(plan, children, bench, &row);
            if let Some(others) = doubled.get(&row.number) {
                let key = verdict.key.clone().unwrap_or_default();
                verdict.refuse(judge::doubled(plan.entity(), &key, others));
            }
            visit(&row, Seen::Record(Box::new(verdict)))?;
        }
        Ok(())
    }

    /// Gives each row of the sheet of a list; the place is that among the sheets of lists.
    pub(super) fn each_of_list(
        &mut self,
        place: usize,
        visit: &mut dyn FnMut(&Row) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let sheet = self.book.plan.lists[place].1.name.clone();
        let (mut rows, mut row) = (self.book.grid.rows(&sheet)?, Row::default());
        while rows.next(&mut row)? {
            visit(&row)?;
        }
        Ok(())
    }

    /// What is said of a row of a list that belongs to no record.
    pub(super) fn homeless_finding(&self, list: usize) -> Finding {
        let layout = self.book.plan.layout;
        judge::homeless(layout.entity, layout.lists[list].name)
    }

    fn read_lists(&mut self) -> Result<(), Error> {
        let Self { book: Book { grid, plan }, progress, children, homeless, rows_read, .. } = self;
        for (list, sheet) in &plan.lists {
            let (mut rows, mut row) = (grid.rows(&sheet.name)?, Row::default());
            while rows.next(&mut row)? {
                tell(progress, rows_read)?;
                let is_record = row.number > sheet.head.row && judge::is_record(&sheet.head, &row);
                let has_home = !is_record || children.push(*list, &sheet.head, &row)?;
                homeless.extend((!has_home).then_some((*list, row.number)));
            }
        }
        children.sort();
        Ok(())
    }

    fn read_keys(&mut self) -> Result<(), Error> {
        let Self {
            book: Book { grid, plan }, bench, progress, children, doubled, rows_read, ..
        } = self;
        let mut keys: Vec<(KeyHash, u32)> = Vec::new();
        let (mut rows, mut row) = (grid.rows(&plan.records.name)?, Row::default());
        let head = &plan.records.head;
        while rows.next(&mut row)? {
            tell(progress, rows_read)?;
            if row.number <= head.row || !judge::is_record(head, &row) {
                continue;
            }
            if let Some(key) = judge::judge(plan, children, bench, &row).key {
                keys.push((key_hash(&key), row.number));
            }
            let name = judge::link_of(plan.layout, head, &row);
            if !name.is_empty() {
                children.take(&name, row.number);
            }
        }
        keys.sort_unstable();
        for group in keys.chunk_by(|a, b| a.0 == b.0).filter(|group| group.len() > 1) {
            let rows: Vec<u32> = group.iter().map(|key| key.1).collect();
            // Of thousands of rows with one key, the message names the first few.
            let named: Vec<u32> = rows.iter().copied().take(10).collect();
            doubled.extend(rows.into_iter().map(|row| (row, named.clone())));
        }
        Ok(())
    }
}

/// The hash by which keys are compared.
pub(super) fn key_hash(key: &str) -> KeyHash {
    let digest = Sha256::digest(key.as_bytes());
    *digest.first_chunk().expect("the digest has 32 bytes")
}

fn tell(progress: &Progress<'_>, rows_read: &mut u64) -> Result<(), Error> {
    *rows_read += 1;
    if rows_read.is_multiple_of(PROGRESS_ROWS) && !progress(*rows_read) {
        return Err(Error::Stopped);
    }
    Ok(())
}
