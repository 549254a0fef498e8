//! What the text of the contract must say about every field.

#![expect(clippy::unwrap_used, reason = "tests, and their helpers too")]

use std::{fs, path::Path};

/// A field with its comment.
struct Field {
    file: String,
    message: String,
    name: String,
    comment: String,
}

/// Every field of every message, oneof members left out: their oneof is required.
fn fields() -> Vec<Field> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("rmd/v1");
    let mut fields = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let file = path.file_name().unwrap().to_string_lossy().into_owned();
        read(&file, &fs::read_to_string(&path).unwrap(), &mut fields);
    }
    fields
}

fn read(file: &str, text: &str, fields: &mut Vec<Field>) {
    let (mut message, mut comment) = (None, String::new());
    for line in text.lines() {
        if let Some(text) = line.trim_start().strip_prefix("//") {
            comment.push_str(text);
            continue;
        }
        if let Some(rest) = line.strip_prefix("message ") {
            message = rest.split(' ').next().map(str::to_owned);
        } else if line == "}" {
            message = None;
        }
        // A field of the message itself is indented by two blanks, a oneof member by four.
        let is_field = line.starts_with("  ") && !line.starts_with("   ") && line.contains(" = ");
        if let (Some(message), true) = (&message, is_field) {
            let name = line.split(" = ").next().unwrap().rsplit(' ').next().unwrap();
            let (file, message, name) = (file.to_owned(), message.clone(), name.to_owned());
            fields.push(Field { file, message, name, comment: comment.clone() });
        }
        comment.clear();
    }
}

#[test]
fn every_field_says_whether_it_is_required() {
    let fields = fields();
    assert!(fields.len() > 200, "{}", fields.len());
    let words = ["Required", "Optional", "None or more", "One or more", "At least one"];
    for field in fields {
        let Field { file, message, name, comment } = &field;
        let says = words.iter().any(|word| comment.contains(word));
        assert!(says, "{file}: {message}.{name}:{comment}");
    }
}

#[test]
fn every_field_of_a_record_names_its_source() {
    let records = ["mine_site.proto", "lot.proto", "party.proto", "trade.proto"];
    for field in fields() {
        let Field { file, message, name, comment } = &field;
        let says = ["MD.", "MDC.", "Our addition"].iter().any(|word| comment.contains(word));
        assert!(says || !records.contains(&file.as_str()), "{file}: {message}.{name}:{comment}");
    }
}

#[test]
fn every_field_with_a_unit_in_its_name_says_it() {
    let units = [
        ("_mg", "milligrams"),
        ("_ppm", "parts per million"),
        ("_minor", "minor units"),
        ("_e7", "ten-millionths of a degree"),
        ("_cm", "centimetres"),
        ("_us", "microseconds"),
    ];
    for field in fields() {
        let Field { file, message, name, comment } = &field;
        let unit = units.iter().find(|(suffix, _)| name.ends_with(suffix));
        let says = unit.is_none_or(|(_, unit)| comment.contains(unit));
        assert!(says, "{file}: {message}.{name}:{comment}");
    }
}
