//! `rmd-hub case`: what the states are asked about findings, and what came of it.

use std::path::PathBuf;

use clap::Subcommand;
use rmd_runtime::output;
use rmd_standard::country::{MEMBERS, alpha2_of};
use serde::Serialize;

use super::{Failure, Global, open, subject::digest};
use crate::cases::{self, Listed, Outcome, Ruling, Shown, State, Which};

#[derive(Debug, Subcommand)]
pub(crate) enum CaseCommand {
    /// List cases, the gravest first · Lister les dossiers, les plus graves d'abord
    #[command(
        after_help = "Example · Exemple:\n  rmd-hub case list --state open\n  rmd-hub case list --overdue --country COD --json"
    )]
    List {
        /// In this state only · Seulement dans cet état
        #[arg(long)]
        state: Option<State>,
        /// Of one member only, as COD or CD · D'un seul membre
        #[arg(long, value_parser = member)]
        country: Option<String>,
        /// Only those whose day has passed · Seulement ceux dont le délai est passé
        #[arg(long)]
        overdue: bool,
        /// At most so many · Au plus autant
        #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=100_000))]
        limit: u32,
    },
    /// Show findings, answers and history of a case · Constats, réponses et historique d'un dossier
    #[command(
        after_help = "Example · Exemple:\n  rmd-hub case show 3f9a61\n\nThe beginning of a number is enough · Le début du numéro suffit"
    )]
    Show {
        /// Number of the case, or its beginning · Numéro du dossier, ou son début
        case: String,
    },
    /// Ask the state; it has the days of `cases.answer_days` · Interroger l'État
    #[command(
        after_help = "Example · Exemple:\n  rmd-hub case send 3f9a61 --by 'Chief of Statistics'\n  rmd-hub case send 3f9a61 81c02d --by 'Chef des statistiques'\n\nWhat leaves holds nothing of another state's records.\nCe qui part ne contient rien des fiches d'un autre État."
    )]
    Send {
        /// Numbers of cases, or their beginnings · Numéros des dossiers, ou leurs débuts
        #[arg(required = true)]
        cases: Vec<String>,
        /// Who asks; stays in the history · Qui interroge ; reste dans l'historique
        #[arg(long, value_name = "WHO")]
        by: String,
    },
    /// Decide a case; its state is told · Décider d'un dossier ; l'État l'apprend
    #[command(after_help = DECIDE_EXAMPLE)]
    Decide(Decide),
}

const DECIDE_EXAMPLE: &str = "\
Example · Exemple:
  rmd-hub case decide 3f9a61 explained --by 'Data Analyst' --reason 'weighed wet at the border'
  rmd-hub case decide 81c02d confirmed --by 'Secrétaire exécutif' --reason 'sans réponse' \\
      --document decision-7.pdf

Confirmed takes that the state was asked and has answered, or let its day pass.
Confirmer suppose que l'État a été interrogé et a répondu, ou laissé passer le délai.";

#[derive(Debug, clap::Args)]
pub(crate) struct Decide {
    /// Number of the case, or its beginning · Numéro du dossier, ou son début
    case: String,
    /// What is decided · Ce qui est décidé
    ruling: Ruling,
    /// Who decides; the state is told · Qui décide ; l'État l'apprend
    #[arg(long, value_name = "WHO")]
    by: String,
    /// Why; the state is told · Pourquoi ; l'État l'apprend
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// Document on which it rests; the state is told its SHA-256 · Document ; l'État en reçoit le SHA-256
    #[arg(long, value_name = "FILE")]
    document: Option<PathBuf>,
}

#[derive(Debug, Serialize)]
struct Cases {
    cases: Vec<Listed>,
}

#[derive(Debug, Serialize)]
struct Sent {
    sent: Vec<Outcome>,
}

pub(super) async fn case(global: &Global, command: CaseCommand) -> Result<(), Failure> {
    let hub = open::open(global).await?;
    match command {
        CaseCommand::List { state, country, overdue, limit } => {
            let which = Which { state, country, is_overdue: overdue, limit };
            let mut connection = hub.store.acquire().await?;
            let cases = cases::list(&mut connection, &which, hub.clock.today()).await?;
            global.format().print(&Cases { cases }, list_text)?;
        }
        CaseCommand::Show { case } => {
            let mut connection = hub.store.acquire().await?;
            let shown = cases::show(&mut connection, &case, hub.clock.today()).await?;
            global.format().print(&shown, show_text)?;
        }
        CaseCommand::Send { cases, by } => {
            let terms = hub.config.cases.terms();
            let at = (hub.clock.now(), hub.clock.today());
            // All of them or none.
            let mut transaction = hub.store.begin().await?;
            let mut sent = Vec::new();
            for case in &cases {
                sent.push(cases::send(&mut transaction, case, &by, terms, at).await?);
            }
            transaction.commit().await?;
            global.format().print(&Sent { sent }, sent_text)?;
        }
        CaseCommand::Decide(args) => decide(global, &hub, args).await?,
    }
    Ok(())
}

async fn decide(global: &Global, hub: &open::Opened, args: Decide) -> Result<(), Failure> {
    let document = args.document.as_deref().map(digest).transpose()?;
    let (document_name, document_sha256) =
        document.map(|(name, sha256)| (name, hex::encode(sha256))).unwrap_or_default();
    let word = cases::Decision {
        outcome: String::new(),
        decided_by: args.by,
        reason: args.reason,
        document_name,
        document_sha256,
        decided_at_us: hub.clock.now().as_microsecond(),
    };
    let mut transaction = hub.store.begin().await?;
    let today = hub.clock.today();
    let outcome = cases::decide(&mut transaction, &args.case, args.ruling, word, today).await?;
    transaction.commit().await?;
    global.format().print(&outcome, |outcome| {
        format!("case {}: {}{}", outcome.case_id, outcome.state.as_str(), told_text(outcome))
    })?;
    Ok(())
}

/// A member by either of its codes, as alpha-2.
fn member(code: &str) -> Result<String, String> {
    let upper = code.to_ascii_uppercase();
    let is_member = MEMBERS.iter().any(|member| member.0 == upper);
    let alpha2 = alpha2_of(&upper).map(str::to_owned).or_else(|| is_member.then_some(upper));
    alpha2.ok_or_else(|| "a code of a member, as COD or CD · code d'un membre".to_owned())
}

fn told_text(outcome: &Outcome) -> String {
    if outcome.nodes.is_empty() {
        return "; its state was never asked and is not told · l'État n'a pas été interrogé"
            .to_owned();
    }
    format!("; told to · communiqué à {} by `rmd-hub run`", outcome.nodes.join(", "))
}

fn sent_text(sent: &Sent) -> String {
    let line = |outcome: &Outcome| {
        format!(
            "case {} of {}: sent, due {} · envoyé, échéance {}{}",
            outcome.case_id,
            outcome.country,
            outcome.due.as_deref().unwrap_or_default(),
            outcome.due.as_deref().unwrap_or_default(),
            told_text(outcome)
        )
    };
    sent.sent.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// Characters of a number that are shown in a list.
const NUMBER_SHOWN: usize = 12;

fn list_text(listed: &Cases) -> String {
    if listed.cases.is_empty() {
        return "no cases · aucun dossier".to_owned();
    }
    let row = |case: &Listed| {
        let due = case.due.clone().unwrap_or_default();
        vec![
            case.case_id.chars().take(NUMBER_SHOWN).collect(),
            format!("S{}", case.severity),
            case.country.clone(),
            format!("{} {}", case.subject_kind, case.subject_key),
            case.cause.clone(),
            case.state.as_str().to_owned(),
            format!("{}/{}", case.open_findings, case.findings),
            case.answers.to_string(),
            if case.is_overdue { format!("{due} overdue · dépassée") } else { due },
        ]
    };
    let heads = [
        "case · dossier",
        "",
        "state · État",
        "about · objet",
        "cause",
        "stands · situation",
        "open · ouverts",
        "answers · réponses",
        "due · échéance",
    ];
    output::table(&heads, &listed.cases.iter().map(row).collect::<Vec<_>>())
}

fn show_text(shown: &Shown) -> String {
    let case = &shown.case;
    let mut lines = vec![
        format!("case {} · dossier", case.case_id),
        format!("  {} {} {}: {}", case.country, case.subject_kind, case.subject_key, case.cause),
        format!(
            "  S{}, {}{}",
            case.severity,
            case.state.as_str(),
            case.due.as_ref().map(|due| format!(", due · échéance {due}")).unwrap_or_default()
        ),
    ];
    for found in &shown.found {
        let state = if found.is_open { "open · ouvert" } else { "closed · éteint" };
        lines.push(format!("{} S{} {state}, {}", found.rule, found.severity, found.finding_id));
        lines.push(format!("  {}\n  {}", found.en, found.fr));
        for one in &found.evidence {
            let country = one.country.as_deref().unwrap_or("-");
            lines.push(format!("  {country} {} {} rev {}", one.entity, one.key, one.rev));
        }
    }
    for reply in &shown.replies {
        let at = open::instant(Some(reply.replied_at_us));
        lines
            .push(format!("answer of · réponse de {} ({}), {at}", reply.node_id, reply.replied_by));
        // None is taken without a text.
        let text = if reply.text.is_empty() { "(erased · effacée)" } else { &*reply.text };
        lines.extend(text.lines().map(|line| format!("  {line}")));
        for one in reply.attachments.as_array().into_iter().flatten() {
            lines.push(format!(
                "  {} {} bytes, sha256 {}",
                one["name"], one["bytes"], one["sha256"]
            ));
        }
    }
    if let Some(decision) = &shown.decision {
        lines.push(format!(
            "decided · décidé: {} by {} · par, {}",
            decision.outcome, decision.decided_by, decision.reason
        ));
    }
    for event in &shown.history {
        let at = open::instant(Some(event.at_us));
        lines.push(format!("{at} {}: {} {}", event.actor, event.action, event.reason));
    }
    lines.join("\n")
}
