//! `rmd-hub exporter`: one exporter, its history, and the Secretariat's decision.

use clap::Subcommand;
use rmd_standard::Entity;

use super::{
    Failure, Global, open, show,
    subject::{self, Decide, History, Reminders},
};
use crate::share::{exporter, subject::Subject};

#[derive(Debug, Subcommand)]
pub(crate) enum ExporterCommand {
    /// Declared, decided and effective status of an exporter · Statuts déclaré, décidé et effectif
    #[command(after_help = "Example · Exemple:\n  rmd-hub exporter show CD/CD-EXP-1")]
    Show {
        /// Country and identifier of the exporter · Pays et identifiant de l'exportateur
        key: String,
    },
    /// What held of an exporter when, as known when · Ce qui valait quand, et su quand
    #[command(after_help = HISTORY_EXAMPLE)]
    History {
        /// Country and identifier of the exporter · Pays et identifiant de l'exportateur
        key: String,
        #[command(flatten)]
        asked: History,
    },
    /// Reminders before a lapse · Rappels avant une échéance
    #[command(after_help = "Example · Exemple:\n  rmd-hub exporter reminders --all --json")]
    Reminders(Reminders),
    /// Record a decision of the Secretariat and publish it · Enregistrer et publier une décision
    #[command(after_help = SET_STATUS_EXAMPLE)]
    SetStatus {
        /// Country and identifier of the exporter · Pays et identifiant de l'exportateur
        key: String,
        #[command(flatten)]
        decide: Decide,
    },
}

const HISTORY_EXAMPLE: &str = "\
Example · Exemple:
  rmd-hub exporter history CD/CD-EXP-1 --day 2026-03-01 --known-at 2026-03-31T12:00:00Z";

const SET_STATUS_EXAMPLE: &str = "\
Example · Exemple:
  rmd-hub exporter set-status CD/CD-EXP-1 red --by 'Executive Secretary' \\
      --reason 'Certificates used twice' --document decision-13.pdf

Without --lifts the worse of the declared and the decided status counts.
Sans --lifts, le pire des statuts déclaré et décidé compte.";

pub(super) async fn exporter(global: &Global, command: ExporterCommand) -> Result<(), Failure> {
    const ENTITY: Entity = Entity::ExporterStatus;
    match command {
        ExporterCommand::Show { key } => {
            let hub = open::open(global).await?;
            let mut connection = hub.store.acquire().await?;
            let found = exporter::find(&mut connection, &key).await?;
            let found = Subject::Exporter(Box::new(found));
            let shown = show::subject(&mut connection, &hub, &found).await?;
            global.format().print(&shown, show::text)?;
        }
        ExporterCommand::History { key, asked } => {
            subject::history(global, ENTITY, (key.trim(), &key), asked).await?;
        }
        ExporterCommand::Reminders(which) => subject::reminders(global, ENTITY, which).await?,
        ExporterCommand::SetStatus { key, decide } => {
            subject::set_status(global, ENTITY, &key, decide).await?;
        }
    }
    Ok(())
}
