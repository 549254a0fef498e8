//! `rmd-node rules`: every rule that a record is held against.
//!
//! Needs no state directory: the rules are those of this build.

use clap::Subcommand;
use rmd_standard::{
    Entity, icglr,
    rules::{self, RuleInfo},
};
use serde::Serialize;

use super::{Failure, Global, preview::entity_named};

/// What can be asked of the rules.
#[derive(Debug, Subcommand)]
pub(super) enum RulesCommand {
    /// List the rules with their texts · Lister les règles avec leurs textes
    #[command(
        after_help = "Example · Exemple:\n  rmd-node rules list --entity Lot\n  rmd-node rules list --json"
    )]
    List {
        /// Only this record type · Seulement ce type
        #[arg(long)]
        entity: Option<String>,
    },
}

#[derive(Debug, Serialize)]
struct Listed {
    rules: Vec<RuleInfo>,
}

pub(super) fn rules(global: &Global, command: &RulesCommand) -> Result<(), Failure> {
    let RulesCommand::List { entity } = command;
    let entity = entity.as_deref().map(entity_named).transpose()?;
    global.format().print(&listed(entity), text)?;
    Ok(())
}

/// The rules of the tables, then those of the JSON that software sends.
fn listed(entity: Option<Entity>) -> Listed {
    let of_tables = rules::all().filter(|rule| entity.is_none_or(|entity| rule.entity == entity));
    let entities =
        Entity::ALL.into_iter().filter(|known| entity.is_none_or(|entity| entity == *known));
    Listed { rules: of_tables.chain(entities.flat_map(icglr::rules)).collect() }
}

fn text(listed: &Listed) -> String {
    let line = |rule: &RuleInfo| {
        let RuleInfo { id, entity, path, severity, en, fr } = rule;
        format!("{id}  {entity}  {path}  {}\n  {en}\n  {fr}\n", severity.as_str())
    };
    let lines: String = listed.rules.iter().map(line).collect();
    format!("{lines}{} rules · règles", listed.rules.len())
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_rule_of_every_record_type_is_listed_once_with_both_texts() {
        let all = listed(None);
        let mut seen = HashSet::new();
        for rule in &all.rules {
            assert!(seen.insert((&rule.id, rule.entity.name(), &rule.path)), "{rule:?}");
            assert!(!rule.en.is_empty() && !rule.fr.is_empty(), "{rule:?}");
        }
        let apart: usize =
            Entity::ALL.into_iter().map(|entity| listed(Some(entity)).rules.len()).sum();
        assert_eq!(apart, all.rules.len());
        let ids: Vec<&str> = all.rules.iter().map(|rule| rule.id.as_str()).collect();
        assert!(ids.contains(&"MD12-LOT-NUMBER-REQUIRED") && ids.contains(&"JSON-TYPE"));
    }

    #[test]
    fn a_person_reads_the_same_as_a_program() {
        let lots = listed(Some(Entity::Lot));
        let json = serde_json::to_value(&lots).unwrap();
        let first = &json["rules"][0];
        for name in ["id", "entity", "path", "severity", "en", "fr"] {
            let value = first[name].as_str().unwrap();
            assert!(text(&lots).contains(value), "{name}: {value}");
        }
    }
}
