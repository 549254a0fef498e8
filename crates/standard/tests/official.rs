//! The published examples and schemas of the standard, and our own examples.
//!
//! Our own examples are always checked. Those of the standard are public and
//! their licence is open, so they are no part of this repository: name a
//! checkout in `RMD_ICGLR_STANDARD` and its `schemas/` and `examples/json/` are
//! used as well; without it the test says so.

#[path = "icglr/compare.rs"]
mod compare;

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use jiff::{civil::date, tz::TimeZone};
use jsonschema::{Registry, Validator};
use rmd_standard::{
    Context, Entity,
    icglr::{self, Usage},
    schema,
};
use serde_json::Value as Json;

const VARIABLE: &str = "RMD_ICGLR_STANDARD";

#[test]
fn our_examples_are_read_without_a_finding_and_written_back_whole() {
    let examples = examples(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/examples"));
    assert_eq!(examples.len(), 5);
    for (path, example) in examples {
        let findings = check(&path, &example, &[]);
        // An input lot without its creator and mass is as the standard has it.
        let known = |rule: &String| rule.starts_with("MD12-INPUT-");
        assert!(findings.iter().all(known), "{}: {findings:?}", path.display());
    }
}

#[test]
fn official_examples_and_schemas_agree_with_what_we_read_and_write() {
    let Some(folder) = env::var_os(VARIABLE).map(PathBuf::from) else {
        println!("{VARIABLE} is not set: the standard's own files were not looked at");
        return;
    };
    let registry = registry(&folder.join("schemas"));
    let schemas = Entity::ALL.into_iter().filter_map(|entity| {
        let id = match entity {
            Entity::MineSite => "mine-site/mine-site.json",
            Entity::Lot => "chain-of-custody/lot.json",
            Entity::ExportCertificate => "export-certificate/export-certificate.json",
            _ => return None,
        };
        let schema = serde_json::json!({ "$ref": format!("https://icglr.org/schemas/{id}") });
        let built = jsonschema::options().with_registry(&registry).offline().build(&schema);
        Some((entity, built.expect("the schema of the standard is one")))
    });
    let schemas: Vec<(Entity, Validator)> = schemas.collect();
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/examples");
    let official = examples(&folder.join("examples/json"));
    assert!(!official.is_empty(), "no examples in {}", folder.display());
    let mut members = 0;
    for (path, example) in official.iter().chain(&examples(&own)) {
        let findings = check(path, example, &schemas);
        members += count(example);
        println!("{}: {} findings {findings:?}", path.display(), findings.len());
    }
    println!("{} official examples, {members} members with ours, none lost", official.len());
}

/// Reads, writes and reads again; gives the rules that find something missing.
fn check(path: &Path, example: &Json, official: &[(Entity, Validator)]) -> Vec<String> {
    let name = path.display();
    let entity = entity_of(example);
    let context = context_of(example);
    let valid = icglr::read(entity, example, &context)
        .unwrap_or_else(|refusal| panic!("{name} is refused: {:#?}", refusal.findings));
    let written = icglr::write(valid.record(), Usage::Icglr, &context.zone);
    let mut losses = Vec::new();
    compare::losses(example, &written, "", &mut losses);
    assert!(losses.is_empty(), "{name}: {losses:#?}");
    let again = icglr::read(entity, &written, &context).expect("what we write we read");
    assert_eq!(valid.record(), again.record(), "{name}");
    let own =
        jsonschema::draft7::new(&schema::of(entity, Usage::Icglr)).expect("our schema is one");
    let known = official.iter().find(|(known, _)| *known == entity).map(|(_, schema)| schema);
    for (title, validator) in [("our", Some(&own)), ("the official", known)] {
        let Some(validator) = validator else { continue };
        for (which, document) in [("given", example), ("written", &written)] {
            let faults: Vec<String> = validator
                .iter_errors(document)
                .map(|error| format!("{}: {error}", error.instance_path()))
                .collect();
            assert!(faults.is_empty(), "{name} as {which} against {title} schema: {faults:#?}");
        }
    }
    valid.findings().iter().map(|finding| finding.rule.clone()).collect()
}

fn entity_of(example: &Json) -> Entity {
    if example.get("icglrId").is_some() {
        Entity::MineSite
    } else if example.get("issuingCountry").is_some() {
        Entity::ExportCertificate
    } else {
        Entity::Lot
    }
}

fn context_of(example: &Json) -> Context {
    let said = [
        &example["addressCountry"],
        &example["issuingCountry"],
        &example["creator"]["legalAddress"]["country"],
        &example["creator"]["physicalAddress"]["country"],
    ];
    let country =
        said.into_iter().find_map(Json::as_str).expect("an example names its state").to_owned();
    Context { country, today: date(2026, 11, 22), zone: TimeZone::fixed(jiff::tz::offset(2)) }
}

fn registry(folder: &Path) -> Registry<'static> {
    let mut registry = Registry::new();
    for (_, schema) in files(folder) {
        let id = schema["$id"].as_str().expect("a schema has an id").to_owned();
        registry = registry.add(id, schema).expect("the id is a URI");
    }
    registry.prepare().expect("the schemas refer to each other only")
}

fn examples(folder: &Path) -> Vec<(PathBuf, Json)> {
    files(folder)
}

/// The JSON files of a folder and of those inside it, in the order of their names.
fn files(folder: &Path) -> Vec<(PathBuf, Json)> {
    let mut found = Vec::new();
    let entries =
        fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    for entry in entries {
        let path = entry.expect("the folder can be listed").path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|extension| extension == "json") {
            let bytes = fs::read(&path).expect("the file can be read");
            let json = icglr::parse(&bytes)
                .unwrap_or_else(|finding| panic!("{}: {}", path.display(), finding.en));
            found.push((path, json));
        }
    }
    found.sort_by(|first, second| first.0.cmp(&second.0));
    found
}

/// How many members and elements a document has.
fn count(json: &Json) -> usize {
    match json {
        Json::Object(map) => map.values().map(|value| 1 + count(value)).sum(),
        Json::Array(list) => list.iter().map(|value| 1 + count(value)).sum(),
        _ => 0,
    }
}
