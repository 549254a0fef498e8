//! Aliases, resolved once into where a cell goes.
//!
//! The alias of a field is its path in the .proto text without the suffix of
//! its unit: `mine_site_location.geolocalization.latitude` for `latitude_e7`.
//! The place names of a site have paths longer than a database lets an alias be;
//! they go without `mine_site_location.` as well. A few aliases are no fields: the
//! unit of a declared mass, the date and the time that together make an instant,
//! and what the id of a site is minted from where the state gives its sites none.

use std::sync::LazyLock;

use crate::{
    Entity, Record,
    code::UNIT_OF_MEASUREMENT,
    model::{self, Form, Part, Spec, Value},
};

/// PostgreSQL cuts an alias after 63 bytes, without an error.
const LONG_PREFIX: &str = "mine_site_location.local_geographic_designation.";
const SHORT_PREFIX: &str = "local_geographic_designation.";

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
    /// It is one of the two numbers that make a point.
    Degrees,
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
    /// It names the site of a record whose state gives sites no regional id.
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
    /// The whole path, where it is longer than an alias may be.
    long: Option<String>,
    path: Vec<u8>,
    names: Vec<&'static str>,
    code: &'static str,
    spec: &'static Spec,
    role: Role,
    /// The path of the currency of an amount, in the same message; else empty.
    currency: Vec<u8>,
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

/// The lists of each record type, by name, with their field numbers.
static LISTS: LazyLock<Vec<(Entity, &'static str, usize)>> = LazyLock::new(|| {
    let mut lists = Vec::new();
    for entity in Entity::ALL {
        let mut record = Record::empty(entity);
        let part = model::part_of(&mut record);
        let of = |list: &&'static str| (entity, *list, model::number_of(part, list));
        lists.extend(entity.lists().iter().map(of));
    }
    lists
});

/// The field number of the list of that name.
pub(super) fn list(entity: Entity, name: &str) -> Option<usize> {
    let known = LISTS.iter().find(|(of, list, _)| *of == entity && *list == name);
    known.map(|(_, _, number)| *number)
}

/// The column of that alias; `alias` is relative to the list. A field that
/// holds several values is a list of its own name as well.
pub fn column(entity: Entity, list: Option<&str>, alias: &str) -> Option<Column> {
    of(entity, list)
        .find(|target| target.alias == alias || target.long.as_deref() == Some(alias))
        .map(|target| Column { target })
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

    /// Where the currency of an amount is.
    pub(super) fn currency(self) -> &'static [u8] {
        &self.target.currency
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
        let of_form = |part: &dyn Part, wanted: fn(Form) -> bool| {
            (0..part.len()).find(|index| wanted(part.spec(*index).form))
        };
        let currency = of_form(part, |form| matches!(form, Form::Currency)).map(number);
        let has_unit = of_form(part, is_unit).is_some();
        for index in 0..part.len() {
            let (code, spec) = (part.code(), part.spec(index));
            let mut here = prefix.clone();
            here.path.push(number(index));
            here.names.push(spec.name);
            match part.value(index) {
                Value::Part(slot) => self.part(slot.blank().as_mut(), &here, targets),
                Value::List(items) if self.entity.lists().contains(&spec.name) => {
                    let base = Self { entity: self.entity, list: Some((spec.name, index)) };
                    base.part(items.blank().as_mut(), &Prefix::default(), targets);
                }
                Value::List(_) => {}
                _ => self.field(&here, (code, spec), (currency, has_unit), targets),
            }
        }
    }

    fn field(
        &self,
        prefix: &Prefix,
        (code, spec): (&'static str, &'static Spec),
        (currency, has_unit): (Option<u8>, bool),
        targets: &mut Vec<Target>,
    ) {
        let mut add = |alias: String, role: Role| {
            let (path, names) = (prefix.path.clone(), prefix.names.clone());
            let (entity, list) = (self.entity, self.list);
            let beside = |number: u8| path[..path.len() - 1].iter().copied().chain([number]);
            let currency = currency.map(|number| beside(number).collect()).unwrap_or_default();
            let short = alias.strip_prefix(LONG_PREFIX).map(|name| format!("{SHORT_PREFIX}{name}"));
            let (alias, long) = match short {
                Some(short) => (short, Some(alias)),
                None => (alias, None),
            };
            targets.push(Target {
                entity,
                list,
                alias,
                long,
                path,
                names,
                code,
                spec,
                role,
                currency,
            });
        };
        let alias = alias_of(&prefix.names.join("."));
        match spec.form {
            Form::Mass | Form::MassOrZero => {
                add(alias, Role::Mass);
                if spec.name == "contributed_mass_mg" {
                    add("contributed_unit".to_owned(), Role::Unit);
                } else if !has_unit {
                    add("unit_of_measurement".to_owned(), Role::Unit);
                }
            }
            Form::Money => add(alias, Role::Money),
            Form::Instant | Form::Moment => add(alias, Role::Moment),
            Form::Degrees { .. } => add(alias, Role::Degrees),
            _ => add(alias, Role::Plain(spec)),
        }
        match (self.entity, spec.name) {
            (Entity::Lot, "registered_at_us") => {
                add("date_registration".to_owned(), Role::MomentDay);
                add("time_registration".to_owned(), Role::MomentTime);
            }
            (_, "mine_site_id") => {
                add("mine_site.national_id".to_owned(), Role::Site(SitePart::NationalId));
                add("mine_site.latitude".to_owned(), Role::Site(SitePart::Latitude));
                add("mine_site.longitude".to_owned(), Role::Site(SitePart::Longitude));
            }
            _ => {}
        }
    }
}

fn number(index: usize) -> u8 {
    u8::try_from(index).expect("no message has 256 fields")
}

fn is_unit(form: Form) -> bool {
    matches!(form, Form::Code(list) if list.place == UNIT_OF_MEASUREMENT.place)
}

/// The path without the suffix of the unit in which we store.
fn alias_of(path: &str) -> String {
    ["_mg", "_ppm", "_minor", "_e7", "_e3", "_cm", "_us"]
        .iter()
        .find_map(|suffix| path.strip_suffix(suffix))
        .unwrap_or(path)
        .to_owned()
}
