//! Takes the national fields out of a record before it leaves the state.
//!
//! Invariant: after [`strip`] no national field holds a value, and `withheld`
//! lists exactly those that did, in the order of the tables.

use crate::{
    Record,
    model::{self, Class, Part, Trail, Value},
};

/// Removes every national value and lists its path.
pub(crate) fn strip(record: &mut Record) {
    let mut withheld = Vec::new();
    strip_part(model::part_of(record), &Trail::ROOT, &mut withheld);
    *record.withheld_mut() = withheld;
}

fn strip_part(part: &mut dyn Part, trail: &Trail, withheld: &mut Vec<String>) {
    for index in 0..part.len() {
        let spec = part.spec(index);
        match part.value(index) {
            Value::Part(slot) => {
                if let Some(inner) = slot.get() {
                    strip_part(inner, &trail.field(spec.name), withheld);
                }
                // A message of which nothing is left says no more than none.
                if !slot.is_present() {
                    slot.clear();
                }
            }
            Value::List(items) => {
                for element in 0..items.len() {
                    let here = trail.element(spec.name, element);
                    items
                        .get(element)
                        .into_iter()
                        .for_each(|inner| strip_part(inner, &here, withheld));
                }
            }
            value if spec.class == Class::National && !value.is_absent() => {
                value.clear();
                withheld.push(trail.field(spec.name).path());
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests;
