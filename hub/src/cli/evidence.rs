//! `rmd-hub evidence export|verify`: proofs for others, checked without a network.

use std::{fs, path::PathBuf, process::ExitCode};

use anyhow::Context as _;
use clap::Subcommand;
use rmd_feed::{FeedVerifier, evidence::Statement};
use rmd_runtime::{exit, output};
use serde::Serialize;

use super::{Failure, Global, open};
use crate::{
    recover::diverged,
    registry::{self, node},
};

/// What can be done with evidence.
#[derive(Debug, Subcommand)]
pub(crate) enum EvidenceCommand {
    /// Write what is kept about a feed of a node · Écrire ce qui est gardé d'un flux d'un nœud
    #[command(
        after_help = "Example · Exemple:\n  rmd-hub evidence export COD/cod-mines transactions > evidence.txt"
    )]
    Export {
        /// ALPHA-3/name, as COD/cod-mines
        node: String,
        /// master-data or transactions · master-data ou transactions
        feed: String,
    },
    /// Check a file against a key that you have from elsewhere · Vérifier un fichier avec une clé obtenue ailleurs
    #[command(
        after_help = "Example · Exemple:\n  rmd-hub evidence verify evidence.txt --vkey rmd.net/COD/cod-mines+1a2b3c4d+AZ...\n\nNeeds neither store nor network. Exit code 0 only if it proves what it says · Ni base ni réseau. Code 0 seulement si la preuve tient"
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
        EvidenceCommand::Export { node, feed } => export(global, node, feed).await,
        EvidenceCommand::Verify { file, vkey } => verify(global, file, vkey),
    }
}

async fn export(global: &Global, id: &str, feed: &str) -> Result<ExitCode, Failure> {
    let hub = open::open(global).await?;
    let mut connection = hub.store.acquire().await?;
    let known = node::find(&mut connection, id).await?;
    let known = known.ok_or_else(|| registry::Error::NodeUnknown(id.to_owned()))?;
    let statement = diverged::statement(&mut connection, (id, feed), &known.feed_vkey).await?;
    let statement = statement.ok_or_else(|| {
        Failure::not_found(format!(
            "there is no evidence about feed {feed} of {id}\n\
             il n'y a pas de preuve sur le flux {feed} de {id}"
        ))
    })?;
    output::line(statement.to_text().trim_end())?;
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
