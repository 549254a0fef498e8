//! `rmd-hub reapply`: what was refused, once more with today's rules.

use std::collections::BTreeMap;

use clap::Args;
use rmd_runtime::{output, progress};
use serde::Serialize;

use super::{Failure, Global, open};
use crate::quarantine::reapply::{self, Outcome, Which};

#[derive(Debug, Args)]
#[command(
    after_help = "Example · Exemple:\n  rmd-hub reapply --node COD/cod-mines --dry-run\n  rmd-hub reapply\n\nThe hub may run meanwhile · Le pivot peut tourner pendant ce temps"
)]
pub(crate) struct ReapplyArgs {
    /// Of one node, as COD/cod-mines · D'un nœud
    #[arg(long, value_name = "ID")]
    node: Option<String>,
    /// Of one feed · D'un flux
    #[arg(long, value_parser = ["master-data", "transactions"])]
    feed: Option<String>,
    /// Say what would happen and keep nothing · Dire ce qui se passerait, ne rien garder
    #[arg(long)]
    dry_run: bool,
}

#[derive(Debug, Serialize)]
struct Reapplied {
    dry_run: bool,
    looked_at: u64,
    applied: u64,
    refused: u64,
    outdated: u64,
    feeds: Vec<Outcome>,
}

pub(super) async fn reapply(global: &Global, args: ReapplyArgs) -> Result<(), Failure> {
    let ReapplyArgs { node, feed, dry_run } = args;
    let hub = open::open(global).await?;
    let which = Which { node_id: node, feed };
    let bar = progress::bar("reapplying · réapplication");
    bar.set_length(reapply::count(&hub.store, &which).await?);
    let feeds = reapply::reapply(&hub.store, &hub.clock, &which, dry_run, &|done| {
        bar.set_position(done);
    })
    .await;
    bar.finish_and_clear();
    let feeds = feeds?;
    let sum = |of: fn(&Outcome) -> u64| feeds.iter().map(of).sum();
    let reapplied = Reapplied {
        dry_run,
        looked_at: sum(|one| one.looked_at),
        applied: sum(|one| one.applied),
        refused: sum(|one| one.refused.values().sum()),
        outdated: sum(|one| one.outdated),
        feeds,
    };
    global.format().print(&reapplied, text)?;
    Ok(())
}

fn text(reapplied: &Reapplied) -> String {
    if reapplied.looked_at == 0 {
        return "nothing is in quarantine · rien en quarantaine".to_owned();
    }
    let rules = |rules: &BTreeMap<String, u64>| {
        rules.iter().map(|(rule, count)| format!("{rule} {count}")).collect::<Vec<_>>().join(", ")
    };
    let row = |one: &Outcome| {
        vec![
            one.node_id.clone(),
            one.feed.clone(),
            one.looked_at.to_string(),
            one.applied.to_string(),
            one.refused.values().sum::<u64>().to_string(),
            one.outdated.to_string(),
            rules(&one.refused),
        ]
    };
    let heads = [
        "node · nœud",
        "feed · flux",
        "looked at · vues",
        "applied · appliquées",
        "refused still · toujours refusées",
        "outdated · dépassées",
        "rules · règles",
    ];
    let table = output::table(&heads, &reapplied.feeds.iter().map(row).collect::<Vec<_>>());
    if !reapplied.dry_run {
        return table;
    }
    format!("{table}\ndry run: nothing was kept · essai : rien n'a été gardé")
}
