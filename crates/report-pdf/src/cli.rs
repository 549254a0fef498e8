//! The command line of `rmd-report`: its arguments, and what it does with them.
//!
//! Reads one file, writes one file, reaches no network. What names records is written
//! so that nobody else may read it.

use std::{
    io::Write as _,
    path::{Path, PathBuf},
    process::ExitCode,
};

use clap::{Parser, ValueEnum};
use rmd_report::{Edition, FORMAT, Lang, MonthlyReport, sample};
use rmd_report_pdf::Pages;
use rmd_runtime::{exit, files, output::Format};
use serde::Serialize;

const AFTER_HELP: &str = "\
Examples · Exemples:
  rmd-report report-2026-10.json --lang fr --out report-2026-10-fr.pdf
  rmd-report --specimen full --lang en --out specimen.pdf

Exit codes · Codes de sortie:
  0   written · écrit
  1   failed, the message says why · échec, le message dit pourquoi
  64  wrong arguments · arguments erronés
  65  not the data of a report · pas les données d'un rapport
  66  file not found · fichier introuvable";

/// The pages of a monthly report · Les pages d'un rapport mensuel
#[derive(Debug, Parser)]
#[command(name = "rmd-report", version, after_help = AFTER_HELP, max_term_width = 100)]
struct Cli {
    /// The data, as `rmd-hub report` writes them · Les données, telles qu'écrites par `rmd-hub report`
    #[arg(value_name = "FILE", required_unless_present = "specimen")]
    data: Option<PathBuf>,
    /// Made-up data instead, to see the pages · Des données inventées, pour voir les pages
    #[arg(long, value_name = "KIND", conflicts_with = "data")]
    specimen: Option<Specimen>,
    /// Language of the pages · Langue des pages
    #[arg(long, value_name = "LANG")]
    lang: Language,
    /// The file to write · Le fichier à écrire
    #[arg(long, value_name = "PDF")]
    out: PathBuf,
    /// Print one JSON object for programs · Écrire un objet JSON pour les programmes
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Specimen {
    /// Every part, for the Secretariat · Toutes les parties, pour le Secrétariat
    Full,
    /// Every part, for everybody · Toutes les parties, pour tous
    Public,
    /// The first month of a network · Le premier mois d'un réseau
    Empty,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Language {
    En,
    Fr,
}

/// What was written.
#[derive(Debug, Serialize)]
struct Written {
    file: PathBuf,
    pages: usize,
    bytes: usize,
}

/// Why nothing was written.
#[derive(Debug, thiserror::Error)]
enum Error {
    #[error("read {0} · lire {0}", path.display())]
    Read {
        path: PathBuf,
        #[source]
        error: std::io::Error,
    },
    #[error(
        "{0} does not hold the data of a report; write them with `rmd-hub report` · {0} ne contient pas les données d'un rapport ; écrivez-les avec `rmd-hub report`",
        path.display()
    )]
    Data {
        path: PathBuf,
        #[source]
        error: serde_json::Error,
    },
    #[error(
        "{0} has form {found} and this program reads form {FORMAT}; take the rmd-report of the same version as rmd-hub · {0} est de forme {found} et ce programme lit la forme {FORMAT} ; prenez le rmd-report de la même version que rmd-hub",
        path.display()
    )]
    Format { path: PathBuf, found: u64 },
}

/// Reads the command line and does what it asks for.
pub(crate) fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are results; anything else is bad usage.
            let code = if error.use_stderr() { exit::USAGE } else { exit::OK };
            // Nobody is left to tell that the terminal is gone.
            let _ = error.print();
            return exit::code(code);
        }
    };
    match run(&cli) {
        Ok(()) => exit::code(exit::OK),
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "rmd-report: {error:#}");
            exit::code(code_of(&error))
        }
    }
}

fn run(cli: &Cli) -> anyhow::Result<()> {
    let report = match (&cli.data, cli.specimen) {
        (Some(path), _) => read(path)?,
        (None, Some(Specimen::Public)) => sample::public(),
        (None, Some(Specimen::Empty)) => sample::nearly_empty(),
        (None, _) => sample::realistic(),
    };
    let lang = match cli.lang {
        Language::En => Lang::En,
        Language::Fr => Lang::Fr,
    };
    let pages = Pages::of(&report, lang)?;
    let pdf = pages.pdf()?;
    match report.edition {
        Edition::Full => files::write_secret(&cli.out, &pdf)?,
        Edition::Public => files::write_public(&cli.out, &pdf)?,
    }
    let written = Written { file: cli.out.clone(), pages: pages.count(), bytes: pdf.len() };
    Format::from_flag(cli.json).print(&written, |written| {
        format!("{} · {} pages", written.file.display(), written.pages)
    })?;
    Ok(())
}

fn read(path: &Path) -> Result<MonthlyReport, Error> {
    let path = || path.to_owned();
    let text = std::fs::read(path()).map_err(|error| Error::Read { path: path(), error })?;
    let value: serde_json::Value =
        serde_json::from_slice(&text).map_err(|error| Error::Data { path: path(), error })?;
    // Looked at first: a newer form may differ in anything else.
    let found = value.get("format").and_then(serde_json::Value::as_u64);
    if let Some(found) = found.filter(|found| *found != u64::from(FORMAT)) {
        return Err(Error::Format { path: path(), found });
    }
    serde_json::from_value(value).map_err(|error| Error::Data { path: path(), error })
}

fn code_of(error: &anyhow::Error) -> u8 {
    match error.downcast_ref() {
        Some(Error::Read { .. }) => exit::NOT_FOUND,
        Some(Error::Data { .. } | Error::Format { .. }) => exit::DATA,
        None => exit::FAILURE,
    }
}
