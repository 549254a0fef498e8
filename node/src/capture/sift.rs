//! From rows to the items of a batch.
//!
//! Owns the question which rows of a page are mapped at all: not those that are as they
//! were when what is published of them was made of them. No snapshot is open meanwhile.
//! Invariant: whatever is in doubt is mapped, and the journal compares the content.

use super::Error;
use super::pass::{Pass, item};
use super::seen::Seen;
use crate::journal::{Imprint, Item, Mode};
use crate::mapping::{Gathered, Normaliser, Read, Sieve};

/// After so many pages in a row of which nothing was known, as in a first load, only one
/// in a few is asked for.
const BARREN_MAX: u32 = 4;

/// What a chunk came to.
#[derive(Debug, Default)]
pub(super) struct Mapped {
    pub(super) items: Vec<Item>,
    /// One for each of the items.
    pub(super) imprints: Vec<Option<Imprint>>,
}

impl Pass<'_> {
    /// Maps and checks what was read.
    pub(super) fn normalise(&mut self, read: &Read) -> Mapped {
        self.rows_read += read.rows();
        let normaliser = self.normaliser();
        let keys = normaliser.keys(read);
        let gathered = normaliser.gather(read, &keys);
        let imprints = gathered.imprints(&self.basis);
        self.mapped(&gathered, Sieve { imprints: &imprints, unchanged: &[] })
    }

    /// The same for the rows that are not as they were; the others are seen.
    pub(super) async fn sift(&mut self, read: &Read, seen: &mut Seen) -> Result<Mapped, Error> {
        self.rows_read += read.rows();
        let normaliser = self.normaliser();
        let keys = normaliser.keys(read);
        let gathered = normaliser.gather(read, &keys);
        let imprints = gathered.imprints(&self.basis);
        let mut unchanged = Vec::new();
        if self.barren < BARREN_MAX || self.barren.is_multiple_of(BARREN_MAX * 4) {
            let (journal, entity) = (&self.context.journal, self.plan.entity());
            let known = journal.unchanged(entity, Mode::Mapped, &named(&keys, &imprints)).await?;
            let mut known = known.into_iter();
            let row_ids = imprints.iter().map(|imprint| {
                let row_id = imprint.and_then(|_| known.next()).flatten();
                row_id.inspect(|row_id| seen.mark(*row_id)).is_some()
            });
            unchanged.extend(row_ids);
        }
        self.barren = if unchanged.contains(&true) { 0 } else { self.barren.wrapping_add(1) };
        Ok(self.mapped(&gathered, Sieve { imprints: &imprints, unchanged: &unchanged }))
    }

    /// Maps, checks and releases one row after the other, so that one record at a time is
    /// in memory.
    fn mapped(&self, gathered: &Gathered<'_>, sieve: Sieve<'_>) -> Mapped {
        let (entity, mapping_id) = (self.plan.entity(), &self.context.mapping.id);
        let mut mapped = Mapped::default();
        self.normaliser().each(gathered, sieve, None, |output| {
            mapped.imprints.push(output.imprint);
            mapped.items.push(item(output).release(entity, mapping_id));
        });
        mapped
    }

    fn normaliser(&self) -> Normaliser<'_> {
        let codes = &self.context.mapping.codes;
        Normaliser { plan: self.plan, codes, context: &self.record_context }
    }
}

/// The rows that have an imprint, in their order; a row without a key has none.
fn named<'k>(keys: &'k [Option<String>], imprints: &[Option<Imprint>]) -> Vec<(&'k str, Imprint)> {
    let named = keys.iter().zip(imprints);
    named.filter_map(|(key, imprint)| Some((key.as_deref()?, (*imprint)?))).collect()
}
