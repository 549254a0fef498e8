//! Reading what was nominated, until nothing is left.
//!
//! Owns the order that loses nothing: nominate and re-read in one snapshot, hand
//! over, wait for the commit of the journal, and only then confirm. A change that
//! comes in between is a note of its own and stays. Killed anywhere, the same
//! keys are read again.

use std::collections::BTreeSet;

use super::Error;
use super::nominate::{Nominated, Nominator, Note, Trouble, is_refusal};
use super::pass::{Pass, item};
use crate::journal::Item;
use crate::mapping::{KEYS_MAX, Mode, Read, keyless};
use crate::source::side::Erased;
use crate::source::{Bind, Error as SourceError};

/// Chunks in one go, so that a writer who never rests holds up no other record type.
const CHUNKS_MAX: u32 = 100;

/// What was nominated and read in one snapshot.
struct Taken {
    nominated: Nominated,
    /// Keys that were read, each once.
    keys: Vec<String>,
    read: Read,
    /// Keys beyond one chunk.
    rest: Vec<String>,
    /// Watches whose look-up found more than one page: the noted values, and where
    /// the next page begins.
    pages: Vec<(usize, Vec<String>, Bind)>,
    /// Whether there is a row without a key; none if nothing says so.
    is_keyless: Option<bool>,
}

impl Pass<'_> {
    /// Reads what was nominated until nothing is left, or a bounded number of chunks.
    pub(super) async fn drain(&mut self, nominator: &Nominator) -> Result<Option<Trouble>, Error> {
        for _ in 0..CHUNKS_MAX {
            self.stop_if_asked()?;
            let limit = self.keys();
            self.session.begin().await?;
            let taken = match self.take(nominator, limit).await {
                Err(error) if error.is_of_a_row() && !self.is_apart => {
                    self.session.end().await?;
                    self.is_apart = true;
                    continue;
                }
                taken => taken,
            };
            let Some(taken) = self.unless_slow(taken).await? else { continue };
            let held = self.session.end().await?;
            if taken.nominated.trouble.is_some() || taken.nominated.is_nothing() {
                return Ok(taken.nominated.trouble);
            }
            self.is_apart = false;
            let rows = taken.read.rows();
            self.hand_over(&taken).await?;
            let is_full = taken.nominated.is_full;
            match self.confirm(taken.nominated.receipt).await {
                Err(Error::Source(error)) if is_refusal(&error) => {
                    return Ok(Some(nominator.unusable(&error)));
                }
                Err(error) => return Err(error),
                Ok(Erased::Busy) => return Ok(None),
                Ok(Erased::All) => {}
            }
            self.pace(rows, held).await?;
            if !is_full {
                return Ok(None);
            }
        }
        self.is_behind = true;
        Ok(None)
    }

    /// Nominates, and reads the first of what was nominated. In the open snapshot.
    async fn take(&mut self, nominator: &Nominator, limit: usize) -> Result<Taken, SourceError> {
        let nominated = self.nominate(nominator, limit).await?;
        let mut keys = BTreeSet::new();
        let mut pages = Vec::new();
        for index in 0..self.record.watches.len() {
            let noted = noted_by(&nominated.notes, index);
            if !self.plan.has_lookup(index) {
                keys.extend(noted);
                continue;
            }
            let plan = self.plan;
            let found = plan.parents(self.session, index, &noted, None, KEYS_MAX).await?;
            keys.extend(found.keys);
            pages.extend(found.next.map(|next| (index, noted, next)));
        }
        let mut keys: Vec<String> = keys.into_iter().collect();
        let now = if self.is_apart { 0 } else { keys.len().min(limit) };
        let rest = keys.split_off(now);
        let plan = self.plan;
        let read = plan.read_among(self.session, &keys).await?;
        let may_be_keyless = nominated
            .notes
            .iter()
            .any(|note| matches!(note, Note::Keyless(index) if self.notes_own_key(*index)));
        let is_keyless =
            if may_be_keyless { Some(plan.has_keyless_row(self.session).await?) } else { None };
        Ok(Taken { nominated, keys, read, rest, pages, is_keyless })
    }

    /// Hands everything over that was nominated; returns after its commit.
    async fn hand_over(&mut self, taken: &Taken) -> Result<(), Error> {
        self.apply_among(&taken.keys, &taken.read, None).await?;
        self.reread(&taken.rest).await?;
        for (index, noted, next) in &taken.pages {
            self.read_pages(*index, noted, next.clone()).await?;
        }
        if let Some(is_keyless) = taken.is_keyless {
            let entity = self.plan.entity();
            let gone = Item::Gone { source_key: String::new() };
            let found = if is_keyless { item(keyless(entity)) } else { gone };
            self.apply(vec![found], None).await?;
        }
        if taken.nominated.notes.contains(&Note::Everything) {
            self.scan().await?;
        }
        Ok(())
    }

    /// Reads the rows of a look-up that found more than one page of them.
    async fn read_pages(
        &mut self,
        index: usize,
        noted: &[String],
        mut next: Bind,
    ) -> Result<(), Error> {
        loop {
            self.stop_if_asked()?;
            let plan = self.plan;
            self.session.begin().await?;
            let found = plan.parents(self.session, index, noted, Some(&next), KEYS_MAX).await?;
            self.session.end().await?;
            self.reread(&found.keys).await?;
            match found.next {
                Some(behind) => next = behind,
                None => return Ok(()),
            }
        }
    }

    /// Whether the column that a watch notes is that of the record's own key.
    fn notes_own_key(&self, index: usize) -> bool {
        let own = self.record.key.rsplit('.').next().unwrap_or_default();
        match &self.record.watches[index].mode {
            Mode::Triggers(noted) | Mode::Log(noted) => {
                noted.lookup.is_none() && noted.key.eq_ignore_ascii_case(own)
            }
            Mode::Diff | Mode::Cursor(_) => false,
        }
    }
}

/// The values noted for one watch, each once.
fn noted_by(notes: &[Note], of: usize) -> Vec<String> {
    let values: BTreeSet<&String> = notes
        .iter()
        .filter_map(|note| match note {
            Note::Key(index, key) if *index == of => Some(key),
            _ => None,
        })
        .collect();
    values.into_iter().cloned().collect()
}
