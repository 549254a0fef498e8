//! `rmd-node reminders`: own statuses that end soon, offline.

use clap::Subcommand;
use rmd_runtime::output;
use serde::Serialize;

use super::{Failure, Global, open};
use crate::inbox::reminder::{self, Standing};

/// What can be asked of the reminders.
#[derive(Debug, Subcommand)]
pub(super) enum RemindersCommand {
    /// List statuses that end soon, the nearest first · Lister les statuts qui finissent bientôt
    #[command(after_help = "Example · Exemple:\n  rmd-node reminders list --json")]
    List {
        /// How many at most · Combien au plus
        #[arg(long, default_value_t = 1000)]
        limit: u32,
    },
}

#[derive(Debug, Serialize)]
struct Listed {
    reminders: Vec<Standing>,
}

pub(super) async fn reminders(global: &Global, command: &RemindersCommand) -> Result<(), Failure> {
    let RemindersCommand::List { limit } = command;
    let opened = open::open(global).await?;
    let reminders = reminder::list(&opened.store, *limit).await?;
    global.format().print(&Listed { reminders }, text)?;
    Ok(())
}

fn text(listed: &Listed) -> String {
    if listed.reminders.is_empty() {
        return "no status ends soon · aucun statut ne finit bientôt".to_owned();
    }
    let row = |one: &Standing| {
        vec![
            one.entity.clone(),
            one.record_key.clone(),
            one.status.clone(),
            one.until.clone(),
            format!("{} ({})", one.next, one.next_reason),
            one.days.to_string(),
            one.sent_on.clone(),
        ]
    };
    let heads = [
        "record",
        "key · clé",
        "status · statut",
        "until · jusqu'au",
        "then · ensuite",
        "days · jours",
        "sent · envoyé",
    ];
    output::table(&heads, &listed.reminders.iter().map(row).collect::<Vec<_>>())
}
