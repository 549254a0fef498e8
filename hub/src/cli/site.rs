//! `rmd-hub site`: one mine site, its history, and the Secretariat's decision.

use clap::Subcommand;
use rmd_standard::Entity;

use super::{
    Failure, Global, open, show,
    subject::{self, Decide, History, Reminders},
};
use crate::share::{site, subject::Subject};

#[derive(Debug, Subcommand)]
pub(crate) enum SiteCommand {
    /// Declared, decided and effective status of a site · Statuts déclaré, décidé et effectif
    #[command(after_help = "Example · Exemple:\n  rmd-hub site show CD-1.5234+28.9000-1234")]
    Show {
        /// Regional identifier of the site · Identifiant régional du site
        icglr_id: String,
    },
    /// What held of a site when, as known when · Ce qui valait quand, et su quand
    #[command(after_help = HISTORY_EXAMPLE)]
    History {
        /// Regional identifier of the site · Identifiant régional du site
        icglr_id: String,
        #[command(flatten)]
        asked: History,
    },
    /// Reminders before a lapse · Rappels avant une échéance
    #[command(after_help = "Example · Exemple:\n  rmd-hub site reminders --all --json")]
    Reminders(Reminders),
    /// Record a decision of the Secretariat and publish it · Enregistrer et publier une décision
    #[command(after_help = SET_STATUS_EXAMPLE)]
    SetStatus {
        /// Regional identifier of the site · Identifiant régional du site
        icglr_id: String,
        #[command(flatten)]
        decide: Decide,
    },
    /// Build the history of all sites and exporters again · Reconstruire l'historique des sites et exportateurs
    #[command(after_help = "Example · Exemple:\n  rmd-hub site rebuild --json")]
    Rebuild,
}

const HISTORY_EXAMPLE: &str = "\
Example · Exemple:
  rmd-hub site history CD-1.5234+28.9000-1234
  rmd-hub site history CD-1.5234+28.9000-1234 --day 2026-03-01 --known-at 2026-03-31

The second asks what held on 1 March, as it was known at the end of 31 March (UTC+2).
La seconde demande ce qui valait le 1er mars, tel qu'on le savait fin du 31 mars (UTC+2).";

const SET_STATUS_EXAMPLE: &str = "\
Example · Exemple:
  rmd-hub site set-status CD-1.5234+28.9000-1234 red --by 'Executive Secretary' \\
      --reason 'Annex II abuses confirmed' --document decision-12.pdf

Without --lifts the worse of the declared and the decided status counts.
Sans --lifts, le pire des statuts déclaré et décidé compte.";

pub(super) async fn site(global: &Global, command: SiteCommand) -> Result<(), Failure> {
    match command {
        SiteCommand::Show { icglr_id } => {
            let hub = open::open(global).await?;
            let mut connection = hub.store.acquire().await?;
            let found = site::find(&mut connection, &icglr_id).await?;
            let found = Subject::Site(Box::new(found));
            let shown = show::subject(&mut connection, &hub, &found).await?;
            global.format().print(&shown, show::text)?;
        }
        SiteCommand::History { icglr_id, asked } => {
            let key = site::key_of(&icglr_id);
            subject::history(global, Entity::MineSite, (&key, &icglr_id), asked).await?;
        }
        SiteCommand::Reminders(which) => {
            subject::reminders(global, Entity::MineSite, which).await?;
        }
        SiteCommand::SetStatus { icglr_id, decide } => {
            subject::set_status(global, Entity::MineSite, &icglr_id, decide).await?;
        }
        SiteCommand::Rebuild => subject::rebuild(global).await?,
    }
    Ok(())
}
