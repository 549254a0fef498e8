//! `rmd-hub month close|list|show|verify`: months that the Secretariat closed.

use std::process::ExitCode;

use clap::Subcommand;
use rmd_runtime::{exit, output};

use super::{Failure, Global, open, statistics::kilograms};
use crate::{
    calendar::{
        Month,
        closing::{self, Closed, Closing},
        verify::{self, Verified},
    },
    parameter,
};

#[derive(Debug, Subcommand)]
pub(crate) enum MonthCommand {
    /// Freeze the figures of a month with what they rest on · Figer les chiffres d'un mois et leurs bases
    #[command(after_help = "\
Example · Exemple:
  rmd-hub month close 2026-10 --by 'Statistics office'

Closing again after corrections makes another edition; all are kept.
Clore de nouveau après corrections fait une autre édition ; toutes sont gardées.")]
    Close {
        /// The month, which is over · Le mois, qui est fini
        #[arg(value_name = "YYYY-MM")]
        month: Month,
        /// Who closes it · Qui le clôt
        #[arg(long, value_name = "NAME")]
        by: String,
    },
    /// List the months that were closed · Lister les mois clos
    #[command(after_help = "Example · Exemple:\n  rmd-hub month list --json")]
    List,
    /// What was frozen, and on what it rests · Ce qui fut figé, et ses bases
    #[command(after_help = "Example · Exemple:\n  rmd-hub month show 2026-10 --edition 1")]
    Show {
        /// The month · Le mois
        #[arg(value_name = "YYYY-MM")]
        month: Month,
        /// An edition; else the last · Une édition ; sinon la dernière
        #[arg(long)]
        edition: Option<i64>,
    },
    /// Prove that it is as it was, and what states signed · Prouver qu'il est inchangé et signé des États
    #[command(after_help = "\
Example · Exemple:
  rmd-hub month verify 2026-10

Exit code 1 if anything does not hold · Code 1 si quelque chose ne tient pas")]
    Verify {
        /// The month · Le mois
        #[arg(value_name = "YYYY-MM")]
        month: Month,
        /// An edition; else the last · Une édition ; sinon la dernière
        #[arg(long)]
        edition: Option<i64>,
    },
}

pub(super) async fn month(global: &Global, command: MonthCommand) -> Result<ExitCode, Failure> {
    let hub = open::open(global).await?;
    match command {
        MonthCommand::Close { month, by } => {
            let parameters = parameter::in_force(&mut *hub.store.acquire().await?).await?;
            let closed = closing::close(&hub.store, &hub.clock, &parameters, month, &by).await?;
            global.format().print(&closed, closed_text)?;
        }
        MonthCommand::List => {
            let closings = closing::list(&mut *hub.store.acquire().await?).await?;
            let rows: Vec<serde_json::Value> = closings.iter().map(summary).collect();
            let result = serde_json::json!({"months": rows});
            global.format().print(&result, |_| list_text(&closings))?;
        }
        MonthCommand::Show { month, edition } => {
            let closing = closing::load(&mut *hub.store.acquire().await?, month, edition).await?;
            global.format().print(&closing, show_text)?;
        }
        MonthCommand::Verify { month, edition } => {
            let network = &hub.config.network.name;
            let verified = verify::verify(&hub.store, network, month, edition).await?;
            global.format().print(&verified, verified_text)?;
            return Ok(exit::code(if verified.holds { exit::OK } else { exit::FAILURE }));
        }
    }
    Ok(exit::code(exit::OK))
}

fn summary(closing: &Closing) -> serde_json::Value {
    serde_json::json!({
        "month": closing.month,
        "edition": closing.edition,
        "closed_on": closing.closed_on,
        "closed_by": closing.closed_by,
        "parameters_version": closing.parameters_version,
        "feeds": closing.feeds.len(),
        "figures": closing.figures.len(),
        "digest": closing.digest,
    })
}

fn list_text(closings: &[Closing]) -> String {
    if closings.is_empty() {
        return "no month was closed · aucun mois n'a été clos".to_owned();
    }
    let row = |one: &Closing| {
        vec![
            one.month.to_string(),
            one.edition.to_string(),
            one.closed_on.to_string(),
            one.closed_by.clone(),
            one.feeds.len().to_string(),
            one.figures.len().to_string(),
            one.digest.get(..12).unwrap_or_default().to_owned(),
        ]
    };
    let heads = [
        "month · mois",
        "edition · édition",
        "closed · clos",
        "by · par",
        "feeds · flux",
        "figures · chiffres",
        "digest · empreinte",
    ];
    output::table(&heads, &closings.iter().map(row).collect::<Vec<_>>())
}

fn closed_text(closed: &Closed) -> String {
    let closing = &closed.closing;
    let (month, edition) = (closing.month, closing.edition);
    let mut lines = vec![if closed.is_new {
        format!("{month} closed, edition {edition} · {month} clos, édition {edition}")
    } else {
        format!(
            "nothing of {month} changed: edition {edition} stands · rien de {month} n'a changé : \
             l'édition {edition} demeure"
        )
    }];
    lines.push(head(closing));
    if closed.is_new {
        let tables = closed.published.tables;
        lines.push(format!("public tables · tableaux publics: {tables}"));
    }
    lines.extend(closed.published.kept_back.iter().map(|table| {
        format!(
            "{} {}: the public edition before stays, a new one would give away a figure · \
             l'édition publique d'avant demeure, une nouvelle trahirait un chiffre",
            table.flow.words(),
            table.mineral
        )
    }));
    lines.join("\n")
}

fn head(closing: &Closing) -> String {
    let stated = closing.reports.iter().filter(|report| report.is_stated).count();
    format!(
        "on · le: {} ({})\nby · par: {}\nlimits · limites: version {}\n\
         states that stated it · États qui l'ont déclaré: {stated}\nfigures · chiffres: {}\n\
         digest · empreinte: {}",
        closing.closed_on,
        open::instant(Some(closing.closed_at_us)),
        closing.closed_by,
        closing.parameters_version,
        closing.figures.len(),
        closing.digest,
    )
}

fn show_text(closing: &Closing) -> String {
    let feed = |one: &closing::FeedMark| {
        vec![
            one.node_id.clone(),
            one.feed.clone(),
            one.epoch.to_string(),
            one.size.to_string(),
            one.root.get(..12).unwrap_or_default().to_owned(),
        ]
    };
    let heads = ["node · nœud", "feed · flux", "epoch · époque", "size · taille", "root · racine"];
    let feeds: Vec<Vec<String>> = closing.feeds.iter().map(feed).collect();
    let figure = |one: &crate::statistics::Figure| {
        vec![
            one.country.clone(),
            one.flow.words().to_owned(),
            one.mineral.clone(),
            kilograms(one.mass_mg),
            one.metal_mg.map(kilograms).unwrap_or_default(),
            one.contributors.to_string(),
        ]
    };
    let figure_heads = [
        "state · État",
        "flow · flux",
        "mineral · minerai",
        "kg",
        "metal kg · métal kg",
        "behind it · derrière",
    ];
    let figures: Vec<Vec<String>> = closing.figures.iter().map(figure).collect();
    format!(
        "{}, edition · édition {}\n{}\n\n{}\n\n{}",
        closing.month,
        closing.edition,
        head(closing),
        output::table(&heads, &feeds),
        output::table(&figure_heads, &figures)
    )
}

fn verified_text(verified: &Verified) -> String {
    let holds = if verified.holds { "holds · tient" } else { "DOES NOT HOLD · NE TIENT PAS" };
    let mut lines = vec![format!(
        "{}, edition · édition {}: {holds}\ndigest · empreinte: {}",
        verified.month, verified.edition, verified.digest
    )];
    lines.extend(verified.checks.iter().map(|check| {
        let sign = if check.holds { "+" } else { "X" };
        format!("{sign} {}: {} · {}", check.what, check.message_en, check.message_fr)
    }));
    lines.join("\n")
}
