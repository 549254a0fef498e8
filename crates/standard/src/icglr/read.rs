//! The standard's JSON to records, tolerantly.
//!
//! One walk along the plans puts each member into its field and notes what it
//! cannot read; then the record is checked like any other. Nothing is dropped:
//! what cannot be put anywhere is a finding, or an attribute that is kept.

mod amount;
mod compound;
mod leaf;
mod moment;
pub(super) mod outcome;
mod point;
mod withheld;

use std::collections::HashSet;

use rmd_proto::v1::Extension;
use serde_json::{Map, Value as Json};

use super::{
    extension::{self, extensions_mut, path_of},
    name::name_of,
    parse,
    plan::{Member, Plan, ROLES, Role, plans},
    rules::{self, FINDINGS_MAX, Fault as JsonFault},
    shape::Shape,
    write,
};
use crate::{
    Context, Entity, National, Record, Refusal, Severity, Valid,
    finding::{Ground, Issue},
    model::{
        self, Class, ELEMENTS_MAX, Fault, Form, Part, RuleText, Spec, Trail, Value, shortened,
    },
};

/// Bytes of the path and of the value of a national attribute.
const EXTENSION_PATH_MAX: usize = 500;
const EXTENSION_JSON_MAX: usize = 8192;

/// Reads a record.
pub(super) fn read(
    entity: Entity,
    json: &Json,
    context: &Context,
) -> Result<Valid<Record, National>, Refusal> {
    let mut record = Record::empty(entity);
    let mut reader = Reader::new(entity, json, context);
    reader.document(json, &mut record);
    reader.finish(record)
}

struct Reader<'a> {
    context: &'a Context,
    plan: &'static Plan,
    /// Where the site is said to be, for an address that is a mere text.
    country: String,
    /// Paths that a regional document keeps back, in the names of JSON.
    withheld: HashSet<String>,
    issues: Vec<Issue>,
    faults: Vec<JsonFault>,
    extensions: Vec<Extension>,
    keeps_extensions: bool,
    /// The unit in which the masses of the record are stated.
    unit: i32,
    /// How many tags the member `tag` gave; none if it is no array.
    tags_in_array: Option<usize>,
    /// Which member of a registration could not be read.
    registered_by: &'static str,
    /// Which coordinates of the point at hand were given, a bit each.
    coordinates: u32,
}

/// Where the walk is: as the model says it, and as JSON says it.
#[derive(Debug, Clone)]
struct At {
    trail: Trail,
    path: String,
}

impl At {
    fn root() -> Self {
        Self { trail: Trail::ROOT, path: String::new() }
    }

    fn field(&self, member: &Member) -> Self {
        Self { trail: self.trail_of(member), path: path_of(&self.path, &member.name) }
    }

    fn element(&self, member: &Member, index: usize) -> Self {
        let path = format!("{}[{index}]", path_of(&self.path, &member.name));
        Self { trail: self.trail_in(member, index), path }
    }

    fn trail_of(&self, member: &Member) -> Trail {
        self.trail.field(member.number)
    }

    fn trail_in(&self, member: &Member, index: usize) -> Trail {
        self.trail.element(member.number, index)
    }
}

/// What a document gives for one field, by role.
#[derive(Debug, Clone, Copy, Default)]
struct Given<'j> {
    values: [Option<&'j Json>; ROLES],
}

impl<'j> Given<'j> {
    fn get(&self, role: Role) -> Option<&'j Json> {
        self.values[role as usize]
    }
}

impl<'a> Reader<'a> {
    fn new(entity: Entity, json: &Json, context: &'a Context) -> Self {
        let said =
            ["addressCountry", "address_country"].iter().find_map(|name| json.get(name)?.as_str());
        Self {
            context,
            plan: plans().root(entity),
            country: said.unwrap_or(&context.country).trim().to_owned(),
            withheld: HashSet::new(),
            issues: Vec::new(),
            faults: Vec::new(),
            extensions: Vec::new(),
            keeps_extensions: extensions_mut(&mut Record::empty(entity)).is_some(),
            unit: 0,
            tags_in_array: None,
            registered_by: "registeredAt",
            coordinates: 0,
        }
    }

    fn document(&mut self, json: &Json, record: &mut Record) {
        let Json::Object(map) = json else {
            return self.fault(&rules::TYPE, String::new(), String::new());
        };
        if parse::is_too_deep(json) {
            return self.fault(&rules::DEPTH, String::new(), String::new());
        }
        self.read_withheld(map, record);
        self.object(self.plan, model::part_of(record), map, &At::root());
        if let Record::Lot(lot) = &mut *record
            && lot.country.is_empty()
        {
            // The standard's lot names no state: it is the one whose records these are.
            lot.country.clone_from(&self.context.country);
        }
        self.drop_allowed_tags(record);
        if let Some(kept) = extensions_mut(record) {
            kept.append(&mut self.extensions);
        }
    }

    /// A count that follows from the ranges of tags is no attribute of its own.
    fn drop_allowed_tags(&mut self, record: &Record) {
        if let Some(count) = write::allowed_tags(record) {
            let count = count.to_string();
            self.extensions.retain(|extension| {
                extension.path != write::ALLOWED_TAGS || extension.json != count
            });
        }
    }

    fn object(
        &mut self,
        plan: &'static Plan,
        part: &mut dyn Part,
        map: &Map<String, Json>,
        at: &At,
    ) {
        let mut given = vec![Given::default(); plan.members.len()];
        for (name, value) in map {
            match plan.target(name) {
                Some(target) if is_blank(value) => {
                    self.blank(&plan.members[target.member], name, value, at);
                }
                Some(target) => {
                    let before = given[target.member].values[target.role as usize].replace(value);
                    self.said_twice(before, value, name, at);
                }
                None => self.unknown(plan, name, value, at),
            }
        }
        for index in 0..plan.members.len() {
            self.field(plan, part, index, &given, at);
        }
    }

    /// Two names for one attribute are no fault as long as they say the same.
    fn said_twice(&mut self, before: Option<&Json>, value: &Json, name: &str, at: &At) {
        if before.is_some_and(|before| before != value) {
            self.fault(&rules::TWICE, path_of(&at.path, name), String::new());
        }
    }

    /// An empty list says that there are none, where the standard lets it; an empty
    /// object is no number.
    fn blank(&mut self, member: &Member, name: &str, value: &Json, at: &At) {
        if !member.shape.may_be(value) && member.spec.name != "purchase_number" {
            return self.fault(&rules::TYPE, path_of(&at.path, name), String::new());
        }
        let is_list =
            matches!(member.shape, Shape::Parts | Shape::Inputs | Shape::Words | Shape::Numbers(_));
        if is_list && !member.always && value.is_array() && self.keeps_extensions {
            self.keep(path_of(&at.path, &member.name), value);
        }
    }

    fn field(
        &mut self,
        plan: &'static Plan,
        part: &mut dyn Part,
        index: usize,
        given: &[Given<'_>],
        at: &At,
    ) {
        let member = &plan.members[index];
        match member.shape {
            Shape::Extensions => {}
            Shape::Mass(weighed) => self.mass(plan, part, (index, weighed), given, at),
            Shape::Money(paid, currency) => {
                self.money(plan, part, (index, currency, paid), given, at);
            }
            Shape::Registered => self.registered(plan, part, index, given, at),
            Shape::Measured(7) => self.degrees(plan, part, index, given, at),
            Shape::Tags => self.tags(member, part.value(index), &given[index], at),
            Shape::Phones => self.phones(plan, part, index, &given[index], at),
            Shape::Time => self.time(plan, part, index, &given[index], at),
            Shape::Polygon => self.polygon(plan, part, index, &given[index], at),
            Shape::Unit => self.unit(plan, part, index, &given[index], at),
            Shape::Instant => self.instant(plan, part, index, &given[index], at),
            _ => match (given[index].get(Role::Raw), given[index].get(Role::Main)) {
                (Some(raw), main) => self.stored(plan, part, (index, raw, main), at),
                (None, Some(value)) => self.main(plan, part, index, value, at),
                (None, None) => {}
            },
        }
    }

    /// A member that the tables do not know.
    fn unknown(&mut self, plan: &Plan, name: &str, value: &Json, at: &At) {
        let is_envelope = name.starts_with('@') || (at.path.is_empty() && name == "withheld");
        if is_envelope {
            // Linked data around the record, and what `read_withheld` has read.
            return;
        }
        let path = path_of(&at.path, name);
        if plan.is_almost(name) {
            self.fault(&rules::NAME, shortened(&path), String::new());
        } else if self.keeps_extensions {
            self.keep(path, value);
        } else {
            self.fault(&rules::UNKNOWN, shortened(&path), String::new());
        }
    }

    /// Keeps a member as an attribute of a national usage.
    fn keep(&mut self, path: String, value: &Json) {
        if self.extensions.len() == ELEMENTS_MAX {
            return self.fault(&rules::ELEMENTS, shortened(&path), String::new());
        }
        let json = extension::text_of(value);
        if path.len() > EXTENSION_PATH_MAX || json.len() > EXTENSION_JSON_MAX {
            return self.fault(&rules::EXTENSION, shortened(&path), String::new());
        }
        self.extensions.push(Extension { path, json });
    }

    fn fault(&mut self, rule: &'static RuleText, path: String, value: String) {
        if self.faults.len() < FINDINGS_MAX {
            self.faults.push(JsonFault { rule, path, value });
        }
    }

    /// Something stands in the field that cannot be read.
    fn blame(
        &mut self,
        (code, spec): (&'static str, &'static Spec),
        fault: Fault,
        trail: Trail,
        value: &Json,
    ) {
        let known = spec.form.faults();
        let fault =
            if known.contains(&fault) { fault } else { known.first().copied().unwrap_or(fault) };
        let ground = Ground::Field { code, spec, fault };
        let issue =
            Issue { ground, severity: spec.form.severity(fault), trail, value: shown(value) };
        self.issue(issue);
    }

    /// The member has a JSON type that its field cannot have.
    fn mistyped(&mut self, spec: &'static Spec, trail: Trail, value: &Json) {
        // What a rule across fields quotes is not looked at again, so persons stay out here.
        let embeds = matches!(spec.form, Form::Part | Form::List);
        let quotable =
            spec.class == Class::Regional && !embeds && !value.is_object() && !value.is_array();
        let value = if quotable { shown(value) } else { String::new() };
        self.issue(Issue {
            ground: Ground::Rule(&rules::TYPE),
            severity: Severity::Refuse,
            trail,
            value,
        });
    }

    fn issue(&mut self, issue: Issue) {
        let decides = issue.severity == Severity::Refuse
            && self.issues.iter().all(|known| known.severity == Severity::Incomplete);
        if self.issues.len() < FINDINGS_MAX || decides {
            self.issues.push(issue);
        }
    }
}

/// Null, blank text, and what is empty are absent.
fn is_blank(value: &Json) -> bool {
    match value {
        Json::Null => true,
        Json::String(text) => text.trim().is_empty(),
        Json::Array(list) => list.is_empty(),
        Json::Object(map) => map.is_empty(),
        _ => false,
    }
}

/// A value as findings carry it.
fn shown(value: &Json) -> String {
    match value {
        Json::String(text) => shortened(text),
        Json::Array(_) => "[…]".to_owned(),
        Json::Object(_) => "{…}".to_owned(),
        other => shortened(&other.to_string()),
    }
}

/// The field of a message with its code, as findings name it.
fn field_of(plan: &Plan, index: usize) -> (&'static str, &'static Spec) {
    (plan.code, plan.members[index].spec)
}

/// The text field at that index; none where the table says otherwise.
fn text_field(part: &mut dyn Part, index: usize) -> Option<&mut String> {
    match part.value(index) {
        Value::Text(text) => Some(text),
        _ => None,
    }
}
