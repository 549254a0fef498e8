//! Rows of a frame, written while the frame before it is.
//!
//! On PostgreSQL one connection is one process, which writes slower than frames are
//! made ready. So the rows of a frame in which every record begins may be written
//! before its turn, in the transaction of the frame: they touch nothing that another
//! frame touches, as long as no record stands in both. The cursor, the tally and
//! quarantine wait for the turn; a frame whose turn never comes leaves nothing.

use std::collections::HashSet;

use tracing::debug;

use super::{Error, Landing, Prepared, Step, Work, Written};
use crate::{
    ledger,
    regional::{Applied, Batch},
    store::Kind,
};

impl Prepared {
    /// The names of its records, hashed, if its rows may be written before its turn.
    pub(crate) fn take_names(&mut self) -> Option<HashSet<u64>> {
        self.names.take()
    }

    /// How many entries it has.
    pub(crate) fn entries(&self) -> u64 {
        self.after.cursor() - self.from
    }
}

impl Landing {
    /// Whether the store takes the rows of two frames at once: SQLite has one writer.
    pub(crate) fn can_go_ahead(&self) -> bool {
        self.store.kind() == Kind::Postgres
    }

    /// Writes the rows of a frame before its turn; [`Landing::commit`] does the rest,
    /// after the frame before it. No record may stand in both frames: each would wait
    /// for the other.
    pub(crate) async fn ahead(&self, prepared: Prepared) -> Result<Prepared, Error> {
        let Prepared { frame, from, after, work, names, received_at_us } = prepared;
        let step = Step { frame: &frame, from, after: &after, received_at_us };
        let work = match work {
            Work::Fresh(batch) => match self.write_rows(&step, *batch).await {
                Err(Error::Store(error)) if error.is_taken() => Work::Taken,
                written => Work::Written(Box::new(written?)),
            },
            work => work,
        };
        Ok(Prepared { frame, from, after, work, names, received_at_us })
    }

    async fn write_rows(&self, step: &Step<'_>, batch: Batch) -> Result<Written, Error> {
        let Step { frame, received_at_us, .. } = *step;
        let mut transaction = self.store.begin().await?;
        transaction.limit_waits().await?;
        ledger::insert(&mut transaction, &self.owner, frame, received_at_us).await?;
        let rest = batch.write_rows(&mut transaction).await?;
        debug!(
            phase = "ahead",
            node.id = %self.owner.node_id,
            feed = %self.owner.feed,
            seq.first = frame.first_seq,
            seq.last = frame.last_seq,
            "rows written, cursor not yet moved"
        );
        Ok(Written { transaction, rest })
    }

    /// Moves the cursor over a frame whose rows are written, and commits it.
    pub(super) async fn take_turn(
        &self,
        step: &Step<'_>,
        written: Written,
    ) -> Result<Applied, Error> {
        let Written { mut transaction, rest } = written;
        self.advance(&mut transaction, step).await?;
        step.say_moved(&self.owner);
        let applied = rest.write(&mut transaction, &self.owner, step.received_at_us).await?;
        self.end(transaction, applied).await
    }
}
