//! Aliases, resolved once into where a cell goes.
//!
//! The alias of a field is its path in the .proto text without the suffix of
//! its unit: `mine_site_location.geolocalization.latitude` for `latitude_e7`.
//! A few aliases are no fields: the unit of a declared mass, the date and the
//! time that together make an instant, and what the id of a lot's site is minted
//! from where the state gives its sites none.

use std::sync::LazyLock;

use crate::{
    Entity, Record,
    model::{self, Form, Part, Spec, Value},
};

/// A resolved alias: where a cell goes within a record type and its list.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    target: &'static Target,
}

/// What happens to a cell.
#[derive(Debug, Clone, Copy)]
pub(super) enum Role {
    /// It is converted straight into its field.
    Plain(&'static Spec),
    /// It waits for a unit.
    Mass,
    /// It is the unit of a mass and no field.
    Unit,
    /// It waits for a currency.
    Money,
    /// It is an instant, or waits for the zone.
    Moment,
    /// It is the day of an instant.
    MomentDay,
    /// It is the local time of an instant.
    MomentTime,
    /// It names the site of a lot whose state gives sites no regional id.
    Site(SitePart),
}

/// What a minted id is made of.
#[derive(Debug, Clone, Copy)]
pub(super) enum SitePart {
    NationalId,
    Latitude,
    Longitude,
}

#[derive(Debug)]
struct Target {
    entity: Entity,
    list: Option<(&'static str, usize)>,
    alias: String,
    path: Vec<u8>,
    names: Vec<&'static str>,
    code: &'static str,
    spec: &'static Spec,
    role: Role,
}

static TARGETS: LazyLock<Vec<Target>> = LazyLock::new(|| {
    let mut targets = Vec::new();
    for entity in Entity::ALL {
        let mut record = Record::empty(entity);
        let base = Base { entity, list: None };
        base.part(model::part_of(&mut record), &Prefix::default(), &mut targets);
    }
    targets
});

/// The column of that alias; `alias` is relative to the list. A field that
/// holds several values is a list of its own name as well.
pub fn column(entity: Entity, list: Option<&str>, alias: &str) -> Option<Column> {
    of(entity, list).find(|target| target.alias == alias).map(|target| Column { target })
}

/// The aliases of a record type, or of one of its lists.
pub fn aliases(entity: Entity, list: Option<&str>) -> Vec<&'static str> {
    of(entity, list).map(|target| target.alias.as_str()).collect()
}

fn of(entity: Entity, list: Option<&str>) -> impl Iterator<Item = &'static Target> + use<'_> {
    let value = list.filter(|list| entity.values().contains(list));
    TARGETS.iter().filter(move |target| {
        target.entity == entity
            && match value {
                Some(value) => target.list.is_none() && target.alias == value,
                None => target.list.map(|list| list.0) == list,
            }
    })
}

impl Column {
    /// The alias, relative to the list.
    pub fn alias(self) -> &'static str {
        &self.target.alias
    }

    pub(super) fn entity(self) -> Entity {
        self.target.entity
    }

    pub(super) fn list(self) -> Option<&'static str> {
        self.target.list.map(|list| list.0)
    }

    pub(super) fn list_field(self) -> Option<usize> {
        self.target.list.map(|list| list.1)
    }

    pub(super) fn path(self) -> &'static [u8] {
        &self.target.path
    }

    pub(super) fn names(self) -> &'static [&'static str] {
        &self.target.names
    }

    pub(super) fn field(self) -> (&'static str, &'static Spec) {
        (self.target.code, self.target.spec)
    }

    pub(super) fn role(self) -> Role {
        self.target.role
    }
}

struct Base {
    entity: Entity,
    list: Option<(&'static str, usize)>,
}

#[derive(Default, Clone)]
struct Prefix {
    path: Vec<u8>,
    names: Vec<&'static str>,
}

impl Base {
    fn part(&self, part: &mut dyn Part, prefix: &Prefix, targets: &mut Vec<Target>) {
        for index in 0..part.len() {
            let (code, spec) = (part.code(), part.spec(index));
            let mut here = prefix.clone();
            here.path.push(u8::try_from(index).expect("no message has 256 fields"));
            here.names.push(spec.name);
            match part.value(index) {
                Value::Part(slot) => self.part(slot.blank().as_mut(), &here, targets),
                Value::List(items) => {
                    let base = Self { entity: self.entity, list: Some((spec.name, index)) };
                    base.part(items.blank().as_mut(), &Prefix::default(), targets);
                }
                _ => self.field(&here, (code, spec), targets),
            }
        }
    }

    fn field(
        &self,
        prefix: &Prefix,
        (code, spec): (&'static str, &'static Spec),
        targets: &mut Vec<Target>,
    ) {
        let mut add = |alias: String, role: Role| {
            let (path, names) = (prefix.path.clone(), prefix.names.clone());
            let (entity, list) = (self.entity, self.list);
            targets.push(Target { entity, list, alias, path, names, code, spec, role });
        };
        let alias = alias_of(&prefix.names.join("."));
        match spec.form {
            Form::Mass => add(alias, Role::Mass),
            Form::Money => add(alias, Role::Money),
            Form::Instant => add(alias, Role::Moment),
            _ => add(alias, Role::Plain(spec)),
        }
        match spec.name {
            "registered_at_us" => {
                add("date_registration".to_owned(), Role::MomentDay);
                add("time_registration".to_owned(), Role::MomentTime);
            }
            "contributed_mass_mg" => add("contributed_unit".to_owned(), Role::Unit),
            "net_mass_mg" => add("unit_of_measurement".to_owned(), Role::Unit),
            "mine_site_id" => {
                add("mine_site.national_id".to_owned(), Role::Site(SitePart::NationalId));
                add("mine_site.latitude".to_owned(), Role::Site(SitePart::Latitude));
                add("mine_site.longitude".to_owned(), Role::Site(SitePart::Longitude));
            }
            _ => {}
        }
    }
}

/// The path without the suffix of the unit in which we store.
fn alias_of(path: &str) -> String {
    ["_mg", "_ppm", "_minor", "_e7", "_cm", "_us"]
        .iter()
        .find_map(|suffix| path.strip_suffix(suffix))
        .unwrap_or(path)
        .to_owned()
}
