//! Taking one file: check, journal, annotated copy.
//!
//! Owns the order: all keys first, then batches, then the copy. Rows go the way
//! of every mode: a checked record is offered to the journal, whose hash gate
//! drops what is unchanged. A row that is refused, by the standard or because
//! another row of the node has its record, leaves nothing in the journal; it
//! stands in the copy. One that the brake holds stands there too. Invariant: the same file taken twice, whole or in part,
//! leaves the same records.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    path::{Path, PathBuf},
    sync::LazyLock,
};

use rmd_standard::{Entity, Finding, Refusal, Severity};
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use tokio::runtime::Handle;

use super::{
    book::Book,
    copy::{self, Answers},
    error::Error,
    judge::{Bench, Verdict},
    ledger::SHORT_HASH,
    walk::{KeyHash, Progress, Seen, Walk, key_hash},
};
use crate::journal::{Applied, BATCH_ITEMS_MAX, Batch, Fate, Item, Journal, Mode};

/// The watched table of sheets in capture marks and passes.
pub(super) const TABLE: &str = "sheets";

/// What entries say of the way a sheet is read, where others name their mapping.
pub(crate) static READING_ID: LazyLock<String> =
    LazyLock::new(|| hex::encode(&Sha256::digest("sheets of the regional standard, 1")[..8]));

/// What became of a file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Report {
    /// Name of the file.
    pub(crate) file: String,
    /// SHA-256, hexadecimal.
    pub(crate) sha256: String,
    /// Name of the record type.
    pub(crate) entity: &'static str,
    /// `en` or `fr`.
    pub(crate) language: &'static str,
    /// Rows that should be records.
    pub(crate) rows: u64,
    /// Rows that are records and do not wait in the brake.
    pub(crate) accepted: u64,
    /// Rows that are records and wait in the brake until a person releases them.
    pub(crate) held: u64,
    /// Entries that were appended.
    pub(crate) appended: u64,
    /// Rows whose record was published already.
    pub(crate) unchanged: u64,
    /// Rows that are good and may not leave.
    pub(crate) withheld: u64,
    /// Rows that were not taken, those of lists without a record included.
    pub(crate) refused: u64,
    /// The same for each refusing rule; the empty rule counts every row once.
    pub(crate) refused_by_rule: BTreeMap<String, u64>,
    /// Rows that were taken and lack something.
    pub(crate) incomplete: u64,
    /// Columns that mean nothing and were left out.
    pub(crate) unknown_columns: Vec<String>,
    /// Sheets that mean nothing and were left out.
    pub(crate) unread_sheets: Vec<String>,
    /// Begin of the hash of the file that this one corrects.
    pub(crate) corrects: Option<String>,
    /// Name of the annotated copy.
    pub(crate) returned: Option<String>,
}

/// What is done with the rows.
#[derive(Debug, Clone)]
pub(super) enum Purpose {
    /// They are judged and nothing is written.
    Check,
    /// They are offered to the journal.
    Apply(Box<Journal>),
}

/// One file to take.
#[derive(Debug, Clone)]
pub(super) struct Job {
    pub(super) path: PathBuf,
    /// The name under which it came.
    pub(super) name: String,
    pub(super) sha256: String,
    pub(super) purpose: Purpose,
    /// Where the annotated copy goes, if there is one.
    pub(super) copy: PathBuf,
}

/// Takes a file. Blocks: to be called where that is allowed, within a runtime.
pub(super) fn take(job: &Job, bench: &Bench, progress: &Progress<'_>) -> Result<Report, Error> {
    let book = Book::open(&job.path, &job.name)?;
    let mut report = Report {
        file: job.name.clone(),
        sha256: job.sha256.clone(),
        entity: book.plan.entity().name(),
        language: book.plan.language.tag(),
        unknown_columns: book.plan.unknown(),
        unread_sheets: book.plan.unread.clone(),
        corrects: book.plan.records.head.corrects.clone(),
        ..Report::default()
    };
    let mut walk = Walk::new(book, bench, progress)?;
    let mut offering = Offering::new(walk.book.plan.entity(), job.purpose.clone());
    for (list, _) in &walk.homeless {
        offering.refuse(&[walk.homeless_finding(*list)]);
    }
    walk.each(&mut |row, seen| {
        let Seen::Record(verdict) = seen else { return Ok(()) };
        report.rows += 1;
        report.incomplete +=
            u64::from(verdict.outcome.as_ref().is_ok_and(|valid| valid.finding_count() > 0));
        offering.push(row.number, *verdict)
    })?;
    offering.flush()?;
    let Offering { answers, accepted, refused, totals, .. } = offering;
    report.held = answers.held.len() as u64;
    report.accepted = accepted - report.held;
    report.refused = refused.get("").copied().unwrap_or(0);
    report.refused_by_rule = refused;
    report.appended = totals.appended;
    report.unchanged = totals.unchanged;
    report.withheld = totals.withheld_by_entitlement;
    if report.refused + report.held > 0 {
        report.returned = Some(write_copy(&mut walk, &answers, job)?);
    }
    Ok(report)
}

/// Writes the copy under a name of its own first, so that nobody opens half of it.
fn write_copy(walk: &mut Walk<'_>, answers: &Answers, job: &Job) -> Result<String, Error> {
    let folder = job.copy.parent().unwrap_or(Path::new("."));
    let half = folder.join(format!(".{}.part", &job.sha256[..SHORT_HASH]));
    if let Err(error) = copy::write(walk, answers, &job.sha256[..SHORT_HASH], &half) {
        // On a full disk the half of a copy would take the last of the space.
        if let Err(left) = std::fs::remove_file(&half) {
            tracing::debug!(error = %left, "half of a copy stays");
        }
        return Err(error);
    }
    let of = |source| Error::File { path: job.copy.clone(), source };
    std::fs::rename(&half, &job.copy).map_err(of)?;
    Ok(job.copy.file_name().unwrap_or_default().to_string_lossy().into_owned())
}

/// Offers the records of files that were taken again, the newest state of each only.
///
/// `files` are the newest first, with their ids: what an older one says of a record
/// that a newer one has is passed over, so that no follower sees an old state again.
/// So is what was let go, with the last file that had it.
pub(super) fn again(
    entity: Entity,
    files: &[(i64, PathBuf)],
    forgotten: &HashMap<KeyHash, i64>,
    (journal, bench): (&Journal, &Bench),
    progress: &Progress<'_>,
) -> Result<u64, Error> {
    let mut seen: HashSet<KeyHash> = HashSet::new();
    let mut rows = 0;
    for (file_id, path) in files {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        // It was readable when it was taken; what somebody did to it since stops nothing.
        let book = match Book::open(path, &name) {
            Ok(book) if book.plan.entity() == entity => book,
            Ok(_) => continue,
            Err(error) => {
                let error = error.whole();
                tracing::warn!(error, "sheet that was taken cannot be read again");
                continue;
            }
        };
        let mut walk = Walk::new(book, bench, progress)?;
        let mut offering = Offering::new(entity, Purpose::Apply(Box::new(journal.clone())));
        let mut fresh = Vec::new();
        walk.each(&mut |row, seen_row| {
            let Seen::Record(verdict) = seen_row else { return Ok(()) };
            let Some(key) = verdict.key.as_deref().map(key_hash) else { return Ok(()) };
            let is_forgotten = forgotten.get(&key).is_some_and(|last| file_id <= last);
            if verdict.outcome.is_ok() && !is_forgotten && !seen.contains(&key) {
                fresh.push(key);
                rows += 1;
                offering.push(row.number, *verdict)?;
            }
            Ok(())
        })?;
        offering.flush()?;
        seen.extend(fresh);
    }
    Ok(rows)
}

/// Gathers rows into batches.
struct Offering {
    entity: Entity,
    purpose: Purpose,
    items: Vec<Item>,
    rows: Vec<u32>,
    answers: Answers,
    accepted: u64,
    refused: BTreeMap<String, u64>,
    totals: Applied,
}

impl Offering {
    fn new(entity: Entity, purpose: Purpose) -> Self {
        Self {
            entity,
            purpose,
            items: Vec::new(),
            rows: Vec::new(),
            answers: Answers::default(),
            accepted: 0,
            refused: BTreeMap::new(),
            totals: Applied::default(),
        }
    }

    fn push(&mut self, row: u32, verdict: Verdict) -> Result<(), Error> {
        let Verdict { outcome, annulled, .. } = verdict;
        let valid = match outcome {
            Ok(valid) => valid,
            Err(findings) => {
                self.refuse(&findings);
                return Ok(());
            }
        };
        self.accepted += 1;
        if matches!(self.purpose, Purpose::Check) {
            return Ok(());
        }
        // The record's own key: the same row of whatever file is the same row.
        let source_key = valid.key().to_owned();
        let outcome: Result<_, Refusal> = Ok(valid);
        self.items.push(Item::Present { source_key, outcome, annulled });
        self.rows.push(row);
        if self.items.len() == BATCH_ITEMS_MAX { self.flush() } else { Ok(()) }
    }

    /// Counts a row once, and once for each rule that refuses it.
    fn refuse(&mut self, findings: &[Finding]) {
        let refusing = findings.iter().filter(|finding| finding.severity == Severity::Refuse);
        let rules: BTreeSet<&str> = refusing.map(|finding| finding.rule.as_str()).collect();
        for rule in std::iter::once("").chain(rules) {
            *self.refused.entry(rule.to_owned()).or_default() += 1;
        }
    }

    fn flush(&mut self) -> Result<(), Error> {
        let Purpose::Apply(journal) = &self.purpose else { return Ok(()) };
        if self.items.is_empty() {
            return Ok(());
        }
        let batch = batch(self.entity, std::mem::take(&mut self.items), None);
        let applied = Handle::current().block_on(journal.offer(batch))?;
        for (row, fate) in std::mem::take(&mut self.rows).into_iter().zip(applied.fates) {
            match fate {
                Fate::Refused(findings) => {
                    self.accepted -= 1;
                    self.refuse(&findings);
                    self.answers.declined.insert(row, findings);
                }
                Fate::Held => drop(self.answers.held.insert(row)),
                Fate::Published | Fate::Withheld | Fate::Gone => {}
            }
        }
        self.totals.appended += applied.appended;
        self.totals.unchanged += applied.unchanged;
        self.totals.withheld_by_entitlement += applied.withheld_by_entitlement;
        Ok(())
    }
}

/// Items of sheets, and the mark that holds once they are applied.
pub(super) fn batch(entity: Entity, items: Vec<Item>, mark: Option<String>) -> Batch {
    Batch {
        entity,
        mode: Mode::Sheet,
        mapping_id: READING_ID.clone(),
        items,
        mark: mark.map(|mark| (TABLE.to_owned(), mark)),
    }
}
