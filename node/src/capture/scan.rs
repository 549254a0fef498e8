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
use super::seen::Seen;
use crate::journal::{self, Applied, Batch, Journal, Mode};
use crate::mapping::keyless;

/// Known rows asked of the journal at a time.
const KNOWN_MAX: u32 = 1000;

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
    fn send(&mut self, batch: Batch) {
        let journal = self.journal.clone();
        self.writing.spawn(async move { journal.apply(batch).await });
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

impl Pass<'_> {
    /// Reads every row, then looks for those that are gone.
    pub(super) async fn scan(&mut self) -> Result<(), Error> {
        let mut seen = Seen::default();
        let mut ahead = Ahead::new(self.context.journal.clone());
        let read = self.pages(&mut ahead, &mut seen).await;
        // The page on its way is waited for whatever became of the next one.
        let written = ahead.settle(&mut seen).await;
        read.and(written)?;
        self.find_gone(&seen).await?;
        let (entity, mapping) = (self.plan.entity(), &self.context.mapping);
        Ok(self.context.journal.all_read(entity, &mapping.id).await?)
    }

    /// Reads page after page; while one is written, the next is read.
    async fn pages(&mut self, ahead: &mut Ahead, seen: &mut Seen) -> Result<(), Error> {
        let mut last = None;
        let mut is_first = true;
        loop {
            self.stop_if_asked()?;
            let plan = self.plan;
            self.session.begin().await?;
            let chunk = self.chunk;
            let read = plan.read_after(self.session, last.as_ref(), chunk).await;
            let Some(read) = self.unless_slow(read).await? else { continue };
            let without_key = is_first && plan.has_keyless_row(self.session).await?;
            let held = self.session.end().await?;
            is_first = false;
            let mut items = self.normalise(&read);
            if without_key && !items.iter().any(|item| item.source_key().is_empty()) {
                items.push(item(keyless(plan.entity())));
            }
            let (rows, more) = (read.rows(), read.more);
            let entity = self.plan.entity().name();
            self.fit(&read);
            let next = read.last.ok_or(Error::KeyUnreadable { entity });
            // Its memory is for the next page.
            drop((read.parents, read.children));
            ahead.settle(seen).await?;
            ahead.send(self.batch(items, None));
            self.pace(rows, held).await?;
            if !more {
                return Ok(());
            }
            last = Some(next?);
        }
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
