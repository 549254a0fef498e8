//! From rows to the items of a batch.
//!
//! Owns the question which rows of a page are mapped at all: not those that are as they
//! were when what is published of them was made of them. No snapshot is open meanwhile.
//! Invariant: whatever is in doubt is mapped, and the journal compares the content.

use super::Error;
use super::pass::{Pass, item};
use super::seen::Seen;
use crate::journal::{Imprint, Item, Mode};
use crate::mapping::{Normaliser, Output, Read, Sieve};

/// What a chunk came to.
#[derive(Debug, Default)]
pub(super) struct Mapped {
    pub(super) items: Vec<Item>,
    /// One for each of the items.
    pub(super) imprints: Vec<Option<Imprint>>,
}

impl FromIterator<Output> for Mapped {
    fn from_iter<I: IntoIterator<Item = Output>>(outputs: I) -> Self {
        let pair = |output: Output| {
            let imprint = output.imprint;
            (item(output), imprint)
        };
        let (items, imprints) = outputs.into_iter().map(pair).unzip();
        Self { items, imprints }
    }
}

impl Pass<'_> {
    /// Maps and checks what was read.
    pub(super) fn normalise(&mut self, read: &Read) -> Mapped {
        self.rows_read += read.rows();
        let normaliser = self.normaliser();
        let keys = normaliser.keys(read);
        let gathered = normaliser.gather(read, &keys);
        let imprints = gathered.imprints(&self.basis);
        let sieve = Sieve { imprints: &imprints, unchanged: &[] };
        normaliser.outputs_of(&gathered, sieve, None).into_iter().collect()
    }

    /// The same for the rows that are not as they were; the others are seen.
    pub(super) async fn sift(&mut self, read: &Read, seen: &mut Seen) -> Result<Mapped, Error> {
        self.rows_read += read.rows();
        let normaliser = self.normaliser();
        let keys = normaliser.keys(read);
        let gathered = normaliser.gather(read, &keys);
        let imprints = gathered.imprints(&self.basis);
        let (journal, entity) = (&self.context.journal, self.plan.entity());
        let known = journal.unchanged(entity, Mode::Mapped, &named(&keys, &imprints)).await?;
        let mut known = known.into_iter();
        let unchanged = imprints.iter().map(|imprint| {
            let row_id = imprint.and_then(|_| known.next()).flatten();
            row_id.inspect(|row_id| seen.mark(*row_id)).is_some()
        });
        let unchanged: Vec<bool> = unchanged.collect();
        let sieve = Sieve { imprints: &imprints, unchanged: &unchanged };
        Ok(normaliser.outputs_of(&gathered, sieve, None).into_iter().collect())
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
