//! Coordinates: under two pairs of names, and never one without the other.

use super::{
    At, Fault, Given, Part, Plan, Reader, Role, Severity, Value, field_of, leaf, path_of, rules,
};
use crate::{
    finding::{Ground, Issue},
    model::Slot,
    unit,
};

/// Half of the last of four decimals, in ten-millionths of a degree.
const SHORT_APART: i64 = 500;

impl Reader<'_> {
    pub(super) fn degrees(
        &mut self,
        plan: &'static Plan,
        part: &mut dyn Part,
        index: usize,
        given: &[Given<'_>],
        at: &At,
    ) {
        let here = &given[index];
        let (main, short) = (here.get(Role::Main), here.get(Role::Short));
        let raw = here.get(Role::Raw);
        let Some(value) = main.or(short).or(raw) else { return };
        if main.or(short).is_some() {
            self.main(plan, part, index, value, at);
        } else if let (Some(whole), Value::Degrees(field)) =
            (value.as_i64().and_then(|whole| i32::try_from(whole).ok()), part.value(index))
        {
            *field = whole;
        } else {
            self.blame(
                field_of(plan, index),
                Fault::Unreadable,
                at.trail_of(&plan.members[index]),
                value,
            );
        }
        if let (Some(_), Some(short), Value::Degrees(degrees)) = (main, short, part.value(index)) {
            let read = leaf::decimal_of(short, leaf::Digits::Measured)
                .and_then(|number| unit::nearest(number, 7));
            let degrees = i64::from(*degrees);
            let is_latitude = plan.members[index].spec.name == "latitude_e7";
            let name = if is_latitude { "lat" } else { "long" };
            // Fewer digits may say the same point.
            if !read.is_ok_and(|short| (short - degrees).abs() <= SHORT_APART) {
                self.fault(&rules::TWICE, path_of(&at.path, name), String::new());
            }
        }
        // Noted for the other half of the point.
        self.coordinates |= 1 << index;
    }

    /// A point with one coordinate is no point: the other is said to be missing.
    pub(super) fn whole_point(&mut self, plan: &'static Plan, slot: &mut dyn Slot, at: &At) {
        let coordinates = std::mem::take(&mut self.coordinates);
        if coordinates == 0b11 {
            return;
        }
        if let Some(lacking) = (0..2).find(|index| coordinates & (1 << index) == 0)
            && coordinates != 0
        {
            let (code, spec) = field_of(plan, lacking);
            self.issue(Issue {
                ground: Ground::Field { code, spec, fault: Fault::Missing },
                severity: Severity::Refuse,
                trail: at.trail_of(&plan.members[lacking]),
                value: String::new(),
            });
            slot.clear();
        }
    }
}
