//! What is known to be wrong in a set, as its author wrote it.
//!
//! A label that cannot be read is told and counted, never passed over in silence: it may
//! be one that no rule would find.

use std::collections::BTreeSet;

use anyhow::Result;
use rmd_reconcile::Rule;
use rmd_standard::{Entity, country};
use serde_json::Value as Json;

use crate::{
    names::Names,
    set::{Set, country_of, files, lines},
    tell,
};

/// One thing that a rule has to find, or must not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Label {
    /// `R01` to `R28`.
    pub(crate) rule: String,
    /// 1 to 3.
    pub(crate) severity: u8,
    /// The state that may answer, alpha-2.
    pub(crate) country: String,
    /// The record type, or a kind of subject.
    pub(crate) entity: String,
    /// Its key, as it is written.
    pub(crate) key: String,
    /// Where it stands.
    pub(crate) place: String,
    /// The keys that may be meant.
    pub(crate) keys: BTreeSet<String>,
    /// Whether a record of the set has one of them, or none needs to.
    pub(crate) is_known: bool,
}

impl Label {
    /// The record type that it names: none for a kind of subject that is no record.
    pub(crate) fn record_type(&self) -> Option<Entity> {
        let name = folded(&self.entity);
        let of_types = Entity::ALL.into_iter().map(|entity| (entity, folded(entity.name())));
        let of_files =
            files().map(|(entity, file)| (entity, folded(file.trim_end_matches(".jsonl"))));
        let alike = |known: &str| known == name || name.strip_suffix('s') == Some(known);
        of_types
            .chain(of_files)
            .chain(short_names())
            .find(|(_, known)| alike(known))
            .map(|one| one.0)
    }
}

/// What people call record types, too.
fn short_names() -> impl Iterator<Item = (Entity, String)> {
    [
        (Entity::MineSite, "site"),
        (Entity::ExporterStatus, "exporter"),
        (Entity::ExportCertificate, "certificate"),
        (Entity::ExportDeclaration, "export"),
        (Entity::ImportDeclaration, "import"),
        (Entity::ReportingPeriod, "period"),
    ]
    .into_iter()
    .map(|(entity, name)| (entity, name.to_owned()))
}

impl std::fmt::Display for Label {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { rule, severity, entity, key, place, .. } = self;
        write!(formatter, "{place} {rule} severity {severity} {entity} {key}")
    }
}

/// The labels of a file, and how many lines are none.
pub(crate) fn read(set: &Set, name: &str, names: &Names) -> Result<(Vec<Label>, usize)> {
    let (mut labels, mut unreadable) = (Vec::new(), 0);
    for line in lines(&set.beside(name))? {
        let place = format!("{name}:{}", line.number);
        match label(&line.bytes, &place) {
            Ok(mut label) => {
                names.resolve(&mut label);
                labels.push(label);
            }
            Err(reason) => {
                unreadable += 1;
                tell::note(&format!("no label: {place} {reason}"));
            }
        }
    }
    Ok((labels, unreadable))
}

fn label(bytes: &[u8], place: &str) -> Result<Label, String> {
    let json: Json = serde_json::from_slice(bytes).map_err(|error| {
        format!("is no JSON ({error}); write one object with rule, severity, country, entity, key")
    })?;
    let text = |field: &str| match json.get(field) {
        Some(Json::String(text)) => text.trim().to_owned(),
        Some(Json::Number(number)) => number.to_string(),
        _ => String::new(),
    };
    let rule = text("rule");
    let number = rule.trim_start_matches(['R', 'r']).parse::<u8>();
    let known = number.ok().and_then(|number| Rule::of(&format!("R{number:02}")));
    let known =
        known.ok_or_else(|| format!("field rule: {rule:?} is no rule; write one of R01 to R28"))?;
    let severity = text("severity");
    let number = severity.trim_start_matches(['S', 's']).parse::<u8>();
    let weight = number
        .ok()
        .filter(|number| (1..=3).contains(number))
        .ok_or_else(|| format!("field severity: {severity:?} is none; write 1, 2 or 3"))?;
    let key = text("key");
    if key.is_empty() {
        return Err("field key is missing; write the key of the record it is about".to_owned());
    }
    let country = text("country");
    let country = country_of(&country)
        .filter(|alpha2| country::alpha3_of(alpha2).is_some())
        .unwrap_or(country);
    Ok(Label {
        rule: known.id().to_owned(),
        severity: weight,
        country,
        entity: text("entity"),
        keys: BTreeSet::from([key.clone()]),
        key,
        place: place.to_owned(),
        is_known: false,
    })
}

fn folded(name: &str) -> String {
    name.chars().filter(|one| one.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_is_read_in_the_spellings_of_its_author() {
        for (text, rule, severity, country) in [
            (
                r#"{"rule":"R08","severity":3,"country":"CD","entity":"Lot","key":"x"}"#,
                "R08",
                3,
                "CD",
            ),
            (
                r#"{"rule":"r8","severity":"S2","country":"COD","entity":"lots","key":"x"}"#,
                "R08",
                2,
                "CD",
            ),
            (
                r#"{"rule":8,"severity":"1","country":"cod","entity":"lot","key":"x"}"#,
                "R08",
                1,
                "CD",
            ),
        ] {
            let label = label(text.as_bytes(), "labels.jsonl:1").unwrap();
            assert_eq!((&*label.rule, label.severity, &*label.country), (rule, severity, country));
            assert_eq!(label.record_type(), Some(Entity::Lot), "{text}");
        }
    }

    #[test]
    fn what_is_no_label_is_told_with_field_value_and_remedy() {
        for (text, told) in [
            (r#"{"rule":"R29","severity":3,"key":"x"}"#, "field rule: \"R29\""),
            (r#"{"rule":"R01","severity":4,"key":"x"}"#, "field severity: \"4\""),
            (r#"{"rule":"R01","severity":3}"#, "field key is missing"),
            ("R01,3", "is no JSON"),
        ] {
            let reason = label(text.as_bytes(), "labels.jsonl:1").unwrap_err();
            assert!(reason.contains(told), "{reason}");
        }
    }

    #[test]
    fn kinds_of_subjects_are_no_record_types() {
        let of = |entity: &str| {
            let text = format!(r#"{{"rule":"R05","severity":3,"entity":"{entity}","key":"x"}}"#);
            label(text.as_bytes(), "").unwrap().record_type()
        };
        assert_eq!(of("Tag"), None);
        assert_eq!(of("mine-sites"), Some(Entity::MineSite));
        assert_eq!(of("MineSite"), Some(Entity::MineSite));
        assert_eq!(of("production"), Some(Entity::ProductionDeclaration));
        assert_eq!(of("Certificate"), Some(Entity::ExportCertificate));
        assert_eq!(of("ReportingPeriods"), Some(Entity::ReportingPeriod));
    }
}
