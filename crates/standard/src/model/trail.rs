//! Where in a record a field is, as numbers until someone reads it.
//!
//! A trail is made for every message that a check enters and kept by every
//! issue; a path is written for the few that a person sees. So a trail is four
//! steps of four bytes, and the names are looked up in the tables.

use std::fmt::Write as _;

use super::{Part, Value, part_of};
use crate::{Entity, Record};

/// No message of the standard nests deeper: `license[0].owner.legal_address.country`.
const DEPTH_MAX: usize = 4;
/// What is no list has no index. Lists end long before: see `ELEMENTS_MAX`.
const NO_INDEX: u16 = u16::MAX;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Step {
    field: u8,
    index: u16,
}

/// A path of field numbers and list indexes from the record inwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Trail {
    steps: [Step; DEPTH_MAX],
    depth: u8,
}

impl Trail {
    /// The record itself.
    pub(crate) const ROOT: Self =
        Self { steps: [Step { field: 0, index: NO_INDEX }; DEPTH_MAX], depth: 0 };
    /// The field `withheld` of a record, which has no row in the tables.
    pub(crate) const WITHHELD: usize = u8::MAX as usize;

    /// The field of that number further in.
    pub(crate) fn field(&self, number: usize) -> Self {
        self.step(number, NO_INDEX)
    }

    /// One list element further in.
    pub(crate) fn element(&self, number: usize, index: usize) -> Self {
        self.step(number, u16::try_from(index).unwrap_or(NO_INDEX))
    }

    /// Another field of the message that this one is in.
    pub(crate) fn beside(&self, number: usize) -> Self {
        Self { depth: self.depth - 1, ..*self }.field(number)
    }

    fn step(&self, number: usize, index: u16) -> Self {
        let mut next = *self;
        let field = u8::try_from(number).expect("no message has 256 fields");
        next.steps[usize::from(next.depth)] = Step { field, index };
        next.depth += 1;
        next
    }

    fn steps(&self) -> &[Step] {
        &self.steps[..usize::from(self.depth)]
    }

    /// The path as it is written: `license[0].owner.tin`.
    pub(crate) fn path(&self, entity: Entity) -> String {
        let mut path = String::new();
        write(part_of(&mut Record::empty(entity)), self.steps(), &mut path);
        path
    }

    /// Whether `other` is this place or lies inside it.
    pub(crate) fn contains(&self, other: &Self) -> bool {
        self.depth <= other.depth && self.steps() == &other.steps[..usize::from(self.depth)]
    }
}

fn write(part: &mut dyn Part, steps: &[Step], path: &mut String) {
    let Some((step, rest)) = steps.split_first() else { return };
    if !path.is_empty() {
        path.push('.');
    }
    let number = usize::from(step.field);
    if number >= part.len() {
        path.push_str("withheld");
        return;
    }
    path.push_str(part.spec(number).name);
    if step.index != NO_INDEX {
        // Writing into a String cannot fail.
        let _ = write!(path, "[{}]", step.index);
    }
    match part.value(number) {
        Value::Part(slot) => write(slot.blank().as_mut(), rest, path),
        Value::List(items) => write(items.blank().as_mut(), rest, path),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_names() {
        let mut record = Record::empty(Entity::MineSite);
        let site = part_of(&mut record);
        let license = (0..site.len()).find(|index| site.spec(*index).name == "license").unwrap();
        let owner = Trail::ROOT.element(license, 10).field(2);
        assert_eq!(owner.path(Entity::MineSite), "license[10].owner");
        assert_eq!(owner.field(2).path(Entity::MineSite), "license[10].owner.tin");
        assert_eq!(Trail::ROOT.field(Trail::WITHHELD).path(Entity::MineSite), "withheld");
        assert_eq!(Trail::ROOT.path(Entity::MineSite), "");
        assert!(owner.contains(&owner.field(2)) && owner.contains(&owner));
        assert!(!owner.field(2).contains(&owner));
    }
}
