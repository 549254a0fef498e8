//! One frame into the store.
//!
//! Owns the one transaction in which a verified frame is kept, applied and
//! acknowledged: cursor, ledger row, records and quarantine together, or
//! nothing. The follower's state moves only if the transaction was committed.

use prost::Message as _;
use rmd_feed::{Follower, Refusal};
use rmd_proto::v1;
use rmd_standard::Context;
use tracing::debug;

use super::{
    Error,
    cursor::{self, Lease},
};
use crate::{
    ledger,
    regional::{self, Applied, Examined, Incoming, Levels, Owner},
    store::{Store, Transaction},
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
#[derive(Debug)]
pub(crate) enum Stop {
    /// It was refused; nothing changed.
    Refused(Box<Refusal>),
    /// It could not be written; nothing changed.
    Failed(Error),
}

impl Landing {
    /// Verifies a frame and lands it; none for a repeat.
    pub(crate) async fn land(
        &self,
        follower: &mut Follower,
        frame: &v1::Frame,
        received_at_us: i64,
    ) -> Result<Option<Applied>, Stop> {
        let mut after = follower.clone();
        let entries = after.accept(frame).map_err(|refusal| Stop::Refused(Box::new(refusal)))?;
        if entries.is_empty() {
            return Ok(None);
        }
        let examined = entries
            .into_iter()
            .map(|entry| regional::examine(entry, &self.owner, &self.context))
            .collect();
        let applied = self
            .write(follower.cursor(), &after, frame, examined, received_at_us)
            .await
            .map_err(Stop::Failed)?;
        *follower = after;
        debug!(
            phase = "committed",
            node.id = %self.owner.node_id,
            feed = %self.owner.feed,
            seq.last = frame.last_seq,
            entries = applied.entries,
            refused = applied.refused,
            "frame applied"
        );
        Ok(Some(applied))
    }

    async fn write(
        &self,
        from: u64,
        after: &Follower,
        frame: &v1::Frame,
        entries: Vec<Examined>,
        received_at_us: i64,
    ) -> Result<Applied, Error> {
        let mut transaction = self.store.begin().await?;
        // The cursor goes first: on PostgreSQL its row lock keeps a second
        // process out until this frame is committed.
        if cfg!(not(feature = "mutant-no-cursor")) {
            self.advance(&mut transaction, from, after, frame, received_at_us).await?;
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
        let incoming =
            Incoming { owner: &self.owner, levels: &self.levels, entries, received_at_us };
        let applied = regional::apply(&mut transaction, incoming).await?;
        cursor::add_refused(&mut transaction, &self.owner, applied.refused).await?;
        transaction.commit().await?;
        Ok(applied)
    }

    async fn advance(
        &self,
        transaction: &mut Transaction,
        from: u64,
        after: &Follower,
        frame: &v1::Frame,
        now_us: i64,
    ) -> Result<(), Error> {
        let bytes = frame.encoded_len();
        let is_ours =
            cursor::advance(transaction, &self.owner, &self.lease, from, after, bytes, now_us)
                .await?;
        if is_ours {
            return Ok(());
        }
        let (node_id, feed) = (self.owner.node_id.clone(), self.owner.feed.clone());
        Err(Error::LeaseLost { node_id, feed })
    }
}

#[cfg(test)]
mod tests;
