//! `rmd-node receipts list|export|verify`: what the hub has signed to hold.
//!
//! All of it works without a network. Whoever has a receipt, the key of the node and
//! the key of the hub's receipts can verify it with no node at all.

use std::{fs, path::PathBuf, process::ExitCode};

use anyhow::Context as _;
use clap::Subcommand;
use rmd_feed::{CosignatureVerifier, FeedVerifier};
use rmd_runtime::{exit, output};
use serde::Serialize;

use super::{Failure, Global, open};
use crate::{
    inbox::receipt::report::{self, Judged, Kept},
    journal::{Error, Owner},
};

/// What can be done with receipts.
#[derive(Debug, Subcommand)]
pub(super) enum ReceiptsCommand {
    /// List the receipts, and how each stands to the journal · Lister les reçus et leur accord avec le journal
    #[command(after_help = "Example · Exemple:\n  rmd-node receipts list --json")]
    List,
    /// Write the receipts as signed notes · Écrire les reçus comme notes signées
    #[command(
        after_help = "Example · Exemple:\n  rmd-node receipts export transactions > receipts.txt"
    )]
    Export {
        /// Only this feed, as transactions · Ce flux seulement
        feed: Option<String>,
        /// Only the newest of each feed and epoch · Le plus récent de chaque flux et époque
        #[arg(long)]
        newest: bool,
    },
    /// Check all receipts, or those in a file · Vérifier tous les reçus, ou ceux d'un fichier
    #[command(
        after_help = "Examples · Exemples:\n  rmd-node receipts verify\n  rmd-node receipts verify receipts.txt --hub-vkey rmd.net/hub/receipts+1a2b3c4d+BZ... --node-vkey rmd.net/COD/cod-mines+...\n\nWith both keys it needs no node. Exit code 0 only if everything holds · Avec les deux clés, sans nœud. Code 0 seulement si tout tient"
    )]
    Verify {
        /// File with one or more signed notes · Fichier de notes signées
        file: Option<PathBuf>,
        /// Key of the hub's receipts; else those that the node knows · Clé des reçus du pivot
        #[arg(long, value_name = "VKEY", requires = "file")]
        hub_vkey: Option<String>,
        /// Key of the node's feeds; else this node's · Clé des flux du nœud
        #[arg(long, value_name = "VKEY", requires = "file")]
        node_vkey: Option<String>,
    },
}

#[derive(Debug, Serialize)]
struct Listed {
    /// Keys of receipts that the hub's feed key vouched for.
    keys: Vec<String>,
    receipts: Vec<Judged>,
    /// Whether nothing calls for a person.
    sound: bool,
}

impl Listed {
    fn of(keys: Vec<String>, receipts: Vec<Judged>) -> Self {
        let sound = receipts.iter().all(Judged::is_sound);
        Self { keys, receipts, sound }
    }
}

pub(super) async fn receipts(
    global: &Global,
    command: &ReceiptsCommand,
) -> Result<ExitCode, Failure> {
    match command {
        ReceiptsCommand::List => {
            let listed = kept(global).await?;
            global.format().print(&listed, text)?;
            Ok(exit::code(exit::OK))
        }
        ReceiptsCommand::Export { feed, newest } => export(global, feed.as_deref(), *newest).await,
        ReceiptsCommand::Verify { file, hub_vkey, node_vkey } => {
            let listed = match file {
                None => kept(global).await?,
                Some(file) => {
                    in_file(global, file, hub_vkey.as_deref(), node_vkey.as_deref()).await?
                }
            };
            global.format().print(&listed, text)?;
            Ok(exit::code(if listed.sound { exit::OK } else { exit::FAILURE }))
        }
    }
}

async fn owner(opened: &open::Opened) -> Result<Owner, Failure> {
    Ok(open::owner(opened).await?.ok_or(Error::NotEnrolled)?)
}

/// Every kept receipt, held against the journal.
async fn kept(global: &Global) -> Result<Listed, Failure> {
    let opened = open::open(global).await?;
    let owner = owner(&opened).await?;
    let mut receipts = Vec::new();
    for kept in report::all(&opened.store).await? {
        receipts.push(report::judge_kept(&opened.store, &owner, &kept).await?);
    }
    Ok(Listed::of(report::keys(&opened.store).await?, receipts))
}

async fn export(global: &Global, feed: Option<&str>, newest: bool) -> Result<ExitCode, Failure> {
    let opened = open::open(global).await?;
    let mut kept = report::all(&opened.store).await?;
    kept.retain(|kept| feed.is_none_or(|feed| feed == kept.feed));
    if newest {
        kept.dedup_by(|later, first| (&later.feed, later.epoch) == (&first.feed, first.epoch));
    }
    if kept.is_empty() {
        return Err(Failure::not_found(
            "the hub has given no receipt yet; it does with its next call / le pivot n'a encore donné aucun reçu ; il le fera à son prochain appel"
                .to_owned(),
        ));
    }
    let notes: Vec<&str> = kept.iter().map(|kept: &Kept| kept.note.trim_end()).collect();
    output::line(&notes.join("\n"))?;
    Ok(exit::code(exit::OK))
}

/// The receipts in a file, by the given keys or those of the node.
async fn in_file(
    global: &Global,
    file: &PathBuf,
    hub_vkey: Option<&str>,
    node_vkey: Option<&str>,
) -> Result<Listed, Failure> {
    let text = fs::read_to_string(file)
        .with_context(|| format!("read {}", file.display()))
        .map_err(|error| Failure::not_found(format!("{error:#}")))?;
    let (mut keys, mut owner_key) = (Vec::new(), None);
    keys.extend(hub_vkey.map(str::to_owned));
    if let Some(vkey) = node_vkey {
        owner_key = Some(FeedVerifier::parse(vkey).map_err(|_| wrong("--node-vkey"))?);
    }
    if hub_vkey.is_none() || owner_key.is_none() {
        let opened = open::open(global).await?;
        if hub_vkey.is_none() {
            keys = report::keys(&opened.store).await?;
        }
        if owner_key.is_none() {
            owner_key = Some(owner(&opened).await?.key.verifier());
        }
    }
    let owner_key = owner_key.ok_or_else(|| wrong("--node-vkey"))?;
    let parsed: Result<Vec<_>, _> =
        keys.iter().map(|key| CosignatureVerifier::parse(key)).collect();
    let parsed = parsed.map_err(|_| wrong("--hub-vkey"))?;
    let judge = |note: String| report::judge(&note, &owner_key, &parsed);
    let judged: Option<Vec<Judged>> = rmd_feed::notes(&text).into_iter().map(judge).collect();
    let judged = judged.filter(|judged| !judged.is_empty()).ok_or_else(|| {
        Failure::data(format!(
            "{0} holds something that is no signed checkpoint; export it again / {0} contient autre chose que des points de contrôle signés ; exportez à nouveau",
            file.display()
        ))
    })?;
    Ok(Listed::of(keys, judged))
}

fn wrong(option: &str) -> Failure {
    Failure::usage(format!(
        "{option}: not a C2SP key of that kind, copy it whole / pas une clé C2SP de ce type, copiez-la entière"
    ))
}

fn text(listed: &Listed) -> String {
    let row = |judged: &Judged| {
        vec![
            judged.origin.clone(),
            judged.size.to_string(),
            judged.root.get(..16).unwrap_or_default().to_owned(),
            open::instant(judged.cosigned_at_us),
            if judged.is_sound() { "ok" } else { "!" }.to_owned(),
            judged.en.clone(),
        ]
    };
    let rows: Vec<_> = listed.receipts.iter().map(row).collect();
    let head = ["feed · flux", "size · taille", "root · racine", "at · le", "", "what · constat"];
    let mut lines = vec![output::table(&head, &rows)];
    lines.extend(listed.keys.iter().map(|key| format!("hub key · clé du pivot: {key}")));
    let unsound = listed.receipts.iter().filter(|judged| !judged.is_sound());
    lines.extend(unsound.map(|judged| format!("{}\n{}", judged.en, judged.fr)));
    lines.join("\n")
}
