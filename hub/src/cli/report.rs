//! `rmd-hub report`: the monthly report as pages, workbook and text files.

use std::path::PathBuf;

use clap::ValueEnum;
use rmd_report::{Edition, Lang, Month, MonthlyReport};
use rmd_runtime::progress;
use serde::Serialize;

use super::{
    Failure, Global,
    open::{self, Opened},
};
use crate::report;

const EXAMPLE: &str = "\
Example · Exemple:
  rmd-hub report 2026-10 --lang fr --out /srv/reports
  rmd-hub report 2026-10 --lang en --public --out /srv/www/reports

Close the month first (`rmd-hub month close 2026-10 --by WHO`): figures are provisional
until then, and the public edition shows closed months alone.
Clôturez d'abord le mois (`rmd-hub month close 2026-10 --by QUI`) : les chiffres sont
provisoires jusque-là, et l'édition publique ne montre que des mois clôturés.";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLE)]
pub(crate) struct ReportArgs {
    /// The month, as 2026-10 · Le mois, comme 2026-10
    month: Month,
    /// Language of pages and workbook · Langue des pages et du classeur
    #[arg(long, value_name = "LANG")]
    lang: Language,
    /// Folder for the files; made if it is not there · Dossier des fichiers, créé au besoin
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// The edition for everybody: no party, no single finding · L'édition pour tous : aucune partie
    #[arg(long)]
    public: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Language {
    En,
    Fr,
}

/// What was written.
#[derive(Debug, Serialize)]
struct Done {
    month: Month,
    edition: Edition,
    /// Whether the month was closed; provisional if not.
    closed: bool,
    evaluated_on: String,
    #[serde(flatten)]
    written: report::Written,
}

pub(super) async fn report(global: &Global, args: ReportArgs) -> Result<(), Failure> {
    let hub = open::open(global).await?;
    let edition = if args.public { Edition::Public } else { Edition::Full };
    let spinner = progress::spinner("making the report · rapport en préparation");
    let made = make(&hub, &args, edition).await;
    spinner.finish_and_clear();
    let (filled, written) = made?;
    let done = Done {
        month: args.month,
        edition,
        closed: filled.closing.is_some(),
        evaluated_on: filled.evaluated_on.to_string(),
        written,
    };
    global.format().print(&done, |done| {
        let files: Vec<String> =
            done.written.files.iter().map(|file| file.display().to_string()).collect();
        let state = if done.closed {
            "closed · clôturé"
        } else {
            "provisional, the month is not closed · provisoire, le mois n'est pas clôturé"
        };
        format!("{}: {state}\n{}", done.month, files.join("\n"))
    })?;
    Ok(())
}

async fn make(
    hub: &Opened,
    args: &ReportArgs,
    edition: Edition,
) -> Result<(MonthlyReport, report::Written), report::Error> {
    let mut snapshot = hub.store.snapshot().await?;
    let filled = report::fill(&mut snapshot, &hub.config, &hub.clock, args.month, edition).await?;
    drop(snapshot);
    let lang = match args.lang {
        Language::En => Lang::En,
        Language::Fr => Lang::Fr,
    };
    let written = report::write(&filled, lang, &args.out).await?;
    Ok((filled, written))
}
