//! `rmd-node brake`: records that wait because unusually many changed at once.

use clap::{Args, Subcommand};
use rmd_runtime::output;
use serde::Serialize;

use super::{Failure, Global, open, progress};
use crate::journal::brake::{
    mapping::Word,
    release::{self, REASON_BYTES_MAX, ReleaseError, Released},
    report::{self, Braking, Waiting},
};

/// What can be done about the brake.
#[derive(Debug, Subcommand)]
pub(super) enum BrakeCommand {
    /// List what the brake holds · Lister ce que le frein retient
    #[command(after_help = "Example · Exemple:\n  rmd-node brake list --json")]
    List {
        /// Those that are over as well · Aussi ceux qui sont terminés
        #[arg(long)]
        all: bool,
    },
    /// Show the records that one trip holds · Montrer les fiches qu'un freinage retient
    #[command(after_help = "Example · Exemple:\n  rmd-node brake show 7")]
    Show {
        /// Number of the trip · Numéro du freinage
        id: i64,
        /// Records at most · Fiches au plus
        #[arg(long, default_value_t = 100)]
        limit: u32,
    },
    /// Publish what one trip holds · Publier ce qu'un freinage retient
    #[command(
        after_help = "The ground leaves with each entry; who released stays here.\nLe motif part avec chaque entrée ; le nom reste ici.\n\nExample · Exemple:\n  rmd-node brake release 7 --by 'Cadastre minier' --reason 'sites closed by decree 12'"
    )]
    Release(ReleaseArgs),
}

/// What `brake release` is told.
#[derive(Debug, Args)]
pub(super) struct ReleaseArgs {
    /// Number of the trip · Numéro du freinage
    id: i64,
    #[command(flatten)]
    word: WordArgs,
}

/// Who lets go, and why.
#[derive(Debug, Args)]
pub(super) struct WordArgs {
    /// Who lets go; stays on this node · Qui libère ; reste sur ce nœud
    #[arg(long, value_name = "WHO", value_parser = said)]
    pub(super) by: String,
    /// Why it is no accident · Pourquoi ce n'est pas un accident
    #[arg(long, value_name = "TEXT", value_parser = said)]
    pub(super) reason: String,
}

impl WordArgs {
    pub(super) fn word(&self) -> Word<'_> {
        Word { by: &self.by, reason: &self.reason }
    }
}

/// A word that says something and that an entry has room for.
pub(super) fn said(text: &str) -> Result<String, String> {
    let text = text.trim();
    if text.is_empty() {
        return Err("say something / dites quelque chose".to_owned());
    }
    if text.len() > REASON_BYTES_MAX {
        return Err(format!(
            "{} bytes, at most {REASON_BYTES_MAX} / au plus {REASON_BYTES_MAX} octets",
            text.len()
        ));
    }
    if text.chars().any(char::is_control) {
        return Err("one line without control characters / une seule ligne".to_owned());
    }
    Ok(text.to_owned())
}

#[derive(Debug, Serialize)]
struct Listed {
    trips: Vec<Braking>,
}

#[derive(Debug, Serialize)]
struct Shown {
    #[serde(flatten)]
    trip: Braking,
    records: Vec<Waiting>,
}

pub(super) async fn brake(global: &Global, command: BrakeCommand) -> Result<(), Failure> {
    match command {
        BrakeCommand::List { all } => {
            let opened = open::open(global).await?;
            let trips = report::trips(&opened.store, all, None).await?;
            global.format().print(&Listed { trips }, list_text)?;
        }
        BrakeCommand::Show { id, limit } => {
            let opened = open::open(global).await?;
            let mut trips = report::trips(&opened.store, true, Some(id)).await?;
            let trip = trips.pop().ok_or(ReleaseError::Unknown(id))?;
            let records = report::waiting(&opened.store, id, limit).await?;
            global.format().print(&Shown { trip, records }, show_text)?;
        }
        BrakeCommand::Release(args) => {
            let opened = open::open(global).await?;
            let owner = open::owner(&opened).await?;
            let spinner = progress::spinner("publishing · publication");
            let word = args.word.word();
            let released =
                release::release(&opened.store, owner.as_ref(), args.id, word, &|published| {
                    spinner.set_position(published);
                })
                .await;
            spinner.finish_and_clear();
            global.format().print(&released?, released_text)?;
        }
    }
    Ok(())
}

fn list_text(listed: &Listed) -> String {
    if listed.trips.is_empty() {
        return "the brake holds nothing · le frein ne retient rien".to_owned();
    }
    let row = |trip: &Braking| {
        vec![
            trip.trip_id.to_string(),
            trip.entity.clone(),
            kind_word(&trip.kind).to_owned(),
            trip.held.to_string(),
            counted(trip),
            open::instant(Some(trip.tripped_at_us)),
            ended(trip),
        ]
    };
    let heads = [
        "id",
        "record",
        "what · quoi",
        "held · retenues",
        "counted of · comptées sur",
        "since · depuis",
        "state · état",
    ];
    output::table(&heads, &listed.trips.iter().map(row).collect::<Vec<_>>())
}

fn kind_word(kind: &str) -> &'static str {
    if kind == "delete" { "deletions · suppressions" } else { "changes · modifications" }
}

/// What was counted, of how many, and what had been allowed.
fn counted(trip: &Braking) -> String {
    let emptied = if trip.emptied { ", all · toutes" } else { "" };
    format!("{}/{} (max {}{emptied})", trip.counted, trip.base, trip.allowed)
}

fn ended(trip: &Braking) -> String {
    let state = match trip.state.as_str() {
        "open" => return "waits · en attente".to_owned(),
        "released" => "released · libéré",
        "settled" => "came back · revenu",
        _ => "withdrawn · retiré",
    };
    let at = open::instant(trip.ended_at_us);
    match (&trip.released_by, &trip.reason) {
        (Some(by), Some(reason)) => format!("{state} {at}, {by}: {reason}"),
        _ => format!("{state} {at}"),
    }
}

fn show_text(shown: &Shown) -> String {
    let trip = &shown.trip;
    let row = |record: &Waiting| {
        vec![
            record.record_key.clone(),
            record.op.to_owned(),
            if record.rev == 0 { "-".to_owned() } else { record.rev.to_string() },
            open::instant(Some(record.held_at_us)),
            record.reason.clone(),
        ]
    };
    let heads =
        ["key · clé", "op", "published rev · rév. publiée", "since · depuis", "reason · motif"];
    let rows: Vec<Vec<String>> = shown.records.iter().map(row).collect();
    let mut lines = vec![
        format!(
            "{} {}: {}, {} held · retenues, {}\n{}\n",
            trip.entity,
            trip.trip_id,
            kind_word(&trip.kind),
            trip.held,
            counted(trip),
            ended(trip)
        ),
        output::table(&heads, &rows),
    ];
    let more = trip.held - i64::try_from(rows.len()).unwrap_or(i64::MAX);
    if more > 0 {
        lines.push(format!("… {more} more · de plus (--limit)"));
    }
    lines.join("\n")
}

fn released_text(released: &Released) -> String {
    format!(
        "{} {}: {} entries published · entrées publiées ({} tombstones · retraits), {} {}–{}",
        released.entity,
        released.trip_id,
        released.published,
        released.tombstones,
        released.feed,
        released.first_seq,
        released.last_seq
    )
}
