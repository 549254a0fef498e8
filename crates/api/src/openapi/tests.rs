use serde_json::Value;

use super::*;

fn each<'a>(value: &'a Value, visit: &mut impl FnMut(&'a str, &'a Value)) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                visit(name, value);
                each(value, visit);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| each(item, visit)),
        _ => {}
    }
}

#[test]
fn every_reference_leads_somewhere() {
    for writes in [true, false] {
        let document = document(Usage::Icglr, writes, "1.2.3");
        let mut count = 0;
        each(&document, &mut |name, value| {
            if let ("$ref", Some(target)) = (name, value.as_str()) {
                count += 1;
                let pointer = target.strip_prefix('#').unwrap();
                assert!(document.pointer(pointer).is_some(), "{target}");
            }
        });
        assert!(count > 100);
    }
}

#[test]
fn no_word_of_another_dialect_is_left() {
    let document = document(Usage::Rwanda, true, "1.2.3");
    each(&document["components"]["schemas"], &mut |name, value| {
        assert!(!matches!(name, "definitions" | "$schema" | "$id" | "if" | "examples"), "{name}");
        if name == "type" {
            assert!(value.is_string() || value.is_object(), "{value}");
        }
    });
}

#[test]
fn every_operation_has_its_own_id() {
    let document = document(Usage::Icglr, true, "1.2.3");
    let mut ids = Vec::new();
    each(&document["paths"], &mut |name, value| {
        if name == "operationId" {
            ids.push(value.as_str().unwrap());
        }
    });
    let count = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!((ids.len(), count), (17, 17));
}
