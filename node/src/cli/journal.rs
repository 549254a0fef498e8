//! `rmd-node journal verify`: recomputes the feeds from their stored bytes.

use std::process::ExitCode;

use clap::Subcommand;
use rmd_runtime::{exit, output};
use serde::Serialize;

use super::{Failure, Global, open, progress};
use crate::journal::{
    Error,
    verify::{self, Verified},
};

/// What can be proven about the journal.
#[derive(Debug, Subcommand)]
pub(super) enum JournalCommand {
    /// Recompute every leaf and root from the stored bytes · Recalculer chaque feuille et racine à partir des octets
    #[command(after_help = "Example · Exemple:\n  rmd-node journal verify --json")]
    Verify,
}

#[derive(Debug, Serialize)]
struct Report {
    whole: bool,
    feeds: Vec<Verified>,
}

pub(super) async fn journal(
    global: &Global,
    command: &JournalCommand,
) -> Result<ExitCode, Failure> {
    let JournalCommand::Verify = command;
    let opened = open::open(global).await?;
    let owner = open::owner(&opened).await?.ok_or(Error::NotEnrolled)?;
    let bar = progress::bar("entries · entrées");
    let feeds =
        verify::verify(&opened.store, &owner.name, &owner.key.verifier(), &|_, at, size| {
            bar.set_length(size);
            bar.set_position(at);
        })
        .await;
    bar.finish_and_clear();
    let feeds = feeds?;
    let report = Report { whole: feeds.iter().all(|feed| feed.whole), feeds };
    global.format().print(&report, text)?;
    Ok(exit::code(if report.whole { exit::OK } else { exit::DATA }))
}

fn text(report: &Report) -> String {
    let row = |feed: &Verified| {
        vec![
            feed.feed.clone(),
            feed.epoch.to_string(),
            feed.entries.to_string(),
            feed.root.clone(),
            if feed.whole { "whole · entier" } else { "broken · rompu" }.to_owned(),
        ]
    };
    let heads = ["feed · flux", "epoch", "entries · entrées", "root · racine", "state · état"];
    let mut lines = vec![output::table(&heads, &report.feeds.iter().map(row).collect::<Vec<_>>())];
    for feed in &report.feeds {
        if let (Some(seq), Some(fault), Some(fr)) =
            (feed.first_bad_seq, &feed.fault, &feed.fault_fr)
        {
            lines.push(format!("{} seq {seq}: {fault} / {fr}", feed.feed));
        }
    }
    lines.join("\n")
}
