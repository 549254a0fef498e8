//! One frame into the store.
//!
//! Owns the one transaction in which a verified frame is kept, applied and
//! acknowledged: cursor, ledger row, records and quarantine together, or
//! nothing. What needs no store is done before, so that the next frame can be
//! prepared while one is written. First revisions are written without a look at
//! what is there; if a key is taken after all, nothing was written, and the frame
//! is done again with a look. The rows of such a frame may be written before the
//! frame before it is committed ([`Landing::ahead`]); its cursor never moves before.

mod ahead;

use std::collections::HashSet;

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
    cases, ledger, quarantine,
    regional::{self, Applied, Batch, Examined, Ground, Incoming, Levels, Owner, Rest},
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
    /// Names of its records, hashed; none where something may have to be looked up.
    names: Option<HashSet<u64>>,
    received_at_us: i64,
}

/// What is written beside the frame.
#[derive(Debug)]
enum Work {
    /// All of it is decided: no record of the frame can have a row.
    Fresh(Box<Batch>),
    /// The same, and the rows are written: the rest waits for its turn.
    Written(Box<Written>),
    /// The same, but a key was taken: to be decided by what is in the store.
    Taken,
    /// To be decided by what is in the store.
    Examined(Vec<Examined>),
    /// What the state answers to cases.
    Answers(Vec<StoredEntry>),
}

/// A transaction in which the rows of a frame stand, and what is still to be written.
#[derive(Debug)]
struct Written {
    transaction: Transaction,
    rest: Rest,
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
        if self.owner.feed == cases::ANSWERS {
            let (frame, work) = (frame.clone(), Work::Answers(entries));
            return Ok(Some(Prepared { frame, from, after, work, names: None, received_at_us }));
        }
        let Self { owner, levels, context, .. } = self;
        let ground = Ground { owner, levels, context, received_at_us };
        let (work, names) = match regional::fresh(entries, ground) {
            Ok((batch, names)) => (Work::Fresh(Box::new(batch)), Some(names)),
            Err(entries) => (Work::Examined(self.examine(entries)), None),
        };
        Ok(Some(Prepared { frame: frame.clone(), from, after, work, names, received_at_us }))
    }

    /// Lands a prepared frame, in one transaction.
    pub(crate) async fn commit(&self, prepared: Prepared) -> Result<Applied, Error> {
        let Prepared { frame, from, after, work, received_at_us, .. } = prepared;
        let step = Step { frame: &frame, from, after: &after, received_at_us };
        let applied = match work {
            Work::Fresh(batch) => match self.write(&step, *batch).await {
                Err(Error::Store(error)) if error.is_taken() => self.look_and_write(&step).await?,
                written => written?,
            },
            Work::Written(written) => self.take_turn(&step, *written).await?,
            Work::Taken => self.look_and_write(&step).await?,
            Work::Examined(entries) => self.apply(&step, entries).await?,
            Work::Answers(entries) => self.take_answers(&step, entries).await?,
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

    /// A key has a row after all: what is to be done depends on it.
    async fn look_and_write(&self, step: &Step<'_>) -> Result<Applied, Error> {
        let entries = frame::open(step.frame).map_err(|_| step.inconsistent(&self.owner))?;
        let after_cursor = entries.into_iter().filter(|entry| entry.seq() > step.from);
        self.apply(step, self.examine(after_cursor)).await
    }

    async fn write(&self, step: &Step<'_>, batch: Batch) -> Result<Applied, Error> {
        let mut transaction = self.begin(step).await?;
        let applied = batch.write(&mut transaction, &self.owner, step.received_at_us).await?;
        self.end(transaction, applied).await
    }

    async fn apply(&self, step: &Step<'_>, entries: Vec<Examined>) -> Result<Applied, Error> {
        let mut transaction = self.begin(step).await?;
        let incoming = self.incoming(entries, step.received_at_us);
        let applied = regional::apply(&mut transaction, incoming).await?;
        self.end(transaction, applied).await
    }

    async fn take_answers(
        &self,
        step: &Step<'_>,
        entries: Vec<StoredEntry>,
    ) -> Result<Applied, Error> {
        let (Self { owner, context, .. }, at_us) = (self, step.received_at_us);
        let count = entries.len() as u64;
        let mut transaction = self.begin(step).await?;
        let refused = cases::take(&mut transaction, owner, context, entries, at_us).await?;
        quarantine::record(&mut transaction, owner, &[], &refused, at_us).await?;
        self.end(transaction, Applied { entries: count, refused: refused.len() as u64 }).await
    }

    async fn begin(&self, step: &Step<'_>) -> Result<Transaction, Error> {
        let mut transaction = self.store.begin().await?;
        // The cursor goes first: on PostgreSQL its row lock keeps a second
        // process out until this frame is committed.
        self.advance(&mut transaction, step).await?;
        if cfg!(feature = "mutant-cursor-first") {
            transaction.commit().await?;
            transaction = self.store.begin().await?;
        }
        step.say_moved(&self.owner);
        ledger::insert(&mut transaction, &self.owner, step.frame, step.received_at_us).await?;
        Ok(transaction)
    }

    async fn end(&self, mut transaction: Transaction, applied: Applied) -> Result<Applied, Error> {
        cursor::add_refused(&mut transaction, &self.owner, applied.refused).await?;
        transaction.commit().await?;
        Ok(applied)
    }

    async fn advance(&self, transaction: &mut Transaction, step: &Step<'_>) -> Result<(), Error> {
        if cfg!(feature = "mutant-no-cursor") {
            return Ok(());
        }
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
    fn say_moved(&self, owner: &Owner) {
        debug!(
            phase = "mid-frame",
            node.id = %owner.node_id,
            feed = %owner.feed,
            seq.first = self.frame.first_seq,
            seq.last = self.frame.last_seq,
            "cursor moved, frame not yet applied"
        );
    }

    /// A frame that was opened a moment ago cannot be opened.
    fn inconsistent(&self, owner: &Owner) -> Error {
        let id = format!("{} {} {}", owner.node_id, owner.feed, self.frame.first_seq);
        store::Error::Inconsistent { table: "ledger", column: "frame", id }.into()
    }
}

#[cfg(test)]
mod tests;
