//! `rmd-node verdicts`: what the hub finds on the own records, offline.

use clap::Subcommand;
use rmd_runtime::output;
use serde::Serialize;

use super::{Failure, Global, open};
use crate::inbox::verdict::{self, Counts, State, Verdict, Which};

/// What can be asked of the verdicts.
#[derive(Debug, Subcommand)]
pub(super) enum VerdictsCommand {
    /// List records on which the hub finds something · Lister les fiches sur lesquelles le pivot constate quelque chose
    #[command(
        after_help = "Example · Exemple:\n  rmd-node verdicts list --entity Lot --rule HUB-REFERENCE"
    )]
    List {
        /// Only this record type · Seulement ce type
        #[arg(long)]
        entity: Option<String>,
        /// Only with a finding of this rule · Seulement avec un constat de cette règle
        #[arg(long)]
        rule: Option<String>,
        /// How many at most · Combien au plus
        #[arg(long, default_value_t = 1000)]
        limit: u32,
    },
    /// Show everything that the hub finds on one record · Montrer tout ce que le pivot constate sur une fiche
    #[command(after_help = "Example · Exemple:\n  rmd-node verdicts show CD/CD-T-1/L-2417")]
    Show {
        /// Key of the record · Clé de la fiche
        key: String,
    },
}

#[derive(Debug, Serialize)]
struct Listed {
    #[serde(flatten)]
    counts: Counts,
    verdicts: Vec<Verdict>,
}

#[derive(Debug, Serialize)]
struct Shown {
    verdicts: Vec<Verdict>,
}

pub(super) async fn verdicts(global: &Global, command: VerdictsCommand) -> Result<(), Failure> {
    let opened = open::open(global).await?;
    match command {
        VerdictsCommand::List { entity, rule, limit } => {
            let which =
                Which { entity: entity.as_deref(), rule: rule.as_deref(), record_key: None };
            let verdicts = verdict::list(&opened.store, which, limit).await?;
            let counts = verdict::counts(&opened.store).await?;
            global.format().print(&Listed { counts, verdicts }, list_text)?;
        }
        VerdictsCommand::Show { key } => {
            let which = Which { record_key: Some(&key), ..Which::default() };
            let verdicts = verdict::list(&opened.store, which, u32::MAX).await?;
            if verdicts.is_empty() {
                return Err(Failure::not_found(format!(
                    "the hub finds nothing on a record of the key {key} / \
                     le pivot ne constate rien sur une fiche de cette clé"
                )));
            }
            global.format().print(&Shown { verdicts }, show_text)?;
        }
    }
    Ok(())
}

/// How a verdict stands, in a few words.
fn state(verdict: &Verdict) -> String {
    match verdict.state {
        State::Stands => "stands · en vigueur".to_owned(),
        State::Answered { by_rev } => format!(
            "answered by revision {by_rev}, waiting for the hub · répondu par la révision {by_rev}, en attente du pivot"
        ),
    }
}

fn list_text(listed: &Listed) -> String {
    if listed.verdicts.is_empty() {
        return "the hub finds nothing · le pivot ne constate rien".to_owned();
    }
    let row = |verdict: &Verdict| {
        let rules: Vec<&str> =
            verdict.findings.iter().map(|finding| finding.rule.as_str()).collect();
        vec![
            verdict.entity.clone(),
            verdict.record_key.clone(),
            verdict.rev.to_string(),
            verdict.severity.clone(),
            rules.join(", "),
            open::instant(Some(verdict.raised_at_us)),
            state(verdict),
        ]
    };
    let heads = [
        "record",
        "key · clé",
        "revision",
        "severity · gravité",
        "rules · règles",
        "since · depuis",
        "state · état",
    ];
    output::table(&heads, &listed.verdicts.iter().map(row).collect::<Vec<_>>())
}

fn show_text(shown: &Shown) -> String {
    let mut lines = Vec::new();
    for verdict in &shown.verdicts {
        lines.push(format!(
            "{} {}, revision {}: {}",
            verdict.entity,
            verdict.record_key,
            verdict.rev,
            state(verdict)
        ));
        for finding in &verdict.findings {
            lines.push(format!(
                "  {} ({}) {} = {:?}\n    {}\n    {}",
                finding.rule, finding.severity, finding.path, finding.value, finding.en, finding.fr
            ));
        }
        let told = verdict.findings.len();
        if i64::try_from(told).is_ok_and(|told| told < verdict.found) {
            lines.push(format!("  … {} findings in all · constats en tout", verdict.found));
        }
    }
    lines.join("\n")
}
