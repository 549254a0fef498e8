//! The tables, read once: the members of each message in the standard's JSON.
//!
//! A plan holds, in the order of the table, the name, the written key and the
//! shape of each member, and every name under which a reader accepts it:
//! camelCase, the snake_case of older drafts, and the few others that the
//! standard's texts or Rwanda's derivation use.

use std::{
    collections::{HashMap, HashSet},
    sync::LazyLock,
};

use super::{
    name::{bare, folded, name_of, raw},
    shape::{self, Shape, Weighed},
};
use crate::{
    Entity, Record,
    model::{self, Part, Spec, Value},
};

/// One message in JSON.
#[derive(Debug)]
pub(crate) struct Plan {
    /// Code of the message, such as `MD04`.
    pub(crate) code: &'static str,
    /// Name of the message in the standard.
    pub(crate) title: &'static str,
    /// Its members in the order of the table.
    pub(crate) members: Vec<Member>,
    names: HashMap<String, Target>,
    folded: HashSet<String>,
}

/// One field in JSON.
#[derive(Debug)]
pub(crate) struct Member {
    /// The number of its row in the table.
    pub(crate) number: usize,
    pub(crate) spec: &'static Spec,
    /// Whether it is needed whatever else the message says.
    pub(crate) always: bool,
    /// Its name in JSON.
    pub(crate) name: String,
    /// The name in quotes with its colon.
    pub(crate) key: Vec<u8>,
    pub(crate) shape: Shape,
    /// The plan of what it embeds.
    pub(crate) child: Option<usize>,
}

/// What a member of JSON says of its field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// The value.
    Main,
    /// The value as the integer that we store: exact beyond 15 digits, or without a unit.
    Raw,
    /// The unit in which the source stated a mass.
    Source,
    /// The zone of a time.
    Zone,
    /// The polygon with all its digits and members.
    AsGiven,
    /// The second tag or phone number and all further ones.
    Other,
    /// The day of an instant.
    Day,
    /// The local time of an instant.
    Time,
    /// The unit of a mass that no field keeps.
    Unit,
    /// A coordinate of four decimals under Rwanda's name.
    Short,
    /// US dollars a kilogram, Rwanda's.
    Price,
}

/// How many roles there are.
pub(crate) const ROLES: usize = 11;

/// Which field a name means, and what it says of it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Target {
    pub(crate) member: usize,
    pub(crate) role: Role,
}

/// All plans, and which is the plan of which record type.
#[derive(Debug)]
pub(crate) struct Plans {
    pub(crate) all: Vec<Plan>,
    roots: HashMap<Entity, usize>,
}

static PLANS: LazyLock<Plans> = LazyLock::new(|| {
    let mut plans = Plans { all: Vec::new(), roots: HashMap::new() };
    for entity in Entity::ALL {
        let mut record = Record::empty(entity);
        let root = plans.add(model::part_of(&mut record), entity.name());
        plans.roots.insert(entity, root);
    }
    plans
});

/// All plans.
pub(crate) fn plans() -> &'static Plans {
    &PLANS
}

impl Plans {
    /// The plan of a record type.
    pub(crate) fn root(&self, entity: Entity) -> &Plan {
        &self.all[self.roots[&entity]]
    }

    /// The plan of what a member embeds.
    pub(crate) fn child(&self, member: &Member) -> Option<&Plan> {
        member.child.map(|child| &self.all[child])
    }

    fn add(&mut self, part: &mut dyn Part, entity: &'static str) -> usize {
        let code = part.code();
        if let Some(known) = self.all.iter().position(|plan| plan.code == code) {
            return known;
        }
        let mut plan = Plan {
            code,
            title: title(code).unwrap_or(entity),
            members: Vec::with_capacity(part.len()),
            names: HashMap::new(),
            folded: HashSet::new(),
        };
        for index in 0..part.len() {
            let child = match part.value(index) {
                Value::Part(slot) => Some(self.add(slot.blank().as_mut(), entity)),
                Value::List(items) => Some(self.add(items.blank().as_mut(), entity)),
                _ => None,
            };
            plan.add(part, index, child);
        }
        self.all.push(plan);
        self.all.len() - 1
    }
}

impl Plan {
    /// What that name means here.
    pub(crate) fn target(&self, name: &str) -> Option<Target> {
        self.names.get(name).copied()
    }

    /// Whether the name is almost one of those that mean something here.
    pub(crate) fn is_almost(&self, name: &str) -> bool {
        self.folded.contains(&folded(name))
    }

    /// The index of the field with that name of the .proto text.
    pub(crate) fn index_of(&self, field: &str) -> Option<usize> {
        self.members.iter().position(|member| member.spec.name == field)
    }

    fn add(&mut self, part: &mut dyn Part, index: usize, child: Option<usize>) {
        let spec = part.spec(index);
        let shape = shape::of(part, index);
        let name = match shape {
            Shape::Currency => raw(spec.name),
            _ => name_of(spec.name),
        };
        let key = format!("\"{name}\":").into_bytes();
        let always = part.is_always_needed(index);
        for (name, role) in names(spec, &name, shape) {
            self.folded.insert(folded(&name));
            self.names.insert(name, Target { member: index, role });
        }
        self.members.push(Member { number: index, spec, always, name, key, shape, child });
    }
}

/// Every name under which a field is read.
fn names(spec: &Spec, name: &str, shape: Shape) -> Vec<(String, Role)> {
    if matches!(shape, Shape::Extensions) {
        return Vec::new();
    }
    let mut names = vec![(name.to_owned(), Role::Main)];
    if bare(spec.name) == spec.name {
        names.push((spec.name.to_owned(), Role::Main));
    } else {
        names.push((bare(spec.name).to_owned(), Role::Main));
        names.push((raw(spec.name), Role::Raw));
    }
    let others: &[(&str, Role)] = match (spec.name, shape) {
        ("registered_at_us", _) => &[
            ("timestamp", Role::Main),
            ("date_registration", Role::Day),
            ("time_registration", Role::Time),
        ],
        ("status_change", _) => &[("status_history", Role::Main)],
        ("latitude_e7", _) => &[("lat", Role::Short)],
        ("longitude_e7", _) => &[("long", Role::Short)],
        ("miner_name", _) => &[("miner", Role::Main)],
        ("price_per_kg_minor", _) => &[("price", Role::Price)],
        (_, Shape::Unit) => &[("source_unit_of_measurement", Role::Source)],
        (_, Shape::Mass(Weighed::Stated)) => &[("unit_of_measurement", Role::Unit)],
        (_, Shape::Mass(Weighed::Record)) => &[("contributed_unit", Role::Unit)],
        (_, Shape::Tags) => &[("other_tag", Role::Other)],
        (_, Shape::Phones) => &[("other_phone_number", Role::Other)],
        (_, Shape::Polygon) => &[("polygon_as_given", Role::AsGiven)],
        (_, Shape::Time) => &[("issue_time_zone", Role::Zone)],
        _ => &[],
    };
    for (other, role) in others {
        names.push(((*other).to_owned(), *role));
        names.push((raw(other), *role));
    }
    names
}

/// The name of an embedded message in the standard.
fn title(code: &str) -> Option<&'static str> {
    Some(match code {
        "MD02" => "License",
        "MD04" => "BusinessEntity",
        "MD05" => "Address",
        "MD06" => "Geolocalization",
        "MD07" => "Inspection",
        "MD08" => "MineSiteLocation",
        "MD09" => "ContactDetails",
        "MD10" => "StatusHistory",
        "MD11" => "Tag",
        "MD12-INPUT" => "InputLot",
        "MD13" => "Tax",
        "CAPACITY" => "Capacity",
        "ALLOCATION" => "TagAllocation",
        "EXTENSION" => "Extension",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_means_one_field_and_every_message_has_its_own_title() {
        let mut titles = HashSet::new();
        for plan in &plans().all {
            assert!(titles.insert(plan.title), "{}", plan.title);
            let mut written = HashSet::new();
            assert!(
                plan.members.iter().all(|member| written.insert(&member.name)),
                "{}",
                plan.title
            );
            let read = plan.members.iter().filter(|one| !matches!(one.shape, Shape::Extensions));
            for member in read {
                let target = plan.target(&member.name).unwrap();
                assert_eq!((target.member, target.role), (member.number, Role::Main));
            }
        }
    }

    #[test]
    fn names_of_older_drafts_and_of_rwanda_are_known() {
        let lot = plans().root(Entity::Lot);
        for (name, field, role) in [
            ("lot_number", "lot_number", Role::Main),
            ("timestamp", "registered_at_us", Role::Main),
            ("dateRegistration", "registered_at_us", Role::Day),
            ("miner", "miner_name", Role::Main),
            ("price", "price_per_kg_minor", Role::Price),
            ("massMg", "mass_mg", Role::Raw),
            ("otherTag", "tag", Role::Other),
        ] {
            let target = lot.target(name).unwrap();
            assert_eq!(
                (lot.members[target.member].spec.name, target.role),
                (field, role),
                "{name}"
            );
        }
        assert!(lot.target("LotNumber").is_none() && lot.is_almost("LotNumber"));
        assert!(!lot.is_almost("colour"));
    }
}
