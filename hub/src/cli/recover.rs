//! `rmd-hub recover status|hold|release` and the officer's words of `rmd-hub node`.

use clap::Subcommand;
use rmd_runtime::output;
use serde::Serialize;

use super::{Failure, Global, open};
use crate::{
    recover::{
        self, Word,
        boot::{self, Start},
        diverged::{self, Diverged},
        epoch,
        event::{self, Event},
        hold,
    },
    registry::{self, node},
};

/// Events that are listed.
const EVENTS_MAX: u32 = 100;

/// What can be asked about recoveries.
#[derive(Debug, Subcommand)]
pub(crate) enum RecoverCommand {
    /// Feeds with two histories, nodes not heard, and what happened · Historiques doubles, nœuds non entendus, événements
    #[command(after_help = "Example · Exemple:\n  rmd-hub recover status --json")]
    Status,
    /// Publish nothing until every node was heard: the whole disk was put back · Ne rien publier avant que chaque nœud soit entendu : le disque entier a été restauré
    #[command(
        after_help = "Example · Exemple:\n  rmd-hub recover hold --by \"A. Officer\" --reason \"The machine runs from the image of Monday\""
    )]
    Hold {
        /// Who decides · Qui décide
        #[arg(long, value_name = "NAME")]
        by: String,
        /// Why · Pourquoi
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
    /// Publish again without the nodes that were not heard after a restored backup · Publier sans les nœuds non entendus
    #[command(
        after_help = "Example · Exemple:\n  rmd-hub recover release --by \"A. Officer\" --reason \"BDI is offline until May\""
    )]
    Release {
        /// Who decides · Qui décide
        #[arg(long, value_name = "NAME")]
        by: String,
        /// Why · Pourquoi
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
}

#[derive(Debug, Serialize)]
struct Status {
    feeds: Vec<Diverged>,
    /// Nodes that a restored hub waits for before it publishes.
    not_heard: Vec<String>,
    events: Vec<Event>,
}

pub(super) async fn recover(global: &Global, command: RecoverCommand) -> Result<(), Failure> {
    let hub = open::open(global).await?;
    let now_us = hub.clock.now().as_microsecond();
    match command {
        RecoverCommand::Status => {}
        RecoverCommand::Hold { by, reason } => {
            let word = Word::new(&by, &reason)?;
            let mut transaction = hub.store.begin().await?;
            hold::begin_by(&mut transaction, Some(&word), now_us).await?;
            transaction.commit().await?;
        }
        RecoverCommand::Release { by, reason } => {
            let word = Word::new(&by, &reason)?;
            let mut transaction = hub.store.begin().await?;
            hold::release(&mut transaction, &word, now_us).await?;
            transaction.commit().await?;
        }
    }
    let mut connection = hub.store.acquire().await?;
    let status = Status {
        feeds: diverged::all(&mut connection).await?,
        not_heard: hold::nodes(&mut connection).await?,
        events: event::last(&mut connection, EVENTS_MAX).await?,
    };
    global.format().print(&status, text)?;
    Ok(())
}

fn text(status: &Status) -> String {
    let mut lines = Vec::new();
    for feed in &status.feeds {
        lines.push(format!(
            "{} {}: {}, verified · vérifié {}, common · commun {}",
            feed.node_id, feed.feed, feed.state, feed.held_size, feed.common_size
        ));
    }
    if !status.not_heard.is_empty() {
        let nodes = status.not_heard.join(", ");
        lines.push(format!("nothing is published until heard · rien n'est publié avant: {nodes}"));
    }
    let row = |event: &Event| {
        let by = event.decided_by.clone().unwrap_or_default();
        let reason = event.reason.clone().unwrap_or_default();
        vec![
            open::instant(Some(event.at_us)),
            event.node_id.clone(),
            event.feed.clone(),
            event.what.clone(),
            event.detail.clone(),
            by,
            reason,
        ]
    };
    let heads =
        ["at · le", "node · nœud", "feed · flux", "event", "", "by · par", "reason · motif"];
    lines.push(output::table(&heads, &status.events.iter().map(row).collect::<Vec<_>>()));
    lines.join("\n")
}

pub(super) async fn keep(
    global: &Global,
    id: &str,
    random: u64,
    word: &Word,
) -> Result<(), Failure> {
    let hub = open::open(global).await?;
    let mut transaction = hub.store.begin().await?;
    let now_us = hub.clock.now().as_microsecond();
    boot::keep(&mut transaction, id, random, word, now_us).await?;
    let boots = boot::of_node(&mut transaction, id).await?;
    transaction.commit().await?;
    print_boots(global, id, &boots)
}

pub(super) async fn boots(global: &Global, id: &str) -> Result<(), Failure> {
    let hub = open::open(global).await?;
    let boots = boot::of_node(&mut *hub.store.acquire().await?, id).await?;
    print_boots(global, id, &boots)
}

fn print_boots(global: &Global, id: &str, boots: &[Start]) -> Result<(), Failure> {
    global.format().print(&serde_json::json!({"node": id, "boots": boots}), |_| {
        let rows: Vec<Vec<String>> = boots.iter().map(Start::row).collect();
        output::table(&["boot", "random", "state · état", "last · dernier"], &rows)
    })?;
    Ok(())
}

pub(super) async fn confirm(global: &Global, id: &str, word: &Word) -> Result<(), Failure> {
    let hub = open::open(global).await?;
    let mut transaction = hub.store.begin().await?;
    let now_us = hub.clock.now().as_microsecond();
    let known = node::find(&mut transaction, id).await?;
    known.ok_or_else(|| registry::Error::NodeUnknown(id.to_owned()))?;
    let left = epoch::left_behind(&mut transaction, id).await?;
    let feeds = match diverged::confirm(&mut transaction, id, word, now_us).await {
        Err(recover::Error::NothingToConfirm(_)) if !left.is_empty() => Vec::new(),
        confirmed => confirmed?,
    };
    epoch::close(&mut transaction, id, &left, word, now_us).await?;
    transaction.commit().await?;
    let confirmed = serde_json::json!({"node": id, "feeds": feeds, "records_ended": left.len()});
    global.format().print(&confirmed, |_| {
        format!(
            "{id}: {} · records of earlier epochs ended · fiches closes: {}",
            feeds.join(", "),
            left.len()
        )
    })?;
    Ok(())
}
