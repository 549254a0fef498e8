//! `rmd-hub evidence list|export|verify`: proofs for others, checked without a network.

use std::{fs::File, path::PathBuf, process::ExitCode};

use clap::Subcommand;
use rmd_runtime::{exit, output};
use serde::Serialize;
use sqlx::AnyConnection;

use super::{Failure, Global, open};
use crate::recover::evidence::{self, Kept};

/// What can be done with evidence.
#[derive(Debug, Subcommand)]
pub(crate) enum EvidenceCommand {
    /// List what is kept, newest first; nothing takes it away · Lister ce qui est gardé ; rien ne l'efface
    #[command(after_help = "Example · Exemple:\n  rmd-hub evidence list COD/cod-mines --json")]
    List {
        /// One node only, as COD/cod-mines; hub for the hub's own feeds · Un seul nœud ; hub pour le pivot
        node: Option<String>,
    },
    /// Write one for others, with the key that was in force then · En écrire une, avec la clé d'alors
    #[command(
        after_help = "Example · Exemple:\n  rmd-hub evidence export 4f9c12ab > evidence.txt\n  rmd-hub evidence export COD/cod-mines transactions > evidence.txt\n\nWithout an argument, the newest · Sans argument, la plus récente"
    )]
    Export {
        /// Its id or the first 8 characters of it; or a node · Son numéro ou ses 8 premiers caractères ; ou un nœud
        id: Option<String>,
        /// Of that node, the newest that proves something of this feed · Du nœud, la plus récente du flux
        feed: Option<String>,
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
struct Listed {
    #[serde(flatten)]
    kept: Kept,
    /// Whether anybody can check it, and what it then proves.
    proven: bool,
    en: String,
    fr: String,
}

impl From<Kept> for Listed {
    fn from(kept: Kept) -> Self {
        let proven = kept.proven();
        let en = proven.as_ref().map(rmd_feed::evidence::Proven::english).unwrap_or_default();
        let fr = proven.as_ref().map(rmd_feed::evidence::Proven::french).unwrap_or_default();
        Self { kept, proven: proven.is_some(), en, fr }
    }
}

pub(super) async fn evidence(
    global: &Global,
    command: &EvidenceCommand,
) -> Result<ExitCode, Failure> {
    match command {
        EvidenceCommand::List { node } => list(global, node.as_deref()).await,
        EvidenceCommand::Export { id, feed } => {
            export(global, id.as_deref(), feed.as_deref()).await
        }
        EvidenceCommand::Verify { file, vkey } => verify(global, file, vkey),
    }
}

async fn list(global: &Global, node: Option<&str>) -> Result<ExitCode, Failure> {
    let hub = open::open(global).await?;
    let mut transaction = hub.store.begin().await?;
    evidence::take_over(&mut transaction).await?;
    let kept = evidence::all(&mut transaction, node).await?;
    transaction.commit().await?;
    let listed: Vec<Listed> = kept.into_iter().map(Listed::from).collect();
    global.format().print(&serde_json::json!({"evidence": listed}), |_| {
        let heads = ["id", "at · le", "node · nœud", "feed · flux", "kind", "proves · prouve"];
        output::table(&heads, &listed.iter().map(row).collect::<Vec<_>>())
    })?;
    Ok(exit::code(exit::OK))
}

fn row(listed: &Listed) -> Vec<String> {
    let Kept { evidence_id, found_at_us, node_id, feed, epoch, kind, .. } = &listed.kept;
    vec![
        evidence_id.chars().take(16).collect(),
        open::instant(Some(*found_at_us)),
        node_id.clone(),
        format!("{feed}/{epoch}"),
        kind.clone(),
        if listed.proven { "yes · oui" } else { "-" }.to_owned(),
    ]
}

async fn export(
    global: &Global,
    id: Option<&str>,
    feed: Option<&str>,
) -> Result<ExitCode, Failure> {
    let hub = open::open(global).await?;
    let mut transaction = hub.store.begin().await?;
    evidence::take_over(&mut transaction).await?;
    let kept = find(&mut transaction, id, feed).await?;
    transaction.commit().await?;
    let kept = kept.ok_or_else(|| {
        let what = [id, feed].map(Option::unwrap_or_default).join(" ");
        Failure::not_found(format!(
            "there is no evidence {what}; `rmd-hub evidence list` shows what there is\n\
             il n'y a pas de preuve {what} ; `rmd-hub evidence list` montre ce qu'il y a"
        ))
    })?;
    output::line(kept.statement().to_text().trim_end())?;
    Ok(exit::code(exit::OK))
}

async fn find(
    connection: &mut AnyConnection,
    id: Option<&str>,
    feed: Option<&str>,
) -> Result<Option<Kept>, crate::store::Error> {
    match (id, feed) {
        (Some(node), Some(feed)) => evidence::of_feed(connection, node, feed).await,
        (Some(id), None) => evidence::find(connection, id).await,
        _ => Ok(evidence::all(connection, None).await?.into_iter().next()),
    }
}

fn verify(global: &Global, file: &PathBuf, vkey: &str) -> Result<ExitCode, Failure> {
    let unread = |error| Failure::not_found(format!("{}: {error}", file.display()));
    let text = File::open(file).and_then(rmd_feed::evidence::read_text).map_err(unread)?;
    let judged = rmd_feed::evidence::judge(&text, vkey)
        .map_err(|error| Failure::usage(format!("--vkey: {}", error.english())))?;
    global.format().print(&judged, ToString::to_string)?;
    Ok(exit::code(if judged.proven { exit::OK } else { exit::FAILURE }))
}
