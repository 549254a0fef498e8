//! `rmd-node case`: what the Secretariat asks about records, and what is answered.

use std::{
    io::Read as _,
    path::{Path, PathBuf},
};

use clap::Subcommand;
use prost::Message as _;
use rmd_proto::v1;
use rmd_runtime::output;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::{
    Failure, Global,
    open::{self, Opened},
};
use crate::{
    inbox::case::{self, Case, Shown},
    journal::{Error, Journal, answers::Answered},
};

/// Characters of an answer: some pages.
const TEXT_CHARS_MAX: usize = 4_000;

/// Characters of a name.
const NAME_CHARS_MAX: usize = 200;

/// Documents of an answer.
const ATTACHMENTS_MAX: usize = 32;

/// What can be done with cases.
#[derive(Debug, Subcommand)]
pub(super) enum CaseCommand {
    /// List what the Secretariat asks, offline · Lister ce que demande le Secrétariat, hors ligne
    #[command(
        after_help = "Examples · Exemples:\n  rmd-node case list\n  rmd-node case list --open --json"
    )]
    List {
        /// Only those that await an answer or a decision · Seulement ceux en attente
        #[arg(long)]
        open: bool,
        /// How many at most · Combien au plus
        #[arg(long, default_value_t = 1000)]
        limit: u32,
    },
    /// Show findings, answers and decision of a case · Constats, réponses et décision d'un dossier
    #[command(
        after_help = "Example · Exemple:\n  rmd-node case show 3f9a61\n\nThe beginning of a number is enough · Le début du numéro suffit"
    )]
    Show {
        /// Number of the case, or its beginning · Numéro du dossier, ou son début
        case: String,
    },
    /// Answer a case; it leaves with the next exchange · Répondre ; cela part au prochain échange
    #[command(after_help = REPLY_EXAMPLE)]
    Reply(Reply),
}

const REPLY_EXAMPLE: &str = "\
Examples · Exemples:
  rmd-node case reply 3f9a61 --by 'Cadastre minier' --text 'Weighed wet at the border.'
  rmd-node case reply 3f9a61 --by 'Cadastre minier' --text reponse.txt \\
      --attach bordereau.pdf --attach pesee.xlsx

Name and SHA-256 of a document leave; the document stays at the ministry. The answer goes
whatever is entitled, and needs no network now. Write no personal data; what has to go is taken
out by order: rmd-node erase CaseReply KEY.
Le nom et le SHA-256 d'un document partent ; le document reste au ministère. La réponse part
quels que soient les droits, sans réseau pour l'heure. N'y mettez pas de données personnelles ;
ce qui doit disparaître l'est sur ordre : rmd-node erase CaseReply CLÉ.";

/// One answer.
#[derive(Debug, clap::Args)]
pub(super) struct Reply {
    /// Number of the case, or its beginning · Numéro du dossier, ou son début
    case: String,
    /// Who answers; the Secretariat sees it · Qui répond ; le Secrétariat le voit
    #[arg(long, value_name = "NAME")]
    by: String,
    /// The answer, or a file that holds it · La réponse, ou un fichier qui la contient
    #[arg(long, value_name = "TEXT|FILE")]
    text: String,
    /// A document that supports it; stays here · Un document à l'appui ; il reste ici
    #[arg(long, value_name = "FILE")]
    attach: Vec<PathBuf>,
}

#[derive(Debug, Serialize)]
struct Cases {
    cases: Vec<Case>,
}

pub(super) async fn case(global: &Global, command: CaseCommand) -> Result<(), Failure> {
    let opened = open::open(global).await?;
    match command {
        CaseCommand::List { open, limit } => {
            let today = opened.store.clock().today();
            let cases = case::list(&opened.store, today, open, limit).await?;
            global.format().print(&Cases { cases }, list_text)?;
        }
        CaseCommand::Show { case } => {
            let (case, notice) = one(&opened, &case).await?;
            let shown = case::show(&opened.store, case, notice).await?;
            global.format().print(&shown, show_text)?;
        }
        CaseCommand::Reply(args) => {
            let answered = reply(&opened, args).await?;
            global.format().print(&answered, |answered: &Answered| {
                format!(
                    "answer {} written, leaves with the next exchange · réponse écrite, part au prochain échange",
                    answered.reply_key
                )
            })?;
        }
    }
    Ok(())
}

/// The case that a number begins.
async fn one(opened: &Opened, begin: &str) -> Result<(Case, v1::CaseNotice), Failure> {
    let today = opened.store.clock().today();
    let mut found = case::find(&opened.store, begin, today).await?.into_iter();
    match (found.next(), found.next()) {
        (Some(found), None) => Ok(found),
        (Some(_), Some(_)) => Err(Failure::usage(format!(
            "{begin} is the beginning of several cases; give more of the number / {begin} est le début de plusieurs dossiers ; donnez plus de caractères"
        ))),
        _ => Err(Failure::not_found(format!(
            "no case {begin} was sent to this node; `rmd-node case list` names them / aucun dossier {begin} n'a été envoyé à ce nœud ; `rmd-node case list` les énumère"
        ))),
    }
}

async fn reply(opened: &Opened, args: Reply) -> Result<Answered, Failure> {
    let (case, _) = one(opened, &args.case).await?;
    let replied_by = said("--by", args.by.trim(), NAME_CHARS_MAX)?;
    let text = match read_text(&args.text) {
        Some(text) => text?,
        None => args.text,
    };
    let text = said("--text", text.trim(), TEXT_CHARS_MAX)?;
    if args.attach.len() > ATTACHMENTS_MAX {
        return Err(Failure::usage(format!(
            "--attach: {} documents, at most {ATTACHMENTS_MAX}; put them into one archive / --attach : {} documents, au plus {ATTACHMENTS_MAX} ; réunissez-les dans une archive",
            args.attach.len(),
            args.attach.len()
        )));
    }
    let attachment: Vec<v1::CaseAttachment> =
        args.attach.iter().map(|path| attached(path)).collect::<Result<_, _>>()?;
    let owner = open::owner(opened).await?.ok_or(Error::NotEnrolled)?;
    let journal = Journal::new(opened.store.clone(), owner);
    let case_id = case.case_id;
    let notice_seq = case.notice_seq.unsigned_abs();
    let encode = |replied_at_us| {
        let case_id = case_id.clone();
        v1::CaseReply { case_id, replied_by, text, attachment, replied_at_us, notice_seq }
            .encode_to_vec()
    };
    Ok(journal.answer(&case_id, encode).await?)
}

/// The text of a file, if a file is named.
fn read_text(given: &str) -> Option<Result<String, Failure>> {
    let path = Path::new(given);
    if !path.is_file() {
        return None;
    }
    // A file that is too long is told by its characters, and not read to its end.
    let limit = u64::try_from(TEXT_CHARS_MAX * 4 + 4).unwrap_or(u64::MAX);
    let mut bytes = Vec::new();
    let read = std::fs::File::open(path).and_then(|file| file.take(limit).read_to_end(&mut bytes));
    Some(read.map_err(|error| unreadable(path, &error)).and_then(|_| {
        let is_cut = bytes.len() as u64 == limit;
        match std::str::from_utf8(&bytes) {
            Ok(text) => Ok(text.to_owned()),
            // The end of what was read is in a character.
            Err(error) if is_cut && error.error_len().is_none() => {
                Ok(String::from_utf8_lossy(&bytes[..error.valid_up_to()]).into_owned())
            }
            Err(_) => Err(Failure::data(format!(
                "{} is no text in UTF-8; save it as such / {} n'est pas un texte en UTF-8 ; enregistrez-le ainsi",
                path.display(),
                path.display()
            ))),
        }
    }))
}

fn unreadable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::data(format!(
        "{} cannot be read: {error}; name a readable file / {} ne peut être lu ; nommez un fichier lisible",
        path.display(),
        path.display()
    ))
}

/// A text that somebody can read later.
fn said(option: &str, text: &str, limit: usize) -> Result<String, Failure> {
    let count = text.chars().count();
    let is_harmless = output::is_harmless(&text.replace('\r', "\n"));
    if count == 0 || count > limit || !is_harmless {
        return Err(Failure::usage(format!(
            "{option}: {count} characters; 1 to {limit} without control characters are taken / {option} : {count} caractères ; de 1 à {limit} sans caractères de contrôle"
        )));
    }
    Ok(text.to_owned())
}

/// Name and hash of a document.
fn attached(path: &Path) -> Result<v1::CaseAttachment, Failure> {
    let mut hasher = Sha256::new();
    let read = std::fs::File::open(path).and_then(|mut file| std::io::copy(&mut file, &mut hasher));
    let bytes = read.map_err(|error| unreadable(path, &error))?;
    if bytes == 0 {
        return Err(Failure::data(format!(
            "{} is empty; attach the document itself / {} est vide ; joignez le document lui-même",
            path.display(),
            path.display()
        )));
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let name = said("--attach", &name, NAME_CHARS_MAX)?;
    Ok(v1::CaseAttachment { name, sha256: hasher.finalize().to_vec(), bytes })
}

/// Characters of a number that are shown in a list.
const NUMBER_SHOWN: usize = 12;

fn list_text(listed: &Cases) -> String {
    if listed.cases.is_empty() {
        return "the Secretariat asks nothing · le Secrétariat ne demande rien".to_owned();
    }
    let row = |case: &Case| {
        let due = &case.due;
        vec![
            case.case_id.chars().take(NUMBER_SHOWN).collect(),
            format!("S{}", case.severity),
            format!("{} {}", case.subject_kind, case.subject_key),
            case.cause.clone(),
            case.state.clone(),
            case.answers.to_string(),
            if case.is_overdue { format!("{due} overdue · dépassée") } else { due.clone() },
        ]
    };
    let heads = [
        "case · dossier",
        "",
        "about · objet",
        "cause",
        "stands · situation",
        "answers · réponses",
        "due · échéance",
    ];
    output::table(&heads, &listed.cases.iter().map(row).collect::<Vec<_>>())
}

fn show_text(shown: &Shown) -> String {
    let case = &shown.case;
    let mut lines = vec![
        format!("case {} · dossier", case.case_id),
        format!("  {} {}: {}", case.subject_kind, case.subject_key, case.cause),
        format!("  S{}, {}, due · échéance {}", case.severity, case.state, case.due),
    ];
    for finding in &shown.findings {
        let state = if finding.is_open { "open · ouvert" } else { "closed · éteint" };
        lines.push(format!("{} S{} {state}", finding.rule, finding.severity));
        lines.push(format!("  {}\n  {}", finding.en, finding.fr));
        let records = finding.records.iter();
        lines.extend(records.map(|(entity, key, rev)| format!("  {entity} {key} rev {rev}")));
    }
    if shown.found > 0 {
        lines.push(format!("… {} findings in all · constats en tout", shown.found));
    }
    for reply in &shown.replies {
        let at = open::instant(Some(reply.replied_at_us));
        let received = if reply.is_received {
            "received · reçue"
        } else {
            "not received yet · pas encore reçue"
        };
        lines.push(format!(
            "answer · réponse {} ({}), {at}, {received}",
            reply.reply_key, reply.replied_by
        ));
        if reply.is_erased {
            lines.push("  (erased · effacée)".to_owned());
        }
        lines.extend(reply.text.lines().map(|line| format!("  {line}")));
        let attached = reply.attachments.iter();
        lines.extend(
            attached
                .map(|(name, sha256, bytes)| format!("  {name} {bytes} bytes, sha256 {sha256}")),
        );
    }
    if let Some(decision) = &shown.decision {
        lines.push(format!(
            "decided · décidé: {} by {} · par, {}",
            decision.outcome, decision.decided_by, decision.reason
        ));
    }
    lines.join("\n")
}
