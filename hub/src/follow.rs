//! Following the feeds of the nodes.
//!
//! One task a node: dial, Hello, compare, then take frame after frame of each
//! feed in force. The way of one frame is [`landing`]; what a feed is frozen
//! for, [`stream`]; how long to wait after a fault, here. Tasks of other nodes,
//! and other feeds of the same node, never notice.
//!
//! Invariant: nothing unverified is stored, and a frame is applied exactly once
//! or not at all, whatever dies when.

pub(crate) mod cursor;
mod error;
pub(crate) mod exchange;
mod hello;
mod kept_out;
pub(crate) mod landing;
mod lost;
mod pace;
pub(crate) mod plan;
mod session;
mod stream;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use rmd_link::Credentials;
use rmd_runtime::{clock::SharedClock, retry::Backoff};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

pub(crate) use cursor::Lease;
pub(crate) use error::Error;
pub(crate) use hello::is_known;
use kept_out::KeptOut;
use pace::Pace;

use crate::{audit::Cosigning, registry, store::Store};

/// A node as the registry has it.
pub(crate) type NodeRecord = registry::node::Node;

/// A session that lasted so long has proven that the link works.
const SOUND_AFTER: Duration = Duration::from_mins(1);

/// Fresh enough for a page, and nothing beside the keep-alive of the link.
const HELLO_INTERVAL: Duration = Duration::from_secs(10);

/// What the tasks that follow have in common. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct FollowContext {
    store: Store,
    clock: SharedClock,
    credentials: Credentials,
    shutdown: CancellationToken,
    retry_initial: Duration,
    retry_max: Duration,
    /// How often Hello is said again: counts and sizes are no older than this.
    hello_interval: Duration,
    /// How long a stream must have run before it asks for larger frames.
    sound_after: Duration,
    lease: Lease,
    progress: Progress,
    pace: Pace,
    /// With what receipts are given; none in tests that want none.
    cosigning: Option<Cosigning>,
}

/// Whether anything came over a link since it was looked at.
#[derive(Debug, Clone, Default)]
struct Progress(Arc<AtomicBool>);

impl Progress {
    fn frame_landed(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    fn take(&self) -> bool {
        self.0.swap(false, Ordering::Relaxed)
    }
}

impl FollowContext {
    /// One for the whole process: all its tasks share one lease.
    pub(crate) fn new(
        store: Store,
        clock: SharedClock,
        credentials: Credentials,
        shutdown: CancellationToken,
        retry_initial: Duration,
        retry_max: Duration,
    ) -> Self {
        Self {
            store,
            clock,
            credentials,
            shutdown,
            retry_initial,
            retry_max,
            hello_interval: HELLO_INTERVAL,
            sound_after: SOUND_AFTER,
            lease: Lease::draw(),
            progress: Progress::default(),
            pace: Pace::new(SOUND_AFTER),
            cosigning: None,
        }
    }

    /// The same, that gives the nodes receipts for what it holds of their feeds.
    pub(crate) fn cosigning(self, cosigning: Cosigning) -> Self {
        Self { cosigning: Some(cosigning), ..self }
    }
}

/// Follows one node until the process shuts down. Only a lost lease is an
/// error: another hub process runs on the same store.
pub(crate) async fn follow_node(mut context: FollowContext, node: NodeRecord) -> Result<(), Error> {
    context.progress = Progress::default();
    context.pace = Pace::new(context.sound_after);
    let mut backoff = Backoff::new(context.retry_initial, context.retry_max);
    let mut wait = kept_wait(&context, &node.id).await;
    let mut kept_out = KeptOut::new(&context);
    loop {
        if !pause(&context, wait).await || !kept_out.over(&context, &node.id).await {
            return Ok(());
        }
        let begun = Instant::now();
        let error = match attempt(&context, &node.id).await {
            Ok(session::End::Shutdown) => return Ok(()),
            Ok(session::End::PlanChanged) => {
                wait = Duration::ZERO;
                continue;
            }
            Err(error @ Error::LeaseLost { .. }) => return Err(error),
            Err(error) => error,
        };
        let (has_landed, has_lasted) = (context.progress.take(), begun.elapsed() > SOUND_AFTER);
        context.pace.ended(has_landed, has_lasted);
        if has_landed || has_lasted {
            backoff.reset();
        }
        wait = backoff.next();
        note(&context, &node.id, &error, wait).await;
    }
}

async fn attempt(context: &FollowContext, node_id: &str) -> Result<session::End, Error> {
    let now_us = context.clock.now().as_microsecond();
    let mut transaction = context.store.begin().await?;
    exchange::begun(&mut transaction, node_id, now_us).await?;
    // Read each time: a renewal may have brought another address.
    let node = registry::node::find(&mut transaction, node_id).await?;
    transaction.commit().await?;
    let node = node.ok_or_else(|| registry::Error::NodeUnknown(node_id.to_owned()))?;
    session::run(context, &node).await
}

/// What is left of the wait that was decided before a restart.
async fn kept_wait(context: &FollowContext, node_id: &str) -> Duration {
    let kept =
        async { exchange::next_attempt_us(&mut *context.store.acquire().await?, node_id).await };
    match kept.await {
        Ok(next_us) => remaining(next_us, context.clock.now().as_microsecond(), context.retry_max),
        Err(error) => {
            warn!(node.id = node_id, error = %error, "kept wait cannot be read");
            context.retry_initial
        }
    }
}

/// The time until an instant; never longer than the longest wait, because a
/// clock may have been set back meanwhile.
fn remaining(next_us: Option<i64>, now_us: i64, longest: Duration) -> Duration {
    let left = next_us.map_or(0, |next_us| next_us.saturating_sub(now_us));
    Duration::from_micros(u64::try_from(left).unwrap_or(0)).min(longest)
}

/// Waits; false if the process is shutting down.
async fn pause(context: &FollowContext, wait: Duration) -> bool {
    tokio::select! {
        biased;
        () = context.shutdown.cancelled() => false,
        () = tokio::time::sleep(wait) => true,
    }
}

/// Notes a fault and the next attempt. A store that fails too is only logged:
/// the wait then holds for this process alone.
async fn note(context: &FollowContext, node_id: &str, error: &Error, wait: Duration) {
    // A peer that goes away is part of life; everything else somebody may have to act on.
    if error.code().is_retryable() {
        info!(node.id = node_id, code = %error.code(), error = error.text(), wait_ms = wait.as_millis(), "exchange interrupted");
    } else {
        warn!(node.id = node_id, code = %error.code(), error = error.text(), wait_ms = wait.as_millis(), "exchange failed");
    }
    let now_us = context.clock.now().as_microsecond();
    let next_us = now_us.saturating_add(i64::try_from(wait.as_micros()).unwrap_or(i64::MAX));
    let kept = async {
        let mut transaction = context.store.begin().await?;
        exchange::failed(&mut transaction, node_id, error, Some(next_us), now_us).await?;
        transaction.commit().await
    };
    if let Err(error) = kept.await {
        warn!(node.id = node_id, error = %error, "fault of the exchange cannot be kept");
    }
}
