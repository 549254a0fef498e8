//! `rmd-hub bundle`: files for nodes that no network reaches.

use std::{path::PathBuf, process::ExitCode};

use clap::{Args, Subcommand};
use rmd_feed::bundle::{PART_BYTES_DEFAULT, PART_BYTES_MIN, Recipient, Shown};
use rmd_runtime::{exit, output, progress};

use super::{Failure, Global, open};
use crate::bundle::{Bundles, Imported, Options, Returned};

#[derive(Debug, Subcommand)]
pub(crate) enum BundleCommand {
    /// Take files of nodes, in any order · Prendre les fichiers des nœuds, dans n'importe quel ordre
    #[command(after_help = IMPORT_HELP)]
    Import {
        /// The files · Les fichiers
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
    },
    /// Write what a node lacks, and how far its own feeds are applied · Écrire ce qui manque à un nœud
    #[command(after_help = EXPORT_HELP)]
    Export(ExportArgs),
    /// Show what a file holds · Montrer ce que contient un fichier
    #[command(after_help = "Example · Exemple:\n  rmd-hub bundle show COD-cod-mines_*.age")]
    Show {
        /// The file · Le fichier
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Print the key to which nodes encrypt · Écrire la clé pour laquelle les nœuds chiffrent
    #[command(after_help = "Example · Exemple:\n  rmd-hub bundle key > hub.recipient")]
    Key,
}

const IMPORT_HELP: &str = "\
Example · Exemple:
  rmd-hub bundle import /media/usb/COD-cod-mines_*.age

May run beside `rmd-hub run`. What is known is skipped, what is missing is named.
Peut tourner à côté de `rmd-hub run`. Le connu est sauté, le manquant est nommé.
Exit code 65 if a file was refused or waits for another one · Code 65 si un fichier est refusé ou attend";

const EXPORT_HELP: &str = "\
Example · Exemple:
  rmd-hub bundle export --node COD/cod-mines --out /media/usb";

#[derive(Debug, Args)]
pub(crate) struct ExportArgs {
    /// For which node, as COD/cod-mines · Pour quel nœud
    #[arg(long, value_name = "ID")]
    node: String,
    /// Folder for the files · Dossier des fichiers
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Only this feed: shared or verdicts · Seulement ce flux
    #[arg(long)]
    feed: Option<String>,
    /// After this seq, in the place of what the node is known to have · Après ce numéro
    #[arg(long, value_name = "SEQ")]
    after: Option<u64>,
    /// Bytes of entries in a file · Octets d'écritures par fichier
    #[arg(long, value_name = "BYTES", default_value_t = PART_BYTES_DEFAULT,
          value_parser = clap::value_parser!(u64).range(PART_BYTES_MIN..))]
    part_bytes: u64,
    /// The node's key, or a file that holds it; the known one if absent · Clé du nœud, ou son fichier
    #[arg(long, value_name = "FILE|age1…")]
    to: Option<String>,
    /// Put it in the place of the known one · La mettre à la place de la clé connue
    #[arg(long, requires = "to")]
    replace_recipient: bool,
}

pub(super) async fn bundle(global: &Global, command: BundleCommand) -> Result<ExitCode, Failure> {
    let hub = open::open(global).await?;
    let bundles = Bundles::open(hub.dir, hub.store, hub.clock).await?;
    match command {
        BundleCommand::Import { files } => return import(global, &bundles, &files).await,
        BundleCommand::Export(args) => export(global, &bundles, args).await?,
        BundleCommand::Show { file } => show(global, &bundles, &file).await?,
        BundleCommand::Key => {
            let result = serde_json::json!({"recipient": bundles.recipient()});
            global.format().print(&result, |_| bundles.recipient())?;
        }
    }
    Ok(exit::code(exit::OK))
}

async fn import(
    global: &Global,
    bundles: &Bundles,
    files: &[PathBuf],
) -> Result<ExitCode, Failure> {
    let bar = progress::bar("entries · entrées");
    let imported = bundles
        .import(files, &|entries, all| {
            bar.set_length(all);
            bar.set_position(entries);
        })
        .await;
    bar.finish_and_clear();
    let imported = imported?;
    global.format().print(&imported, imported_text)?;
    let code = if imported.files.is_complete() { exit::OK } else { exit::DATA };
    Ok(exit::code(imported.files.exit_code().unwrap_or(code)))
}

fn imported_text(imported: &Imported) -> String {
    let mut lines = vec![output::table(&["", "file · fichier"], &imported.files.rows())];
    lines.extend(imported.files.errors());
    for feed in &imported.feeds {
        lines.push(format!(
            "{} {}/{}: {} → {} / {} · refused · refusées: {}",
            feed.node_id,
            feed.feed,
            feed.epoch,
            feed.from,
            feed.cursor,
            feed.owner_size,
            feed.refused
        ));
        lines.extend(feed.missing.iter().map(|gap| gap.message.clone()));
        lines.extend(feed.own_feeds.iter().cloned());
    }
    lines.join("\n")
}

async fn export(global: &Global, bundles: &Bundles, args: ExportArgs) -> Result<(), Failure> {
    let options = Options {
        node_id: args.node,
        dir: args.out,
        feed: args.feed,
        after: args.after,
        part_bytes: args.part_bytes,
        to: args.to.as_deref().map(recipient).transpose()?,
        replace_recipient: args.replace_recipient,
    };
    let exported = bundles.export(&options).await?;
    global
        .format()
        .print(&serde_json::json!({"bundles": exported}), |_| exported_text(&exported))?;
    Ok(())
}

fn exported_text(exported: &[Returned]) -> String {
    exported.iter().flat_map(Returned::lines).collect::<Vec<_>>().join("\n")
}

/// A recipient as it was given: itself, or the file that holds it.
fn recipient(given: &str) -> Result<Recipient, Failure> {
    if given.starts_with("age1") {
        return Ok(given.parse().map_err(crate::bundle::Error::from)?);
    }
    let path = PathBuf::from(given);
    let file = |error| crate::bundle::Error::File { path: path.clone(), error };
    let text = std::fs::read_to_string(&path).map_err(file)?;
    Ok(text.parse().map_err(crate::bundle::Error::from)?)
}

async fn show(global: &Global, bundles: &Bundles, file: &std::path::Path) -> Result<(), Failure> {
    let opened = bundles.decrypt(file)?;
    let fault = bundles.prove(file).await.err().map(|error| error.text());
    let shown = Shown::new(opened.claimed(), fault);
    let made = output::instant(Some(shown.created_at_us));
    global.format().print(&shown, |shown| shown.text(&made))?;
    Ok(())
}
