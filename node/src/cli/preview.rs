//! `rmd-node preview`: the exact records that would leave.
//!
//! Reads the source and shows each record as the hub would get it: national
//! fields removed, the rest readable, and with `--json` the exact bytes. Writes
//! nothing and works before anything is released.

use clap::Args;
use rmd_runtime::exit;
use rmd_standard::{Context, Entity, Finding};
use serde::Serialize;

use super::{
    Failure, Global,
    open::{self, Opened},
    progress,
};
use crate::{
    journal::{entitlement::Level, report},
    mapping::{Output, preview},
    server,
};

/// What `preview` is told.
#[derive(Debug, Args)]
#[command(
    after_help = "Example · Exemple:\n  rmd-node preview MineSite --limit 3\n  rmd-node preview Lot RW-0012 RW-0013 --json"
)]
pub(super) struct PreviewArgs {
    /// Record type, as MineSite · Type de fiche
    entity: String,
    /// Keys of rows at the source; without any, the first rows · Clés de lignes à la source
    keys: Vec<String>,
    /// How many rows without keys · Combien de lignes sans clés
    #[arg(long, default_value_t = 10)]
    limit: usize,
}

/// What `preview` shows.
#[derive(Debug, Serialize)]
pub(super) struct Shown {
    entity: &'static str,
    feed: &'static str,
    entitlement: Level,
    pub(super) records: Vec<Leaving>,
    refused: Vec<Refused>,
    missing: Vec<String>,
}

/// One record as it would leave.
#[derive(Debug, Serialize)]
pub(super) struct Leaving {
    source_key: String,
    pub(super) key: String,
    annulled_on: Option<String>,
    record: serde_json::Value,
    withheld: Vec<String>,
    incomplete: Vec<Finding>,
    bytes: usize,
    pub(super) payload_hex: String,
}

#[derive(Debug, Serialize)]
struct Refused {
    source_key: String,
    key: Option<String>,
    findings: Vec<Finding>,
}

pub(super) async fn preview(global: &Global, args: PreviewArgs) -> Result<(), Failure> {
    let entity = entity_named(&args.entity)?;
    let opened = open::open(global).await?;
    let shown = read(&opened, entity, &args.keys, args.limit).await?;
    let nothing = shown.records.is_empty() && shown.refused.is_empty() && !args.keys.is_empty();
    global.format().print(&shown, text)?;
    if nothing {
        return Err(Failure::not_found(
            "no row has these keys at the source / aucune ligne n'a ces clés à la source",
        ));
    }
    Ok(())
}

/// Reads rows and releases them as the journal does.
pub(super) async fn read(
    opened: &Opened,
    entity: Entity,
    keys: &[String],
    limit: usize,
) -> Result<Shown, Failure> {
    let mapping = server::load_mapping(&opened.directory, &opened.config)?;
    let source = server::open_source(&opened.directory, &opened.config, &mapping)?;
    let context = Context {
        country: opened.config.node.country.alpha2().to_owned(),
        today: opened.store.clock().today(),
        zone: mapping.zone.clone(),
    };
    let spinner = progress::spinner("reading the source · lecture de la source");
    let found = preview::preview(&source, &mapping, &context, entity, keys, limit).await;
    spinner.finish_and_clear();
    let found = found?;
    let entities = report::entities(&opened.store).await?;
    let entitlement = entities
        .iter()
        .find(|report| report.entity == entity.name())
        .map_or(Level::Off, |report| report.entitlement);
    let mut shown = Shown {
        entity: entity.name(),
        feed: entity.feed(),
        entitlement,
        records: Vec::new(),
        refused: Vec::new(),
        missing: found.missing,
    };
    for output in found.outputs {
        shown.add(output);
    }
    Ok(shown)
}

/// The record type behind a word of the command line.
pub(super) fn entity_named(name: &str) -> Result<Entity, Failure> {
    Entity::ALL.into_iter().find(|entity| entity.name().eq_ignore_ascii_case(name)).ok_or_else(
        || {
            let names: Vec<&str> = Entity::ALL.iter().map(|entity| entity.name()).collect();
            Failure::usage(format!(
                "`{name}` is no record type; expected {} / type de fiche inconnu (code {})",
                names.join(", "),
                exit::USAGE
            ))
        },
    )
}

impl Shown {
    fn add(&mut self, output: Output) {
        let Output { source_key, outcome, annulled, .. } = output;
        match outcome {
            Err(refusal) => self.refused.push(Refused {
                source_key,
                key: refusal.key,
                findings: refusal.findings,
            }),
            Ok(valid) => {
                let incomplete = valid.findings().to_vec();
                let released = valid.release();
                let payload = released.record().encode();
                self.records.push(Leaving {
                    source_key,
                    key: released.key().to_owned(),
                    annulled_on: annulled.map(|(day, _)| day.to_string()),
                    record: released.record().to_json(),
                    withheld: released.record().withheld().to_vec(),
                    incomplete,
                    bytes: payload.len(),
                    payload_hex: hex::encode(payload),
                });
            }
        }
    }
}

fn text(shown: &Shown) -> String {
    let leaves = match shown.entitlement {
        Level::Off => "does not leave (off) · ne sort pas (off)",
        Level::Shadow => "leaves for checking (shadow) · sort pour contrôle (shadow)",
        Level::Live => "leaves (live) · sort (live)",
    };
    let mut lines = vec![format!("{} → {}: {leaves}", shown.entity, shown.feed)];
    for record in &shown.records {
        let body = serde_json::to_string_pretty(&record.record).unwrap_or_default();
        lines.push(format!(
            "\n{} (source {}), {} bytes · octets\n{body}",
            record.key, record.source_key, record.bytes
        ));
        if !record.withheld.is_empty() {
            lines.push(format!("stays national · reste national: {}", record.withheld.join(", ")));
        }
        for finding in &record.incomplete {
            lines.push(format!("incomplete {}: {} / {}", finding.rule, finding.en, finding.fr));
        }
    }
    for refused in &shown.refused {
        lines.push(format!("\nrefused · refusée (source {})", refused.source_key));
        for finding in &refused.findings {
            lines.push(format!("  {}: {} / {}", finding.rule, finding.en, finding.fr));
        }
    }
    if !shown.missing.is_empty() {
        let missing = shown.missing.join(", ");
        lines.push(format!("\nnot at the source · absentes de la source: {missing}"));
    }
    lines.join("\n")
}
