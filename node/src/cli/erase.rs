//! `rmd-node erase`: takes what a record said out of everything, by order.

use std::{path::PathBuf, process::ExitCode};

use clap::{Args, Subcommand};
use rmd_runtime::{exit, output};
use rmd_standard::Entity;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::{
    Failure, Global,
    brake::said,
    open::{self, Opened},
    preview::entity_named,
    progress,
    recover::agree,
};
use crate::{
    erase::{self, Elsewhere},
    journal::{
        Error, Journal,
        answers::REPLY,
        erase::{BundleFile, Ground, Listed, Order, Outcome, Planned, ReplyOrder, list},
    },
};

const AFTER_HELP: &str = "\
Example · Exemple:
  rmd-node erase MineSite CD-1.5057-28.5905-1 --by 'Cadastre minier' --reason 'request 12/2026' \\
      --ground personal-data --document request.pdf --dry-run
  rmd-node erase CaseReply 3f9a61d0c0ffee00c0ffee00c0ffee00/1 --by 'Cadastre minier' \\
      --reason 'request 13/2026' --ground personal-data
  rmd-node erase list
  rmd-node erase scrub

CaseReply is an answer to a case; `rmd-node case show` tells its key. The entry that leaves says which record, the ground and the hash of the document; who asked
and why stays here. Correct or delete the row at the source first.
CaseReply est une réponse à un dossier ; `rmd-node case show` dit sa clé. L'entrée qui part dit quelle fiche, le motif légal et l'empreinte du document ; qui le demande
et pourquoi reste ici. Corrigez ou supprimez d'abord la ligne à la source.";

/// What `erase` is told.
#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    after_help = AFTER_HELP
)]
pub(super) struct EraseArgs {
    #[command(flatten)]
    order: OrderArgs,
    #[command(subcommand)]
    command: Option<EraseCommand>,
}

/// What else there is.
#[derive(Debug, Subcommand)]
pub(super) enum EraseCommand {
    /// What was erased, and whether the hub has done it · Ce qui fut effacé, et si le pivot l'a fait
    #[command(after_help = "Example · Exemple:\n  rmd-node erase list --json")]
    List,
    /// Write the files anew without what was erased, if that is still due · Réécrire les fichiers sans ce qui fut effacé
    #[command(after_help = "Example · Exemple:\n  rmd-node erase scrub")]
    Scrub,
}

/// One order.
#[derive(Debug, Args)]
struct OrderArgs {
    /// Record type, as MineSite; CaseReply for an answer · Type de fiche ; CaseReply pour une réponse
    #[arg(required = true)]
    entity: Option<String>,
    /// Key of the record · Clé de la fiche
    #[arg(required = true)]
    key: Option<String>,
    /// Who says so; stays on this node · Qui le demande ; reste sur ce nœud
    #[arg(long, value_name = "NAME", required = true, value_parser = said)]
    by: Option<String>,
    /// Why; stays on this node · Pourquoi ; reste sur ce nœud
    #[arg(long, value_name = "TEXT", required = true, value_parser = said)]
    reason: Option<String>,
    /// The legal ground; leaves with the entry · Le motif légal ; part avec l'entrée
    #[arg(long, required = true)]
    ground: Option<Ground>,
    /// The request or the order; its hash leaves, not the file · La demande ou l'ordre ; seule l'empreinte part
    #[arg(long, value_name = "FILE")]
    document: Option<PathBuf>,
    /// Say what would be erased and do nothing · Dire ce qui serait effacé, ne rien faire
    #[arg(long)]
    dry_run: bool,
    /// Do not ask · Ne pas demander
    #[arg(long)]
    yes: bool,
}

/// What came of an order.
#[derive(Debug, Serialize)]
struct Done {
    /// planned, erased or already.
    outcome: &'static str,
    #[serde(flatten)]
    erased: Outcome,
    elsewhere: Elsewhere,
    /// Whether the files of this node were written anew.
    scrubbed: bool,
}

#[derive(Debug, Serialize)]
struct Erasures {
    erasures: Vec<Listed>,
}

pub(super) async fn erase(global: &Global, args: EraseArgs) -> Result<ExitCode, Failure> {
    let EraseArgs { order, command } = args;
    match command {
        Some(EraseCommand::List) => {
            let opened = open::open(global).await?;
            let erasures = list(&opened.store).await?;
            global.format().print(&Erasures { erasures }, list_text)?;
            Ok(exit::code(exit::OK))
        }
        Some(EraseCommand::Scrub) => scrub(global).await,
        None => order_given(global, order).await,
    }
}

async fn scrub(global: &Global) -> Result<ExitCode, Failure> {
    let opened = open::open(global).await?;
    let spinner = progress::spinner("writing anew · réécriture");
    let scrubbed = finish(&opened).await;
    spinner.finish_and_clear();
    let scrubbed = scrubbed?;
    global.format().print(&serde_json::json!({"scrubbed": scrubbed}), |_| {
        scrubbed_text(scrubbed).to_owned()
    })?;
    Ok(exit::code(if scrubbed { exit::OK } else { exit::UNAVAILABLE }))
}

async fn finish(opened: &Opened) -> Result<bool, erase::Error> {
    let Opened { directory, store, .. } = opened;
    let api = erase::api_store(directory, store).await?;
    erase::finish(directory, store, api).await
}

async fn order_given(global: &Global, args: OrderArgs) -> Result<ExitCode, Failure> {
    let missing = || Failure::usage("name a record type and a key / indiquez un type et une clé");
    let subject = Subject::named(args.entity.as_deref().ok_or_else(missing)?)?;
    let key = args.key.clone().ok_or_else(missing)?;
    let opened = open::open(global).await?;
    let owner = open::owner(&opened).await?.ok_or(Error::NotEnrolled)?;
    let journal = Journal::new(opened.store.clone(), owner);
    let planned = match subject {
        Subject::Record(entity) => journal.plan_erasure(entity, &key).await?,
        Subject::Answer => journal.plan_reply_erasure(&key).await?,
    };
    let elsewhere = erase::elsewhere(&opened.directory, &opened.store, &planned).await?;
    if args.dry_run {
        let erased = Outcome { seq: None, planned };
        let done = Done { outcome: "planned", erased, elsewhere, scrubbed: false };
        global.format().print(&done, done_text)?;
        return Ok(exit::code(exit::OK));
    }
    if !planned.entries.is_empty() {
        agree(args.yes, &question(&planned))?;
    }
    let erased = carry_out(&journal, subject, &key, &args).await?;
    let spinner = progress::spinner("writing anew · réécriture");
    let scrubbed = finish(&opened).await;
    spinner.finish_and_clear();
    let outcome = if erased.seq.is_some() { "erased" } else { "already" };
    let done = Done { outcome, erased, elsewhere, scrubbed: scrubbed? };
    global.format().print(&done, done_text)?;
    Ok(exit::code(exit::OK))
}

/// What is erased.
#[derive(Debug, Clone, Copy)]
enum Subject {
    Record(Entity),
    Answer,
}

impl Subject {
    fn named(name: &str) -> Result<Self, Failure> {
        if name == REPLY {
            return Ok(Self::Answer);
        }
        entity_named(name).map(Self::Record)
    }
}

async fn carry_out(
    journal: &Journal,
    subject: Subject,
    key: &str,
    args: &OrderArgs,
) -> Result<Outcome, Failure> {
    let missing = || Failure::usage("--by, --reason and --ground are required / sont requis");
    let document = args.document.as_ref().map(|path| {
        let bytes = std::fs::read(path);
        bytes
            .map(|bytes| Sha256::digest(bytes).into())
            .map_err(|source| Failure::from(erase::Error::File { path: path.clone(), source }))
    });
    let (ground, document) = (args.ground.ok_or_else(missing)?, document.transpose()?);
    let by = args.by.as_deref().ok_or_else(missing)?;
    let reason = args.reason.as_deref().ok_or_else(missing)?;
    Ok(match subject {
        Subject::Record(entity) => {
            let order = Order { entity, record_key: key, ground, document, by, reason };
            journal.erase(order).await?
        }
        Subject::Answer => {
            let order = ReplyOrder { reply_key: key, ground, document, by, reason };
            journal.erase_reply(order).await?
        }
    })
}

fn question(planned: &Planned) -> String {
    format!(
        "Erase {0} payloads of {1} {2} for ever, here and at the hub?\nEffacer pour toujours {0} contenus de {1} {2}, ici et au pivot ?",
        planned.entries.len(),
        planned.entity,
        planned.record_key
    )
}

fn done_text(done: &Done) -> String {
    let Done { outcome, erased: Outcome { seq, planned }, elsewhere, scrubbed } = done;
    let name = format!("{} {}", planned.entity, planned.record_key);
    let mut lines = Vec::new();
    match (*outcome, seq) {
        (_, Some(seq)) => lines.push(format!(
            "{name}: {} payloads erased by {} {seq} · contenus effacés",
            planned.entries.len(),
            planned.feed
        )),
        ("planned", None) if !planned.entries.is_empty() => lines.push(format!(
            "{name}: {} payloads would be erased · contenus seraient effacés",
            planned.entries.len()
        )),
        _ => lines.push(format!(
            "{name}: nothing is left to erase, {} payloads were erased before · plus rien à effacer",
            planned.erased_before
        )),
    }
    let rows = planned.entries.iter().map(|leaves| {
        let seq = format!("{}/{} {}", planned.feed, leaves.epoch, leaves.seq);
        let at = open::instant(Some(leaves.written_at_us));
        vec![seq, leaves.rev.to_string(), at, leaves.bytes.to_string()]
    });
    let heads = ["feed/epoch seq", "rev", "written · écrite", "bytes · octets"];
    if !planned.entries.is_empty() {
        lines.push(output::table(&heads, &rows.collect::<Vec<_>>()));
    }
    if planned.held {
        lines.push("a change that waits in the brake goes with it · une modification retenue est effacée avec elle".to_owned());
    }
    for row in &planned.source_rows {
        lines.push(format!(
            "row {row}: is refused until it is corrected or deleted at the source · refusée jusqu'à correction ou suppression à la source"
        ));
    }
    lines.extend(bundle_lines(&planned.bundles));
    let destroy = "destroy or correct this file yourself · à détruire ou corriger vous-même";
    lines.extend(elsewhere.tails.iter().map(|path| format!("{}: {destroy}", path.display())));
    lines.extend(elsewhere.sheets.iter().map(|name| format!("sheet {name}: {destroy}")));
    if *outcome != "planned" {
        lines.push(scrubbed_text(*scrubbed).to_owned());
    }
    lines.join("\n")
}

/// The bundles that people must destroy.
fn bundle_lines(bundles: &[BundleFile]) -> impl Iterator<Item = String> {
    bundles.iter().map(|bundle| {
        let BundleFile { file, first_seq, last_seq, written_at_us } = bundle;
        let file = if file.is_empty() { "(no name was kept · nom non conservé)" } else { file };
        format!(
            "bundle {file}, seq {first_seq}-{last_seq}, {}: holds it, destroy every copy · le contient, détruisez chaque copie",
            open::instant(Some(*written_at_us))
        )
    })
}

const fn scrubbed_text(scrubbed: bool) -> &'static str {
    if scrubbed {
        "the files of this node were written anew without it · les fichiers du nœud ont été réécrits sans lui"
    } else {
        "the files of this node are still read by somebody; the running node or `rmd-node erase scrub` writes them anew · les fichiers sont encore lus ; le nœud ou `rmd-node erase scrub` les réécrira"
    }
}

fn list_text(listed: &Erasures) -> String {
    if listed.erasures.is_empty() {
        return "nothing was erased · rien n'a été effacé".to_owned();
    }
    let mut lines = Vec::new();
    for one in &listed.erasures {
        lines.push(format!(
            "{} {}: {} payloads, {}, by {} of {}/{} {} on {}",
            one.entity,
            one.record_key,
            one.entries.len(),
            one.ground,
            if one.erased_by.is_empty() { "-" } else { &one.erased_by },
            one.feed,
            one.epoch,
            one.seq,
            open::instant(Some(one.erased_at_us)),
        ));
        lines.push(match one.executed_at_us {
            Some(at) => format!(
                "  executed by the hub on {} · exécuté par le pivot",
                open::instant(Some(at))
            ),
            None => {
                "  the hub has not said yet that it did it · le pivot ne l'a pas encore confirmé"
                    .to_owned()
            }
        });
        lines.push(format!("  {}", scrubbed_text(one.scrubbed_at_us.is_some())));
        lines.extend(bundle_lines(&one.bundles).map(|line| format!("  {line}")));
    }
    lines.join("\n")
}
