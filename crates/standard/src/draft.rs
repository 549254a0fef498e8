//! Building a record out of national columns.
//!
//! A [`Draft`] takes cells by resolved [`Column`], converts them exactly into
//! the fields of the record, keeps what it could not read as an issue, and
//! ends in a [`Valid`] record or in a [`Refusal`]. It never fills in a value
//! that the source does not have.

mod cell;

pub use cell::Cell;

use crate::{CodeLists, Context, Entity, National, Record, Refusal, Valid, check};

/// A resolved alias: where a cell goes within a record type and its list.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    index: u16,
}

/// The column of that alias; `alias` is relative to the list.
pub fn column(entity: Entity, list: Option<&str>, alias: &str) -> Option<Column> {
    aliases(entity, list)
        .iter()
        .position(|known| *known == alias)
        .map(|index| Column { index: index as u16 })
}

/// The aliases of a record type, or of one of its lists.
pub fn aliases(_entity: Entity, _list: Option<&str>) -> Vec<&'static str> {
    Vec::new()
}

/// A record that is being built.
#[derive(Debug)]
pub struct Draft {
    record: Record,
}

impl Draft {
    /// An empty record of that type.
    pub fn new(entity: Entity) -> Self {
        Self { record: Record::empty(entity) }
    }

    /// Puts one cell; a cell that is null or blank leaves the field absent.
    pub fn set(&mut self, _column: Column, _cell: &Cell, _codes: &CodeLists) {}

    /// Starts a new element of that list; columns of the list now act on it.
    pub fn push(&mut self, _list: &str) {}

    /// Settles units, mints an absent mine-site id, and checks the record.
    ///
    /// # Errors
    /// A rule of severity refuse is broken.
    pub fn finish(mut self, ctx: &Context) -> Result<Valid<Record, National>, Refusal> {
        let (key, issues) = check::national(&mut self.record, ctx, Vec::new())?;
        Ok(Valid::new(self.record, key, issues))
    }
}
