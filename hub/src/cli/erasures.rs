//! `rmd-hub erasures`: what owners had erased, and how far the hub is with it.

use std::process::ExitCode;

use clap::Subcommand;
use rmd_runtime::{exit, output};

use super::{Failure, Global, open};
use crate::{
    bundle::written::{self, Holding},
    erase::{self, Listed, Scrubbed},
};

#[derive(Debug, Subcommand)]
pub(crate) enum ErasuresCommand {
    /// List what was erased · Lister ce qui fut effacé
    #[command(
        after_help = "Example · Exemple:\n  rmd-hub erasures list --node COD/cod-mines --json\n\nThe state alone knows who asked and why · Seul l'État sait qui l'a demandé et pourquoi"
    )]
    List {
        /// Of one node, as COD/cod-mines · D'un nœud
        #[arg(long, value_name = "ID")]
        node: Option<String>,
        /// At most so many · Au plus autant
        #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=100_000))]
        limit: u32,
    },
    /// Write the store anew without what was erased · Réécrire la base sans ce qui fut effacé
    #[command(
        after_help = "Example · Exemple:\n  rmd-hub erasures scrub\n\nOn SQLite the running hub does it by itself. On PostgreSQL this is VACUUM FULL of the tables:\nit locks each while it writes it anew, and needs as much free disk. The server's write-ahead\nlog, replicas and backups keep what they have until they are renewed.\nSur SQLite le pivot le fait lui-même. Sur PostgreSQL c'est VACUUM FULL : chaque table est\nverrouillée pendant sa réécriture. Le journal du serveur, les répliques et les sauvegardes\ngardent ce qu'ils ont jusqu'à leur renouvellement."
    )]
    Scrub,
}

pub(super) async fn erasures(
    global: &Global,
    command: ErasuresCommand,
) -> Result<ExitCode, Failure> {
    let hub = open::open(global).await?;
    match command {
        ErasuresCommand::List { node, limit } => {
            let mut connection = hub.store.acquire().await?;
            let erasures = erase::list(&mut connection, node.as_deref(), limit).await?;
            let bundles = written::holding(&mut connection, node.as_deref()).await?;
            let result = serde_json::json!({"erasures": erasures, "bundles": bundles});
            global.format().print(&result, |_| {
                let files = bundles.iter().map(bundle_text);
                std::iter::once(list_text(&erasures)).chain(files).collect::<Vec<_>>().join("\n")
            })?;
            Ok(exit::code(exit::OK))
        }
        ErasuresCommand::Scrub => {
            let scrubbed = erase::scrub(&hub.store, &hub.clock).await?;
            global.format().print(&scrubbed, scrubbed_text)?;
            Ok(exit::code(if scrubbed.done { exit::OK } else { exit::UNAVAILABLE }))
        }
    }
}

fn list_text(erasures: &[Listed]) -> String {
    if erasures.is_empty() {
        return "nothing was erased · rien n'a été effacé".to_owned();
    }
    let yes =
        |at: Option<i64>| at.map_or_else(|| "due · à faire".to_owned(), |_| open::instant(at));
    let row = |one: &Listed| {
        vec![
            one.node_id.clone(),
            format!("{}/{} {}", one.feed, one.epoch, one.seq),
            one.entity.clone(),
            one.record_key.clone(),
            one.ground.clone(),
            one.payloads.to_string(),
            open::instant(Some(one.executed_at_us)),
            one.told_seq
                .map_or_else(|| "due · à faire".to_owned(), |seq| format!("verdicts {seq}")),
            yes(one.scrubbed_at_us),
        ]
    };
    let heads = [
        "node · nœud",
        "order · ordre",
        "record",
        "key · clé",
        "ground · motif",
        "payloads · contenus",
        "executed · exécuté",
        "told · dit",
        "scrubbed · réécrit",
    ];
    output::table(&heads, &erasures.iter().map(row).collect::<Vec<_>>())
}

/// A file that people must destroy.
fn bundle_text(one: &Holding) -> String {
    format!(
        "bundle {} for {}, {} seq {}-{}, {}: holds it, destroy every copy · le contient, détruisez chaque copie",
        one.file,
        one.node_id,
        one.feed,
        one.first_seq,
        one.last_seq,
        open::instant(Some(one.written_at_us))
    )
}

fn scrubbed_text(scrubbed: &Scrubbed) -> String {
    if scrubbed.erasures == 0 {
        return "nothing is due · rien à faire".to_owned();
    }
    if !scrubbed.done {
        return "somebody still reads the store as it was; run it again · la base est encore lue ; relancez".to_owned();
    }
    let tables = if scrubbed.tables.is_empty() {
        "the whole file · tout le fichier".to_owned()
    } else {
        scrubbed.tables.join(", ")
    };
    format!("{} orders · ordres: {tables}", scrubbed.erasures)
}
