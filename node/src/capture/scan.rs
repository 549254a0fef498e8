//! Reading all rows of a record type in chunks by key.
//!
//! Owns the finding of deleted rows. Never compares keys in an order of its own:
//! rows that were read are marked as seen, and each known row that was not seen
//! is looked up by its key before it counts as gone. A pass that fails anywhere
//! reaches no deletion at all.

use super::Error;
use super::pass::{Pass, item};
use super::seen::Seen;
use crate::journal::Mode;
use crate::mapping::keyless;

/// Known rows asked of the journal at a time.
const KNOWN_MAX: u32 = 1000;

impl Pass<'_> {
    /// Reads every row, then looks for those that are gone.
    pub(super) async fn scan(&mut self) -> Result<(), Error> {
        let mut seen = Seen::new(self.began.as_microsecond().cast_unsigned());
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
            let applied = self.apply(items, None).await?;
            for row_id in applied.row_ids.into_iter().flatten() {
                seen.mark(row_id);
            }
            self.pace(read.rows(), held).await?;
            if !read.more {
                break;
            }
            let entity = self.plan.entity().name();
            last = Some(read.last.ok_or(Error::KeyUnreadable { entity })?);
        }
        self.find_gone(&seen).await?;
        let (entity, mapping) = (self.plan.entity(), &self.context.mapping);
        Ok(self.context.journal.all_read(entity, &mapping.id).await?)
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
