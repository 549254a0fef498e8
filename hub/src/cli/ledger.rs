//! `rmd-hub ledger verify`: proves from the stored bytes what was kept.

use std::process::ExitCode;

use clap::Subcommand;
use rmd_runtime::{exit, output};

use super::{Failure, Global, open};
use crate::{ledger::verify, share};

#[derive(Debug, Subcommand)]
pub(crate) enum LedgerCommand {
    /// Compute every leaf and root again from the stored bytes · Recalculer feuilles et racines
    #[command(
        after_help = "Example · Exemple:\n  rmd-hub ledger verify --node COD/cod-mines\n\nExit code 1 if anything does not hold · Code 1 si quelque chose ne tient pas"
    )]
    Verify {
        /// Of one node, as COD/cod-mines · D'un nœud
        #[arg(long, value_name = "ID")]
        node: Option<String>,
    },
}

pub(super) async fn ledger(global: &Global, command: LedgerCommand) -> Result<ExitCode, Failure> {
    let LedgerCommand::Verify { node } = command;
    let hub = open::open(global).await?;
    let network = &hub.config.network.name;
    let feeds = verify::verify(&hub.store, network, node.as_deref()).await?;
    let own = match node {
        Some(_) => Vec::new(),
        None => share::verify::verify(&hub.store, &hub.config).await?,
    };
    let holds = feeds.iter().all(verify::FeedReport::holds)
        && own.iter().all(|report| report.fault.is_none());
    let (shared, verdicts): (Vec<_>, Vec<_>) =
        own.iter().partition(|report| report.feed == share::FEED);
    let result = serde_json::json!({
        "holds": holds, "feeds": feeds, "shared": shared.first(), "verdicts": verdicts
    });
    global.format().print(&result, |_| {
        let word =
            |holds: bool| if holds { "holds · tient" } else { "DOES NOT HOLD · NE TIENT PAS" };
        let mut rows: Vec<Vec<String>> = feeds
            .iter()
            .map(|feed| {
                vec![
                    feed.node_id.clone(),
                    feed.feed.clone(),
                    feed.entries.to_string(),
                    feed.root.clone(),
                    word(feed.holds()).to_owned(),
                ]
            })
            .collect();
        rows.extend(own.iter().map(|report| {
            vec![
                "hub".to_owned(),
                report.feed.clone(),
                report.entries.to_string(),
                report.root.clone(),
                word(report.fault.is_none()).to_owned(),
            ]
        }));
        let heads =
            ["owner · propriétaire", "feed · flux", "entries · entrées", "root · racine", ""];
        let mut lines = vec![output::table(&heads, &rows)];
        for feed in &feeds {
            let faults = feed.faults.iter();
            lines.extend(
                faults.map(|fault| format!("{} {}: {}", feed.node_id, feed.feed, fault.message)),
            );
        }
        for report in &own {
            let fault = report.fault.as_ref();
            lines.extend(fault.map(|fault| format!("hub {}: {fault}", report.feed)));
        }
        lines.join("\n")
    })?;
    Ok(exit::code(if holds { exit::OK } else { exit::FAILURE }))
}
