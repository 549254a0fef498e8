//! Writes the documents that follow from the tables into a folder:
//! `cargo run -p rmd-standard --example generated -- FOLDER`.
//!
//! `RULES.md` lists every rule, `schema/` holds a JSON Schema for each record
//! type. `cargo verify` compares them with those in `docs/`.

use std::{collections::BTreeMap, env, fmt::Write as _, fs, io, path::Path};

use rmd_standard::{
    Entity,
    icglr::{self, Usage},
    rules::{self, RuleInfo},
    schema,
};
use serde_json::Value as Json;

fn main() -> io::Result<()> {
    let folder = env::args_os().nth(1);
    let folder = folder.ok_or_else(|| io::Error::other("name the folder to write into"))?;
    write(Path::new(&folder))
}

fn write(folder: &Path) -> io::Result<()> {
    let schemas = folder.join("schema");
    fs::create_dir_all(&schemas)?;
    fs::write(folder.join("RULES.md"), rules_md())?;
    for entity in Entity::ALL {
        let schema = sorted(schema::of(entity, Usage::Icglr));
        let text = serde_json::to_string_pretty(&schema)?;
        fs::write(schemas.join(format!("{entity}.json")), format!("{text}\n"))?;
    }
    Ok(())
}

const HEAD: &str = "\
# Rules

Every rule of the standard, out of the tables that check it. This file is
generated: `cargo verify -- --only generated --write-generated` writes it anew.

A rule of severity **refuse** keeps a record out; one of severity **incomplete**
is published with the record, and reported to the state. Paths are those of the
.proto text; `[]` stands for any element of a list. `rmd-node rules list --json`
gives the same to programs.

*Une règle « refuse » écarte la fiche ; une règle « incomplete » est publiée
avec elle et signalée à l'État.*
";

fn rules_md() -> String {
    let mut text = HEAD.to_owned();
    let mut by_entity: BTreeMap<&str, Vec<RuleInfo>> = BTreeMap::new();
    for rule in rules::all() {
        by_entity.entry(rule.entity.name()).or_default().push(rule);
    }
    for entity in Entity::ALL {
        let rules = by_entity.remove(entity.name()).unwrap_or_default();
        table(&mut text, entity.name(), &rules);
    }
    let of_json: Vec<RuleInfo> = icglr::rules(Entity::Lot).collect();
    table(&mut text, "JSON of any record type", &of_json);
    text
}

fn table(text: &mut String, title: &str, rules: &[RuleInfo]) {
    // Writing into a String cannot fail.
    let _ = write!(text, "\n## {title}\n\n{} rules.\n\n", rules.len());
    text.push_str("| id | severity | path | English | Français |\n|---|---|---|---|---|\n");
    for rule in rules {
        let cells = [&rule.id, rule.severity.as_str(), &rule.path, &rule.en, &rule.fr];
        let cells = cells.map(|cell| cell.replace('|', "\\|"));
        let [id, severity, path, en, fr] = cells;
        let _ = writeln!(text, "| `{id}` | {severity} | `{path}` | {en} | {fr} |");
    }
}

/// Members in the order of their names, however trees of JSON keep them.
fn sorted(value: Json) -> Json {
    match value {
        Json::Object(map) => {
            let members: BTreeMap<String, Json> = map.into_iter().collect();
            Json::Object(members.into_iter().map(|(name, value)| (name, sorted(value))).collect())
        }
        Json::Array(list) => Json::Array(list.into_iter().map(sorted).collect()),
        other => other,
    }
}
