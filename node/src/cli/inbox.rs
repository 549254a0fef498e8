//! `rmd-node inbox list`: what the Secretariat sent about sites and exporters.

use clap::Subcommand;
use rmd_runtime::output;
use serde::Serialize;

use super::{Failure, Global, open};
use crate::inbox::{
    limit::{self, Limit},
    report::{self, ExporterStatus, Followed, SiteStatus},
};

/// What can be asked of the inbox.
#[derive(Debug, Subcommand)]
pub(super) enum InboxCommand {
    /// List the status of sites and exporters as the Secretariat knows it · Lister les statuts selon le Secrétariat
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
    exporter_status: Vec<ExporterStatus>,
    limits: Vec<Limit>,
}

pub(super) async fn inbox(global: &Global, command: &InboxCommand) -> Result<(), Failure> {
    let InboxCommand::List { limit: most } = command;
    let opened = open::open(global).await?;
    let listed = Listed {
        feeds: report::feeds(&opened.store).await?,
        site_status: report::sites(&opened.store, *most).await?,
        exporter_status: report::exporters(&opened.store, *most).await?,
        limits: limit::limits(&opened.store).await?,
    };
    global.format().print(&listed, text)?;
    Ok(())
}

fn text(listed: &Listed) -> String {
    let site = |site: &SiteStatus| {
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
    let exporter = |exporter: &ExporterStatus| {
        vec![
            exporter.record_key.clone(),
            exporter.effective.clone(),
            exporter.since.clone(),
            exporter.until.clone().unwrap_or_default(),
            exporter.reason.clone(),
            exporter.decided.clone().unwrap_or_default(),
            exporter.decided_by.clone().unwrap_or_default(),
        ]
    };
    let sites: Vec<Vec<String>> = listed.site_status.iter().map(site).collect();
    let exporters: Vec<Vec<String>> = listed.exporter_status.iter().map(exporter).collect();
    let mut parts = vec![feeds_text(listed), statuses("site", &sites)];
    if !exporters.is_empty() {
        parts.push(statuses("exporter · exportateur", &exporters));
    }
    if !listed.limits.is_empty() {
        parts.push(limits_text(&listed.limits));
    }
    parts.join("\n\n")
}

/// In the unit of each limit: milligrams, parts per million, metres, days or a count.
fn limits_text(limits: &[Limit]) -> String {
    let heads = ["version", "limit · limite", "state · État", "HS6", "value · valeur", "by · par"];
    let row = |one: &Limit| {
        let (version, value) = (one.version.to_string(), one.value.to_string());
        let (parameter, country) = (one.parameter.clone(), one.country.clone());
        vec![version, parameter, country, one.mineral.clone(), value, one.approved_by.clone()]
    };
    output::table(&heads, &limits.iter().map(row).collect::<Vec<_>>())
}

fn statuses(head: &str, rows: &[Vec<String>]) -> String {
    let heads = [
        head,
        "effective · effectif",
        "since · depuis",
        "until · jusqu'au",
        "reason · motif",
        "decided · décidé",
        "by · par",
    ];
    output::table(&heads, rows)
}

fn feeds_text(listed: &Listed) -> String {
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
    feeds.join("\n")
}
