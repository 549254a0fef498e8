//! What a run over everything writes, page by page.

use crate::{
    reconcile::{
        Error,
        finding::{Counts, Occasion},
        outcome::Outcome,
        reader,
        turn::{self, Turn},
    },
    store::Store,
};

/// What of a run is written.
pub(super) struct Writer<'a> {
    pub(super) store: &'a Store,
    pub(super) occasion: Occasion,
    /// The turn as this run left it last.
    pub(super) turn: Turn,
    pub(super) counts: Counts,
    pub(super) subjects: u64,
}

impl Writer<'_> {
    /// Writes what came out, if there is something; false as with [`Writer::put`].
    pub(super) async fn put_if(&mut self, outcome: Option<Outcome>) -> Result<bool, Error> {
        match outcome {
            Some(outcome) => self.put(outcome, true).await,
            None => Ok(true),
        }
    }

    /// Writes what came out; false if another process did a step meanwhile.
    pub(super) async fn put(&mut self, outcome: Outcome, is_new: bool) -> Result<bool, Error> {
        self.subjects += outcome.subjects;
        self.counts.add(outcome.changes.counts());
        let mut transaction = self.store.begin().await?;
        let Some(turn) = turn::take(&mut transaction, &self.turn, &self.turn).await? else {
            return Ok(false);
        };
        reader::widen(&mut transaction, self.store.kind(), true).await?;
        outcome.write(&mut transaction, self.occasion, is_new).await?;
        // What is written stays until it is committed.
        reader::widen(&mut transaction, self.store.kind(), false).await?;
        transaction.commit().await?;
        self.turn = turn;
        Ok(true)
    }
}
