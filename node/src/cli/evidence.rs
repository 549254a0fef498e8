//! `rmd-node evidence export|verify`: proofs for others, checked without a network.

use std::{fs::File, path::PathBuf, process::ExitCode};

use clap::Subcommand;
use rmd_runtime::{exit, output};

use super::{Failure, Global, open};
use crate::{
    journal::{Error, enrolment},
    recover,
};

/// What can be done with evidence.
#[derive(Debug, Subcommand)]
pub(super) enum EvidenceCommand {
    /// Write what is kept about a feed of the node or of the hub · Écrire ce qui est gardé d'un flux
    #[command(after_help = "Example · Exemple:\n  rmd-node evidence export shared > evidence.txt")]
    Export {
        /// Name of the feed, as shared or transactions · Nom du flux
        feed: String,
    },
    /// Check a file against a key that you have from elsewhere · Vérifier un fichier avec une clé obtenue ailleurs
    #[command(
        after_help = "Example · Exemple:\n  rmd-node evidence verify evidence.txt --vkey rmd.net/hub+1a2b3c4d+AZ...\n\nExit code 0 only if it proves what it says · Code 0 seulement si la preuve tient"
    )]
    Verify {
        /// The file · Le fichier
        file: PathBuf,
        /// Public key of the owner, C2SP · Clé publique du propriétaire
        #[arg(long, value_name = "VKEY")]
        vkey: String,
    },
}

pub(super) async fn evidence(
    global: &Global,
    command: &EvidenceCommand,
) -> Result<ExitCode, Failure> {
    match command {
        EvidenceCommand::Export { feed } => export(global, feed).await,
        EvidenceCommand::Verify { file, vkey } => verify(global, file, vkey),
    }
}

async fn export(global: &Global, feed: &str) -> Result<ExitCode, Failure> {
    let opened = open::open(global).await?;
    let enrolment = enrolment::load(&opened.store).await?.ok_or(Error::NotEnrolled)?;
    let text = recover::evidence::of_feed(&opened.store, feed, &enrolment.hub_feed_vkey).await?;
    let text = text.ok_or_else(|| {
        Failure::not_found(format!(
            "there is no evidence about feed {feed} / il n'y a pas de preuve sur le flux {feed}"
        ))
    })?;
    output::line(text.trim_end())?;
    Ok(exit::code(exit::OK))
}

fn verify(global: &Global, file: &PathBuf, vkey: &str) -> Result<ExitCode, Failure> {
    let unread = |error| Failure::not_found(format!("{}: {error}", file.display()));
    let text = File::open(file).and_then(rmd_feed::evidence::read_text).map_err(unread)?;
    let judged = rmd_feed::evidence::judge(&text, vkey)
        .map_err(|error| Failure::usage(format!("--vkey: {}", error.english())))?;
    global.format().print(&judged, ToString::to_string)?;
    Ok(exit::code(if judged.proven { exit::OK } else { exit::FAILURE }))
}
