//! What the standard's schemas require of a posted record.
//!
//! A source that lacks a required value is published as incomplete, because a
//! registry is as it is. Who posts a record speaks the standard, and the standard
//! has a record without a required member refused. Our additions are never
//! required here: a document of the standard alone is whole.

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
        let mut walk = Walk { document, demanded: Vec::new() };
        walk.value(document, written, "");
        let found: Vec<Finding> = found
            .iter()
            .filter(|finding| finding.rule.ends_with("-REQUIRED"))
            .map(icglr::located)
            .collect();
        let missing = walk.demanded.into_iter().filter_map(|(path, is_there)| {
            let known = found.iter().find(|finding| finding.path == path).cloned();
            known.or_else(|| (!is_there).then(|| finding(&path)))
        });
        missing.take(FINDINGS_MAX).collect()
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

/// Required members of a record, each with whether it is there.
struct Walk<'a> {
    document: &'a Value,
    demanded: Vec<(String, bool)>,
}

impl<'a> Walk<'a> {
    fn value(&mut self, schema: &'a Value, value: &Value, path: &str) {
        let schema = self.resolve(schema);
        match value {
            Value::Object(members) => self.members(schema, members, path),
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    self.value(&schema["items"], item, &format!("{path}[{index}]"));
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

    fn members(&mut self, schema: &'a Value, members: &Map<String, Value>, path: &str) {
        let joined = |name: &str| {
            if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
        };
        let required = schema["required"].as_array().into_iter().flatten();
        for name in required.filter_map(Value::as_str) {
            self.demanded.push((joined(name), members.contains_key(name)));
        }
        for (name, schema) in schema["properties"].as_object().into_iter().flatten() {
            if let Some(value) = members.get(name) {
                self.value(schema, value, &joined(name));
            }
        }
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
