//! `rmd-node evidence export|verify`: proofs for others, checked without a network.

use std::{fs, io::Write as _, path::PathBuf, process::ExitCode};

use anyhow::Context as _;
use clap::Subcommand;
use rmd_feed::{FeedVerifier, evidence::Statement};
use rmd_runtime::exit;
use serde::Serialize;

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

#[derive(Debug, Serialize)]
struct Checked {
    proven: bool,
    en: String,
    fr: String,
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
    std::io::stdout().write_all(text.as_bytes()).context("write the evidence")?;
    Ok(exit::code(exit::OK))
}

fn verify(global: &Global, file: &PathBuf, vkey: &str) -> Result<ExitCode, Failure> {
    let text = fs::read_to_string(file)
        .with_context(|| format!("read {}", file.display()))
        .map_err(|error| Failure::not_found(format!("{error:#}")))?;
    let verifier = FeedVerifier::parse(vkey)
        .map_err(|error| Failure::usage(format!("--vkey: {}", error.english())))?;
    let checked = match Statement::parse(&text).and_then(|statement| statement.check(&verifier)) {
        Ok(proven) => Checked { proven: true, en: proven.english(), fr: proven.french() },
        Err(why) => Checked { proven: false, en: why.english(), fr: why.french() },
    };
    global.format().print(&checked, |checked| format!("{}\n{}", checked.en, checked.fr))?;
    Ok(exit::code(if checked.proven { exit::OK } else { exit::FAILURE }))
}
