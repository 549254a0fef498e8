//! A mapping against the live database: what fits, what fails, what is slow.
//!
//! Owns the report behind `mapping check`. Reads every row once, in chunks, and
//! writes nothing. A fault of one record type does not hide those of another.

mod coverage;
mod explain;
mod report;
mod wal;

use std::time::{Duration, Instant};

use rmd_standard::{Context, Entity};

pub(crate) use coverage::FieldReport;
use report::QueryReport;
pub(crate) use report::{RecordReport, Report, RuleReport};

use super::fault::Fault;
use super::normalise::{self, Normaliser, Tally};
use super::plan::{Plan, PlanError, refused};
use super::read::{Read, key_text};
use super::{KEYS_MAX, Mapping, RecordMap};
use crate::source::{self, Session, Source};

/// Why a mapping could not be held against its source at all.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CheckError {
    /// The source cannot be read.
    #[error(transparent)]
    Source(#[from] source::Error),
    /// A file in WAL mode cannot be read for want of a right.
    #[error("{fault}")]
    Wal {
        /// Which right, and whose.
        fault: Box<Fault>,
        /// What SQLite says.
        source: source::Error,
    },
    /// A query does not fit.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// The mapping has no such record.
    #[error(
        "{entity} is not in {file}; add a [[record]] for it / {entity} n'est pas dans {file} ; ajoutez-y un [[record]]"
    )]
    NotMapped {
        /// The record type asked for.
        entity: Entity,
        /// The mapping file.
        file: String,
    },
}

/// How much is read and told.
pub(crate) struct Options<'a> {
    /// Rows shown for each rule.
    pub(crate) examples: usize,
    /// Rows read of each record type; none = all.
    pub(crate) limit: Option<u64>,
    /// Is told how many rows were read so far.
    pub(crate) progress: &'a (dyn Fn(u64) + Sync),
}

impl Default for Options<'_> {
    fn default() -> Self {
        Self { examples: 5, limit: None, progress: &|_| () }
    }
}

/// Reads the whole source through the mapping and tells what would become of it.
pub(crate) async fn check(
    source: &Source,
    mapping: &Mapping,
    context: &Context,
    options: &Options<'_>,
) -> Result<Report, CheckError> {
    let wal = wal::look(&mapping.file, source.file());
    let session = match (source.connect().await, &wal) {
        (Ok(session), _) => session,
        (Err(source), Some(fault)) => {
            return Err(CheckError::Wal { fault: Box::new(fault.clone()), source });
        }
        (Err(error), None) => return Err(error.into()),
    };
    let mut report = Report::new(mapping, session.server());
    report.warnings.extend(wal);
    report.warnings.extend(session.is_in_the_clear().then(|| in_the_clear(mapping)));
    session.close().await;
    let mut read = 0;
    for record in &mapping.records {
        // A session in which something failed is not used again.
        let mut session = source.connect().await?;
        let mut checker = Checker {
            session: &mut session,
            mapping,
            record,
            context,
            report: RecordReport::new(record.entity, options.examples),
            faults: Vec::new(),
            slow: source.limits().statement / 2,
            options,
            read,
        };
        match checker.run().await {
            Ok(()) => {}
            Err(CheckError::Plan(PlanError::Mapping(faults))) => checker.faults.extend(faults),
            Err(CheckError::Plan(PlanError::Source { fault, .. })) => checker.faults.push(*fault),
            Err(CheckError::Source(error)) => {
                let place = record.entity.name();
                checker.faults.push(refused(&mapping.file, place, "rows", &error));
            }
            Err(error @ (CheckError::NotMapped { .. } | CheckError::Wal { .. })) => {
                return Err(error);
            }
        }
        let Checker { report: of_record, faults, read: so_far, .. } = checker;
        read = so_far;
        report.warnings.extend(barren(mapping, &of_record));
        report.records.push(of_record);
        report.faults.extend(faults);
        session.close().await;
    }
    Ok(report)
}

struct Checker<'a> {
    session: &'a mut Session,
    mapping: &'a Mapping,
    record: &'a RecordMap,
    context: &'a Context,
    report: RecordReport,
    faults: Vec<Fault>,
    slow: Duration,
    options: &'a Options<'a>,
    /// Rows read of all record types.
    read: u64,
}

impl Checker<'_> {
    async fn run(&mut self) -> Result<(), CheckError> {
        let plan = Plan::new(self.session, self.mapping, self.record).await?;
        let mut tally = Tally::of(&plan);
        let read = self.read_all(&plan, &mut tally).await;
        // What was read until a fault is told beside it.
        coverage::conclude(&mut self.report, &plan, &tally);
        read
    }

    async fn read_all(&mut self, plan: &Plan<'_>, tally: &mut Tally) -> Result<(), CheckError> {
        let codes = &self.mapping.codes;
        let normaliser = Normaliser { plan, codes, context: self.context };
        let mut last = None;
        loop {
            let left =
                self.options.limit.map_or(u64::MAX, |limit| limit.saturating_sub(self.report.rows));
            let chunk = usize::try_from(left).unwrap_or(usize::MAX).min(KEYS_MAX);
            if chunk == 0 {
                self.report.cut = true;
                return Ok(());
            }
            self.session.begin().await?;
            let read = plan.read_after(self.session, last.as_ref(), chunk).await?;
            if last.is_none() {
                self.first_chunk(plan, &read).await?;
            }
            self.session.end().await?;
            self.report.list_rows += read.rows() - read.parents.rows.len() as u64;
            for output in normaliser.counted(&read, Some(&mut *tally)) {
                self.report.add(&output);
            }
            self.read += read.rows();
            (self.options.progress)(self.read);
            if !read.more || read.last.is_none() {
                return Ok(());
            }
            last = read.last;
        }
    }

    /// What is asked once, in the snapshot of the first chunk.
    async fn first_chunk(&mut self, plan: &Plan<'_>, read: &Read) -> Result<(), CheckError> {
        if plan.has_keyless_row(self.session).await? {
            self.report.add(&normalise::keyless(self.record.entity));
        }
        let index = plan.rows.key_index();
        let rows = read.parents.rows.iter();
        let keys: Vec<String> =
            rows.filter_map(|row| key_text(&row.cells[index])).take(KEYS_MAX).collect();
        self.explain(plan, &keys).await
    }

    /// Explains and times the re-read by keys, which every capture mode lives on.
    async fn explain(&mut self, plan: &Plan<'_>, keys: &[String]) -> Result<(), CheckError> {
        // Without a row there is nothing to look up and nothing to be slow.
        let Some(first) = keys.first() else { return Ok(()) };
        let one = std::slice::from_ref(first);
        for query in explain::queries(plan, one, self.session.kind()) {
            let steps = explain::run(self.session, &query).await?;
            if steps.scans_base && !self.record.scan {
                self.faults.push(scans(&self.mapping.file, &query.place, &query.base, &steps.plan));
            }
            self.report.queries.push(QueryReport {
                query: query.name,
                plan: steps.plan,
                scans: steps.scans_base,
            });
        }
        let began = Instant::now();
        plan.read_among(self.session, keys).await?;
        let took = began.elapsed();
        self.report.reread_ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
        if took > self.slow && !self.record.scan {
            let place = self.record.entity.name();
            self.faults.push(slow(&self.mapping.file, place, keys.len(), took));
        }
        Ok(())
    }
}

/// Said where others can listen.
fn in_the_clear(mapping: &Mapping) -> Fault {
    let [en, fr] = source::IN_THE_CLEAR;
    Fault::new(&mapping.file, "", "source").says(en, fr)
}

/// Said where every row is refused: the mapping runs, and gives nothing.
fn barren(mapping: &Mapping, report: &RecordReport) -> Option<Fault> {
    let is_barren = report.rows > 0 && report.accepted == 0;
    is_barren.then(|| {
        Fault::new(&mapping.file, &report.entity, "rows").says(
            "no row would be accepted; the rules above say why, the most frequent cause is a field that no column gives",
            "aucune ligne ne serait admise ; les règles ci-dessus disent pourquoi, le plus souvent une donnée qu'aucune colonne ne donne",
        )
    })
}

fn scans(file: &str, place: &str, base: &str, plan: &[String]) -> Fault {
    let plan = plan.join(" | ");
    Fault::new(file, place, "key").says(
        &format!("a re-read by key scans all of {base} ({plan}); add an index on the key column, or write scan = true if the table stays small"),
        &format!("une relecture par clé parcourt tout {base} ({plan}) ; ajoutez un index sur la colonne clé, ou écrivez scan = true si la table reste petite"),
    )
}

fn slow(file: &str, place: &str, keys: usize, took: Duration) -> Fault {
    let millis = took.as_millis();
    Fault::new(file, place, "rows").says(
        &format!("a re-read of {keys} keys took {millis} ms; add an index on the key columns of the rows and of the lists, or write scan = true"),
        &format!("une relecture de {keys} clés a pris {millis} ms ; ajoutez un index sur les colonnes clés des lignes et des listes, ou écrivez scan = true"),
    )
}
