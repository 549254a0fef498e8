//! Whether one document holds everything that another says.

use serde_json::Value as Json;

/// What `after` lacks or says otherwise of what `before` says.
pub(crate) fn losses(before: &Json, after: &Json, path: &str, found: &mut Vec<String>) {
    match (before, after) {
        (Json::Object(before), Json::Object(after)) => {
            for (name, value) in before {
                let here = format!("{path}.{name}");
                match after.get(name) {
                    Some(known) => losses(value, known, &here, found),
                    None => found.push(format!("{here} is gone")),
                }
            }
        }
        (Json::Array(before), Json::Array(after)) if before.len() == after.len() => {
            for (index, (value, known)) in before.iter().zip(after).enumerate() {
                losses(value, known, &format!("{path}[{index}]"), found);
            }
        }
        (Json::Number(first), Json::Number(second)) => {
            if first.as_f64() != second.as_f64() {
                found.push(format!("{path}: {first} became {second}"));
            }
        }
        (before, after) => {
            if before != after {
                found.push(format!("{path}: {before} became {after}"));
            }
        }
    }
}
