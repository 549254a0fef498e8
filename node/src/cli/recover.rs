//! `rmd-node recover`: entries of the own feeds that were lost.
//!
//! The way back is the hub's to drive: it dials. What a person does here is to
//! say that the node must ask, that a tail may go, or that there is nothing to
//! wait for. Nothing is dropped that does not lie in a file first.

use std::io::{self, BufRead as _, IsTerminal as _, Write as _};

use clap::{Args, Subcommand};
use rmd_runtime::output;
use rmd_standard::Entity;
use serde::Serialize;

use super::{Failure, Global, open};
use crate::{
    journal::{
        Error, FEEDS, Journal,
        adopt::{
            self, Discarded,
            gone::{self, Waiting},
        },
        recovery::{self, Event, Lost, State},
    },
    recover::mark,
};

/// What `recover` is told.
#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "Example · Exemple:\n  rmd-node recover\n  rmd-node recover status\n  rmd-node recover --discard-tail\n\nWithout an option: nothing is appended until the hub has said what it holds, and what is\nlacking comes back. · Sans option : rien n'est ajouté avant que le pivot ait dit ce qu'il\ndétient, et ce qui manque revient."
)]
pub(super) struct RecoverArgs {
    /// Drop the entries that the hub does not know; they are kept in a file · Retirer les entrées inconnues du pivot
    #[arg(long)]
    discard_tail: bool,
    #[command(flatten)]
    how: How,
    #[command(subcommand)]
    command: Option<RecoverCommand>,
}

/// What `recover run` is told.
#[derive(Debug, Args)]
pub(super) struct How {
    /// Go on without the hub: what it holds may then contradict · Continuer sans le pivot
    #[arg(long, conflicts_with = "discard_tail")]
    alone: bool,
    /// End the records that came back and are not at the source · Clore les fiches revenues qui ne sont plus à la source
    #[arg(long, conflicts_with_all = ["alone", "discard_tail"])]
    end_unclaimed: bool,
    /// Do not ask · Ne pas demander
    #[arg(long)]
    yes: bool,
}

/// What else there is.
#[derive(Debug, Subcommand)]
pub(super) enum RecoverCommand {
    /// What is lacking, and what happened · Ce qui manque, et ce qui s'est passé
    #[command(after_help = "Example · Exemple:\n  rmd-node recover status --json")]
    Status,
    /// The same as without a command · Comme sans commande
    #[command(after_help = "Example · Exemple:\n  rmd-node recover run --alone")]
    Run(RunArgs),
}

/// What `recover run` is told.
#[derive(Debug, Args)]
pub(super) struct RunArgs {
    /// Go on without the hub: what it holds may then contradict · Continuer sans le pivot
    #[arg(long)]
    alone: bool,
    /// End the records that came back and are not at the source · Clore les fiches revenues qui ne sont plus à la source
    #[arg(long, conflicts_with = "alone")]
    end_unclaimed: bool,
    /// Do not ask · Ne pas demander
    #[arg(long)]
    yes: bool,
}

#[derive(Debug, Serialize)]
struct Report {
    feeds: Vec<Lost>,
    discarded: Vec<Discarded>,
    /// Records that came back and of which no source row was seen yet.
    unclaimed: Vec<Waiting>,
    events: Vec<Event>,
}

pub(super) async fn recover(global: &Global, args: RecoverArgs) -> Result<(), Failure> {
    let RecoverArgs { discard_tail, how, command } = args;
    let opened = open::open(global).await?;
    let owner = open::owner(&opened).await?.ok_or(Error::NotEnrolled)?;
    let journal = Journal::new(opened.store.clone(), owner);
    let how = match command {
        Some(RecoverCommand::Status) => return show(global, &journal, Vec::new()).await,
        Some(RecoverCommand::Run(RunArgs { alone, end_unclaimed, yes })) => {
            How { alone, end_unclaimed, yes }
        }
        None => how,
    };
    let mut discarded = Vec::new();
    if discard_tail {
        discarded = discard(&journal, &opened, how.yes).await?;
    } else if how.alone {
        go_on_alone(&journal, how.yes).await?;
    } else if how.end_unclaimed {
        end_unclaimed(&journal, how.yes).await?;
    } else {
        mark::hold(journal.store()).await?;
    }
    show(global, &journal, discarded).await
}

async fn discard(
    journal: &Journal,
    opened: &open::Opened,
    is_agreed: bool,
) -> Result<Vec<Discarded>, Failure> {
    let diverged: Vec<Lost> = recovery::all(journal.store()).await?;
    let diverged: Vec<Lost> =
        diverged.into_iter().filter(|lost| lost.state == State::Diverged).collect();
    if diverged.is_empty() {
        return Err(Failure::not_found(
            "no feed has a tail that the hub does not know / aucun flux n'a de fin inconnue du pivot",
        ));
    }
    let mut discarded = Vec::new();
    for lost in diverged {
        let common = lost.common_size.ok_or_else(|| {
            Failure::usage(format!(
                "feed {0}: the hub has not yet said up to where both agree; let the node run until it calls / flux {0} : le pivot n'a pas encore dit jusqu'où les deux s'accordent ; laissez tourner le nœud jusqu'à son appel",
                lost.feed
            ))
        })?;
        agree(
            is_agreed,
            &format!(
                "Drop the entries of {0} after seq {common}? They are kept in a file; the hub's take their place.\nRetirer les entrées de {0} après le seq {common} ? Elles sont gardées dans un fichier ; celles du pivot les remplacent.",
                lost.feed
            ),
        )?;
        let feed = FEEDS.into_iter().find(|feed| *feed == lost.feed).unwrap_or_default();
        discarded.extend(journal.discard(feed, common, &opened.directory.tails()).await?);
        let mut writing = journal.store().write().await;
        let mut transaction = writing.begin().await?;
        let lost = Lost { state: State::Lacking, ..lost };
        recovery::set(&mut transaction, &lost).await?;
        transaction.commit().await.map_err(Error::from)?;
    }
    Ok(discarded)
}

async fn go_on_alone(journal: &Journal, is_agreed: bool) -> Result<(), Failure> {
    agree(
        is_agreed,
        "Append without knowing what the hub holds? If it holds entries that are lost here, the feed will be frozen.\nAjouter sans savoir ce que détient le pivot ? S'il détient des entrées perdues ici, le flux sera gelé.",
    )?;
    let store = journal.store();
    let held: Vec<Lost> = recovery::all(store).await?;
    let mut writing = store.write().await;
    let mut transaction = writing.begin().await?;
    for lost in held.iter().filter(|lost| lost.state == State::Unsure) {
        adopt::resume(&mut transaction, &lost.feed, (0, 0), store.now_us()).await?;
    }
    transaction.commit().await.map_err(Error::from)?;
    Ok(())
}

async fn end_unclaimed(journal: &Journal, is_agreed: bool) -> Result<(), Failure> {
    for waiting in gone::waiting(journal.store()).await? {
        let Some(entity) = Entity::from_name(&waiting.entity) else { continue };
        agree(
            is_agreed,
            &format!(
                "End {0} records of {1} that are not in the national database?\nClore {0} fiches de {1} qui ne sont pas dans la base nationale ?",
                waiting.records, waiting.entity
            ),
        )?;
        journal.end_unclaimed(entity, true).await?;
    }
    Ok(())
}

/// Asks a person; without a terminal, `--yes` is the only yes.
pub(super) fn agree(is_agreed: bool, question: &str) -> Result<(), Failure> {
    if is_agreed {
        return Ok(());
    }
    let refused = "nothing was done; say --yes to mean it / rien n'a été fait ; dites --yes";
    if !io::stdin().is_terminal() {
        return Err(Failure::usage(refused));
    }
    write!(io::stderr(), "{question} [yes/oui] ")?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    match answer.trim() {
        "yes" | "oui" => Ok(()),
        _ => Err(Failure::usage(refused)),
    }
}

async fn show(
    global: &Global,
    journal: &Journal,
    discarded: Vec<Discarded>,
) -> Result<(), Failure> {
    const EVENTS_MAX: u32 = 50;
    let store = journal.store();
    let report = Report {
        feeds: recovery::all(store).await?,
        discarded,
        unclaimed: gone::waiting(store).await?,
        events: recovery::events(store, EVENTS_MAX).await?,
    };
    global.format().print(&report, text)?;
    Ok(())
}

fn text(report: &Report) -> String {
    let mut lines = Vec::new();
    if report.feeds.is_empty() {
        lines.push("nothing is lacking · rien ne manque".to_owned());
    }
    lines.extend(report.feeds.iter().map(|lost| format!("{}: {}", lost.feed, advice(lost))));
    for dropped in &report.discarded {
        lines.push(format!(
            "{}: seq {} – {} → {}",
            dropped.feed,
            dropped.first_seq,
            dropped.last_seq,
            dropped.file.display()
        ));
    }
    for waiting in &report.unclaimed {
        lines.push(format!(
            "{}: {} records came back and were not seen at the source yet; `rmd-node recover --end-unclaimed` ends them · fiches revenues, pas encore vues à la source",
            waiting.entity, waiting.records
        ));
    }
    let row = |event: &Event| {
        vec![
            open::instant(Some(event.at_us)),
            event.feed.clone(),
            event.what.clone(),
            format!("{} – {}", event.first_seq, event.last_seq),
            event.detail.clone(),
        ]
    };
    let heads = ["at · le", "feed · flux", "event · événement", "seq", ""];
    lines.push(output::table(&heads, &report.events.iter().map(row).collect::<Vec<_>>()));
    lines.join("\n")
}

fn advice(lost: &Lost) -> String {
    match lost.state {
        State::Unsure => "nothing is appended until the hub has called; `rmd-node recover --alone` goes on without it · rien n'est ajouté avant l'appel du pivot".to_owned(),
        State::Lacking => format!(
            "the hub holds {0} entries and returns what is lacking here when it calls · le pivot détient {0} entrées et rend ce qui manque à son appel",
            lost.held_size
        ),
        State::Closed => "the store is from before a new epoch of the feed: nothing is appended to the one that ended; the hub gives back what it holds if the key is that of the new epoch, else enrol again with a new invitation · la base date d'avant une nouvelle époque du flux : rien n'est ajouté à celle qui est close ; le pivot rend ce qu'il détient si la clé est celle de la nouvelle époque, sinon inscrivez-vous de nouveau".to_owned(),
        State::Diverged => format!(
            "frozen: the hub holds other entries (up to {}); `rmd-node evidence export {}` shows the proof, `rmd-node recover --discard-tail` gives way · gelé : le pivot détient d'autres entrées",
            lost.held_size, lost.feed
        ),
    }
}
