//! `rmd-hub quarantine list`: what the hub refused, with every finding.

use clap::Subcommand;

use super::{Failure, Global, open};
use crate::quarantine;

#[derive(Debug, Subcommand)]
pub(crate) enum QuarantineCommand {
    /// List refused records that stand · Lister les fiches refusées en cours
    #[command(after_help = "Example · Exemple:\n  rmd-hub quarantine list --node COD/cod-mines")]
    List {
        /// Of one node, as COD/cod-mines · D'un nœud
        #[arg(long, value_name = "ID")]
        node: Option<String>,
        /// At most so many · Au plus autant
        #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=10_000))]
        limit: u32,
    },
}

pub(super) async fn quarantine(global: &Global, command: QuarantineCommand) -> Result<(), Failure> {
    let QuarantineCommand::List { node, limit } = command;
    let hub = open::open(global).await?;
    let mut connection = hub.store.acquire().await?;
    let records = quarantine::list(&mut connection, node.as_deref(), limit).await?;
    let counts = quarantine::counts(&mut connection).await?;
    let result = serde_json::json!({"records": records, "counts": counts});
    global.format().print(&result, |_| {
        if records.is_empty() {
            return "nothing is in quarantine · rien en quarantaine".to_owned();
        }
        let mut lines = Vec::new();
        for record in &records {
            lines.push(format!(
                "{} {} {}: {} {}",
                record.node_id, record.feed, record.seq, record.entity, record.record_key
            ));
            lines.extend(record.findings.iter().map(|finding| {
                format!(
                    "    {} {} = {}\n      {}\n      {}",
                    finding.rule, finding.path, finding.value, finding.en, finding.fr
                )
            }));
        }
        lines.join("\n")
    })?;
    Ok(())
}
