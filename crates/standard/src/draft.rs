//! Building a record out of national columns.
//!
//! A [`Draft`] takes cells by resolved [`Column`], converts them exactly into
//! the fields of the record, keeps what it could not read as an issue, and
//! ends in a [`Valid`] record or in a [`Refusal`]. It never fills in a value
//! that the source does not have.
//!
//! Cells of one row may come in any order: a mass waits for its unit, an
//! amount for its currency, a date for its time, until the element is left or
//! the draft is finished.

mod about;
mod cell;
mod column;
mod moment;
mod put;
mod settle;
mod site;

pub use about::{Misread, Shape};
pub use cell::Cell;
pub use column::{Column, aliases, column};

use crate::{
    CodeLists, Context, Entity, National, Record, Refusal, Valid, check,
    finding::{Ground, Issue},
    model::{self, Fault, Spec, Trail, Value},
};

use column::Role;
use settle::{Held, Late};
use site::Half;

/// A record that is being built.
#[derive(Debug)]
pub struct Draft {
    record: Record,
    /// The field number of the list and the index of the element that is being filled.
    open: Option<(usize, usize)>,
    /// What waits for another cell: of the record, and of the open element.
    held: Held,
    element: Held,
    late: Vec<Late>,
    halves: Vec<Half>,
    issues: Vec<Issue>,
}

impl Draft {
    /// An empty record of that type.
    pub fn new(entity: Entity) -> Self {
        Self {
            record: Record::empty(entity),
            open: None,
            held: Held::default(),
            element: Held::default(),
            late: Vec::new(),
            halves: Vec::new(),
            issues: Vec::new(),
        }
    }

    /// Puts one cell; a cell that is null or blank leaves the field absent.
    ///
    /// A column of a list acts on the open element of that list; without one
    /// it starts the first. A cell that cannot be read becomes a finding.
    /// Columns of another record type do nothing.
    pub fn set(&mut self, column: Column, cell: &Cell, codes: &CodeLists) {
        if cell.is_absent() || column.entity() != self.record.entity() {
            return;
        }
        if let Some(list) = column.list_field()
            && self.open.is_none_or(|(open, _)| open != list)
        {
            self.open(list);
        }
        match column.role() {
            Role::Plain(spec) => self.put(column, spec, cell, codes),
            role => self.keep(column, role, cell, codes),
        }
    }

    #[inline(never)]
    fn keep(&mut self, column: Column, role: Role, cell: &Cell, codes: &CodeLists) {
        let outcome = match role {
            Role::Degrees => self.put_degrees(column, cell),
            role => self.hold(column, role, cell, codes),
        };
        if let Err((fault, value)) = outcome {
            self.blame(column, fault, value);
        }
    }

    /// Starts a new element of that list; columns of the list now act on it.
    ///
    /// A name that is no list of the record type does nothing.
    pub fn push(&mut self, list: &str) {
        match column::list(self.record.entity(), list) {
            Some(list) => self.open(list),
            None => self.settle_element(),
        }
    }

    fn open(&mut self, list: usize) {
        self.settle_element();
        if let Value::List(items) = model::part_of(&mut self.record).value(list) {
            items.push();
            self.open = Some((list, items.len() - 1));
        }
    }

    /// Settles units, mints an absent mine-site id, and checks the record.
    ///
    /// # Errors
    /// A rule of severity refuse is broken.
    pub fn finish(mut self, ctx: &Context) -> Result<Valid<Record, National>, Refusal> {
        self.settle_element();
        self.settle_record(ctx);
        let (key, issues) = check::national(&mut self.record, ctx, self.issues)?;
        Ok(Valid::new(self.record, key, issues))
    }

    fn put(&mut self, column: Column, spec: &Spec, cell: &Cell, codes: &CodeLists) {
        let index = self.index_of(column);
        if let Some(value) = &mut field_at(&mut self.record, column, index, column.path())
            && let Err((fault, value)) = put::put(cell, spec.form, value, codes)
        {
            self.blame(column, fault, value);
        }
    }

    fn put_degrees(&mut self, column: Column, cell: &Cell) -> Result<(), (Fault, String)> {
        // Read first: what cannot be read must not leave a point of zeros.
        let degrees = put::degrees(cell)?;
        let index = self.index_of(column);
        if let Some(Value::Degrees(field)) =
            field_at(&mut self.record, column, index, column.path())
        {
            *field = degrees;
            self.pair(column);
        }
        Ok(())
    }

    /// The element on which a column acts.
    fn index_of(&self, column: Column) -> Option<usize> {
        self.open.filter(|(list, _)| column.list_field() == Some(*list)).map(|(_, index)| index)
    }

    /// Records that the cell of a column is wrong.
    #[cold]
    fn blame(&mut self, column: Column, fault: Fault, value: String) {
        let trail = trail_of(column, self.index_of(column));
        self.blame_field(column.field(), trail, fault, value);
    }

    fn blame_field(
        &mut self,
        (code, spec): (&'static str, &'static Spec),
        trail: Trail,
        fault: Fault,
        value: String,
    ) {
        let severity = spec.form.severity(fault);
        self.issues.push(Issue {
            ground: Ground::Field { code, spec, fault },
            severity,
            trail,
            value,
        });
    }
}

/// Where the field of a column is, in the element of that index.
fn trail_of(column: Column, index: Option<usize>) -> Trail {
    let element = column.list_field().zip(index);
    let start = element.map_or(Trail::ROOT, |(list, index)| Trail::ROOT.element(list, index));
    column.path().iter().fold(start, |trail, number| trail.field(usize::from(*number)))
}

/// The field at the end of a path of field numbers, in the record or in the
/// element of that index; messages on the way are made.
fn field_at<'a>(
    record: &'a mut Record,
    column: Column,
    index: Option<usize>,
    path: &[u8],
) -> Option<Value<'a>> {
    let mut part = model::part_of(record);
    if let (Some(field), Some(index)) = (column.list_field(), index) {
        let Value::List(items) = part.value(field) else { return None };
        part = items.get(index)?;
    }
    part.reach(path)
}

#[cfg(test)]
mod tests;
