//! What follows the journal: the node's own feeds, and what may leave.
//!
//! Owns the published half of the records, read from the node's own blocks, and
//! the posting again of posted records when their entitlement was changed.
//! Writes nothing that cannot be made again: the cursor moves in the transaction
//! that applies the entries before it. A fault is told and tried again; it stops
//! neither capture nor the API.

mod entries;
mod reapply;

use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tracing::warn;

use super::{Error, Place, store::Store};
use crate::journal::{FEEDS, Journal, blocks_after, report};

/// Compressed bytes of blocks applied in one transaction.
const BYTES_MAX: usize = 256 * 1024;

/// How long appends are gathered, so that a busy feed is not read batch by batch.
const GATHERING: Duration = Duration::from_millis(100);

/// The task that follows.
#[derive(Debug)]
pub(super) struct Follower {
    pub(super) store: Store,
    pub(super) journal: Journal,
    pub(super) place: Place,
    /// How often to look for what another process appended or changed.
    pub(super) poll_interval: Duration,
    pub(super) shutdown: CancellationToken,
}

impl Follower {
    /// Follows until the end is asked for.
    pub(super) async fn run(self) {
        let mut appends = self.journal.appends();
        loop {
            // Listen before looking, so that what comes in between wakes again.
            appends.mark_unchanged();
            if let Err(error) = self.catch_up().await {
                let error = rmd_runtime::lifecycle::chain(&error);
                warn!(error, "the API does not follow the journal");
                self.rest(self.poll_interval).await;
            }
            tokio::select! {
                () = self.shutdown.cancelled() => return,
                _ = appends.changed() => self.rest(GATHERING).await,
                () = tokio::time::sleep(self.poll_interval) => {}
            }
        }
    }

    /// Reads what is new in the journal.
    pub(super) async fn catch_up(&self) -> Result<(), Error> {
        for feed in report::feeds(self.journal.store()).await? {
            if FEEDS.contains(&feed.feed) && feed.size > 0 {
                self.follow(feed.feed, feed.epoch).await?;
            }
        }
        self.reapply().await
    }

    async fn follow(&self, feed: &'static str, epoch: u32) -> Result<(), Error> {
        let mut after = entries::cursor(&self.store, feed, epoch).await?;
        while !self.shutdown.is_cancelled() {
            let readers = self.journal.store().readers();
            let blocks = blocks_after(readers, feed, epoch, after, BYTES_MAX).await?;
            let Some(last) = blocks.last() else { return Ok(()) };
            let frame = rmd_feed::frame::build(feed, epoch, &blocks, after)?;
            let found = rmd_feed::frame::open(&frame)?;
            let news = found.into_iter().filter(|entry| entry.seq() > after).collect();
            entries::apply(&self.store, (feed, epoch), last.last_seq, news).await?;
            after = last.last_seq;
        }
        Ok(())
    }

    async fn rest(&self, time: Duration) {
        tokio::select! {
            () = self.shutdown.cancelled() => {}
            () = tokio::time::sleep(time) => {}
        }
    }
}
