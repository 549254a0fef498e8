//! Keys out of a stream of messages, in memory that has a bound.
//!
//! Owns what is remembered of a look: each key once, and where each transaction
//! ended. A row whose key the log does not tell, and more keys than the bound,
//! stand for everything. Never takes a part of a transaction for the whole.

use std::collections::{HashMap, HashSet};

use super::super::nominate::Note;
use super::pgoutput::{Column, Malformed, Message, Tuple, Value, parse};

/// Keys of one look; beyond them reading everything is no dearer.
const KEYS_MAX: usize = 50_000;

/// Bytes of the keys of one look.
const BYTES_MAX: usize = 8 << 20;

/// A watched table as the log names it.
#[derive(Debug, Clone)]
pub(super) struct Target {
    /// The number of the table.
    pub(super) table: u32,
    /// The column whose values are noted, as the catalogue has it.
    pub(super) column: String,
    /// Its place among the watches of the record type.
    pub(super) index: usize,
}

/// What was read of the log so far.
#[derive(Debug, Default)]
pub(super) struct Collected {
    notes: Vec<Note>,
    known: HashSet<(usize, String)>,
    bytes: usize,
    /// Where, for each watch, the noted column stands, and whether old rows hold it.
    places: HashMap<(u32, usize), (usize, bool)>,
    /// Transactions that are whole, in the order of their commits.
    ended: Vec<Ended>,
    xid: u32,
    is_everything: bool,
}

/// What a row was before.
#[derive(Debug, Clone, Copy)]
enum Old<'a> {
    /// It was not there.
    None,
    /// What identifies it has not changed.
    AsNew,
    /// It was identified by these values.
    Row(Tuple<'a>),
}

/// A transaction that is whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Ended {
    xid: u32,
    end: u64,
    /// Notes up to here, those of all before it included.
    notes: usize,
    is_everything: bool,
}

/// What may be acted upon.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) notes: Vec<Note>,
    /// Where the log goes on behind the last transaction; none if there was none.
    pub(super) end: Option<u64>,
    /// Whether a transaction was left out.
    pub(super) is_cut: bool,
}

impl Collected {
    /// Takes one message.
    pub(super) fn push(&mut self, bytes: &[u8], targets: &[Target]) -> Result<(), Malformed> {
        match parse(bytes)? {
            Message::Begin { xid } => self.xid = xid,
            Message::Commit { end } => self.ended.push(Ended {
                xid: self.xid,
                end,
                notes: self.notes.len(),
                is_everything: self.is_everything,
            }),
            Message::Relation { id, columns } => self.relation(id, &columns, targets),
            Message::Insert { id, new } => self.row(id, Old::None, Some(new), targets),
            Message::Update { id, old, new } => {
                self.row(id, old.map_or(Old::AsNew, Old::Row), Some(new), targets);
            }
            Message::Delete { id, old } => self.row(id, Old::Row(old), None, targets),
            Message::Truncate { ids } => {
                if targets.iter().any(|target| ids.contains(&target.table)) {
                    self.everything();
                }
            }
            Message::Other => {}
        }
        Ok(())
    }

    /// Remembers where the noted columns of a table stand from here on.
    fn relation(&mut self, id: u32, columns: &[Column<'_>], targets: &[Target]) {
        for target in targets.iter().filter(|target| target.table == id) {
            let place = columns.iter().position(|column| column.name == target.column);
            let Some(place) = place else {
                self.places.remove(&(id, target.index));
                continue;
            };
            self.places.insert((id, target.index), (place, columns[place].is_identity));
        }
    }

    /// What a snapshot sees of it: a commit is in the log before every snapshot has it.
    pub(super) fn seen_by(mut self, is_visible: impl Fn(u32) -> bool) -> Seen {
        let hidden = self.ended.iter().position(|ended| !is_visible(ended.xid));
        let is_cut = hidden.is_some();
        self.ended.truncate(hidden.unwrap_or(self.ended.len()));
        let Some(last) = self.ended.last() else {
            return Seen { notes: Vec::new(), end: None, is_cut };
        };
        self.notes.truncate(last.notes);
        let notes = if last.is_everything { vec![Note::Everything] } else { self.notes };
        Seen { notes, end: Some(last.end), is_cut }
    }

    fn row(&mut self, id: u32, old: Old<'_>, new: Option<Tuple<'_>>, targets: &[Target]) {
        for target in targets.iter().filter(|target| target.table == id) {
            if self.values(id, target.index, old, new).is_none() {
                return self.everything();
            }
        }
    }

    /// Notes the old and the new value of a column; none where the log does not tell them.
    fn values(
        &mut self,
        id: u32,
        index: usize,
        old: Old<'_>,
        new: Option<Tuple<'_>>,
    ) -> Option<()> {
        let &(place, is_identity) = self.places.get(&(id, index))?;
        let old = match old {
            Old::None => None,
            // Where old rows do not hold the column, nobody knows where it was.
            _ if !is_identity => return None,
            Old::AsNew => None,
            Old::Row(tuple) => Some(tuple.value(place)?),
        };
        let new = match new {
            None => None,
            Some(tuple) => Some(tuple.value(place)?),
        };
        let new = new.filter(|new| *new != Value::Unchanged || old.is_none());
        for value in old.into_iter().chain(new) {
            let text = match value {
                Value::Null => "",
                Value::Unchanged => return None,
                Value::Text(bytes) => std::str::from_utf8(bytes).ok()?,
            };
            self.note(index, text.to_owned());
        }
        Some(())
    }

    fn note(&mut self, index: usize, key: String) {
        if self.is_everything || self.known.contains(&(index, key.clone())) {
            return;
        }
        self.bytes += key.len();
        if self.known.len() == KEYS_MAX || self.bytes > BYTES_MAX {
            return self.everything();
        }
        self.notes.push(if key.is_empty() {
            Note::Keyless(index)
        } else {
            Note::Key(index, key.clone())
        });
        self.known.insert((index, key));
    }

    /// From the current transaction on no key is remembered any more.
    fn everything(&mut self) {
        self.is_everything = true;
        self.known = HashSet::new();
        let whole = self.ended.last().map_or(0, |ended| ended.notes);
        self.notes.truncate(whole);
        self.notes.shrink_to_fit();
    }
}
