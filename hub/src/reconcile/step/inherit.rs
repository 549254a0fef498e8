//! Lots, and what they inherit from those before them.

use std::{collections::BTreeSet, sync::Arc};

use rmd_reconcile::{
    part::{Judgement, Wanted},
    region::Region,
};
use rmd_standard::Entity;

use super::Step;
use crate::reconcile::{
    Error, Reader, kept,
    load::{Part, number_of},
    lots::{self, Numbers},
    reach::{Reached, named},
    rings,
    shelf::{Held, KeySet},
    sorted::paper_key,
};

/// Lots after lots that are looked at together: of a long chain not one at a time.
const LEVELS_MAX: usize = 256;

impl Step<'_> {
    /// Lots and tags, and whatever inherits from a lot that inherits something else now.
    pub(super) async fn lots(&mut self, reached: &mut Reached) -> Result<(), Error> {
        let mut pending = std::mem::take(&mut reached.wanted.lots);
        let mut tags = std::mem::take(&mut reached.wanted.tags);
        let mut done = KeySet::new();
        let (mut is_first, mut depth) = (true, 1_usize);
        while !pending.is_empty() || !tags.is_empty() {
            self.meet(&pending).await?;
            self.with_rings(&mut pending).await?;
            let tags = std::mem::take(&mut tags);
            let wanted = Wanted { lots: pending, tags, ..Wanted::default() };
            let changed = self.inherit(wanted.clone(), is_first).await?;
            let papers = self.papers_of(&changed).await?;
            reached.wanted.certificates.extend(papers);
            // What was judged together is told already, parents first.
            let mut next = self.takers(&changed, depth).await?;
            next.retain(|key| !wanted.lots.contains(key));
            done.extend(wanted.lots);
            // Where it comes round again there may be a ring: then all of it is looked at.
            if next.iter().any(|key| done.contains(key)) {
                next.extend(done.iter().cloned());
            }
            pending = next;
            is_first = false;
            depth = (depth * 2).min(LEVELS_MAX);
        }
        Ok(())
    }

    /// Reads how lots were judged last, unless this step knows it better.
    async fn meet(&mut self, lots: &KeySet) -> Result<(), Error> {
        let new = lots.iter().filter(|key| !self.lots.contains_key(*key));
        let new: Vec<&str> = new.map(|key| &**key).collect();
        for (key, kept) in kept::records(&mut self.reader.own, Entity::Lot, &new).await? {
            self.lots.insert(key.into(), kept);
        }
        Ok(())
    }

    /// Adds every lot of the rings in which these were when they were judged last.
    async fn with_rings(&mut self, lots: &mut KeySet) -> Result<(), Error> {
        let is_in_ring = |key: &&Arc<str>| {
            let custody = self.lots.get(*key).and_then(|kept| kept.custody.as_ref());
            custody.is_some_and(|(_, is_in_ring)| *is_in_ring)
        };
        let ringed: KeySet = lots.iter().filter(is_in_ring).cloned().collect();
        if ringed.is_empty() {
            return Ok(());
        }
        let rings = rings::of(self.reader, ringed).await?;
        self.meet(&rings).await?;
        lots.extend(rings);
        Ok(())
    }

    /// Those of these lots that stand at the moment that is read.
    pub(super) async fn standing(&mut self, lots: &KeySet) -> Result<KeySet, Error> {
        let Reader { shelf, records, .. } = &mut *self.reader;
        let held = shelf.fetch(records, Entity::Lot, lots.iter().cloned()).await?;
        let standing = held.into_iter().filter_map(|held| match held {
            Held::Lot(lot) if !lot.is_void => Some(Arc::clone(&lot.named.key)),
            _ => None,
        });
        Ok(standing.collect())
    }

    /// With every lot before these that was never judged either: where no other is left to
    /// be looked at, they wait for each other, in a ring, or for such.
    pub(super) async fn with_unjudged(&mut self, mut lots: KeySet) -> Result<KeySet, Error> {
        let mut level = lots.clone();
        while !level.is_empty() {
            let mut before = rings::before(self.reader, &level).await?;
            before.retain(|key| !lots.contains(key));
            self.meet(&before).await?;
            let is_judged =
                |key: &Arc<str>| self.lots.get(key).is_some_and(|kept| kept.custody.is_some());
            before.retain(|key| !is_judged(key));
            lots.extend(before.iter().cloned());
            level = before;
        }
        Ok(lots)
    }

    /// Judges lots and tags; those that inherit something else than before.
    async fn inherit(&mut self, mut wanted: Wanted, is_first: bool) -> Result<Vec<Held>, Error> {
        let mut part = Part::new(self.reader, &self.directory, self.ground);
        part.lots(&wanted).await?;
        if is_first {
            let lots = wanted.lots.iter().filter_map(|key| part.region.lots.get(key));
            let tags = lots.flat_map(|lot| lot.record.tag.iter());
            let tags = tags.filter(|tag| !tag.identifier.is_empty());
            let tags: BTreeSet<_> = tags.map(|tag| (tag.scheme, tag.identifier.clone())).collect();
            let new = Wanted {
                tags: tags.difference(&wanted.tags).cloned().collect(),
                ..Wanted::default()
            };
            part.lots(&new).await?;
            wanted.tags.extend(tags);
        }
        part.inherited(&wanted.lots).await?;
        let (region, known) = (part.region, part.known);
        let judgement = region.judge_part(&wanted, &known, &self.ground.context);
        self.told.take(&wanted, &judgement, self.occasion);
        Ok(self.keep(&judgement, &region))
    }

    /// Notes what lots inherit; those for which it is something else than before.
    fn keep(&mut self, judgement: &Judgement, region: &Region) -> Vec<Held> {
        let rings: BTreeSet<&Arc<str>> = judgement.rings.iter().flatten().collect();
        let mut changed = Vec::new();
        for (key, custody) in &judgement.custody {
            let now = Some((custody.clone(), rings.contains(key)));
            let kept = self.lots.entry(Arc::clone(key)).or_default();
            if kept.custody == now {
                continue;
            }
            kept.custody = now;
            self.notes.records.insert((Entity::Lot, Arc::clone(key)), kept.clone());
            changed.extend(region.lots.get(key).cloned().map(Held::Lot));
        }
        self.reader.inherits(&judgement.custody, false);
        changed
    }

    /// Certificates that read what these lots inherit.
    async fn papers_of(&mut self, lots: &[Held]) -> Result<KeySet, Error> {
        let (mut numbers, mut found) = (Numbers::new(), KeySet::new());
        for held in lots {
            let Held::Lot(lot) = held else { continue };
            numbers.insert(number_of(lot));
            let paper = &lot.record.export_certificate_id;
            if !paper.is_empty() {
                found.insert(paper_key(&(lot.country().to_owned(), paper.clone())));
            }
        }
        let entity = Entity::ExportCertificate;
        found.extend(self.directory.find(&mut self.reader.own, entity, named(&numbers)).await?);
        Ok(found)
    }

    /// Lots that may take from these, and from those, so many times.
    async fn takers(&mut self, lots: &[Held], depth: usize) -> Result<KeySet, Error> {
        let mut numbers: Numbers = lots
            .iter()
            .filter_map(|held| match held {
                Held::Lot(lot) => Some(number_of(lot)),
                _ => None,
            })
            .collect();
        let mut found = KeySet::new();
        for _ in 0..depth {
            let takers = lots::of_inputs(&mut self.reader.records, &numbers).await?;
            let new: KeySet = takers.difference(&found).cloned().collect();
            if new.is_empty() {
                break;
            }
            numbers = new.iter().map(|key| lots::number_in(key)).collect();
            found.extend(new);
        }
        Ok(found)
    }
}
