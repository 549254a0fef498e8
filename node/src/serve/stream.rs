//! The frames of one Pull or Follow.
//!
//! A stream without a task and without a queue: the next frame is read from the
//! store when the transport asks for it, so a slow follower costs one frame of
//! memory. Outside of the state's hours nothing is read, and a frame goes once the cap
//! on bytes lets it. While a load goes on, a frame that is followed is filled first: what
//! it costs the hub by itself is then little beside its entries. Invariant: each frame is
//! in the audit before it is handed over.

use std::time::Duration;

use futures_util::{Stream, stream};
use rmd_feed::{
    Block, FRAME_BYTES_MIN,
    frame::{self, Reads},
};
use rmd_link::Peer;
use rmd_proto::{Code, Fault, v1};
use tokio::{sync::watch, time::Instant};
use tracing::{debug, info};

use super::{Context, fault, streams::Ticket};
use crate::journal::{audit::Call, blocks_after};

/// How long a frame waits to be filled, at most.
pub(super) const FILLING_MAX: Duration = Duration::from_secs(1);

/// How far a stream goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    /// To the end of the feed, or so many frames; 0 = no limit.
    Now { frames_max: u32 },
    /// On with what is appended later.
    Later,
}

/// Where a stream is.
#[derive(Debug)]
pub(super) struct Frames {
    pub(super) call: Call,
    pub(super) feed: &'static str,
    pub(super) epoch: u32,
    pub(super) after_seq: u64,
    pub(super) bytes_max: usize,
    pub(super) reads: Reads,
}

impl Frames {
    /// The frames after the cursor.
    pub(super) fn into_stream(
        self,
        context: Context,
        peer: Peer,
        ticket: Ticket,
        reach: Reach,
    ) -> impl Stream<Item = Result<v1::Frame, Fault>> + Send + 'static {
        let appends = context.journal.appends();
        let state = Some(State { frames: self, context, peer, appends, reach, sent: 0 });
        let frames = stream::unfold(state, |state| async move {
            let mut state = state?;
            match state.next().await {
                Ok(Some(frame)) => Some((Ok(frame), Some(state))),
                Ok(None) => None,
                Err(fault) => Some((Err(fault), None)),
            }
        });
        ticket.watch(frames)
    }
}

struct State {
    frames: Frames,
    context: Context,
    peer: Peer,
    appends: watch::Receiver<()>,
    reach: Reach,
    sent: u32,
}

impl State {
    async fn next(&mut self) -> Result<Option<v1::Frame>, Fault> {
        let (mut blocks, mut filled_by) = (Vec::new(), None);
        loop {
            if let Reach::Now { frames_max } = self.reach
                && frames_max != 0
                && self.sent >= frames_max
            {
                return Ok(None);
            }
            let opened = self.context.limits.opening.opened(self.context.poll_interval);
            self.during(opened).await?;
            // Listen, then look: what is appended after the look wakes the wait.
            self.appends.mark_unchanged();
            let is_full = self.read(&mut blocks).await?;
            if !is_full && self.is_filling(&blocks, &mut filled_by).await? {
                continue;
            }
            if !blocks.is_empty() {
                let frame = self.frame(blocks)?;
                self.send(&frame).await?;
                return Ok(Some(frame));
            }
            if self.reach != Reach::Later {
                return Ok(None);
            }
            self.wait().await?;
        }
    }

    /// Waits for what may still go with these blocks while a load goes on, from the first
    /// look at the frame on for a second; whether something came.
    async fn is_filling(
        &self,
        blocks: &[Block],
        filled_by: &mut Option<Instant>,
    ) -> Result<bool, Fault> {
        if blocks.is_empty() || self.reach != Reach::Later {
            return Ok(false);
        }
        let filled_by = *filled_by.get_or_insert_with(|| Instant::now() + FILLING_MAX);
        while let Some(until) = self.context.journal.store().loads_until() {
            let until = until.min(filled_by);
            if until <= Instant::now() {
                return Ok(false);
            }
            let mut appends = self.appends.clone();
            let mut is_appended = false;
            self.during(async {
                tokio::select! {
                    appended = appends.changed() => is_appended = appended.is_ok(),
                    () = tokio::time::sleep_until(until) => {}
                }
            })
            .await?;
            if is_appended {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Adds the blocks of the next frame that are not there yet: none if the follower has
    /// everything. Whether one found no room.
    async fn read(&self, blocks: &mut Vec<Block>) -> Result<bool, Fault> {
        let Frames { feed, epoch, after_seq, .. } = self.frames;
        let (readers, bytes_max) = (self.context.journal.store().readers(), self.bytes_max());
        loop {
            let after = blocks.last().map_or(after_seq, |last| last.last_seq);
            let taken: usize = blocks.iter().map(|block| block.body.len()).sum();
            let left = bytes_max.saturating_sub(taken);
            let more = blocks_after(readers, feed, epoch, after, left).await.map_err(fault)?;
            if more.is_empty() {
                return Ok(false);
            }
            blocks.extend(more);
            let fitting = frame::fitting(blocks, bytes_max);
            if fitting < blocks.len() {
                blocks.truncate(fitting);
                return Ok(true);
            }
        }
    }

    fn frame(&self, blocks: Vec<Block>) -> Result<v1::Frame, Fault> {
        let Frames { feed, epoch, after_seq, ref reads, .. } = self.frames;
        frame::build_for(reads, feed, epoch, blocks, after_seq, self.bytes_max())
            .map_err(|error| fault(error.into()))
    }

    fn bytes_max(&self) -> usize {
        let capped = self.context.limits.throttle.frame_bytes();
        let capped = capped.map_or(usize::MAX, |capped| capped.max(FRAME_BYTES_MIN));
        self.frames.bytes_max.min(capped)
    }

    async fn send(&mut self, frame: &v1::Frame) -> Result<(), Fault> {
        let bytes = frame.body.len();
        self.during(self.context.limits.throttle.pay(bytes + frame.checkpoint.len())).await?;
        if self.context.shutdown.is_cancelled() {
            return Err(shutting_down());
        }
        self.peer.check(&self.context.credentials)?;
        self.frames.call.leaving(frame).await.map_err(fault)?;
        debug!(phase = "mid-frame", feed = frame.feed, seq = frame.last_seq, bytes, "frame leaves");
        self.frames.after_seq = frame.last_seq;
        self.sent += 1;
        Ok(())
    }

    /// Until something was appended, here or by another process, or the end.
    async fn wait(&self) -> Result<(), Fault> {
        let mut appends = self.appends.clone();
        let appended = async {
            tokio::select! {
                _ = appends.changed() => {}
                () = tokio::time::sleep(self.context.poll_interval) => {}
            }
        };
        self.during(appended).await
    }

    /// Until something happens, or the end.
    async fn during(&self, happens: impl Future<Output = ()>) -> Result<(), Fault> {
        tokio::select! {
            () = self.context.shutdown.cancelled() => Err(shutting_down()),
            () = self.peer.denied(&self.context.credentials) => {
                info!(peer.id = self.peer.identity.node_id(), "stream of a revoked peer ended");
                Err(Fault::new(Code::CertificateRevoked, "the certificate was revoked"))
            }
            () = happens => Ok(()),
        }
    }
}

fn shutting_down() -> Fault {
    Fault::new(Code::ShuttingDown, "the node is shutting down")
}
