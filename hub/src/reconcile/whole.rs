//! Everything, judged anew.
//!
//! For the first time, and where the ground changed under all subjects: limits, clocks,
//! coverage. Records are read page after page from one moment, so that memory does not
//! grow with the region: first the names by which others find them, then lots in the
//! order of their registration, so that parents mostly come before children, then what
//! rests on lots. A page is read while the one before it is judged on another thread, and
//! the one before that is written. A run that is cut short is begun again; findings keep
//! their history through it.

mod lots;
mod page;
mod writer;

use std::{
    collections::{BTreeSet, HashSet},
    sync::Arc,
};

use rmd_reconcile::{
    Subject,
    part::{Known, Wanted},
    region::Region,
};
use rmd_standard::Entity;

use super::{
    Error, Reader,
    directory::Directory,
    finding::{self, Changes, Counts, Finding, Occasion},
    ground::Ground,
    kept::{self, Kept, Notes},
    load::{self, Part},
    queue::Keys,
    shelf::KeySet,
    states,
    step::{self, Outcome, Task, write_names},
    told::Told,
    turn::{self, Turn},
};
use crate::store::{Kind, Store};
use page::page;
use writer::Writer;

/// Lots in a page.
const LOTS: i64 = 3_000;

/// Other records in a page.
const RECORDS: i64 = 2_000;

/// Tables of what landed.
const LANDED: [&str; 4] = ["ANALYZE record", "ANALYZE lot", "ANALYZE lot_input", "ANALYZE lot_tag"];

/// The table in which records are found by their names.
const NAMES: [&str; 1] = ["ANALYZE judged_name"];

/// Tables of what a run leaves.
const JUDGED: [&str; 3] = ["ANALYZE judged_record", "ANALYZE judged_subject", "ANALYZE finding"];

/// Ids of findings that are looked at together.
const IDS: i64 = 10_000;

/// What is remembered of a finding: half of the hash that its id is.
type Mark = u128;

/// The mark of an id, in hexadecimal.
fn mark(id: &str) -> Mark {
    let half = id.get(..32).and_then(|half| Mark::from_str_radix(half, 16).ok());
    half.unwrap_or_default()
}

/// Types of records by whose names others are found; lots are found in their own tables.
const NAMED: [Entity; 8] = [
    Entity::MineSite,
    Entity::ExporterStatus,
    Entity::ExportCertificate,
    Entity::ExportDeclaration,
    Entity::ImportDeclaration,
    Entity::ProductionDeclaration,
    Entity::StockDeclaration,
    Entity::Audit,
];

/// Told how many records were judged.
pub(crate) type Progress<'a> = &'a (dyn Fn(u64) + Sync);

/// A run over everything.
pub(super) struct Whole<'a> {
    reader: &'a mut Reader,
    ground: &'a Arc<Ground>,
    occasion: Occasion,
    directory: Directory,
    /// Findings that were raised, where others are kept from before.
    raised: HashSet<Mark>,
    /// Whether findings are kept from before.
    has_findings: bool,
    /// Lots that were not judged because what is before them was not known.
    left: KeySet,
    /// Subjects whose findings follow from what was kept of them, with those lots.
    settled: HashSet<(String, String)>,
    progress: Progress<'a>,
    done: u64,
}

/// How a run ended.
pub(super) enum End {
    /// Everything was judged.
    Ran(Ran),
    /// Another process did a step meanwhile.
    Overtaken,
}

/// How a run went.
pub(super) struct Ran {
    pub(super) turn: Turn,
    pub(super) counts: Counts,
    pub(super) subjects: u64,
}

/// Judges everything.
pub(super) async fn run(
    store: &Store,
    reader: &mut Reader,
    (ground, occasion): (&Arc<Ground>, Occasion),
    found: &Turn,
    progress: Progress<'_>,
) -> Result<End, Error> {
    let mut transaction = store.begin().await?;
    let marked = found.clone().with_whole(true);
    let Some(turn) = turn::take(&mut transaction, found, &marked).await? else {
        return Ok(End::Overtaken);
    };
    kept::forget(&mut transaction).await?;
    transaction.commit().await?;
    count_anew(store, reader, &LANDED).await?;
    reader.widen(store.kind()).await?;
    let has_findings = finding::is_any(&mut reader.own).await?;
    let (counts, subjects) = (Counts::default(), 0);
    let mut writer = Writer { store, occasion, turn, counts, subjects };
    let mut whole = Whole {
        reader,
        ground,
        occasion,
        directory: Directory::default(),
        raised: HashSet::new(),
        has_findings,
        left: KeySet::new(),
        settled: HashSet::new(),
        progress,
        done: 0,
    };
    let is_done = whole.judge_all(&mut writer).await?;
    whole.reader.narrow(store.kind()).await?;
    count_anew(store, whole.reader, &JUDGED).await?;
    let Writer { turn, counts, subjects, .. } = writer;
    Ok(if is_done { End::Ran(Ran { turn, counts, subjects }) } else { End::Overtaken })
}

/// Has PostgreSQL look at how large tables are that many questions will be asked of:
/// after a first load it does not know it yet, and would read all of a table for each.
async fn count_anew(
    store: &Store,
    reader: &mut Reader,
    statements: &[&'static str],
) -> Result<(), Error> {
    for statement in statements.iter().filter(|_| store.kind() == Kind::Postgres) {
        sqlx::query(*statement).execute(&mut *reader.own).await?;
    }
    Ok(())
}

impl Whole<'_> {
    /// All of it; false if another process did a step meanwhile.
    async fn judge_all(&mut self, writer: &mut Writer<'_>) -> Result<bool, Error> {
        for entity in NAMED {
            if !self.names(writer, entity).await? {
                return Ok(false);
            }
        }
        count_anew(writer.store, self.reader, &NAMES).await?;
        self.reader.prices = Some(load::all_prices(self.reader).await?);
        Ok(self.lots(writer).await?
            && self.pages(writer, Entity::ExportCertificate).await?
            && self.pages(writer, Entity::ExportDeclaration).await?
            && self.pages(writer, Entity::ImportDeclaration).await?
            && self.pages(writer, Entity::MineSite).await?
            && self.pages(writer, Entity::ProductionDeclaration).await?
            && self.states(writer).await?
            && self.left(writer).await?
            && self.close(writer).await?)
    }

    /// Keeps the names of all records of a type.
    async fn names(&mut self, writer: &mut Writer<'_>, entity: Entity) -> Result<bool, Error> {
        let mut last = String::new();
        loop {
            let page = page(self.reader, entity, &last, LOTS).await?;
            let Some(end) = page.last().map(|held| held.named().key.to_string()) else {
                return Ok(true);
            };
            last = end;
            let mut notes = Notes::default();
            for held in &page {
                let (key, names) = (Arc::clone(&held.named().key), held.names());
                let lead = names.iter().map(|name| (name.to_string(), entity, Arc::clone(&key)));
                notes.names_new.extend(lead);
                let kept = Kept { names: write_names(&names), custody: None };
                notes.records.insert((entity, key), kept);
            }
            let outcome = Outcome { changes: Changes::default(), notes, subjects: 0 };
            if !writer.put(outcome, true).await? {
                return Ok(false);
            }
        }
    }

    /// Everything of a type that is judged record by record.
    async fn pages(&mut self, writer: &mut Writer<'_>, entity: Entity) -> Result<bool, Error> {
        let mut last = String::new();
        loop {
            let page = page(self.reader, entity, &last, RECORDS).await?;
            let Some(end) = page.last().map(|held| held.named().key.to_string()) else {
                return Ok(true);
            };
            last = end;
            let keys: KeySet = page.iter().map(|held| Arc::clone(&held.named().key)).collect();
            for held in &page {
                self.reader.shelf.keep(held);
            }
            let (wanted, region, known) = self.around(entity, keys).await?;
            if !self.judge(writer, &wanted, &region, &known).await? {
                return Ok(false);
            }
            self.progress(page.len());
        }
    }

    async fn around(
        &mut self,
        entity: Entity,
        keys: KeySet,
    ) -> Result<(Wanted, Region, Known), Error> {
        let mut part = Part::new(self.reader, &self.directory, self.ground);
        let (mut wanted, none) = (Wanted::default(), KeySet::new());
        match entity {
            Entity::ExportCertificate => {
                part.certificates(&keys).await?;
                wanted.certificates = keys;
            }
            Entity::ExportDeclaration => {
                part.pairing((&keys, &none)).await?;
                part.exports(&keys).await?;
                wanted.exports = keys;
            }
            Entity::ImportDeclaration => {
                part.pairing((&none, &keys)).await?;
                wanted.imports = keys;
            }
            Entity::MineSite => {
                part.around_sites(&keys).await?;
                wanted.sites = keys;
            }
            _ => {
                part.productions(&keys).await?;
                wanted.productions = keys;
            }
        }
        Ok((wanted, part.region, part.known))
    }

    async fn states(&mut self, writer: &mut Writer<'_>) -> Result<bool, Error> {
        let (wanted, region, known) = states::part(self.reader, self.ground).await?;
        self.judge(writer, &wanted, &region, &known).await
    }

    async fn judge(
        &mut self,
        writer: &mut Writer<'_>,
        wanted: &Wanted,
        region: &Region,
        known: &Known,
    ) -> Result<bool, Error> {
        let judgement = region.judge_part(wanted, known, &self.ground.context);
        let mut told = Told::default();
        told.take(wanted, &judgement, self.occasion);
        let outcome = self.outcome(told, Notes::default()).await?;
        writer.put(outcome, true).await
    }

    /// What follows for findings, whatever is kept of other subjects.
    async fn outcome(&mut self, told: Told, mut notes: Notes) -> Result<Outcome, Error> {
        let raised: Vec<Finding> = told.findings().collect();
        let ids: Vec<&str> = raised.iter().map(|one| one.id.as_str()).collect();
        let kept = if self.has_findings {
            self.raised.extend(ids.iter().map(|id| mark(id)));
            finding::of_ids(&mut self.reader.own, &ids).await?
        } else {
            Vec::new()
        };
        let changes = Changes::between(kept, raised, self.occasion);
        let subjects = told.said.len() as u64;
        notes.subjects = told.said;
        Ok(Outcome { changes, notes, subjects })
    }

    /// Closes what was open before and was not raised.
    async fn close(&mut self, writer: &mut Writer<'_>) -> Result<bool, Error> {
        let mut last = String::new();
        while self.has_findings {
            let open = finding::open_after(&mut self.reader.own, &last, IDS).await?;
            let Some(end) = open.last() else { break };
            last.clone_from(end);
            let stale = open.iter().filter(|id| !self.raised.contains(&mark(id)));
            let stale: Vec<&str> = stale.map(String::as_str).collect();
            let mut kept = finding::of_ids(&mut self.reader.own, &stale).await?;
            kept.retain(|one| {
                let subject = (one.subject_kind.clone(), one.subject_key.clone());
                !self.settled.contains(&subject)
            });
            let changes = Changes::between(kept, [], self.occasion);
            if changes.is_empty() {
                continue;
            }
            let outcome = Outcome { changes, notes: Notes::default(), subjects: 0 };
            if !writer.put(outcome, true).await? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Judges the lots that are left, as if they had just come.
    async fn left(&mut self, writer: &mut Writer<'_>) -> Result<bool, Error> {
        let left: Vec<Arc<str>> = std::mem::take(&mut self.left).into_iter().collect();
        for chunk in left.chunks(usize::try_from(LOTS).unwrap_or(usize::MAX)) {
            let keys: BTreeSet<String> = chunk.iter().map(ToString::to_string).collect();
            let task = Task { touched: Keys::from([(Entity::Lot, keys)]), ..Task::default() };
            let outcome = step::judge(self.reader, self.ground, self.occasion, &task).await?;
            let subjects = outcome.notes.subjects.keys();
            let named = |one: &Subject| (one.kind.as_str().to_owned(), one.key.clone());
            self.settled.extend(subjects.map(named));
            if !writer.put(outcome, false).await? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn progress(&mut self, records: usize) {
        self.done += records as u64;
        (self.progress)(self.done);
    }
}
