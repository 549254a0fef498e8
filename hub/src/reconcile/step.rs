//! One step: what came is judged, with all that it affects and nothing else.
//!
//! Everything is read and judged first; what follows is written in one transaction,
//! which counts only if nobody else did a step meanwhile. So a step may be cut anywhere
//! and is done again.

mod inherit;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use rmd_reconcile::{
    Subject,
    names::Name,
    part::{Known, Wanted},
};
use rmd_standard::Entity;
use sqlx::Row as _;

use super::{
    Error, Reader,
    directory::Directory,
    finding::Occasion,
    ground::Ground,
    kept::{self, Kept, Notes},
    load::Part,
    outcome::{Before, Outcome},
    queue::Keys,
    reach::{self, Reached},
    shelf::{Held, KeySet},
    sorted::{Changed, Sorted},
    states,
    told::{self, Told},
};
use crate::store;

/// Subjects of one kind that are judged together where no other must be with them.
const CHUNK: usize = 2_000;

/// Subjects that the clock brings back, in one step.
pub(super) const DUE_MAX: i64 = 8_192;

/// Lots that wait for what is before them, in one step, beside those.
pub(super) const UNJUDGED_MAX: i64 = 4_096;

/// What is to be judged in a step.
#[derive(Debug, Default)]
pub(super) struct Task {
    /// Records that came, changed or went.
    pub(super) touched: Keys,
    /// Sites about which the Secretariat decided.
    pub(super) decided: BTreeSet<String>,
    /// Subjects that the clock brings back.
    pub(super) due: Vec<Subject>,
    /// Lots that wait for what is before them, where nothing else is left that came.
    pub(super) unjudged: KeySet,
    /// Whether what is about states is judged whatever came.
    pub(super) states: bool,
}

/// A step in the making.
pub(super) struct Step<'a> {
    reader: &'a mut Reader,
    ground: &'a Ground,
    occasion: Occasion,
    directory: Directory,
    told: Told,
    pub(super) notes: Notes,
    /// Lots as they are kept, of those that were looked at.
    lots: BTreeMap<Arc<str>, Kept>,
    /// Whether what is about states was judged.
    has_states: bool,
}

/// Judges what a task asks for.
pub(super) async fn judge(
    reader: &mut Reader,
    ground: &Ground,
    occasion: Occasion,
    task: &Task,
) -> Result<Outcome, Error> {
    let mut step = Step {
        reader,
        ground,
        occasion,
        directory: Directory::default(),
        told: Told::default(),
        notes: Notes::default(),
        lots: BTreeMap::new(),
        has_states: task.states,
    };
    let mut changed = Vec::new();
    for (entity, keys) in &task.touched {
        changed.extend(step.look(*entity, keys).await?);
    }
    changed.extend(step.look_at_decided(&task.decided).await?);
    let sorted = Sorted::of(&changed);
    let mut reached = reach::reached(step.reader, &step.directory, &sorted, ground).await?;
    told::want(&mut reached.wanted, &task.due);
    let unjudged = step.standing(&task.unjudged).await?;
    reached.wanted.lots.extend(step.with_unjudged(unjudged.clone()).await?);
    step.lots(&mut reached).await?;
    step.expect_judged(&unjudged)?;
    step.certificates(&reached.wanted.certificates).await?;
    step.lines(&mut reached).await?;
    step.sites(&reached.wanted.sites).await?;
    step.productions(&reached.wanted.productions).await?;
    let months = task.touched.contains_key(&Entity::ReportingPeriod);
    if task.states || reached.has_balances || reached.has_mirrors || months {
        step.has_states = true;
        step.states().await?;
    }
    step.finish().await
}

impl Step<'_> {
    /// Looks at records of one type that were touched: their names before and after.
    async fn look(
        &mut self,
        entity: Entity,
        keys: &BTreeSet<String>,
    ) -> Result<Vec<Changed>, Error> {
        let texts: Vec<&str> = keys.iter().map(String::as_str).collect();
        let kept = kept::records(&mut self.reader.own, entity, &texts).await?;
        let wanted = keys.iter().map(|key| Arc::<str>::from(key.as_str()));
        let held = self.reader.shelf.fetch(&mut self.reader.records, entity, wanted).await?;
        let held: BTreeMap<Arc<str>, Held> =
            held.into_iter().map(|held| (Arc::clone(&held.named().key), held)).collect();
        let mut changed = Vec::with_capacity(keys.len());
        for key in keys {
            let kept = kept.get(key);
            let before = read_names(kept.map_or("", |kept| &kept.names))?;
            let (key, now) = match held.get(key.as_str()) {
                Some(held) => (Arc::clone(&held.named().key), Some(held.names())),
                None => (Arc::from(key.as_str()), None),
            };
            let after = now.clone().unwrap_or_default();
            self.directory.take(entity, &key, &after);
            self.note(entity, &key, (&before, now.as_ref()), kept);
            let names = before.union(&after).cloned().collect();
            changed.push(Changed { entity, key, names });
        }
        Ok(changed)
    }

    fn note(
        &mut self,
        entity: Entity,
        key: &Arc<str>,
        (before, now): (&BTreeSet<Name>, Option<&BTreeSet<Name>>),
        kept: Option<&Kept>,
    ) {
        let name = (entity, Arc::clone(key));
        if let Some(now) = now {
            let custody = kept.and_then(|kept| kept.custody.clone());
            let names = write_names(now);
            if entity == Entity::Lot {
                self.lots.insert(
                    Arc::clone(key),
                    Kept { names: names.clone(), custody: custody.clone() },
                );
            }
            self.notes.records.insert(name, Kept { names, custody });
        } else {
            self.notes.gone.insert(name);
        }
        if entity == Entity::Lot {
            return;
        }
        let none = BTreeSet::new();
        let now = now.unwrap_or(&none);
        let gone = before.difference(now).map(|name| (name.to_string(), entity, Arc::clone(key)));
        self.notes.names_gone.extend(gone);
        let new = now.difference(before).map(|name| (name.to_string(), entity, Arc::clone(key)));
        self.notes.names_new.extend(new);
    }

    /// A decision about a site is as if the site had changed.
    async fn look_at_decided(&mut self, sites: &BTreeSet<String>) -> Result<Vec<Changed>, Error> {
        let entity = Entity::MineSite;
        let keys = sites.iter().map(|key| Arc::from(key.as_str()));
        let held = self.reader.shelf.fetch(&mut self.reader.records, entity, keys).await?;
        let changed = |held: &Held| {
            let key = Arc::clone(&held.named().key);
            Changed { entity, key, names: held.names() }
        };
        Ok(held.iter().map(changed).collect())
    }

    /// Of these lots everything before them was judged with them.
    fn expect_judged(&self, lots: &KeySet) -> Result<(), Error> {
        let is_judged =
            |key: &&Arc<str>| self.lots.get(*key).is_some_and(|kept| kept.custody.is_some());
        match lots.iter().find(|key| !is_judged(key)) {
            None => Ok(()),
            Some(key) => Err(Error::Store(store::Error::Inconsistent {
                table: "judged_record",
                column: "custody",
                id: key.to_string(),
            })),
        }
    }

    async fn certificates(&mut self, keys: &KeySet) -> Result<(), Error> {
        for certificates in chunks(keys) {
            let wanted = Wanted { certificates, ..Wanted::default() };
            let mut part = Part::new(self.reader, &self.directory, self.ground);
            part.certificates(&wanted.certificates).await?;
            let (region, known) = (part.region, part.known);
            self.judge(&wanted, &region, &known);
        }
        Ok(())
    }

    async fn lines(&mut self, reached: &mut Reached) -> Result<(), Error> {
        let (exports, imports) = &mut reached.seeds;
        exports.extend(reached.wanted.exports.iter().cloned());
        imports.extend(reached.wanted.imports.iter().cloned());
        if exports.is_empty() && imports.is_empty() {
            return Ok(());
        }
        let mut part = Part::new(self.reader, &self.directory, self.ground);
        let (hang, together) = part.pairing((exports, imports)).await?;
        exports.extend(hang);
        imports.extend(together);
        part.exports(exports).await?;
        let (region, known) = (part.region, part.known);
        let (exports, imports) = std::mem::take(&mut reached.seeds);
        let wanted = Wanted { exports, imports, ..Wanted::default() };
        self.judge(&wanted, &region, &known);
        Ok(())
    }

    async fn sites(&mut self, keys: &KeySet) -> Result<(), Error> {
        for sites in chunks(keys) {
            let mut part = Part::new(self.reader, &self.directory, self.ground);
            part.around_sites(&sites).await?;
            let (region, known) = (part.region, part.known);
            self.judge(&Wanted { sites, ..Wanted::default() }, &region, &known);
        }
        Ok(())
    }

    async fn productions(&mut self, keys: &KeySet) -> Result<(), Error> {
        for productions in chunks(keys) {
            let mut part = Part::new(self.reader, &self.directory, self.ground);
            part.productions(&productions).await?;
            let (region, known) = (part.region, part.known);
            self.judge(&Wanted { productions, ..Wanted::default() }, &region, &known);
        }
        Ok(())
    }

    async fn states(&mut self) -> Result<(), Error> {
        let (wanted, region, known) = states::part(self.reader, self.ground).await?;
        self.judge(&wanted, &region, &known);
        Ok(())
    }

    fn judge(&mut self, wanted: &Wanted, region: &rmd_reconcile::region::Region, known: &Known) {
        let judgement = region.judge_part(wanted, known, &self.ground.context);
        self.told.take(wanted, &judgement, self.occasion);
    }

    /// What follows for the findings that are kept.
    async fn finish(self) -> Result<Outcome, Error> {
        let before = if self.has_states { Before::States } else { Before::Told };
        Outcome::of(self.reader, (self.told, self.notes), before, self.occasion).await
    }
}

fn chunks(keys: &KeySet) -> Vec<KeySet> {
    let keys: Vec<Arc<str>> = keys.iter().cloned().collect();
    keys.chunks(CHUNK).map(|chunk| chunk.iter().cloned().collect()).collect()
}

/// Names as they are kept: one a line.
pub(super) fn write_names(names: &BTreeSet<Name>) -> String {
    names.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

/// What [`write_names`] wrote.
pub(super) fn read_names(text: &str) -> Result<BTreeSet<Name>, Error> {
    let lines = text.split('\n').filter(|line| !line.is_empty());
    Ok(lines.map(str::parse).collect::<Result<_, _>>()?)
}

/// Sites of the decisions that were not taken into account yet, some others among them:
/// two decisions may come in another order than they were written.
pub(super) async fn decided(
    reader: &mut Reader,
    counted: i64,
) -> Result<(i64, BTreeSet<String>), Error> {
    const OVERLAP: i64 = 16;
    let row = sqlx::query("SELECT COUNT(*) FROM decision").fetch_one(&mut *reader.records).await?;
    let count: i64 = row.try_get(0)?;
    reader.has_decisions = count > 0;
    if count == counted {
        return Ok((count, BTreeSet::new()));
    }
    let rows = sqlx::query(
        "SELECT record_key FROM decision WHERE entity = 'MineSite'
         ORDER BY recorded_at_us DESC, decision_id DESC LIMIT $1",
    )
    .bind((count - counted).max(0) + OVERLAP)
    .fetch_all(&mut *reader.records)
    .await?;
    let keys = rows.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?;
    Ok((count, keys))
}
