//! Where in a record a field is, as numbers until someone reads it.
//!
//! A trail is made for every message that a check enters and kept by every
//! issue; a path is written for the few that a person sees. So a trail is one
//! number that fits two registers, and the names are looked up in the tables.

use std::{cell::RefCell, collections::HashMap, fmt::Write as _};

use super::{Part, Value, part_of};
use crate::{Entity, Record};

/// A step: the number of the field plus one, so that no step is zero, and the index.
const STEP_BITS: u32 = 32;
const INDEX_BITS: u32 = 16;
/// What is no list has no index. Lists end long before: see `ELEMENTS_MAX`.
const NO_INDEX: u16 = u16::MAX;

/// Paths that a thread keeps: those of a few long lists.
const PATHS_MAX: usize = 1024;

thread_local! {
    /// Paths that were written lately: a registry lacks the same fields in all its
    /// records, and walking the tables takes longer than the check itself.
    static PATHS: RefCell<HashMap<(Entity, Trail), String>> = RefCell::default();
}

/// A path of field numbers and list indexes from the record inwards.
///
/// Four steps, the outermost lowest: no message of the standard nests deeper than
/// `license[0].owner.legal_address.country`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Trail([u64; 2]);

impl Trail {
    /// The record itself.
    pub(crate) const ROOT: Self = Self([0; 2]);
    /// The field `withheld` of a record, which has no row in the tables.
    pub(crate) const WITHHELD: usize = u8::MAX as usize;

    /// The field of that number further in.
    #[inline]
    pub(crate) fn field(self, number: usize) -> Self {
        self.step(number, NO_INDEX)
    }

    /// One list element further in.
    #[inline]
    pub(crate) fn element(self, number: usize, index: usize) -> Self {
        self.step(number, u16::try_from(index).unwrap_or(NO_INDEX))
    }

    /// Another field of the message that this one is in.
    pub(crate) fn beside(self, number: usize) -> Self {
        let outer = self.bits().saturating_sub(STEP_BITS);
        Self::of(self.steps() & ((1 << outer) - 1)).field(number)
    }

    #[inline]
    fn step(self, number: usize, index: u16) -> Self {
        debug_assert!(number <= Self::WITHHELD, "no message has 256 fields");
        let step = (number as u128 + 1) << INDEX_BITS | u128::from(index);
        Self::of(self.steps() | step << self.bits())
    }

    /// The steps as one number; it is kept in halves, because a whole one would make
    /// every issue a quarter larger.
    #[inline]
    fn steps(self) -> u128 {
        u128::from(self.0[1]) << u64::BITS | u128::from(self.0[0])
    }

    #[inline]
    fn of(steps: u128) -> Self {
        #[expect(clippy::cast_possible_truncation, reason = "the two halves of the number")]
        Self([steps as u64, (steps >> u64::BITS) as u64])
    }

    /// How many bits the steps take.
    #[inline]
    fn bits(self) -> u32 {
        (u128::BITS - self.steps().leading_zeros()).next_multiple_of(STEP_BITS)
    }

    /// The path as it is written: `license[0].owner.tin`.
    pub(crate) fn path(self, entity: Entity) -> String {
        PATHS.with_borrow_mut(|paths| {
            if paths.len() >= PATHS_MAX {
                paths.clear();
            }
            let written = || {
                let mut path = String::new();
                write(part_of(&mut Record::empty(entity)), self, &mut path);
                path
            };
            paths.entry((entity, self)).or_insert_with(written).clone()
        })
    }

    /// Whether `other` is this place or lies inside it.
    pub(crate) fn contains(self, other: Self) -> bool {
        let inside = 1_u128.checked_shl(self.bits()).map_or(u128::MAX, |bit| bit - 1);
        other.steps() & inside == self.steps()
    }

    /// The outermost step, and what follows it.
    fn split_first(self) -> Option<(usize, Option<u16>, Self)> {
        let step =
            u32::try_from(self.steps() & u128::from(u32::MAX)).ok().filter(|step| *step != 0)?;
        let index = u16::try_from(step & u32::from(NO_INDEX)).ok();
        let number = usize::try_from((step >> INDEX_BITS) - 1).ok()?;
        Some((
            number,
            index.filter(|index| *index != NO_INDEX),
            Self::of(self.steps() >> STEP_BITS),
        ))
    }
}

fn write(part: &mut dyn Part, trail: Trail, path: &mut String) {
    let Some((number, index, rest)) = trail.split_first() else { return };
    if !path.is_empty() {
        path.push('.');
    }
    if number >= part.len() {
        path.push_str("withheld");
        return;
    }
    path.push_str(part.spec(number).name);
    if let Some(index) = index {
        // Writing into a String cannot fail.
        let _ = write!(path, "[{index}]");
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
        assert_eq!(owner.field(2).beside(1).path(Entity::MineSite), "license[10].owner.name");
        assert!(owner.contains(owner.field(2)) && owner.contains(owner));
        assert!(!owner.field(2).contains(owner) && !owner.contains(Trail::ROOT));
        assert!(!owner.contains(Trail::ROOT.element(license, 11).field(2)));
        let deep = owner.field(5).field(1);
        assert_eq!(
            deep.path(Entity::MineSite),
            "license[10].owner.contact_details.contact_phone_number"
        );
        assert!(owner.contains(deep) && deep.contains(deep) && Trail::ROOT.contains(deep));
        assert!(!deep.contains(owner.field(5).field(2)));
    }
}
