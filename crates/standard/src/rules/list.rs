//! The rules as a list for people: `rules list` and docs/RULES.md.

use serde::Serialize;

use super::{TIME_REGISTRATION, WITHHELD, country_rule};
use crate::{
    Entity, Record, Severity,
    finding::Ground,
    key,
    model::{self, Class, Fault, Part, RuleText, Value},
};

/// One rule as it is listed for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RuleInfo {
    /// Id, as findings name it.
    pub id: String,
    /// Record type.
    pub entity: Entity,
    /// Path of the field; `[]` stands for any element of a list.
    pub path: String,
    /// Weight.
    pub severity: Severity,
    /// What is wrong and how to mend it, in English.
    pub en: String,
    /// The same in French.
    pub fr: String,
}

/// Every rule of every record type, in the order of the tables.
pub fn all() -> impl Iterator<Item = RuleInfo> {
    Entity::ALL.into_iter().flat_map(|entity| {
        let listed = list(entity).into_iter();
        listed.map(move |Listed { ground, severity, path }| {
            let ((en, fr), (remedy_en, remedy_fr)) = (ground.complaint(), ground.remedy());
            let (en, fr) = (format!("{en}. {remedy_en}."), format!("{fr}. {remedy_fr}."));
            RuleInfo { id: ground.id(), entity, path, severity, en, fr }
        })
    })
}

/// What each rule of a record type says.
pub(crate) fn grounds(entity: Entity) -> impl Iterator<Item = Ground> {
    list(entity).into_iter().map(|listed| listed.ground)
}

fn list(entity: Entity) -> Vec<Listed> {
    let mut list = List { entity, rules: Vec::new() };
    let mut record = Record::empty(entity);
    list.part(model::part_of(&mut record), "");
    let of_record = [country_rule(entity), &WITHHELD];
    let of_draft = (entity == Entity::Lot).then_some(&TIME_REGISTRATION);
    for text in of_record.into_iter().chain(of_draft) {
        list.rule(text, text.field.to_owned());
    }
    list.rules
}

struct Listed {
    ground: Ground,
    severity: Severity,
    path: String,
}

struct List {
    entity: Entity,
    rules: Vec<Listed>,
}

impl List {
    fn part(&mut self, part: &mut dyn Part, prefix: &str) {
        for index in 0..part.len() {
            let (code, spec) = (part.code(), part.spec(index));
            let path = format!("{prefix}{}", spec.name);
            let ground = |fault| Ground::Field { code, spec, fault };
            if let Some(severity) = self.need(part, index, &path) {
                self.add(&ground(Fault::Missing), severity, path.clone());
            }
            for fault in spec.form.faults() {
                self.add(&ground(*fault), spec.form.severity(*fault), path.clone());
            }
            if spec.class == Class::National {
                self.add(&ground(Fault::National), Severity::Refuse, path.clone());
            }
            match part.value(index) {
                Value::Part(slot) => self.part(slot.blank().as_mut(), &format!("{path}.")),
                Value::List(items) => self.part(items.blank().as_mut(), &format!("{path}[].")),
                _ => {}
            }
        }
        for index in 0..part.rules() {
            let text = part.rule(index);
            self.rule(text, format!("{prefix}{}", text.field));
        }
    }

    fn need(&self, part: &dyn Part, index: usize, path: &str) -> Option<Severity> {
        let vital = key::insists_on(self.entity, path);
        if vital { Some(Severity::Refuse) } else { part.need_at_most(index) }
    }

    fn rule(&mut self, text: &'static RuleText, path: String) {
        self.add(&Ground::Rule(text), text.severity, path);
    }

    fn add(&mut self, ground: &Ground, severity: Severity, path: String) {
        self.rules.push(Listed { ground: *ground, severity, path });
    }
}
