//! Records to the standard's JSON, strictly and straight to bytes.
//!
//! One walk along the plans; no tree is built on the way. What is absent is
//! left out, what is withheld is written `N/A`, and a number that JSON would
//! lose is written a second time as the integer that we store.
//!
//! Invariant: reading what was written gives the record again.

mod amount;
mod emit;
mod moment;
mod number;
mod polygon;
mod value;

use std::collections::BTreeSet;

use jiff::tz::TimeZone;

use super::{
    Usage,
    extension::Extras,
    name::name_of,
    plan::{Member, Plan, Plans, plans},
    shape::{Paid, Shape, Weighed},
};
use crate::{
    Record,
    code::UNIT_OF_MEASUREMENT,
    model::{self, Part, Value},
};

/// What stands for a value that the owner keeps back.
pub(super) const WITHHELD: &str = "N/A";
/// The currency of a bare price or customs value.
pub(super) const DOLLAR: &str = "USD";

/// Writes a record.
pub(super) fn to(record: &Record, usage: Usage, zone: &TimeZone, out: &mut Vec<u8>) {
    // The tables reach fields for writing too; a copy costs less than a second set of tables.
    let mut copy = record.clone();
    let plans = plans();
    let mut writer = Writer {
        out,
        plans,
        usage,
        zone,
        extras: Extras::of(record),
        withheld: record.withheld().iter().map(|path| name_of(path)).collect(),
        path: String::new(),
        unit: unit_of(record),
    };
    writer.out.push(b'{');
    let (plan, part) = (plans.root(record.entity()), model::part_of(&mut copy));
    writer.members(plan, part);
    writer.allowed_tags(record);
    writer.withheld(record);
    writer.extras(plan, part);
    writer.out.push(b'}');
}

/// The unit in which the masses of a record are stated.
fn unit_of(record: &Record) -> i32 {
    match record {
        Record::Lot(lot) => lot.unit_of_measurement,
        _ => 0,
    }
}

struct Writer<'a> {
    out: &'a mut Vec<u8>,
    plans: &'static Plans,
    usage: Usage,
    zone: &'a TimeZone,
    extras: Extras<'a>,
    /// Paths of JSON that the owner keeps back.
    withheld: BTreeSet<String>,
    /// Where the walk is, in the names of JSON.
    path: String,
    unit: i32,
}

impl Writer<'_> {
    fn object(&mut self, plan: &Plan, part: &mut dyn Part) {
        self.out.push(b'{');
        self.members(plan, part);
        self.extras(plan, part);
        self.out.push(b'}');
    }

    fn members(&mut self, plan: &Plan, part: &mut dyn Part) {
        for (index, member) in plan.members.iter().enumerate() {
            match member.shape {
                Shape::Extensions => {}
                Shape::Mass(weighed) => self.mass(member, weighed, part, index),
                Shape::Money(paid, currency) => self.money(member, paid, part, (index, currency)),
                Shape::Currency => self.currency(member, part, index),
                Shape::Measured(7) => self.degrees(member, part, index),
                _ if self.is_price_in_dollars(member, part) => {}
                _ => self.member(member, part.value(index)),
            }
        }
    }

    fn member(&mut self, member: &Member, value: Value<'_>) {
        match value {
            Value::Part(slot) => {
                let mark = self.enter(&member.name, None);
                if slot.is_present() || self.holds_more() {
                    self.key(member);
                    let child = self.plans.child(member).expect("a part has a plan");
                    match slot.get() {
                        Some(part) => self.object(child, part),
                        None => self.object(child, slot.blank().as_mut()),
                    }
                }
                self.path.truncate(mark);
            }
            Value::List(items) => self.list(member, items),
            value if value.is_absent() => self.absent(member),
            value => self.leaf(member, &value),
        }
    }

    fn list(&mut self, member: &Member, items: &mut dyn model::Items) {
        let child = self.plans.child(member).expect("a list has a plan");
        let apart = matches!(member.shape, Shape::Tags) && !self.is_hollow(member, items);
        let mut index = 0;
        while let Some(part) = items.get(index) {
            match (apart, index) {
                (false, 0) => {
                    self.key(member);
                    self.out.push(b'[');
                }
                (true, 0) => self.key(member),
                (true, 1) => {
                    self.name("otherTag");
                    self.out.push(b'[');
                }
                _ => self.out.push(b','),
            }
            let mark = self.enter(&member.name, Some(index));
            self.object(child, part);
            self.path.truncate(mark);
            index += 1;
        }
        if index > usize::from(apart) {
            self.out.push(b']');
        }
    }

    /// Whether the first element would be an empty object, which alone says nothing.
    fn is_hollow(&mut self, member: &Member, items: &mut dyn model::Items) -> bool {
        let mark = self.enter(&member.name, Some(0));
        let more = self.holds_more();
        self.path.truncate(mark);
        !more && items.get(0).is_some_and(model::Part::is_blank)
    }

    /// A text that is kept back is said to be; anything else that is absent is left out.
    fn absent(&mut self, member: &Member) {
        let is_text = matches!(
            member.shape,
            Shape::Text | Shape::Word | Shape::Phones | Shape::Joined(_) | Shape::Time
        );
        if is_text && self.is_withheld(&member.name) {
            self.renamed_key(member);
            self.string(WITHHELD);
        }
    }

    fn is_withheld(&mut self, name: &str) -> bool {
        if self.withheld.is_empty() {
            return false;
        }
        let mark = self.enter(name, None);
        let found = self.withheld.contains(&self.path);
        self.path.truncate(mark);
        found
    }

    /// Whether the object at the path holds what the message itself does not.
    fn holds_more(&mut self) -> bool {
        if self.extras.within(&self.path) {
            return true;
        }
        if self.withheld.is_empty() {
            return false;
        }
        let mark = self.path.len();
        self.path.push('.');
        let next = self.withheld.range(self.path.clone()..).next();
        let found = next.is_some_and(|path| path.starts_with(&self.path));
        self.path.truncate(mark);
        found
    }

    fn enter(&mut self, name: &str, index: Option<usize>) -> usize {
        let mark = self.path.len();
        if mark > 0 {
            self.path.push('.');
        }
        self.path.push_str(name);
        if let Some(index) = index {
            self.path.push('[');
            // Decimal digits are text.
            let mut digits = Vec::new();
            number::decimal(i64::try_from(index).unwrap_or_default(), 0, &mut digits);
            self.path.extend(digits.into_iter().map(char::from));
            self.path.push(']');
        }
        mark
    }

    /// What Rwanda counts: the tags allotted to a site, where every range says how many.
    fn allowed_tags(&mut self, record: &Record) {
        if let Some(count) = allowed_tags(record)
            && self.extras.at("").iter().all(|(name, _)| name != ALLOWED_TAGS)
        {
            self.name(ALLOWED_TAGS);
            self.integer(count);
        }
    }

    fn withheld(&mut self, record: &Record) {
        if record.withheld().is_empty() {
            return;
        }
        self.name("withheld");
        let paths: Vec<String> = record.withheld().iter().map(|path| name_of(path)).collect();
        self.strings(paths.iter().map(String::as_str));
    }
}

/// The polygon as it is written.
pub(super) fn strict_polygon(text: &str) -> Option<serde_json::Value> {
    polygon::strict(text).map(|(strict, _)| strict)
}

/// Rwanda's count of tags; a member that follows from others.
pub(super) const ALLOWED_TAGS: &str = "allowedTags";

/// The sum of the ranges of tags of a site, where there are any and each says how many.
pub(super) fn allowed_tags(record: &Record) -> Option<u64> {
    let Record::MineSite(site) = record else { return None };
    let counts = site.tag_allocation.iter().map(|range| range.tag_count.map(u64::from));
    counts.sum::<Option<u64>>().filter(|_| !site.tag_allocation.is_empty())
}
