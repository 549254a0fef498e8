//! `rmd-node audit`: what left, to whom, and when.

use clap::Args;
use rmd_runtime::output;
use serde::Serialize;

use super::{Failure, Global, open};
use crate::journal::audit::{self, Entry};

/// What `audit` is told.
#[derive(Debug, Args)]
#[command(after_help = "Example · Exemple:\n  rmd-node audit --limit 20")]
pub(super) struct AuditArgs {
    /// How many calls at most, the latest first · Combien d'appels au plus, les derniers d'abord
    #[arg(long, default_value_t = 1000)]
    limit: u32,
}

#[derive(Debug, Serialize)]
struct Listed {
    calls: Vec<Entry>,
}

pub(super) async fn audit(global: &Global, args: &AuditArgs) -> Result<(), Failure> {
    let opened = open::open(global).await?;
    let calls = audit::list(&opened.store, args.limit).await?;
    global.format().print(&Listed { calls }, text)?;
    Ok(())
}

fn text(listed: &Listed) -> String {
    let row = |call: &Entry| {
        vec![
            open::instant(Some(call.began_at_us)),
            call.peer.clone(),
            call.call.clone(),
            format!("{}/{}", call.feed, call.epoch),
            format!("{}–{}", call.first_seq, call.last_seq),
            call.frames.to_string(),
            call.bytes.to_string(),
        ]
    };
    output::table(
        &[
            "when · quand",
            "who · qui",
            "call · appel",
            "feed · flux",
            "seq",
            "frames · trames",
            "bytes · octets",
        ],
        &listed.calls.iter().map(row).collect::<Vec<_>>(),
    )
}
