//! Lots page after page: one is read while the one before it is judged, and the one
//! before that is written.

use std::{collections::BTreeSet, sync::Arc};

use rmd_reconcile::{
    part::{Judgement, Known, Wanted},
    region::Region,
};
use rmd_standard::Entity;

use super::{
    Whole,
    page::{lots_after, tell_once},
    writer::Writer,
};
use crate::reconcile::{
    Error,
    finding::Occasion,
    ground::Ground,
    kept::{Kept, Notes},
    load::Part,
    outcome::{Before, Outcome},
    shelf::Held,
    step::write_names,
    told::Told,
};

/// A page with what is around its lots.
pub(super) struct Page {
    lots: Vec<Held>,
    wanted: Wanted,
    region: Region,
    known: Known,
}

/// What came out of a page.
pub(super) struct Judged {
    told: Told,
    notes: Notes,
    judgement: Judgement,
}

impl Page {
    /// Judges it, and nothing else: on a thread of its own.
    fn judge(mut self, ground: &Ground, occasion: Occasion) -> Judged {
        tell_once(&mut self.wanted, &self.region);
        let judgement = self.region.judge_part(&self.wanted, &self.known, &ground.context);
        let (mut told, mut notes) = (Told::default(), Notes::default());
        told.take(&self.wanted, &judgement, occasion);
        let rings: BTreeSet<&Arc<str>> = judgement.rings.iter().flatten().collect();
        for held in &self.lots {
            let key = Arc::clone(&held.named().key);
            let custody = judgement.custody.get(&key);
            let names = write_names(&held.names());
            let custody = custody.map(|custody| (custody.clone(), rings.contains(&key)));
            notes.records.insert((Entity::Lot, key), Kept { names, custody });
        }
        Judged { told, notes, judgement }
    }
}

impl Whole<'_> {
    /// Judges all lots; false if another process did a step meanwhile.
    pub(super) async fn lots(&mut self, writer: &mut Writer<'_>) -> Result<bool, Error> {
        let mut last = (i64::MIN, String::new());
        let (mut judging, mut unwritten) = (None, None);
        loop {
            let write = writer.put_if(unwritten.take());
            let read = self.lots_page(&mut last);
            let (is_written, page) = futures_util::future::try_join(write, read).await?;
            if !is_written {
                return Ok(false);
            }
            if let Some(judging) = judging.take() {
                unwritten = Some(self.judged(judging).await?);
            }
            let lots = page.lots.len();
            if lots == 0 {
                return writer.put_if(unwritten.take()).await;
            }
            let page = self.inherited(page).await?;
            let (ground, occasion) = (Arc::clone(self.ground), self.occasion);
            judging = Some(tokio::task::spawn_blocking(move || page.judge(&ground, occasion)));
            self.progress(lots);
        }
    }

    /// The next lots with what is around them.
    async fn lots_page(&mut self, last: &mut (i64, String)) -> Result<Page, Error> {
        let lots = lots_after(self.reader, last).await?;
        let mut wanted = Wanted::default();
        for held in &lots {
            let Held::Lot(lot) = held else { continue };
            wanted.lots.insert(Arc::clone(&lot.named.key));
            let tags = lot.record.tag.iter().filter(|tag| !tag.identifier.is_empty());
            wanted.tags.extend(tags.map(|tag| (tag.scheme, tag.identifier.clone())));
            self.reader.shelf.keep(held);
        }
        let mut part = Part::new(self.reader, &self.directory, self.ground);
        part.lots(&wanted).await?;
        let (region, known) = (part.region, part.known);
        Ok(Page { lots, wanted, region, known })
    }

    /// Adds what lots of earlier pages inherit: all of them were judged.
    async fn inherited(&mut self, page: Page) -> Result<Page, Error> {
        let Page { lots, wanted, region, known } = page;
        let empty = Part::new(self.reader, &self.directory, self.ground);
        let mut part = Part { region, known, ..empty };
        part.inherited(&wanted.lots).await?;
        let (region, known) = (part.region, part.known);
        Ok(Page { lots, wanted, region, known })
    }

    /// What follows from a page that is being judged.
    async fn judged(&mut self, judging: tokio::task::JoinHandle<Judged>) -> Result<Outcome, Error> {
        let Judged { told, notes, judgement } = match judging.await {
            Ok(judged) => judged,
            Err(ended) => match ended.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                Err(_) => return Err(Error::Ended),
            },
        };
        self.reader.inherits(&judgement.custody, true);
        self.outcome((told, notes), Before::Told).await
    }
}
