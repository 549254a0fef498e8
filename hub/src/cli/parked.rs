//! `rmd-hub parked list`: records that name another one which never came.

use clap::Subcommand;
use rmd_runtime::output;

use super::{Failure, Global, open};
use crate::verdict::parked::{self, Parked};

#[derive(Debug, Subcommand)]
pub(crate) enum ParkedCommand {
    /// List what waits for a record that never came · Lister ce qui attend une fiche jamais venue
    #[command(
        after_help = "Example · Exemple:\n  rmd-hub parked list --node COD/cod-mines --json\n\nParked records are applied and shown like all others · Ces fiches sont appliquées et montrées comme les autres"
    )]
    List {
        /// Of one node, as COD/cod-mines · D'un nœud
        #[arg(long, value_name = "ID")]
        node: Option<String>,
        /// At most so many · Au plus autant
        #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=100_000))]
        limit: u32,
    },
}

pub(super) async fn parked(global: &Global, command: ParkedCommand) -> Result<(), Failure> {
    let ParkedCommand::List { node, limit } = command;
    let hub = open::open(global).await?;
    let mut connection = hub.store.acquire().await?;
    let mut counts = parked::counts(&mut connection).await?;
    counts.retain(|count| node.as_ref().is_none_or(|node| *node == count.node_id));
    let references = parked::list(&mut connection, node.as_deref(), limit).await?;
    let records: i64 = match &node {
        Some(node) => parked::of_nodes(&mut connection).await?.get(node).copied().unwrap_or(0),
        None => parked::of_nodes(&mut connection).await?.values().sum(),
    };
    let result =
        serde_json::json!({"records": records, "counts": counts, "references": references});
    global.format().print(&result, |_| {
        if references.is_empty() {
            return "nothing waits for a reference · rien n'attend une référence".to_owned();
        }
        let row = |one: &Parked| {
            vec![
                one.node_id.clone(),
                one.entity.clone(),
                one.record_key.clone(),
                format!("{} = {}", one.path, one.value),
                format!("{} {}", one.target_entity, one.target_country),
                open::instant(Some(one.since_us)),
            ]
        };
        let heads = [
            "node · nœud",
            "record",
            "key · clé",
            "names · nomme",
            "missing · manque",
            "since · depuis",
        ];
        let table = output::table(&heads, &references.iter().map(row).collect::<Vec<_>>());
        format!("{table}\n{records} records parked · fiches en attente")
    })?;
    Ok(())
}
