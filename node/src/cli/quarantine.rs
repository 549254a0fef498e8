//! `rmd-node quarantine`: rows that were refused, with their findings.

use clap::Subcommand;
use rmd_runtime::output;
use rmd_standard::{Finding, Severity};
use serde::Serialize;

use super::{Failure, Global, open, preview::entity_named};
use crate::journal::report::{self, Quarantined};

/// What can be asked of the quarantine.
#[derive(Debug, Subcommand)]
pub(super) enum QuarantineCommand {
    /// List refused rows · Lister les lignes refusées
    #[command(after_help = "Example · Exemple:\n  rmd-node quarantine list --entity MineSite")]
    List {
        /// Only this record type · Seulement ce type
        #[arg(long)]
        entity: Option<String>,
        /// How many at most · Combien au plus
        #[arg(long, default_value_t = 1000)]
        limit: u32,
    },
    /// Show all findings of one row · Montrer tous les constats d'une ligne
    #[command(after_help = "Example · Exemple:\n  rmd-node quarantine show MineSite 2417")]
    Show {
        /// Record type · Type de fiche
        entity: String,
        /// Key of the row at the source, or of the record · Clé de la ligne à la source, ou de la fiche
        key: String,
    },
}

#[derive(Debug, Serialize)]
struct Listed {
    refused: Vec<Quarantined>,
}

pub(super) async fn quarantine(global: &Global, command: QuarantineCommand) -> Result<(), Failure> {
    match command {
        QuarantineCommand::List { entity, limit } => {
            let entity = entity.as_deref().map(entity_named).transpose()?;
            let opened = open::open(global).await?;
            let refused = report::quarantine(&opened.store, entity, None, limit).await?;
            global.format().print(&Listed { refused }, list_text)?;
        }
        QuarantineCommand::Show { entity, key } => {
            let entity = entity_named(&entity)?;
            let opened = open::open(global).await?;
            let refused =
                report::quarantine(&opened.store, Some(entity), Some(&key), u32::MAX).await?;
            if refused.is_empty() {
                return Err(Failure::not_found(format!(
                    "no refused {entity} has the key {key} / aucune fiche refusée n'a cette clé"
                )));
            }
            global.format().print(&Listed { refused }, show_text)?;
        }
    }
    Ok(())
}

fn list_text(listed: &Listed) -> String {
    let row = |entry: &Quarantined| {
        let refusing = |finding: &&Finding| finding.severity == Severity::Refuse;
        let rules: Vec<&str> =
            entry.findings.iter().filter(refusing).map(|finding| finding.rule.as_str()).collect();
        vec![
            entry.entity.clone(),
            entry.source_key.clone(),
            entry.record_key.clone().unwrap_or_default(),
            open::instant(Some(entry.refused_at_us)),
            rules.join(", "),
        ]
    };
    output::table(
        &["record", "source", "key · clé", "since · depuis", "rules · règles"],
        &listed.refused.iter().map(row).collect::<Vec<_>>(),
    )
}

fn show_text(listed: &Listed) -> String {
    let mut lines = Vec::new();
    for entry in &listed.refused {
        lines.push(format!(
            "{} source {} key · clé {}",
            entry.entity,
            entry.source_key,
            entry.record_key.as_deref().unwrap_or("-")
        ));
        for finding in &entry.findings {
            lines.push(format!(
                "  {} ({}) {} = {:?}\n    {}\n    {}",
                finding.rule,
                finding.severity.as_str(),
                finding.path,
                finding.value,
                finding.en,
                finding.fr
            ));
        }
    }
    lines.join("\n")
}
