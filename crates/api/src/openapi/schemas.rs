//! JSON Schemas of the standard in the dialect of OpenAPI 3.0.
//!
//! Each comes twice: as the standard has it, for what is posted, and as an answer
//! may hold it, where a value may be absent or kept back. The dialect knows no
//! lists of types, no `const`, no `examples` and no tuples; what it cannot say is
//! left out, never said otherwise.

use rmd_standard::{Entity, icglr::Usage, schema};
use serde_json::{Map, Value, json};

use super::envelope;
use crate::Collection;

/// What the dialect has no word for.
const UNKNOWN: [&str; 16] = [
    "$schema",
    "$id",
    "$comment",
    "definitions",
    "if",
    "then",
    "else",
    "patternProperties",
    "dependencies",
    "propertyNames",
    "contains",
    "additionalItems",
    "contentEncoding",
    "contentMediaType",
    "const",
    "examples",
];

/// What an answer does not promise, because a source may lack it or have it otherwise.
const UNPROMISED: [&str; 11] = [
    "required",
    "pattern",
    "format",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "uniqueItems",
    "minimum",
    "maximum",
    "additionalProperties",
];

/// Every schema of the document.
pub(super) fn components(usage: Usage) -> Map<String, Value> {
    let mut components = envelope::components();
    for collection in Collection::ALL {
        let entity = collection.entity();
        for (name, schema) in documents(entity, usage) {
            let strict = translate(&schema);
            components.insert(answer_name(&name), as_answer(strict.clone()));
            components.insert(name, as_posted(strict));
        }
        let item = reference(&answer_name(entity.name()));
        components.insert(list_name(entity), list_of(&item));
    }
    components
}

/// The name of the schema of an answer.
pub(super) fn answer_name(name: &str) -> String {
    format!("{name}Answer")
}

/// The name of the schema of a page.
pub(super) fn list_name(entity: Entity) -> String {
    format!("{}ListResponse", entity.name())
}

pub(super) fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{name}") })
}

/// The schema of an entity and those that it refers to.
fn documents(entity: Entity, usage: Usage) -> Map<String, Value> {
    let mut document = schema::of(entity, usage);
    let definitions = document["definitions"].take();
    let mut all = match definitions {
        Value::Object(definitions) => definitions,
        _ => Map::new(),
    };
    // A document that only refers to one of its definitions adds nothing to it.
    if document.get("$ref").is_none() {
        all.insert(entity.name().to_owned(), document);
    }
    all
}

/// One schema of draft-07 in the words of OpenAPI 3.0.
fn translate(schema: &Value) -> Value {
    let Value::Object(words) = schema else {
        // The schema that is true allows anything; none of ours is false.
        return json!({});
    };
    if let Some(target) = words.get("$ref").and_then(Value::as_str) {
        return reference(target.rsplit('/').next().unwrap_or(target));
    }
    let mut out = Map::new();
    for (word, value) in words.iter().filter(|(word, _)| !UNKNOWN.contains(&word.as_str())) {
        translate_word(word, value, &mut out);
    }
    if let Some(only) = words.get("const") {
        out.insert("enum".to_owned(), json!([only]));
    }
    let example = words.get("examples").and_then(Value::as_array).and_then(|list| list.first());
    if let Some(example) = example {
        out.insert("example".to_owned(), example.clone());
    }
    Value::Object(out)
}

fn translate_word(word: &str, value: &Value, out: &mut Map<String, Value>) {
    match (word, value) {
        ("properties", Value::Object(properties)) => {
            let each = properties.iter().map(|(name, schema)| (name.clone(), translate(schema)));
            out.insert(word.to_owned(), Value::Object(each.collect()));
        }
        // Tuples have no place in the dialect; their members may be anything.
        ("items", Value::Array(_)) => {
            out.insert(word.to_owned(), json!({}));
        }
        ("additionalProperties", Value::Bool(_)) => {
            out.insert(word.to_owned(), value.clone());
        }
        ("items" | "not" | "additionalProperties", schema) => {
            out.insert(word.to_owned(), translate(schema));
        }
        ("anyOf" | "oneOf" | "allOf", Value::Array(parts)) => {
            out.insert(word.to_owned(), parts.iter().map(translate).collect());
        }
        ("type", Value::Array(types)) => translate_types(types, out),
        ("exclusiveMinimum", Value::Number(bound)) => {
            out.insert("minimum".to_owned(), json!(bound));
            out.insert(word.to_owned(), Value::Bool(true));
        }
        ("exclusiveMaximum", Value::Number(bound)) => {
            out.insert("maximum".to_owned(), json!(bound));
            out.insert(word.to_owned(), Value::Bool(true));
        }
        _ => {
            out.insert(word.to_owned(), value.clone());
        }
    }
}

/// Several types become alternatives; null becomes a mark.
fn translate_types(types: &[Value], out: &mut Map<String, Value>) {
    let plain: Vec<&Value> = types.iter().filter(|name| *name != "null").collect();
    if plain.len() < types.len() {
        out.insert("nullable".to_owned(), Value::Bool(true));
    }
    if let [single] = plain[..] {
        out.insert("type".to_owned(), single.clone());
    } else {
        let each = plain.into_iter().map(|name| json!({ "type": name }));
        out.insert("anyOf".to_owned(), each.collect());
    }
}

/// The schema as it is posted: null says that there is none of what may be left out.
fn as_posted(mut schema: Value) -> Value {
    let required = schema["required"].as_array().cloned().unwrap_or_default();
    let properties = schema.get_mut("properties").and_then(Value::as_object_mut);
    for (name, property) in properties.into_iter().flatten() {
        let is_optional = !required.iter().any(|needed| needed == name);
        if let Some(words) = property.as_object_mut().filter(|_| is_optional)
            && words.contains_key("type")
            && !words.contains_key("enum")
        {
            words.insert("nullable".to_owned(), Value::Bool(true));
        }
    }
    schema
}

/// The schema as an answer keeps it: types and codes, each also absent or kept back.
fn as_answer(schema: Value) -> Value {
    let Value::Object(mut words) = schema else { return schema };
    if let Some(target) = words.get("$ref").and_then(Value::as_str) {
        return reference(&answer_name(target.rsplit('/').next().unwrap_or(target)));
    }
    words.retain(|word, _| !UNPROMISED.contains(&word.as_str()) && !word.starts_with("exclusive"));
    for (word, value) in &mut words {
        match (word.as_str(), value) {
            ("properties", Value::Object(properties)) => {
                for schema in properties.values_mut() {
                    *schema = or_withheld(as_answer(schema.take()));
                }
            }
            ("items", value) => *value = as_answer(value.take()),
            ("anyOf" | "oneOf" | "allOf", Value::Array(parts)) => {
                for part in parts {
                    *part = as_answer(part.take());
                }
            }
            _ => {}
        }
    }
    // Without bounds and patterns alternatives may overlap.
    if let Some(parts) = words.remove("oneOf") {
        words.insert("anyOf".to_owned(), parts);
    }
    words.remove("not");
    Value::Object(words)
}

fn or_withheld(schema: Value) -> Value {
    let is_text = schema["type"] == "string" && schema.get("enum").is_none();
    if is_text || schema.as_object().is_some_and(Map::is_empty) {
        return schema;
    }
    json!({ "anyOf": [schema, { "type": "string", "enum": ["N/A"] }] })
}

fn list_of(item: &Value) -> Value {
    json!({
        "type": "object",
        "required": ["data", "pagination"],
        "properties": {
            "data": { "type": "array", "items": item },
            "pagination": reference("Pagination"),
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_draft_07_become_words_of_the_dialect() {
        let schema = json!({
            "$id": "x", "type": ["string", "null"], "const": "a", "examples": ["a", "b"],
            "exclusiveMinimum": 0, "if": {}, "then": {},
        });
        assert_eq!(
            translate(&schema),
            json!({
                "type": "string", "nullable": true, "enum": ["a"], "example": "a",
                "minimum": 0, "exclusiveMinimum": true,
            })
        );
        let schema = json!({"properties": {"const": {"$ref": "#/definitions/Tag"}}, "items": [{}], "type": ["string", "number"]});
        assert_eq!(
            translate(&schema),
            json!({
                "properties": {"const": {"$ref": "#/components/schemas/Tag"}}, "items": {},
                "anyOf": [{"type": "string"}, {"type": "number"}],
            })
        );
    }

    #[test]
    fn what_may_be_left_out_of_a_posted_record_may_be_null() {
        let number = json!({"type": "number"});
        let schema = json!({
            "required": ["mass"],
            "properties": {"mass": number, "price": number, "tag": {"$ref": "#/components/schemas/Tag"}},
        });
        let posted = as_posted(schema.clone());
        assert_eq!(posted["properties"]["price"], json!({"type": "number", "nullable": true}));
        for kept in ["mass", "tag"] {
            assert_eq!(posted["properties"][kept], schema["properties"][kept]);
        }
    }

    #[test]
    fn an_answer_may_lack_a_value_or_keep_it_back() {
        let strict = json!({
            "type": "object", "required": ["mass"],
            "properties": {
                "mass": {"type": "number", "minimum": 0},
                "name": {"type": "string", "minLength": 1},
                "tag": {"$ref": "#/components/schemas/Tag"},
            },
        });
        let not_given = json!({"type": "string", "enum": ["N/A"]});
        assert_eq!(
            as_answer(strict),
            json!({
                "type": "object",
                "properties": {
                    "mass": {"anyOf": [{"type": "number"}, not_given]},
                    "name": {"type": "string"},
                    "tag": {"anyOf": [{"$ref": "#/components/schemas/TagAnswer"}, not_given]},
                },
            })
        );
    }
}
