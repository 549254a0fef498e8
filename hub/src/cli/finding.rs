//! `rmd-hub finding`: what was found, and everything behind it.

use clap::Subcommand;
use rmd_reconcile::Unit;
use rmd_runtime::output;
use rmd_standard::country;
use serde::Serialize;

use super::{Failure, Global, open, reconcile::engine};
use crate::reconcile::{
    finding::Finding,
    show::{self, Behind, Rested, Said, Which},
};

#[derive(Debug, Subcommand)]
pub(crate) enum FindingCommand {
    /// List findings, the gravest first · Lister les constats, les plus graves d'abord
    #[command(
        after_help = "Example · Exemple:\n  rmd-hub finding list --rule R16 --country RWA\n  rmd-hub finding list --severity 3 --json"
    )]
    List {
        /// Of one rule, as R16 · D'une règle
        #[arg(long, value_name = "RULE")]
        rule: Option<String>,
        /// That a member may answer, as COD or CD · Auquel un membre peut répondre
        #[arg(long, value_parser = member)]
        country: Option<String>,
        /// Of one weight: 3 is serious · D'un poids : 3 est grave
        #[arg(long, value_parser = clap::value_parser!(i64).range(1..=3))]
        severity: Option<i64>,
        /// About one key · Sur une clé
        #[arg(long, value_name = "KEY")]
        subject: Option<String>,
        /// Open or closed; both if absent · Ouverts ou clos ; les deux si absent
        #[arg(long, value_parser = ["open", "closed"])]
        state: Option<String>,
        /// At most so many · Au plus autant
        #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
        limit: u32,
    },
    /// Show records, limits, formula and history · Montrer fiches, limites, formule et historique
    #[command(
        after_help = "Example · Exemple:\n  rmd-hub finding show 3f9a61\n\nThe beginning of an id is enough · Le début d'un identifiant suffit"
    )]
    Show {
        /// Id of the finding, or its beginning · Identifiant du constat, ou son début
        id: String,
    },
}

fn member(text: &str) -> Result<String, String> {
    let known = country::MEMBERS.iter().map(|one| one.0).find(|alpha2| *alpha2 == text);
    let known = known.or_else(|| country::alpha2_of(text));
    known.map(str::to_owned).ok_or_else(|| {
        format!("{text:?} is no member, as COD or CD · n'est pas un membre, comme COD ou CD")
    })
}

/// A finding with its sentence.
#[derive(Debug, Serialize)]
struct Listed {
    #[serde(flatten)]
    finding: Finding,
    sentence_text: Said,
}

pub(super) async fn finding(global: &Global, command: FindingCommand) -> Result<(), Failure> {
    match command {
        FindingCommand::List { rule, country, severity, subject, state, limit } => {
            let rule = rule.map(|rule| rule.to_ascii_uppercase());
            list(global, &Which { rule, country, severity, subject, state }, limit).await
        }
        FindingCommand::Show { id } => show(global, &id).await,
    }
}

async fn list(global: &Global, which: &Which, limit: u32) -> Result<(), Failure> {
    let hub = open::open(global).await?;
    let found = show::list(&mut *hub.store.acquire().await?, which, limit).await?;
    let listed: Vec<Listed> = found
        .into_iter()
        .map(|finding| Listed { sentence_text: show::said(&finding), finding })
        .collect();
    global.format().print(&serde_json::json!({"findings": listed}), |_| {
        if listed.is_empty() {
            return "no findings · aucun constat".to_owned();
        }
        let row = |one: &Listed| {
            let finding = &one.finding;
            vec![
                finding.id[..12].to_owned(),
                finding.rule.clone(),
                format!("S{}", finding.severity),
                finding.country.clone(),
                format!("{} {}", finding.subject_kind, finding.subject_key),
                finding.state.clone(),
                finding.opened_on.clone(),
                one.sentence_text.en.clone(),
            ]
        };
        let heads = [
            "id",
            "rule",
            "",
            "state · État",
            "about · sur",
            "",
            "since · depuis",
            "finding · constat",
        ];
        output::table(&heads, &listed.iter().map(row).collect::<Vec<_>>())
    })?;
    Ok(())
}

async fn show(global: &Global, id: &str) -> Result<(), Failure> {
    let hub = open::open(global).await?;
    let Some(behind) = show::behind(&engine(&hub), id).await? else {
        return Err(Failure::not_found(format!(
            "no finding, or more than one, begins with {id}; `rmd-hub finding list` names them\n\
             aucun constat, ou plusieurs, ne commence par {id} ; `rmd-hub finding list` les nomme"
        )));
    };
    global.format().print(&behind, text)?;
    Ok(())
}

fn text(behind: &Behind) -> String {
    let finding = &behind.finding;
    let closed = finding.closed_on.as_deref().map(|day| format!(" → {day}")).unwrap_or_default();
    let mut lines = vec![
        format!("{} S{} {}", finding.rule, finding.severity, finding.id),
        format!("{} · {}", behind.rule_name.en, behind.rule_name.fr),
        format!("  {}", behind.sentence_text.en),
        format!("  {}", behind.sentence_text.fr),
        format!(
            "about · sur: {} {}   state · État: {}   {}: {}{closed}",
            finding.subject_kind,
            finding.subject_key,
            finding.country,
            finding.state,
            finding.opened_on,
        ),
        String::new(),
        format!("formula · formule (v{}):", finding.rule_version),
    ];
    lines.extend(behind.formula.lines().map(|line| format!("  {line}")));
    lines.push(format!("\nlimits · limites (v{}):", finding.parameters_version));
    for limit in &behind.parameters {
        let value = format!("{} {}", limit.value, unit(limit.unit));
        lines.push(format!("  {} = {value} ({}): {}", limit.name, limit.scope, limit.en));
    }
    lines.push("\nrecords · fiches:".to_owned());
    behind.records.iter().for_each(|record| rested(record, &mut lines));
    lines.push("\nhistory · historique:".to_owned());
    for event in &behind.history {
        lines.push(format!(
            "  {} {} S{} v{} {}",
            event.day, event.change, event.severity, event.parameters_version, event.measures
        ));
    }
    lines.push("\nnot testable of the same subject · non testable du même sujet:".to_owned());
    for untested in &behind.untested {
        for missing in &untested.missing {
            let why = serde_json::to_string(&missing.lack).unwrap_or_default();
            let why = why.trim_matches('"');
            lines.push(format!("  {} {} ({}): {why}", untested.rule, missing.what, missing.of));
        }
    }
    lines.join("\n")
}

fn rested(record: &Rested, lines: &mut Vec<String>) {
    let judged = &record.judged;
    lines.push(format!(
        "  {} {} rev {} sha256:{}",
        judged.entity, judged.key, judged.rev, judged.digest
    ));
    let Some(now) = &record.now else {
        lines.push("    withdrawn since · retirée depuis".to_owned());
        return;
    };
    let same = if now.is_as_judged {
        "these bytes · ces octets"
    } else {
        "revised since · révisée depuis"
    };
    lines.push(format!(
        "    {} {} epoch {} seq {} rev {} {}: {same}",
        now.node_id, now.feed, now.epoch, now.seq, now.rev, now.op
    ));
    for (field, value) in now.record.as_object().into_iter().flatten() {
        lines.push(format!("    {field} = {value}"));
    }
}

const fn unit(unit: Unit) -> &'static str {
    match unit {
        Unit::Mass => "mg",
        Unit::Share => "ppm",
        Unit::Days => "days · jours",
        Unit::Metres => "m",
        Unit::Money => "1/100",
        Unit::Count | Unit::Text => "",
    }
}
