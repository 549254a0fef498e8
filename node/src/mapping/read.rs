//! Reading rows and their children in one snapshot.
//!
//! Owns the queries around the ministry's own. Never holds more than a chunk:
//! [`super::PAGE_ROWS_MAX`] rows and a bounded number of children. The snapshot is
//! opened and ended by the caller. Invariant: pages behind one another bring every
//! row, those too whose keys the source takes for one.

use std::borrow::Cow;
use std::collections::BTreeSet;

use rmd_standard::Cell;

use super::plan::Plan;
use super::template::{Condition, Template};
use super::{KEYS_MAX, PAGE_ROWS_MAX, plan::QueryPlan};
use crate::source::{Bind, Error, Row, Rows, Session, Statement};

/// Rows of one list that a chunk may bring; more of them ask for a smaller chunk.
const CHILD_ROWS_MAX: usize = 50_000;

/// Rows whose keys the source takes for that of another row, as `a` and `A`, at the
/// end of one page.
const ALIKE_MAX: usize = 128;

/// What one chunk holds.
#[derive(Debug, Default)]
pub(crate) struct Read {
    pub(crate) parents: Rows,
    /// One per child query, in its order.
    pub(crate) children: Vec<Rows>,
    /// Behind the last readable key in the order of the source; none when there is none.
    pub(crate) last: Option<Place>,
    /// Whether rows follow behind the last key.
    pub(crate) more: bool,
}

/// Where a page begins.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    /// The last readable key of the page before, as a value and as text.
    last: Bind,
    text: String,
    /// The key that stood behind it; a page that begins with another one has left out
    /// rows, which are those whose key the source takes for the last one.
    beyond: Option<String>,
}

/// The keys of one page.
#[derive(Debug)]
pub(crate) struct KeysOfPage {
    pub(crate) keys: Vec<String>,
    /// As of [`Read`].
    pub(crate) last: Option<Place>,
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

impl Place {
    /// Behind the last readable key of some rows, before the one beyond them.
    fn behind(rows: &[Row], beyond: Option<&Row>, key_index: usize) -> Option<Self> {
        // A key that cannot be read is no place to go on from; its row comes again.
        let named = |row: &Row| {
            let cell = &row.cells[key_index];
            Some((bind_of(cell)?, key_text(cell)?))
        };
        let (last, text) = rows.iter().rev().find_map(named)?;
        Some(Self { last, text, beyond: beyond.and_then(|row| key_text(&row.cells[key_index])) })
    }

    /// Whether rows may lie between the page before and this one.
    fn is_behind_a_gap(&self, first: Option<&Row>, key_index: usize) -> bool {
        self.beyond.is_none()
            || first.and_then(|row| key_of(row, key_index)).as_deref() != self.beyond.as_deref()
    }
}

impl Plan<'_> {
    /// Reads the next `limit` rows behind a key, in the order of the source, with
    /// their children. All rows of the last key are there or known to be missing:
    /// one row more than asked for is read, so that a key that stands twice shows.
    pub(crate) async fn read_after(
        &self,
        session: &mut Session,
        place: Option<&Place>,
        limit: usize,
    ) -> Result<Read, Error> {
        debug_assert!(limit <= PAGE_ROWS_MAX, "children are read by the keys of one chunk");
        let mut parents = self.page(session, "*", place, limit).await?;
        let key_index = self.rows.key_index();
        let beyond = if parents.rows.len() > limit { parents.rows.pop() } else { None };
        let last = Place::behind(&parents.rows, beyond.as_ref(), key_index);
        let more = beyond.is_some();
        let first = parents.rows.first().or(beyond.as_ref());
        let gap = place.filter(|place| place.is_behind_a_gap(first, key_index));
        // The same key again: it stays, so that the normaliser sees it twice.
        let again = beyond.filter(|row| {
            key_of(row, key_index) == parents.rows.last().and_then(|last| key_of(last, key_index))
        });
        parents.rows.extend(again);
        if let Some(place) = gap {
            let alike = self.alike(session, place).await?;
            parents.bytes += alike.bytes;
            parents.rows.extend(alike.rows);
        }
        let mut read = Read { parents, children: Vec::new(), last, more };
        self.read_children(session, &mut read).await?;
        Ok(read)
    }

    /// The keys of the page that [`Self::read_after`] reads, without its rows.
    pub(crate) async fn keys_after(
        &self,
        session: &mut Session,
        place: Option<&Place>,
        limit: usize,
    ) -> Result<KeysOfPage, Error> {
        let mut rows = self.page(session, "rmd_rows.\"_key\"", place, limit).await?.rows;
        let beyond = if rows.len() > limit { rows.pop() } else { None };
        let last = Place::behind(&rows, beyond.as_ref(), 0);
        let first = rows.first().or(beyond.as_ref());
        let gap = place.filter(|place| place.is_behind_a_gap(first, 0));
        // Looked up by a key, all come whose keys the source takes for it.
        let gap = gap.filter(|place| place.beyond.as_ref() != Some(&place.text));
        let keys: BTreeSet<String> =
            rows.iter().filter_map(|row| key_text(&row.cells[0])).collect();
        let keys = gap.map(|place| place.text.clone()).into_iter().chain(keys).collect();
        Ok(KeysOfPage { keys, last, more: beyond.is_some() })
    }

    /// The next rows behind a key, and one more.
    async fn page(
        &self,
        session: &mut Session,
        columns: &str,
        place: Option<&Place>,
        limit: usize,
    ) -> Result<Rows, Error> {
        let key = &self.rows.key;
        let condition =
            place.map_or(Condition::All, |place| Condition::After { key, last: &place.last });
        let mut statement = around(session, columns, &self.record.rows, condition);
        // A row without a key cannot be found again; the pass looks for such rows by itself.
        statement.push(" WHERE \"_key\" IS NOT NULL ORDER BY \"_key\" LIMIT ");
        statement.push_number(limit + 1);
        session.fetch(&statement, limit + 1).await
    }

    /// Rows with other keys that the source takes for that of a place.
    async fn alike(&self, session: &mut Session, place: &Place) -> Result<Rows, Error> {
        let condition =
            Condition::Among { key: &self.rows.key, keys: std::slice::from_ref(&place.text) };
        let mut statement = around(session, "*", &self.record.rows, condition);
        let [open, close] = session.kind().as_bytes();
        statement.push(" WHERE ").push(open).push("\"_key\"").push(close).push(" <> ");
        statement.push(open).bind(place.last.clone(), None).push(close);
        statement.push(" LIMIT ").push_number(ALIKE_MAX + 1);
        let rows = session.fetch(&statement, ALIKE_MAX + 1).await?;
        if rows.rows.len() > ALIKE_MAX {
            return Err(Error::alike(&place.text, ALIKE_MAX));
        }
        Ok(rows)
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
        let statement = around(session, "*", &self.record.rows, condition);
        let parents = session.fetch(&statement, CHILD_ROWS_MAX).await?;
        let mut read = Read { parents, ..Read::default() };
        self.read_children(session, &mut read).await?;
        Ok(read)
    }

    /// Whether the source has a row without a key.
    pub(crate) async fn has_keyless_row(&self, session: &mut Session) -> Result<bool, Error> {
        let key = "rmd_rows.\"_key\"";
        let mut statement = around(session, key, &self.record.rows, Condition::All);
        statement.push(" WHERE \"_key\" IS NULL LIMIT 1");
        Ok(!session.fetch(&statement, 1).await?.rows.is_empty())
    }

    async fn read_children(&self, session: &mut Session, read: &mut Read) -> Result<(), Error> {
        if self.children.is_empty() {
            return Ok(());
        }
        let key_index = self.rows.key_index();
        let rows = read.parents.rows.iter();
        let mut keys: Vec<String> =
            rows.filter_map(|row| key_text(&row.cells[key_index])).collect();
        keys.sort_unstable();
        keys.dedup();
        for (child, plan) in self.record.children.iter().zip(&self.children) {
            let mut rows = Rows::default();
            if !keys.is_empty() {
                let condition = Condition::Among { key: &plan.key, keys: &keys };
                let statement = around(session, "*", &child.rows, condition);
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
pub(super) fn around(
    session: &Session,
    columns: &str,
    query: &Template,
    condition: Condition<'_>,
) -> Statement {
    let mut statement = Statement::new(session.kind());
    // A line of its own, so that a comment at the end of the query stays one.
    statement.push("SELECT ").push(columns).push(" FROM (\n");
    query.write(&mut statement, condition);
    statement.push("\n) AS rmd_rows");
    statement
}

/// A key as the text that names its row; none if null or unreadable.
pub(crate) fn key_text(cell: &Cell) -> Option<String> {
    key_of_cell(cell).map(Cow::into_owned)
}

fn key_of_cell(cell: &Cell) -> Option<Cow<'_, str>> {
    Some(match cell {
        Cell::Null => return None,
        Cell::Bool(value) => Cow::Owned(value.to_string()),
        Cell::Integer(value) => Cow::Owned(value.to_string()),
        Cell::Real(value) => Cow::Owned(value.to_string()),
        Cell::Decimal(value) => Cow::Owned(value.to_string()),
        Cell::Text(value) => Cow::Borrowed(value),
    })
}

/// A cell as a value to bind back.
pub(crate) fn bind_of(cell: &Cell) -> Option<Bind> {
    match cell {
        Cell::Integer(value) => Some(Bind::Integer(*value)),
        Cell::Real(value) => Some(Bind::Real(*value)),
        other => key_text(other).map(Bind::Text),
    }
}

pub(super) fn key_of(row: &Row, index: usize) -> Option<Cow<'_, str>> {
    key_of_cell(&row.cells[index])
}
