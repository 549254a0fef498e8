//! Takes the national fields out of a record before it leaves the state.
//!
//! Invariant: after [`strip`] no national field holds a value, and `withheld`
//! lists exactly those that did, in the order of the tables.

use crate::{
    Record,
    model::{self, Field, Form, Items, Message, Slot, Spec, Value},
};

/// National fields that most records have; more are taken as they come.
const WITHHELD_USUAL: usize = 8;

/// The path of most messages; longer ones are taken as they come.
const PATH_BYTES_USUAL: usize = 64;

/// Removes every national value and lists its path.
pub(crate) fn strip(record: &mut Record) {
    let path = String::with_capacity(PATH_BYTES_USUAL);
    let mut strip = Strip { path, withheld: Vec::with_capacity(WITHHELD_USUAL) };
    model::part_of(record).strip(&mut strip);
    *record.withheld_mut() = strip.withheld;
}

/// A walk that empties national fields.
pub(crate) struct Strip {
    /// Path of the message that the walk is in, with the dot that ends it.
    path: String,
    withheld: Vec<String>,
}

impl Strip {
    /// Empties the national fields of a message and of what is inside it.
    pub(crate) fn message<M: Message>(&mut self, message: &mut M) {
        for Field { spec, at, .. } in M::FIELDS {
            // Parts are looked at in any case: a blank one is dropped.
            if !spec.holds_national && !matches!(spec.form, Form::Part) {
                continue;
            }
            match at(message) {
                Value::Part(slot) => self.slot(slot, spec),
                Value::List(items) => self.list(items, spec),
                value if !value.is_absent() => self.leaf(value, spec),
                _ => {}
            }
        }
    }

    fn slot(&mut self, slot: &mut dyn Slot, spec: &Spec) {
        if spec.holds_national
            && let Some(inner) = slot.get()
        {
            let outer = self.enter(spec, None);
            inner.strip(self);
            self.path.truncate(outer);
        }
        // A message of which nothing is left says no more than none.
        if slot.filled().is_none() {
            slot.clear();
        }
    }

    fn list(&mut self, items: &mut dyn Items, spec: &Spec) {
        for element in 0..items.len() {
            let outer = self.enter(spec, Some(element));
            items.get(element).into_iter().for_each(|inner| inner.strip(self));
            self.path.truncate(outer);
        }
    }

    fn leaf(&mut self, value: Value<'_>, spec: &Spec) {
        value.clear();
        let mut path = String::with_capacity(self.path.len() + spec.name.len());
        path.push_str(&self.path);
        path.push_str(spec.name);
        self.withheld.push(path);
    }

    fn enter(&mut self, spec: &Spec, element: Option<usize>) -> usize {
        let outer = self.path.len();
        self.path.push_str(spec.name);
        if let Some(element) = element {
            push_index(&mut self.path, element);
        }
        self.path.push('.');
        outer
    }
}

/// Writes `[index]`; every released list does, so it goes without the formatter.
fn push_index(path: &mut String, index: usize) {
    path.push('[');
    let mut place = 1;
    while index / place >= 10 {
        place *= 10;
    }
    while place > 0 {
        path.extend(char::from_digit(u32::try_from(index / place % 10).unwrap_or(0), 10));
        place /= 10;
    }
    path.push(']');
}

#[cfg(test)]
mod tests;
