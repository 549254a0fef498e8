//! The frames of one Pull or Follow of an auditor.
//!
//! A stream without a task and without a queue: the next frame is read when the
//! transport asks for it. Whether the auditor may go on is asked before each frame
//! and at each look, so a revoked one is out within a poll.

use futures_util::{Stream, stream};
use rmd_feed::frame;
use rmd_link::Peer;
use rmd_proto::{Code, Fault, v1};

use super::service::{Context, fault};
use crate::share::{OwnFeed, log};

/// How far a stream goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    /// To the end of the epoch.
    Now,
    /// On with what is appended later.
    Later,
}

/// Where a stream is.
#[derive(Debug)]
pub(super) struct Frames {
    pub(super) context: Context,
    pub(super) feed: OwnFeed,
    pub(super) after_seq: u64,
    pub(super) bytes_max: usize,
    pub(super) peer: Peer,
    pub(super) name: String,
    pub(super) reach: Reach,
}

impl Frames {
    /// The frames after the cursor.
    pub(super) fn into_stream(self) -> impl Stream<Item = Result<v1::Frame, Fault>> + Send {
        stream::unfold(Some(self), |frames| async move {
            let mut frames = frames?;
            match frames.next().await {
                Ok(Some(frame)) => Some((Ok(frame), Some(frames))),
                Ok(None) => None,
                Err(fault) => Some((Err(frames.ended_by(fault)), None)),
            }
        })
    }

    /// Closes the connection of a peer that was revoked: it may not read its end.
    fn ended_by(&self, fault: Fault) -> Fault {
        if fault.code == Code::CertificateRevoked {
            self.peer.close();
        }
        fault
    }

    async fn next(&mut self) -> Result<Option<v1::Frame>, Fault> {
        loop {
            self.context.admits(&self.peer, &self.name).await?;
            if let Some(frame) = self.read().await? {
                self.after_seq = frame.last_seq;
                return Ok(Some(frame));
            }
            if self.reach == Reach::Now || !self.is_written().await? {
                return Ok(None);
            }
            tokio::select! {
                () = self.context.shutdown.cancelled() => {
                    return Err(Fault::new(Code::ShuttingDown, "the hub is shutting down"));
                }
                () = tokio::time::sleep(self.context.poll) => {}
            }
        }
    }

    /// The next frame; none if the auditor has everything.
    async fn read(&self) -> Result<Option<v1::Frame>, Fault> {
        let acquired = self.context.store.acquire().await;
        let mut connection = acquired.map_err(|error| fault(error.into()))?;
        let mut blocks = log::blocks_after(&mut connection, &self.feed, self.after_seq)
            .await
            .map_err(|error| fault(error.into()))?;
        blocks.truncate(frame::fitting(&blocks, self.bytes_max));
        if blocks.is_empty() {
            return Ok(None);
        }
        frame::build(self.feed.name(), self.feed.epoch(), &blocks, self.after_seq)
            .map(Some)
            .map_err(|error| fault(error.into()))
    }

    /// Whether more can come: the epoch is the one that is written.
    async fn is_written(&self) -> Result<bool, Fault> {
        let acquired = self.context.store.acquire().await;
        let mut connection = acquired.map_err(|error| fault(error.into()))?;
        let written = super::epoch::written(&mut connection).await.map_err(fault)?;
        // Before the first entry the first epoch is not there yet.
        Ok(written.is_none_or(|written| written == self.feed))
    }
}
