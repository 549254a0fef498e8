//! Reading rows and their children in one snapshot.
//!
//! Owns the queries around the ministry's own. Never holds more than a chunk:
//! [`super::PAGE_ROWS_MAX`] rows and a bounded number of children. The snapshot is
//! opened and ended by the caller.

use std::collections::BTreeSet;

use rmd_standard::Cell;

use super::plan::Plan;
use super::template::{Condition, Template};
use super::{KEYS_MAX, PAGE_ROWS_MAX, plan::QueryPlan};
use crate::source::{Bind, Error, Row, Rows, Session, Statement};

/// Rows of one list that a chunk may bring; more of them ask for a smaller chunk.
const CHILD_ROWS_MAX: usize = 50_000;

/// What one chunk holds.
#[derive(Debug, Default)]
pub(crate) struct Read {
    pub(crate) parents: Rows,
    /// One per child query, in its order.
    pub(crate) children: Vec<Rows>,
    /// The last readable key in the order of the source; none when there is none.
    pub(crate) last: Option<Bind>,
    /// Whether rows follow behind the last key.
    pub(crate) more: bool,
}

impl Read {
    /// Bytes of the cells and of the texts in them.
    pub(crate) fn bytes(&self) -> usize {
        self.parents.bytes + self.children.iter().map(|rows| rows.bytes).sum::<usize>()
    }

    /// Rows read, children included.
    pub(crate) fn rows(&self) -> u64 {
        let children: usize = self.children.iter().map(|rows| rows.rows.len()).sum();
        (self.parents.rows.len() + children) as u64
    }
}

impl Plan<'_> {
    /// Reads the next `limit` rows behind a key, in the order of the source, with
    /// their children. All rows of the last key are there or known to be missing:
    /// one row more than asked for is read, so that a key that stands twice shows.
    pub(crate) async fn read_after(
        &self,
        session: &mut Session,
        last: Option<&Bind>,
        limit: usize,
    ) -> Result<Read, Error> {
        debug_assert!(limit <= PAGE_ROWS_MAX, "children are read by the keys of one chunk");
        let key = &self.rows.key;
        let condition = last.map_or(Condition::All, |last| Condition::After { key, last });
        let mut statement = around(session, &self.record.rows, condition);
        // A row without a key cannot be found again; the pass looks for such rows by itself.
        statement.push(" WHERE \"_key\" IS NOT NULL ORDER BY \"_key\" LIMIT ");
        statement.push_number(limit + 1);
        let mut parents = session.fetch(&statement, limit + 1).await?;
        let key_index = self.rows.key_index();
        let mut more = false;
        if parents.rows.len() > limit {
            let beyond = parents.rows.pop();
            more = true;
            // The same key again: it stays, so that the normaliser sees it twice.
            let again = beyond.filter(|row| {
                key_of(row, key_index)
                    == parents.rows.last().and_then(|last| key_of(last, key_index))
            });
            parents.rows.extend(again);
        }
        // A key that cannot be read is no place to go on from; its row comes again.
        let last = parents.rows.iter().rev().find_map(|row| bind_of(&row.cells[key_index]));
        let mut read = Read { parents, children: Vec::new(), last, more };
        self.read_children(session, &mut read).await?;
        Ok(read)
    }

    /// Reads the rows of these keys with their children.
    pub(crate) async fn read_among(
        &self,
        session: &mut Session,
        keys: &[String],
    ) -> Result<Read, Error> {
        debug_assert!(keys.len() <= KEYS_MAX, "the caller asks for one chunk at a time");
        if keys.is_empty() {
            return Ok(Read::default());
        }
        let condition = Condition::Among { key: &self.rows.key, keys };
        let statement = around(session, &self.record.rows, condition);
        let parents = session.fetch(&statement, CHILD_ROWS_MAX).await?;
        let mut read = Read { parents, ..Read::default() };
        self.read_children(session, &mut read).await?;
        Ok(read)
    }

    /// Whether the source has a row without a key.
    pub(crate) async fn has_keyless_row(&self, session: &mut Session) -> Result<bool, Error> {
        let mut statement = around(session, &self.record.rows, Condition::All);
        statement.push(" WHERE \"_key\" IS NULL LIMIT 1");
        Ok(!session.fetch(&statement, 1).await?.rows.is_empty())
    }

    async fn read_children(&self, session: &mut Session, read: &mut Read) -> Result<(), Error> {
        if self.children.is_empty() {
            return Ok(());
        }
        let key_index = self.rows.key_index();
        let keys: BTreeSet<String> =
            read.parents.rows.iter().filter_map(|row| key_of(row, key_index)).collect();
        let keys: Vec<String> = keys.into_iter().collect();
        for (child, plan) in self.record.children.iter().zip(&self.children) {
            let mut rows = Rows::default();
            if !keys.is_empty() {
                let condition = Condition::Among { key: &plan.key, keys: &keys };
                let statement = around(session, &child.rows, condition);
                rows = session.fetch(&statement, CHILD_ROWS_MAX).await?;
            }
            read.children.push(rows);
        }
        Ok(())
    }
}

impl QueryPlan<'_> {
    pub(super) fn key_index(&self) -> usize {
        // The alias was there when the query was described; if not, the plan failed.
        self.fields.iter().position(|field| field.name == "_key").unwrap_or(0)
    }
}

/// The ministry's query as a table of its own, to be ordered and cut.
fn around(session: &Session, query: &Template, condition: Condition<'_>) -> Statement {
    let mut statement = Statement::new(session.kind());
    // A line of its own, so that a comment at the end of the query stays one.
    statement.push("SELECT * FROM (\n");
    query.write(&mut statement, condition);
    statement.push("\n) AS rmd_rows");
    statement
}

/// A key as the text that names its row; none if null or unreadable.
pub(crate) fn key_text(cell: &Cell) -> Option<String> {
    match cell {
        Cell::Null => None,
        Cell::Bool(value) => Some(value.to_string()),
        Cell::Integer(value) => Some(value.to_string()),
        Cell::Real(value) => Some(value.to_string()),
        Cell::Decimal(value) => Some(value.to_string()),
        Cell::Text(value) => Some(value.clone()),
    }
}

/// A cell as a value to bind back.
pub(crate) fn bind_of(cell: &Cell) -> Option<Bind> {
    match cell {
        Cell::Integer(value) => Some(Bind::Integer(*value)),
        Cell::Real(value) => Some(Bind::Real(*value)),
        other => key_text(other).map(Bind::Text),
    }
}

pub(super) fn key_of(row: &Row, index: usize) -> Option<String> {
    key_text(&row.cells[index])
}
