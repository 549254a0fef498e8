//! Everything, judged anew.
//!
//! For the first time, and where the ground changed under all subjects: limits, clocks,
//! coverage. Records are read page after page from one moment, so that memory does not
//! grow with the region: first the names by which others find them, then lots in the
//! order of their registration, so that parents mostly come before children, then what
//! rests on lots. A page is read while the one before it is judged on another thread, and
//! the one before that is written. A run that is cut short is begun again; findings keep
//! their history through it.

mod gone;
mod lots;
mod page;
mod writer;

use std::sync::Arc;

use rmd_reconcile::{
    part::{Known, Wanted},
    region::Region,
};
use rmd_standard::Entity;

use super::{
    Error, Reader,
    directory::Directory,
    finding::{self, Counts, Occasion},
    ground::Ground,
    kept::{self, Kept, Notes},
    load::{self, Part},
    outcome::{Before, Outcome},
    shelf::KeySet,
    states,
    step::{self, Task, write_names},
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
    /// Whether findings are kept from before.
    has_findings: bool,
    progress: Progress<'a>,
    done: u64,
}

/// How a run went.
pub(super) struct Ran {
    pub(super) turn: Turn,
    pub(super) counts: Counts,
    pub(super) subjects: u64,
}

/// Judges everything; none if another process did a step meanwhile.
pub(super) async fn run(
    store: &Store,
    reader: &mut Reader,
    (ground, occasion): (&Arc<Ground>, Occasion),
    found: &Turn,
    progress: Progress<'_>,
) -> Result<Option<Ran>, Error> {
    let mut transaction = store.begin().await?;
    let marked = found.clone().with_whole(true);
    let Some(turn) = turn::take(&mut transaction, found, &marked).await? else {
        return Ok(None);
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
        has_findings,
        progress,
        done: 0,
    };
    let is_done = whole.judge_all(&mut writer).await?;
    whole.reader.narrow(store.kind()).await?;
    count_anew(store, whole.reader, &JUDGED).await?;
    let Writer { turn, counts, subjects, .. } = writer;
    Ok(is_done.then_some(Ran { turn, counts, subjects }))
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
            && self.gone(writer).await?)
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
            if !writer.put(Outcome::of_notes(notes), true).await? {
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
        let told = self.told(&wanted, &region, &known);
        self.put(writer, (told, Notes::default()), Before::States).await
    }

    async fn judge(
        &mut self,
        writer: &mut Writer<'_>,
        wanted: &Wanted,
        region: &Region,
        known: &Known,
    ) -> Result<bool, Error> {
        let told = self.told(wanted, region, known);
        self.put(writer, (told, Notes::default()), Before::Told).await
    }

    fn told(&self, wanted: &Wanted, region: &Region, known: &Known) -> Told {
        let judgement = region.judge_part(wanted, known, &self.ground.context);
        let mut told = Told::default();
        told.take(wanted, &judgement, self.occasion);
        told
    }

    async fn put(
        &mut self,
        writer: &mut Writer<'_>,
        (told, notes): (Told, Notes),
        before: Before,
    ) -> Result<bool, Error> {
        let outcome = self.outcome((told, notes), before).await?;
        writer.put(outcome, true).await
    }

    /// What follows for findings; of a first run, without a look at what is kept.
    async fn outcome(&mut self, told: (Told, Notes), before: Before) -> Result<Outcome, Error> {
        let before = if self.has_findings { before } else { Before::Nothing };
        Outcome::of(self.reader, told, before, self.occasion).await
    }

    /// Judges the lots that are left because what is before them was not known.
    async fn left(&mut self, writer: &mut Writer<'_>) -> Result<bool, Error> {
        let mut last = String::new();
        loop {
            let unjudged = kept::unjudged(&mut self.reader.own, &last, LOTS).await?;
            let Some(end) = unjudged.last() else { return Ok(true) };
            last = end.to_string();
            let task = Task { unjudged, ..Task::default() };
            if !self.step(writer, &task).await? {
                return Ok(false);
            }
        }
    }

    /// Judges what is no longer there, so that nothing more is said of it.
    async fn gone(&mut self, writer: &mut Writer<'_>) -> Result<bool, Error> {
        let mut last = String::new();
        while self.has_findings {
            let Some(due) = gone::next(self.reader, &mut last).await? else { break };
            let task = Task { due, ..Task::default() };
            if !task.due.is_empty() && !self.step(writer, &task).await? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Judges as if it had just come.
    async fn step(&mut self, writer: &mut Writer<'_>, task: &Task) -> Result<bool, Error> {
        let outcome = step::judge(self.reader, self.ground, self.occasion, task).await?;
        writer.put(outcome, false).await
    }

    fn progress(&mut self, records: usize) {
        self.done += records as u64;
        (self.progress)(self.done);
    }
}
