//! `rmd-node mapping check`: the mapping against the live database.

use std::process::ExitCode;

use clap::Subcommand;
use rmd_runtime::{exit, output};
use rmd_standard::Context;

use super::{Failure, Global, open, progress};
use crate::{
    mapping::check::{self, Report},
    server,
};

/// What can be done with the mapping.
#[derive(Debug, Subcommand)]
pub(super) enum MappingCommand {
    /// Read the whole source once and tell what would become of it; writes nothing · Lire toute la source et dire ce qu'elle donnerait
    #[command(after_help = "Example · Exemple:\n  rmd-node mapping check --json")]
    Check,
}

pub(super) async fn mapping(
    global: &Global,
    command: &MappingCommand,
) -> Result<ExitCode, Failure> {
    let MappingCommand::Check = command;
    let opened = open::open(global).await?;
    let mapping = server::load_mapping(&opened.directory, &opened.config)?;
    let source = server::open_source(&opened.directory, &opened.config, &mapping)?;
    let context = Context {
        country: opened.config.node.country.alpha2().to_owned(),
        today: opened.store.clock().today(),
        zone: mapping.zone.clone(),
    };
    let spinner = progress::spinner("reading the source · lecture de la source");
    let report = check::check(&source, &mapping, &context).await;
    spinner.finish_and_clear();
    let report = report?;
    global.format().print(&report, text)?;
    Ok(exit::code(if report.is_sound() { exit::OK } else { exit::DATA }))
}

fn text(report: &Report) -> String {
    let mut lines = vec![format!(
        "mapping · correspondance: {} ({})\nsource: {} {}\n",
        report.mapping, report.mapping_id, report.source_kind, report.server_version
    )];
    let heads =
        ["record", "rows · lignes", "accepted · admises", "incomplete", "refused · refusées"];
    let rows: Vec<Vec<String>> = report
        .records
        .iter()
        .map(|record| {
            let counts = [record.rows, record.accepted, record.incomplete, record.refused];
            std::iter::once(record.entity.clone())
                .chain(counts.map(|count| count.to_string()))
                .collect()
        })
        .collect();
    lines.push(output::table(&heads, &rows));
    lines.extend(findings(report));
    lines.extend(unmapped(report));
    if report.is_sound() {
        lines.push("\nthe mapping can be used · la correspondance est utilisable".to_owned());
    } else {
        lines.push("\nto correct · à corriger:".to_owned());
        lines.extend(report.faults.iter().map(|fault| format!("  {fault}")));
    }
    lines.join("\n")
}

fn findings(report: &Report) -> Vec<String> {
    let mut lines = Vec::new();
    for record in &report.records {
        for rule in &record.rules {
            let (entity, name) = (&record.entity, &rule.rule);
            let (severity, records) = (&rule.severity, rule.records);
            lines.push(format!("\n{entity} {name} ({severity}): {records} records · fiches"));
            for example in &rule.first {
                lines.push(format!("  {}: {} / {}", example.source_key, example.en, example.fr));
            }
        }
    }
    lines
}

/// Words of the source that are in no code list.
fn unmapped(report: &Report) -> Vec<String> {
    let mut lines = Vec::new();
    for record in &report.records {
        for (field, words) in &record.unmapped {
            let words: Vec<String> =
                words.iter().map(|(word, rows)| format!("{word} ({rows})")).collect();
            lines.push(format!(
                "\n{} {field}: in no code list · dans aucune liste: {}",
                record.entity,
                words.join(", ")
            ));
        }
    }
    lines
}
