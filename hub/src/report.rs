//! The monthly report, filled out of the regional store.
//!
//! Owns which figures a report shows and of which day; the words, tables and files are
//! of `rmd-report`. Everything is read from one moment of the store. What has no data
//! is left out, so that the report says so; nothing is counted as zero for want of it.
//!
//! Invariants: a public edition holds closed months alone, as their public tables left,
//! and no single finding. Observations have no status here that a state or the
//! Secretariat did not give them.

mod cases;
mod files;
mod findings;
mod flows;
mod matching;
mod method;
mod reporting;
mod statuses;
#[cfg(test)]
mod tests;

use jiff::{Timestamp, civil::Date};
use rmd_reconcile::Parameters;
use rmd_report::{Closing, Edition, FORMAT, Month, MonthlyReport, Notice};
use rmd_runtime::SharedClock;
use rmd_standard::effective::Policy;
use sqlx::AnyConnection;

pub(crate) use self::files::{Written, write};
use crate::{calendar, config::Config, parameter, reconcile, share, statistics, status, store};

/// Months of the plots and of the calendar.
const MONTHS: u32 = 24;

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The month has not begun.
    #[error(
        "month {month} has not begun: today is {today}\n\
         le mois {month} n'a pas commencé : nous sommes le {today}"
    )]
    Ahead {
        /// The month.
        month: Month,
        /// The day of the clock.
        today: Date,
    },
    /// The folder is none, or cannot be made.
    #[error(
        "--out {}: no folder to write to; name one that you may write\n\
         --out {} : pas de dossier où écrire ; nommez-en un où vous pouvez écrire",
        path.display(), path.display()
    )]
    Folder {
        /// What was given.
        path: std::path::PathBuf,
        /// What the system said.
        #[source]
        error: std::io::Error,
    },
    /// A file.
    #[error(transparent)]
    File(#[from] rmd_runtime::files::Error),
    /// The workbook.
    #[error(transparent)]
    Workbook(#[from] rmd_report::workbook::Error),
    /// The text files.
    #[error(transparent)]
    Text(#[from] rmd_report::text::Error),
    /// The data.
    #[error("write the data of the report")]
    Json(#[source] serde_json::Error),
    /// The program of the pages is not there.
    #[error(
        "the pages need the program rmd-report beside rmd-hub, and {} is not there; workbook, \
         text files and data are written. Copy it there, or run it where it is:\n  {command}\n\
         les pages demandent le programme rmd-report à côté de rmd-hub, et {} n'y est pas ; \
         classeur, fichiers texte et données sont écrits. Copiez-le à cet endroit, ou lancez-le \
         là où il est :\n  {command}",
        program.display(), program.display()
    )]
    NoPages {
        /// Where it was looked for.
        program: std::path::PathBuf,
        /// What it would have been told.
        command: String,
    },
    /// The program of the pages failed.
    #[error("{command}: {said}")]
    Pages {
        /// How it was called.
        command: String,
        /// What it said.
        said: String,
    },
    /// The limits.
    #[error(transparent)]
    Parameter(#[from] parameter::Error),
    /// The findings.
    #[error(transparent)]
    Reconcile(#[from] reconcile::Error),
    /// The calendar.
    #[error(transparent)]
    Calendar(#[from] calendar::Error),
    /// The figures.
    #[error(transparent)]
    Statistics(#[from] statistics::Error),
    /// The feeds.
    #[error(transparent)]
    Status(#[from] status::Error),
    /// The statuses.
    #[error(transparent)]
    Share(#[from] share::Error),
    /// The store.
    #[error(transparent)]
    Store(#[from] store::Error),
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(store::Error::Query(error))
    }
}

/// Of when and by which limits a report tells.
#[derive(Debug)]
struct Occasion {
    month: Month,
    edition: Edition,
    /// The day of evaluation.
    day: Date,
    /// By when something had to be known.
    known_at: Timestamp,
    /// The limits by which was evaluated.
    parameters: Parameters,
    /// Whether anything was evaluated.
    is_evaluated: bool,
    policy: Policy,
}

/// Fills a report.
pub(crate) async fn fill(
    connection: &mut AnyConnection,
    config: &Config,
    clock: &SharedClock,
    month: Month,
    edition: Edition,
) -> Result<MonthlyReport, Error> {
    let today = clock.today();
    if month > Month::of(today) {
        return Err(Error::Ahead { month, today });
    }
    let occasion = occasion(connection, config, clock, month, edition).await?;
    let closing = closing(connection, month).await?;
    let report = MonthlyReport {
        format: FORMAT,
        network: config.network.name.clone(),
        month,
        evaluated_on: occasion.day,
        edition,
        notice: notice(config),
        closing: closing.as_ref().map(|closing| Closing {
            closed_on: closing.closed_on,
            digest: closing.digest.clone(),
        }),
        reporting: Some(reporting::read(connection, &occasion).await?),
        flows: flows::read(connection, &occasion).await?,
        matching: matching::read(connection, &occasion).await?,
        findings: findings::read(connection, &occasion).await?,
        cases: cases::read(connection, &occasion).await?,
        statuses: statuses::read(connection, &occasion).await?,
        method: method::read(connection, &occasion, &config.network.name, closing.as_ref()).await?,
    };
    Ok(if edition == Edition::Public { report.into_public() } else { report })
}

async fn occasion(
    connection: &mut AnyConnection,
    config: &Config,
    clock: &SharedClock,
    month: Month,
    edition: Edition,
) -> Result<Occasion, Error> {
    let evaluated = reconcile::turn::evaluated(connection).await?;
    let parameters = match evaluated {
        Some(evaluated) => method::limits_of(connection, evaluated.parameters_version).await?,
        None => parameter::in_force(connection).await?,
    };
    Ok(Occasion {
        month,
        edition,
        day: evaluated.map_or_else(|| clock.today(), |evaluated| evaluated.day),
        known_at: clock.now(),
        parameters,
        is_evaluated: evaluated.is_some(),
        policy: config.share.policy(),
    })
}

/// The last closing of the month, if it was closed.
async fn closing(
    connection: &mut AnyConnection,
    month: Month,
) -> Result<Option<calendar::closing::Closing>, Error> {
    match calendar::closing::load(connection, own(month), None).await {
        Ok(closing) => Ok(Some(closing)),
        Err(calendar::Error::Unknown(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// A month as the calendar has it.
fn own(month: Month) -> calendar::Month {
    calendar::Month::of(month.first_day())
}

fn notice(config: &Config) -> Option<Notice> {
    let (en, fr) = (&config.portal.banner_en, &config.portal.banner_fr);
    // A banner in one language alone is better read than left out.
    let or = |one: &String, other: &String| {
        if one.is_empty() { other.clone() } else { one.clone() }
    };
    let is_there = !en.is_empty() || !fr.is_empty();
    is_there.then(|| Notice { en: or(en, fr), fr: or(fr, en) })
}
