//! Sheets: records that people keep in spreadsheets.
//!
//! Owns templates, the drop folder, and the way from a row to the journal. A
//! row is a record or is refused with findings, in the same draft and behind
//! the same hash gate as every other mode; its source key is the record's own
//! key, so that a corrected file updates what an earlier one said. A row that a
//! later file lacks is not a deletion. Refuses to hold a file in memory: rows
//! are read one by one, several times. Invariant: nothing of a cell enters the
//! journal but what may leave; the files themselves stay in the folder.

mod book;
mod cell;
mod children;
mod copy;
mod error;
mod fold;
mod folder;
mod forget;
mod head;
mod import;
mod judge;
mod labels;
mod layout;
pub(crate) mod ledger;
pub(crate) mod template;
#[cfg(test)]
mod tests;
mod walk;
mod words;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use jiff::{
    Timestamp,
    civil::Date,
    tz::{Offset, TimeZone},
};
use rmd_standard::{CodeLists, Context as RecordContext, Entity};
use tokio_util::sync::CancellationToken;

pub(crate) use self::{
    error::Error, folder::Folder, forget::forget, import::READING_ID, import::Report, judge::Bench,
    labels::Language,
};
use self::{
    folder::Sizes,
    import::{Job, Purpose, TABLE},
};
use crate::{journal::Journal, mapping::Mapping};

/// What the drop folder works with.
#[derive(Debug, Clone)]
pub(crate) struct Context {
    /// The folder.
    pub(crate) folder: Folder,
    /// Where records go.
    pub(crate) journal: Journal,
    /// The state, ISO 3166-1 alpha-2.
    pub(crate) country: String,
    /// Zone of times without one.
    pub(crate) zone: TimeZone,
    /// The ministry's own words for codes.
    pub(crate) codes: CodeLists,
    /// Pause between two looks into the folder.
    pub(crate) interval: Duration,
    /// Ends the loop.
    pub(crate) shutdown: CancellationToken,
}

impl Context {
    fn bench(&self) -> Bench {
        let today = self.journal.store().clock().today();
        let country = self.country.clone();
        let context = RecordContext { country, today, zone: self.zone.clone() };
        Bench { context, codes: self.codes.clone() }
    }
}

/// What became of a file that was dropped.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// Its rows were taken or returned.
    Taken(Box<Report>),
    /// These very bytes were taken before; nothing changed.
    Known(Box<ledger::Taken>),
    /// It cannot be read.
    Failed(Error),
}

/// What rows are judged with; without a mapping, times are those of the standard's day.
pub(crate) fn bench(today: Date, country: &str, mapping: Option<&Mapping>) -> Bench {
    let zone = mapping.map(|mapping| mapping.zone.clone());
    Bench {
        context: RecordContext {
            country: country.to_owned(),
            today,
            zone: zone.unwrap_or_else(|| TimeZone::fixed(Offset::constant(2))),
        },
        codes: mapping.map_or_else(CodeLists::default, |mapping| mapping.codes.clone()),
    }
}

/// Looks into the folder until shutdown.
pub(crate) async fn run(context: Context) {
    if let Err(error) = context.folder.make() {
        let error = error.whole();
        tracing::error!(error, "the folder of sheets cannot be made");
        return;
    }
    let mut sizes = Sizes::new();
    loop {
        if let Err(error) = turn(&context, &mut sizes).await {
            if matches!(error, Error::Stopped) {
                return;
            }
            let error = error.whole();
            tracing::warn!(error, "the folder of sheets could not be worked through");
        }
        tokio::select! {
            () = context.shutdown.cancelled() => return,
            () = tokio::time::sleep(context.interval) => {}
        }
    }
}

/// One look: first what an entitlement asks for again, then the files that are ready.
pub(crate) async fn turn(context: &Context, sizes: &mut Sizes) -> Result<(), Error> {
    for entity in Entity::ALL {
        again(context, entity).await?;
    }
    for path in context.folder.ready(sizes)? {
        if context.shutdown.is_cancelled() {
            return Err(Error::Stopped);
        }
        let outcome = match receive(context, &path).await {
            // One file that cannot be taken now waits; the others do not.
            Err(
                error @ (Error::File { .. }
                | Error::Sheet(rmd_sheet::Error::File { .. })
                | Error::Changed
                | Error::Copy(_)),
            ) => {
                let error = error.whole();
                tracing::warn!(error, "sheet waits");
                continue;
            }
            outcome => outcome?,
        };
        match outcome {
            Outcome::Taken(report) => tracing::info!(
                entity = report.entity,
                rows = report.rows,
                appended = report.appended,
                held = report.held,
                refused = report.refused,
                "sheet taken"
            ),
            Outcome::Known(_) => tracing::info!("sheet was taken before, nothing changed"),
            Outcome::Failed(error) => {
                let error = error.whole();
                tracing::warn!(error, "sheet cannot be read");
            }
        }
    }
    Ok(())
}

/// Takes one file out of `in`.
async fn receive(context: &Context, path: &Path) -> Result<Outcome, Error> {
    let shutdown = context.shutdown.clone();
    let progress = move |_| !shutdown.is_cancelled();
    let bench = context.bench();
    let name = file_name(path);
    let sha256 = folder::hash_of(path)?;
    let store = context.journal.store();
    if let Some(known) = ledger::known(store, &sha256).await? {
        // A crash came between the note and the move.
        let is_missing = !context.folder.done().join(&known.stored).exists();
        let stored =
            if is_missing { known.stored.clone() } else { context.folder.stored_name(&name) };
        context.folder.keep(path, &stored)?;
        return Ok(Outcome::Known(Box::new(known)));
    }
    let file = (path, sha256.as_str());
    let taken = import(&context.journal, &context.folder, file, bench, Arc::new(progress)).await;
    // Somebody saved it anew meanwhile: what it says now is not what was taken.
    if folder::hash_of(path)? != sha256 {
        return Err(Error::Changed);
    }
    match taken {
        Ok(Outcome::Taken(report)) => {
            let stored = context.folder.stored_name(&name);
            ledger::taken(store, &sha256, &report, &stored).await?;
            context.folder.keep(path, &stored)?;
            Ok(Outcome::Taken(report))
        }
        Ok(other) => Ok(other),
        Err(error) if error.is_passing() => Err(error),
        Err(error) => {
            let reason = error.whole();
            ledger::failed(store, &sha256, &name, &reason).await?;
            context.folder.reject(path, &name, &reason)?;
            Ok(Outcome::Failed(error))
        }
    }
}

/// Told how many rows were read; false ends the reading.
pub(crate) type SharedProgress = Arc<dyn Fn(u64) -> bool + Send + Sync>;

/// Offers the rows of one file to the journal; a copy goes into `returned`.
async fn import(
    journal: &Journal,
    folder: &Folder,
    (path, sha256): (&Path, &str),
    bench: Bench,
    progress: SharedProgress,
) -> Result<Outcome, Error> {
    let name = file_name(path);
    let sha256 = sha256.to_owned();
    let copy = folder.copy_of(&name, &stamp(journal.store().clock().now()));
    let purpose = Purpose::Apply(Box::new(journal.clone()));
    let job = Job { path: path.to_owned(), name, sha256, purpose, copy };
    let report = blocking(move || import::take(&job, &bench, &*progress)).await?;
    if let Some(entity) = Entity::from_name(report.entity) {
        journal.pass_begun(entity, TABLE, "sheets").await?;
        // Without a mark, files that came before wait to be offered again.
        let mark = journal.mark(entity, TABLE).await?;
        let is_first = ledger::list(journal.store(), Some(entity), 1).await?.is_empty();
        if mark.is_some() || is_first {
            journal.offer(import::batch(entity, Vec::new(), Some(report.sha256.clone()))).await?;
        }
        journal.pass_finished(entity, TABLE, report.rows, None).await?;
    }
    Ok(Outcome::Taken(Box::new(report)))
}

/// Takes one file by hand: it stays where it is, and a copy of it is kept.
pub(crate) async fn import_file(
    journal: &Journal,
    folder: &Folder,
    path: &Path,
    bench: Bench,
    progress: SharedProgress,
) -> Result<Outcome, Error> {
    folder.make()?;
    let sha256 = folder::hash_of(path)?;
    if let Some(known) = ledger::known(journal.store(), &sha256).await? {
        return Ok(Outcome::Known(Box::new(known)));
    }
    let outcome = import(journal, folder, (path, &sha256), bench, progress).await?;
    if let Outcome::Taken(report) = &outcome {
        let stored = folder.stored_name(&file_name(path));
        let to = folder.done().join(&stored);
        folder::copied(path, &to)?;
        ledger::taken(journal.store(), &sha256, report, &stored).await?;
    }
    Ok(outcome)
}

/// Judges the rows of one file; a copy goes beside it, and nothing else is written.
pub(crate) async fn check_file(
    path: &Path,
    now: Timestamp,
    bench: Bench,
    progress: SharedProgress,
) -> Result<Report, Error> {
    let name = file_name(path);
    let beside = path.parent().unwrap_or(Path::new(""));
    let beside = if beside.as_os_str().is_empty() { Path::new(".") } else { beside };
    let copy = folder::copy_in(beside, &name, &stamp(now));
    let sha256 = folder::hash_of(path)?;
    let job = Job { path: path.to_owned(), name, sha256, purpose: Purpose::Check, copy };
    blocking(move || import::take(&job, &bench, &*progress)).await
}

/// Offers what earlier files say again, after an entitlement was raised.
async fn again(context: &Context, entity: Entity) -> Result<(), Error> {
    let journal = &context.journal;
    let taken = ledger::list(journal.store(), Some(entity), u32::MAX).await?;
    let Some(last) = taken.first() else { return Ok(()) };
    if journal.mark(entity, TABLE).await?.is_some() {
        return Ok(());
    }
    let files: Vec<(i64, PathBuf)> =
        taken.iter().map(|file| (file.file_id, context.folder.done().join(&file.stored))).collect();
    let (here, missing): (Vec<_>, Vec<_>) = files.into_iter().partition(|(_, path)| path.is_file());
    let forgotten = ledger::forgotten(journal.store(), entity).await?;
    if !missing.is_empty() {
        tracing::warn!(
            entity = entity.name(),
            files = missing.len(),
            "sheets that were taken are missing"
        );
    }
    let bench = context.bench();
    let shutdown = context.shutdown.clone();
    let own = journal.clone();
    journal.pass_begun(entity, TABLE, "sheets").await?;
    let rows = blocking(move || {
        import::again(entity, &here, &forgotten, (&own, &bench), &|_| !shutdown.is_cancelled())
    })
    .await?;
    journal.offer(import::batch(entity, Vec::new(), Some(last.sha256.clone()))).await?;
    journal.pass_finished(entity, TABLE, rows, None).await?;
    tracing::info!(entity = entity.name(), rows, "sheets offered again");
    Ok(())
}

/// Reading blocks; a reader of a format that fails in itself fails alone.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    tokio::task::spawn_blocking(work).await.map_err(|_| Error::Reader)?
}

fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// An instant in the name of a file.
fn stamp(now: Timestamp) -> String {
    now.strftime("%Y%m%dT%H%M%S").to_string()
}
