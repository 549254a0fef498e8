//! `rmd-node inbox list`: what the Secretariat sent.

use clap::Subcommand;
use rmd_runtime::output;
use serde::Serialize;

use super::{Failure, Global, open};
use crate::inbox::report::{self, Followed, SiteStatus};

/// What can be asked of the inbox.
#[derive(Debug, Subcommand)]
pub(super) enum InboxCommand {
    /// List the status of each site as the Secretariat knows it · Lister le statut de chaque site selon le Secrétariat
    #[command(after_help = "Example · Exemple:\n  rmd-node inbox list --json")]
    List {
        /// How many at most · Combien au plus
        #[arg(long, default_value_t = 100_000)]
        limit: u32,
    },
}

#[derive(Debug, Serialize)]
struct Listed {
    feeds: Vec<Followed>,
    site_status: Vec<SiteStatus>,
}

pub(super) async fn inbox(global: &Global, command: &InboxCommand) -> Result<(), Failure> {
    let InboxCommand::List { limit } = command;
    let opened = open::open(global).await?;
    let listed = Listed {
        feeds: report::feeds(&opened.store).await?,
        site_status: report::sites(&opened.store, *limit).await?,
    };
    global.format().print(&listed, text)?;
    Ok(())
}

fn text(listed: &Listed) -> String {
    let row = |site: &SiteStatus| {
        vec![
            site.icglr_id.clone(),
            site.effective.clone(),
            site.since.clone(),
            site.until.clone().unwrap_or_default(),
            site.reason.clone(),
            site.decided.clone().unwrap_or_default(),
            site.decided_by.clone().unwrap_or_default(),
        ]
    };
    let sites = output::table(
        &[
            "site",
            "effective · effectif",
            "since · depuis",
            "until · jusqu'au",
            "reason · motif",
            "decided · décidé",
            "by · par",
        ],
        &listed.site_status.iter().map(row).collect::<Vec<_>>(),
    );
    let feeds: Vec<String> = listed
        .feeds
        .iter()
        .map(|feed| {
            format!(
                "{}: {} entries · entrées, {}{}",
                feed.feed,
                feed.cursor,
                feed.state,
                if feed.unread > 0 {
                    format!(", {} unread · non lues", feed.unread)
                } else {
                    String::new()
                }
            )
        })
        .collect();
    [feeds.join("\n"), sites].join("\n\n")
}
