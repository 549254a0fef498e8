//! Reading all rows of a record type in chunks by key.
//!
//! Owns the finding of deleted rows. Never compares keys in an order of its own:
//! rows that were read are marked as seen, and each known row that was not seen
//! is looked up by its key before it counts as gone. A pass that fails anywhere
//! reaches no deletion at all. Each page has a snapshot of its own, which is over
//! before the page goes to the journal.

use tokio::task::JoinSet;

use super::Error;
use super::pass::{Pass, item};
use super::reread::Stopping;
use super::seen::Seen;
use crate::journal::{self, Applied, Batch, Imprint, Journal, Mode};
use crate::mapping::{Place, keyless};

/// Known rows asked of the journal at a time.
const KNOWN_MAX: u32 = 1000;

/// Rows that may stop their query before any other could be read.
const DOUBTS_MAX: usize = 500;

/// The page that is being written; at most one, so that pages are written in turn.
struct Ahead {
    journal: Journal,
    writing: JoinSet<Result<Applied, journal::Error>>,
}

impl Ahead {
    fn new(journal: Journal) -> Self {
        Self { journal, writing: JoinSet::new() }
    }

    /// Begins to write a page, on a core of its own if there is one.
    fn send(&mut self, batch: Batch, imprints: Vec<Option<Imprint>>) {
        let journal = self.journal.clone();
        self.writing.spawn(async move { journal.apply_imprinted(batch, imprints).await });
    }

    /// Waits until the page is written and marks its rows as seen.
    async fn settle(&mut self, seen: &mut Seen) -> Result<(), Error> {
        let Some(written) = self.writing.join_next().await else { return Ok(()) };
        let applied = match written {
            Ok(applied) => applied?,
            Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
            // The runtime is going down.
            Err(_) => return Err(Error::Stopped),
        };
        for row_id in applied.row_ids.into_iter().flatten() {
            seen.mark(row_id);
        }
        Ok(())
    }
}

/// Rows that stop their query, until another one has shown that the query is not what is
/// wrong: a query that no row passes is told as that, and refuses nothing.
#[derive(Default)]
struct Doubts {
    stopping: Vec<Stopping>,
    is_readable: bool,
}

impl Doubts {
    /// Refuses the rows, or fails as the query does.
    async fn settle(self, pass: &mut Pass<'_>, seen: &mut Seen) -> Result<(), Error> {
        let Self { mut stopping, is_readable } = self;
        if !is_readable && let Some(first) = stopping.pop() {
            return Err(first.error.into());
        }
        pass.refuse(stopping).await?.into_iter().for_each(|row_id| seen.mark(row_id));
        Ok(())
    }
}

impl Pass<'_> {
    /// Reads every row, then looks for those that are gone.
    pub(super) async fn scan(&mut self) -> Result<(), Error> {
        let mut seen = Seen::default();
        let mut ahead = Ahead::new(self.context.journal.clone());
        let read = self.pages(&mut ahead, &mut seen).await;
        self.session.forget_spare();
        // The page on its way is waited for whatever became of the next one.
        let written = ahead.settle(&mut seen).await;
        read.and(written)?;
        self.find_gone(&seen).await?;
        let (entity, mapping) = (self.plan.entity(), &self.context.mapping);
        Ok(self.context.journal.all_read(entity, &mapping.id).await?)
    }

    /// Reads page after page; while one is written, the next is read.
    async fn pages(&mut self, ahead: &mut Ahead, seen: &mut Seen) -> Result<(), Error> {
        let mut place = None;
        let mut is_first = true;
        let mut doubts = Doubts::default();
        loop {
            self.stop_if_asked()?;
            let plan = self.plan;
            self.session.begin().await?;
            let read = match plan.read_after(self.session, place.as_ref(), self.chunk).await {
                Err(error) if error.is_of_a_row() => {
                    self.session.end().await?;
                    ahead.settle(seen).await?;
                    match self.page_apart(place, seen, &mut doubts).await? {
                        Some(behind) => place = behind,
                        None => return doubts.settle(self, seen).await,
                    }
                    continue;
                }
                read => read,
            };
            let Some(read) = self.unless_slow(read).await? else { continue };
            let without_key = is_first && plan.has_keyless_row(self.session).await?;
            let held = self.session.end().await?;
            is_first = false;
            doubts.is_readable |= !read.parents.rows.is_empty();
            let mut mapped = self.sift(&read, seen).await?;
            if without_key && !mapped.items.iter().any(|item| item.source_key().is_empty()) {
                mapped.items.push(item(keyless(plan.entity())));
            }
            let (rows, more) = (read.rows(), read.more);
            let entity = self.plan.entity().name();
            self.fit(&read);
            let next = read.last.ok_or(Error::KeyUnreadable { entity });
            // Its memory is for the next page.
            read.children.into_iter().chain([read.parents]).for_each(|rows| {
                self.session.reuse(rows);
            });
            if !mapped.items.is_empty() {
                ahead.settle(seen).await?;
                ahead.send(self.batch(mapped.items, None), mapped.imprints);
            }
            self.pace(rows, held).await?;
            if !more {
                return doubts.settle(self, seen).await;
            }
            place = Some(next?);
        }
    }

    /// Reads a page in which a row stops the query: its keys alone, and then its rows by
    /// key, in halves. Where to go on; none behind the last page.
    async fn page_apart(
        &mut self,
        place: Option<Place>,
        seen: &mut Seen,
        doubts: &mut Doubts,
    ) -> Result<Option<Option<Place>>, Error> {
        let plan = self.plan;
        self.session.begin().await?;
        let keys = plan.keys_after(self.session, place.as_ref(), self.keys()).await;
        let Some(page) = self.unless_slow(keys).await? else { return Ok(Some(place)) };
        self.session.end().await?;
        let reread = self.reread_apart(&page.keys).await?;
        reread.row_ids.into_iter().for_each(|row_id| seen.mark(row_id));
        doubts.is_readable |= reread.is_readable;
        doubts.stopping.extend(reread.stopping);
        if doubts.is_readable || doubts.stopping.len() > DOUBTS_MAX {
            std::mem::take(doubts).settle(self, seen).await?;
            doubts.is_readable = true;
        }
        let entity = plan.entity().name();
        let next = page.last.ok_or(Error::KeyUnreadable { entity });
        if page.more { next.map(|next| Some(Some(next))) } else { Ok(None) }
    }

    /// Looks up every known row that the scan did not see.
    async fn find_gone(&mut self, seen: &Seen) -> Result<(), Error> {
        let entity = self.plan.entity();
        let mut after = i64::MIN;
        loop {
            let known =
                self.context.journal.rows_after(entity, Mode::Mapped, after, KNOWN_MAX).await?;
            let Some((last, _)) = known.last() else { return Ok(()) };
            after = *last;
            let unseen: Vec<String> = known
                .into_iter()
                .filter(|(row_id, _)| !seen.contains(*row_id))
                .map(|(_, source_key)| source_key)
                .collect();
            self.reread(&unseen).await?;
        }
    }
}
