//! What the standard's schemas require of a posted record.
//!
//! A source that lacks a required value is published as incomplete, because a
//! registry is as it is. Who posts a record speaks the standard, and the standard
//! has a record without a required member refused. Our additions are never
//! required here: a document of the standard alone is whole.

use std::fmt;

use rmd_standard::{
    Entity, Finding,
    icglr::{self, Usage},
    schema,
};
use serde_json::{Map, Value};

use crate::ask::Complaint;

/// As many as the reader of a record keeps; who misses more misses the same everywhere.
const FINDINGS_MAX: usize = 1000;

/// The schemas, one document for each of the standard's records.
#[derive(Debug)]
pub(crate) struct Required {
    documents: Vec<(Entity, Value)>,
}

impl Required {
    /// The schemas of that usage.
    pub(crate) fn of(usage: Usage) -> Self {
        let entities = [Entity::MineSite, Entity::ExportCertificate, Entity::Lot];
        Self { documents: entities.map(|entity| (entity, schema::of(entity, usage))).into() }
    }

    /// One finding for each required member that a record does not have. What the
    /// check of the record already found keeps its words; a member that is written
    /// out of another may be there and missing all the same, as a time is.
    pub(crate) fn missing(
        &self,
        entity: Entity,
        written: &Value,
        found: &[Finding],
    ) -> Vec<Finding> {
        let document = self.documents.iter().find(|document| document.0 == entity);
        let Some((_, document)) = document else { return Vec::new() };
        let known: Vec<Finding> = found
            .iter()
            .filter(|finding| finding.rule.ends_with("-REQUIRED"))
            .map(icglr::located)
            .collect();
        let mut walk = Walk { document, known: &known, missing: Vec::new() };
        walk.value(document, written, &Path::Root);
        walk.missing
    }
}

fn finding(path: &str) -> Finding {
    let complaint = Complaint {
        rule: "SCHEMA-REQUIRED",
        path,
        value: "",
        wrong: ["is required by the standard and missing", "est exigé par la norme et manque"],
        remedy: ["Add the member", "Ajoutez le membre"],
    };
    complaint.finding()
}

/// Where a member lies. Written out only where something is wrong with it.
enum Path<'a> {
    Root,
    Member(&'a Self, &'a str),
    Item(&'a Self, usize),
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root => Ok(()),
            Self::Member(Self::Root, name) => f.write_str(name),
            Self::Member(parent, name) => write!(f, "{parent}.{name}"),
            Self::Item(parent, index) => write!(f, "{parent}[{index}]"),
        }
    }
}

/// The required members that a record does not have.
struct Walk<'a> {
    document: &'a Value,
    /// What the check of the record has found, by its path.
    known: &'a [Finding],
    missing: Vec<Finding>,
}

impl<'a> Walk<'a> {
    fn value(&mut self, schema: &'a Value, value: &Value, path: &Path<'_>) {
        let schema = self.resolve(schema);
        match value {
            Value::Object(members) => self.members(schema, members, path),
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    self.value(&schema["items"], item, &Path::Item(path, index));
                }
            }
            _ => {}
        }
        for name in ["anyOf", "oneOf", "allOf"] {
            let parts = schema[name].as_array();
            // Of alternatives the one of the value's own type counts.
            let fitting = parts.into_iter().flatten().find(|part| is_of(self.resolve(part), value));
            if let Some(part) = fitting {
                self.value(part, value, path);
            }
        }
    }

    fn members(&mut self, schema: &'a Value, members: &Map<String, Value>, path: &Path<'_>) {
        let required = schema["required"].as_array().into_iter().flatten();
        for name in required.filter_map(Value::as_str) {
            self.demand(&Path::Member(path, name), members.contains_key(name));
        }
        let properties = schema["properties"].as_object();
        for (name, value) in members {
            let schema = properties.and_then(|properties| properties.get(name));
            if let Some(schema) = schema
                && matches!(value, Value::Object(_) | Value::Array(_))
            {
                self.value(schema, value, &Path::Member(path, name));
            }
        }
    }

    fn demand(&mut self, path: &Path<'_>, is_there: bool) {
        if (is_there && self.known.is_empty()) || self.missing.len() == FINDINGS_MAX {
            return;
        }
        let path = path.to_string();
        let known = self.known.iter().find(|finding| finding.path == path).cloned();
        self.missing.extend(known.or_else(|| (!is_there).then(|| finding(&path))));
    }

    fn resolve(&self, schema: &'a Value) -> &'a Value {
        let target = schema["$ref"].as_str().and_then(|text| text.strip_prefix('#'));
        target.and_then(|pointer| self.document.pointer(pointer)).unwrap_or(schema)
    }
}

fn is_of(schema: &Value, value: &Value) -> bool {
    match schema["type"].as_str() {
        Some("object") => value.is_object(),
        Some("array") => value.is_array(),
        Some(_) => false,
        None => schema.get("properties").is_some() && value.is_object(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_missing_member_is_named_by_its_path() {
        let document = json!({
            "type": "object",
            "required": ["a", "tag"],
            "properties": {
                "owner": {"$ref": "#/definitions/Owner"},
                "tag": {"oneOf": [{"$ref": "#/definitions/Owner"}, {"type": "array", "items": {"$ref": "#/definitions/Owner"}}]},
            },
            "definitions": {"Owner": {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}}},
        });
        let required = Required { documents: vec![(Entity::Lot, document)] };
        let paths = |value: Value| -> Vec<String> {
            required
                .missing(Entity::Lot, &value, &[])
                .into_iter()
                .map(|finding| finding.path)
                .collect()
        };
        assert_eq!(paths(json!({})), ["a", "tag"]);
        assert_eq!(
            paths(json!({"a": 1, "tag": [{"name": "x"}, {}], "owner": {}})),
            ["owner.name", "tag[1].name"]
        );
        assert_eq!(paths(json!({"a": 1, "tag": {}})), ["tag.name"]);
        assert!(paths(json!({"a": null, "tag": {"name": "x"}})).is_empty());
        assert_eq!(paths(json!({"a": 1, "tag": vec![json!({}); 4000]})).len(), FINDINGS_MAX);
    }
}
