//! One frame into the store.
//!
//! Owns the one transaction in which a verified frame is kept, applied and
//! acknowledged: cursor, ledger row, records and quarantine together, or
//! nothing. What needs no store is done before, so that the next frame can be
//! prepared while one is written. First revisions are written without a look at
//! what is there; if a key is taken after all, nothing was written, and the frame
//! is done again with a look.

use prost::Message as _;
use rmd_feed::{Follower, Refusal, StoredEntry, frame};
use rmd_proto::v1;
use rmd_standard::Context;
use tracing::debug;

use super::{
    Error,
    cursor::{self, Lease},
};
use crate::{
    ledger,
    regional::{self, Applied, Batch, Examined, Ground, Incoming, Levels, Owner},
    store::{self, Store, Transaction},
};

/// Where the frames of one feed land.
#[derive(Debug)]
pub(crate) struct Landing {
    /// The store.
    pub(crate) store: Store,
    /// This process's lease.
    pub(crate) lease: Lease,
    /// Whose feed it is.
    pub(crate) owner: Owner,
    /// How far each record type is applied.
    pub(crate) levels: Levels,
    /// What the rules must know.
    pub(crate) context: Context,
}

/// Why a frame did not land.
#[cfg(test)]
#[derive(Debug)]
pub(crate) enum Stop {
    /// It was refused; nothing changed.
    Refused(Box<Refusal>),
    /// It could not be written; nothing changed.
    Failed(Error),
}

/// A verified frame on its way into the store.
#[derive(Debug)]
pub(crate) struct Prepared {
    frame: v1::Frame,
    /// The cursor before it.
    from: u64,
    /// The follower after it.
    after: Follower,
    work: Work,
    received_at_us: i64,
}

/// What is written beside the frame.
#[derive(Debug)]
enum Work {
    /// All of it is decided: no record of the frame can have a row.
    Fresh(Box<Batch>),
    /// To be decided by what is in the store.
    Examined(Vec<Examined>),
}

impl Prepared {
    /// Where the follower stands once it has landed.
    pub(crate) const fn after(&self) -> &Follower {
        &self.after
    }
}

impl Landing {
    /// Verifies a frame that comes after `follower`, checks its entries and makes
    /// their rows, all without the store; none for a repeat.
    pub(crate) fn prepare(
        &self,
        follower: &Follower,
        frame: &v1::Frame,
        received_at_us: i64,
    ) -> Result<Option<Prepared>, Box<Refusal>> {
        let from = follower.cursor();
        let mut after = follower.clone();
        let entries = after.accept(frame)?;
        if entries.is_empty() {
            return Ok(None);
        }
        let Self { owner, levels, context, .. } = self;
        let ground = Ground { owner, levels, context, received_at_us };
        let work = match regional::fresh(entries, ground) {
            Ok(batch) => Work::Fresh(Box::new(batch)),
            Err(entries) => Work::Examined(self.examine(entries)),
        };
        Ok(Some(Prepared { frame: frame.clone(), from, after, work, received_at_us }))
    }

    /// Lands a prepared frame, in one transaction.
    pub(crate) async fn commit(&self, prepared: Prepared) -> Result<Applied, Error> {
        let Prepared { frame, from, after, work, received_at_us } = prepared;
        let step = Step { frame: &frame, from, after: &after, received_at_us };
        let is_fresh = matches!(work, Work::Fresh(_));
        let applied = match self.write(&step, work).await {
            Err(Error::Store(error)) if is_fresh && error.is_taken() => {
                // A key has a row after all: what is to be done depends on it.
                let entries = frame::open(&frame).map_err(|_| step.inconsistent(&self.owner))?;
                let after_cursor = entries.into_iter().filter(|entry| entry.seq() > from);
                let examined = self.examine(after_cursor);
                self.write(&step, Work::Examined(examined)).await?
            }
            written => written?,
        };
        debug!(
            phase = "committed",
            node.id = %self.owner.node_id,
            feed = %self.owner.feed,
            seq.last = frame.last_seq,
            entries = applied.entries,
            refused = applied.refused,
            "frame applied"
        );
        Ok(applied)
    }

    /// Verifies a frame and lands it; none for a repeat.
    #[cfg(test)]
    pub(crate) async fn land(
        &self,
        follower: &mut Follower,
        frame: &v1::Frame,
        received_at_us: i64,
    ) -> Result<Option<Applied>, Stop> {
        let prepared = self.prepare(follower, frame, received_at_us);
        let Some(prepared) = prepared.map_err(Stop::Refused)? else { return Ok(None) };
        let after = prepared.after().clone();
        let applied = self.commit(prepared).await.map_err(Stop::Failed)?;
        *follower = after;
        Ok(Some(applied))
    }

    fn examine(&self, entries: impl IntoIterator<Item = StoredEntry>) -> Vec<Examined> {
        let examine = |entry| regional::examine(entry, &self.owner, &self.context);
        entries.into_iter().map(examine).collect()
    }

    const fn incoming(&self, entries: Vec<Examined>, received_at_us: i64) -> Incoming<'_> {
        Incoming { owner: &self.owner, levels: &self.levels, entries, received_at_us }
    }

    async fn write(&self, step: &Step<'_>, work: Work) -> Result<Applied, Error> {
        let Step { frame, received_at_us, .. } = *step;
        let mut transaction = self.store.begin().await?;
        // The cursor goes first: on PostgreSQL its row lock keeps a second
        // process out until this frame is committed.
        if cfg!(not(feature = "mutant-no-cursor")) {
            self.advance(&mut transaction, step).await?;
        }
        if cfg!(feature = "mutant-cursor-first") {
            transaction.commit().await?;
            transaction = self.store.begin().await?;
        }
        debug!(
            phase = "mid-frame",
            node.id = %self.owner.node_id,
            feed = %self.owner.feed,
            seq.first = frame.first_seq,
            seq.last = frame.last_seq,
            "cursor moved, frame not yet applied"
        );
        ledger::insert(&mut transaction, &self.owner, frame, received_at_us).await?;
        let applied = match work {
            Work::Fresh(batch) => {
                batch.write(&mut transaction, &self.owner, received_at_us).await?
            }
            Work::Examined(entries) => {
                regional::apply(&mut transaction, self.incoming(entries, received_at_us)).await?
            }
        };
        cursor::add_refused(&mut transaction, &self.owner, applied.refused).await?;
        transaction.commit().await?;
        Ok(applied)
    }

    async fn advance(&self, transaction: &mut Transaction, step: &Step<'_>) -> Result<(), Error> {
        let Step { frame, from, after, received_at_us } = *step;
        let bytes = frame.encoded_len();
        let (owner, lease) = (&self.owner, &self.lease);
        let is_ours =
            cursor::advance(transaction, owner, lease, from, after, bytes, received_at_us).await?;
        if is_ours {
            return Ok(());
        }
        let (node_id, feed) = (owner.node_id.clone(), owner.feed.clone());
        if cursor::is_of_bundle(transaction, owner).await? {
            return Err(Error::Overtaken { node_id, feed });
        }
        Err(Error::LeaseLost { node_id, feed })
    }
}

/// One move of the cursor over a frame.
#[derive(Debug, Clone, Copy)]
struct Step<'a> {
    frame: &'a v1::Frame,
    from: u64,
    after: &'a Follower,
    received_at_us: i64,
}

impl Step<'_> {
    /// A frame that was opened a moment ago cannot be opened.
    fn inconsistent(&self, owner: &Owner) -> Error {
        let id = format!("{} {} {}", owner.node_id, owner.feed, self.frame.first_seq);
        store::Error::Inconsistent { table: "ledger", column: "frame", id }.into()
    }
}

#[cfg(test)]
mod tests;
