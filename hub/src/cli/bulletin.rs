//! `rmd-hub bulletin list`: what was published, and how far it came.

use clap::Subcommand;
use rmd_runtime::output;

use super::{Failure, Global, open};
use crate::share::bulletin;

#[derive(Debug, Subcommand)]
pub(crate) enum BulletinCommand {
    /// List bulletins, newest first · Lister les bulletins, le plus récent d'abord
    #[command(after_help = "Example · Exemple:\n  rmd-hub bulletin list --limit 20 --json")]
    List {
        /// At most so many · Au plus autant
        #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=10_000))]
        limit: u32,
    },
}

pub(super) async fn bulletin(global: &Global, command: BulletinCommand) -> Result<(), Failure> {
    let BulletinCommand::List { limit } = command;
    let hub = open::open(global).await?;
    let mut connection = hub.store.acquire().await?;
    let bulletins = bulletin::list(&mut connection, limit).await?;
    global.format().print(&serde_json::json!({"bulletins": bulletins}), |_| {
        let rows: Vec<Vec<String>> = bulletins
            .iter()
            .map(|bulletin| {
                vec![
                    bulletin.seq.to_string(),
                    bulletin.name().to_owned(),
                    bulletin.decided_status.unwrap_or("-").to_owned(),
                    bulletin.effective_status.to_owned(),
                    bulletin.effective_until.clone(),
                    format!("{}/{}", bulletin.delivered, bulletin.nodes),
                    format!("{}/{}", bulletin.applied, bulletin.nodes),
                    open::instant(Some(bulletin.published_at_us)),
                ]
            })
            .collect();
        let heads = [
            "seq",
            "site, exporter · site, exportateur",
            "decided · décidé",
            "effective · effectif",
            "until · jusqu'au",
            "delivered · remis",
            "applied · appliqués",
            "published · publié",
        ];
        output::table(&heads, &rows)
    })?;
    Ok(())
}
