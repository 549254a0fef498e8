//! `rmd-node sheet`: templates, checks and imports of spreadsheets.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use clap::{Subcommand, ValueEnum};
use rmd_runtime::{clock::SystemClock, output};
use rmd_standard::Entity;
use serde::Serialize;

use super::{Failure, Global, open, preview::entity_named, progress};
use crate::{
    config::{Config, Directory},
    journal::Journal,
    server,
    sheets::{self, Error, Folder, Language, Outcome, Report, ledger, template},
};

/// What can be done with sheets.
#[derive(Debug, Subcommand)]
pub(super) enum SheetCommand {
    /// Write an empty workbook to fill in · Écrire un classeur vide à remplir
    #[command(
        after_help = "Example · Exemple:\n  rmd-node sheet template --entity Lot --lang fr --out lots.xlsx\n  rmd-node sheet template --all --out templates"
    )]
    Template {
        /// Record type · Type de fiche
        #[arg(long, required_unless_present = "all", conflicts_with = "all")]
        entity: Option<String>,
        /// One workbook for each record type · Un classeur par type de fiche
        #[arg(long)]
        all: bool,
        /// Language of the headers · Langue des en-têtes
        #[arg(long, value_enum, default_value = "en")]
        lang: Lang,
        /// File, or with --all the folder · Fichier, ou avec --all le dossier
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Judge a file; an annotated copy goes beside it · Contrôler un fichier ; une copie annotée à côté
    #[command(after_help = "Example · Exemple:\n  rmd-node sheet check lots.xlsx")]
    Check {
        /// XLSX or CSV · XLSX ou CSV
        file: PathBuf,
    },
    /// Take one file by hand · Prendre un fichier à la main
    #[command(after_help = "Example · Exemple:\n  rmd-node sheet import lots.xlsx")]
    Import {
        /// XLSX or CSV · XLSX ou CSV
        file: PathBuf,
    },
    /// Let go of a record that came in a sheet · Abandonner une fiche venue d'une feuille
    #[command(after_help = "Example · Exemple:\n  rmd-node sheet forget CD/TR-7/L-1 --entity Lot")]
    Forget {
        /// Key of the record, as `preview` shows it · Clé de la fiche, comme `preview` la montre
        key: String,
        /// Record type, where several have that key · Type de fiche, si plusieurs ont cette clé
        #[arg(long)]
        entity: Option<String>,
    },
    /// Count the refused rows of a file no more · Ne plus compter les lignes refusées d'un fichier
    #[command(after_help = "Example · Exemple:\n  rmd-node sheet settle 3f2a90c1d4e5b677")]
    Settle {
        /// Its hash, as `sheet list` shows it · Son empreinte, comme `sheet list` la montre
        sha256: String,
    },
    /// Files that were taken, the last first · Fichiers pris, le dernier d'abord
    #[command(after_help = "Example · Exemple:\n  rmd-node sheet list --json")]
    List {
        /// How many at most · Combien au plus
        #[arg(long, default_value_t = 100)]
        limit: u32,
    },
}

/// A language of templates.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum Lang {
    /// English.
    En,
    /// Français.
    Fr,
}

impl From<Lang> for Language {
    fn from(lang: Lang) -> Self {
        match lang {
            Lang::En => Self::English,
            Lang::Fr => Self::French,
        }
    }
}

#[derive(Debug, Serialize)]
struct Written {
    written: Vec<String>,
}

#[derive(Debug, Serialize)]
struct Listed {
    files: Vec<ledger::Taken>,
}

/// A record that was let go.
#[derive(Debug, Serialize)]
struct Forgotten<'a> {
    entity: &'static str,
    key: &'a str,
    /// Entries that followers get of it.
    appended: u64,
    /// Whether the last of them is a tombstone.
    withdrawn: bool,
    /// Whether the tombstone waits in the brake.
    held: bool,
}

#[derive(Debug, Serialize)]
struct Settled {
    files: u64,
}

/// What became of a file, for a program.
#[derive(Debug, Serialize)]
struct Done {
    /// taken, known or checked.
    outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    report: Option<Report>,
    #[serde(skip_serializing_if = "Option::is_none")]
    known: Option<ledger::Taken>,
}

pub(super) async fn sheet(global: &Global, command: SheetCommand) -> Result<(), Failure> {
    match command {
        SheetCommand::Template { entity, all, lang, out } => {
            let entity = entity.as_deref().map(entity_named).transpose()?;
            let entity = entity.filter(|_| !all);
            let written = templates(global, entity, lang.into(), out)?;
            let text = |written: &Written| written.written.join("\n");
            global.format().print(&Written { written }, text)?;
        }
        SheetCommand::Check { file } => check(global, &file).await?,
        SheetCommand::Import { file } => import(global, &file).await?,
        SheetCommand::Forget { key, entity } => forget(global, &key, entity.as_deref()).await?,
        SheetCommand::Settle { sha256 } => settle(global, &sha256).await?,
        SheetCommand::List { limit } => {
            let opened = open::open(global).await?;
            let files = ledger::list(&opened.store, None, limit).await?;
            global.format().print(&Listed { files }, list_text)?;
        }
    }
    Ok(())
}

/// Writes templates; outside a state directory the example names no real state.
fn templates(
    global: &Global,
    entity: Option<Entity>,
    language: Language,
    out: Option<PathBuf>,
) -> Result<Vec<String>, Failure> {
    let directory = Directory::existing(global.dir()).ok();
    let config = directory.as_ref().and_then(|directory| Config::load(directory).ok());
    let country = config.as_ref().map_or("CD", |config| config.node.country.alpha2());
    let mut written = Vec::new();
    let mut write = |entity: Entity, path: &Path| -> Result<(), Failure> {
        template::write(entity, language, country, path)?;
        written.push(path.display().to_string());
        Ok(())
    };
    if let Some(entity) = entity {
        let named = PathBuf::from(template::file_name(entity, language));
        write(entity, &out.unwrap_or(named))?;
    } else {
        let folder = out.unwrap_or_else(|| PathBuf::from("."));
        std::fs::create_dir_all(&folder)?;
        for entity in Entity::ALL {
            write(entity, &folder.join(template::file_name(entity, language)))?;
        }
    }
    Ok(written)
}

async fn check(global: &Global, file: &Path) -> Result<(), Failure> {
    let directory = Directory::existing(global.dir())?;
    let config = Config::load(&directory)?;
    let clock = SystemClock::shared(config.clock.as_of);
    let mapping = server::load_mapping(&directory, &config).ok();
    let country = config.node.country.alpha2();
    let bench = sheets::bench(clock.today(), country, mapping.as_ref());
    let bar = progress::spinner("checking rows · contrôle des lignes");
    let checked = sheets::check_file(file, clock.now(), bench, told(&bar)).await;
    bar.finish_and_clear();
    let report = checked.map_err(failure)?;
    let done = Done { outcome: "checked", report: Some(report), known: None };
    global.format().print(&done, done_text)?;
    Ok(())
}

async fn import(global: &Global, file: &Path) -> Result<(), Failure> {
    let opened = open::open(global).await?;
    let owner = open::owner(&opened).await?.ok_or(crate::journal::Error::NotEnrolled)?;
    let mapping = server::load_mapping(&opened.directory, &opened.config).ok();
    let country = opened.config.node.country.alpha2();
    let today = opened.store.clock().today();
    let bench = sheets::bench(today, country, mapping.as_ref());
    let folder = opened.config.sheets.folder.clone();
    let folder = if folder.as_os_str().is_empty() { PathBuf::from("sheets") } else { folder };
    let folder = Folder::new(opened.directory.resolve(&folder));
    let limits = opened.config.brake.limits();
    let journal = Journal::braked(opened.store.clone(), owner, limits);
    let bar = progress::spinner("taking rows · prise des lignes");
    let taken = sheets::import_file(&journal, &folder, file, bench, told(&bar)).await;
    bar.finish_and_clear();
    let done = match taken.map_err(failure)? {
        Outcome::Taken(report) => Done { outcome: "taken", report: Some(*report), known: None },
        Outcome::Known(known) => Done { outcome: "known", report: None, known: Some(*known) },
        Outcome::Failed(error) => return Err(failure(error)),
    };
    global.format().print(&done, done_text)?;
    Ok(())
}

async fn forget(global: &Global, key: &str, entity: Option<&str>) -> Result<(), Failure> {
    let entity = entity.map(entity_named).transpose()?;
    let opened = open::open(global).await?;
    let owner = open::owner(&opened).await?.ok_or(crate::journal::Error::NotEnrolled)?;
    let limits = opened.config.brake.limits();
    let journal = Journal::braked(opened.store.clone(), owner, limits);
    let (entity, applied) = sheets::forget(&journal, entity, key).await.map_err(failure)?;
    let forgotten = Forgotten {
        entity: entity.name(),
        key,
        appended: applied.appended,
        withdrawn: applied.tombstones > 0,
        held: applied.held > 0,
    };
    global.format().print(&forgotten, |forgotten| {
        let what = match (forgotten.withdrawn, forgotten.appended) {
            _ if forgotten.held => {
                "waits in the brake, see · attend au frein, voir `rmd-node brake list`"
            }
            (true, _) => "withdrawn · retirée",
            (false, 0) => "let go; it was not published · abandonnée ; elle n'était pas publiée",
            (false, _) => "comes from the database now · vient désormais de la base",
        };
        format!("{} {}: {what}", forgotten.entity, forgotten.key)
    })?;
    Ok(())
}

async fn settle(global: &Global, sha256: &str) -> Result<(), Failure> {
    let opened = open::open(global).await?;
    let files = ledger::settle(&opened.store, &sha256.to_lowercase()).await?;
    if files == 0 {
        return Err(Failure::not_found(format!(
            "no file with refused rows that wait has the hash {sha256} (16 characters at least); see `rmd-node sheet list` / aucun fichier dont des lignes refusées attendent n'a cette empreinte (16 caractères au moins) ; voyez `rmd-node sheet list`"
        )));
    }
    global.format().print(&Settled { files }, |settled| {
        format!("files settled · fichiers soldés: {}", settled.files)
    })?;
    Ok(())
}

fn told(bar: &progress::ProgressBar) -> sheets::SharedProgress {
    let bar = bar.clone();
    Arc::new(move |rows| {
        bar.set_position(rows);
        true
    })
}

fn failure(error: Error) -> Failure {
    match error {
        Error::Journal(error) => Failure::from(error),
        error @ (Error::File { .. }
        | Error::Sheet(rmd_sheet::Error::File { .. })
        | Error::NoRow { .. }) => Failure::not_found(error.whole()),
        error @ Error::SeveralRows { .. } => Failure::usage(error.whole()),
        error => Failure::data(error.whole()),
    }
}

fn done_text(done: &Done) -> String {
    if let Some(known) = &done.known {
        return format!(
            "taken before as {} on {}; nothing changed · déjà pris ; rien n'a changé",
            known.name,
            open::instant(Some(known.at_us))
        );
    }
    done.report.as_ref().map(report_text).unwrap_or_default()
}

fn report_text(report: &Report) -> String {
    let mut lines = vec![
        format!("{} {} ({})", report.entity, report.file, report.language),
        format!(
            "rows · lignes: {}, accepted · acceptées: {}, held · retenues: {}, refused · refusées: {}, incomplete · incomplètes: {}",
            report.rows, report.accepted, report.held, report.refused, report.incomplete
        ),
        format!(
            "appended · ajoutées: {}, unchanged · inchangées: {}, kept · gardées: {}",
            report.appended, report.unchanged, report.withheld
        ),
    ];
    if report.held > 0 {
        lines.push(
            "held rows wait in the brake, see · les lignes retenues attendent au frein, voir `rmd-node brake list`"
                .to_owned(),
        );
    }
    if !report.unknown_columns.is_empty() {
        let columns = report.unknown_columns.join(", ");
        lines.push(format!("columns left out · colonnes ignorées: {columns}"));
    }
    if !report.unread_sheets.is_empty() {
        let sheets = report.unread_sheets.join(", ");
        lines.push(format!("sheets left out · feuilles ignorées: {sheets}"));
    }
    if let Some(copy) = &report.returned {
        lines.push(format!("annotated copy · copie annotée: {copy}"));
    }
    lines.join("\n")
}

fn list_text(listed: &Listed) -> String {
    let row = |file: &ledger::Taken| {
        vec![
            open::instant(Some(file.at_us)),
            file.name.clone(),
            file.entity.clone(),
            file.rows.to_string(),
            file.appended.to_string(),
            file.unchanged.to_string(),
            file.held.to_string(),
            match (file.refused, file.settled_at_us) {
                (0, _) | (_, 0) => file.refused.to_string(),
                (refused, _) => format!("{refused} settled · soldées"),
            },
            file.returned.clone(),
            file.sha256.get(..16).unwrap_or_default().to_owned(),
            file.fault.clone(),
        ]
    };
    output::table(
        &[
            "taken · pris",
            "file · fichier",
            "record",
            "rows · lignes",
            "new · nouvelles",
            "same · égales",
            "held · retenues",
            "refused · refusées",
            "copy · copie",
            "sha256",
            "fault · faute",
        ],
        &listed.files.iter().map(row).collect::<Vec<_>>(),
    )
}
