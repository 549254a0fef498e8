//! What stops a feed: a node that cannot go on, and what may not be accepted.
//!
//! What a person has to look at freezes the feed, with its evidence; the rest is
//! tried again.

use rmd_proto::{Code, Fault, v1};
use tonic::Status;
use tracing::error;

use super::{MESSAGE_BYTES_MAX, Stream};
use crate::follow::{
    Error,
    cursor::{self, Freeze},
};

impl Stream {
    /// The ledger holds whole frames end to end; asked again after its cursor,
    /// which is the end of a block, an owner sends whole blocks.
    pub(super) fn early(&self, first: u64, last: u64, cursor: u64) -> Error {
        let message = format!(
            "the frame of seq {first} to {last} begins before the cursor {cursor}; nothing was \
             applied, the node must send whole blocks after the cursor\n\
             la trame des seq {first} à {last} commence avant le curseur {cursor} ; rien n'a été \
             appliqué, le nœud doit envoyer des blocs entiers après le curseur"
        );
        self.unfit(Code::FrameMalformed, message)
    }

    /// Freezes the feed and keeps the evidence; says so, or why it could not.
    pub(in crate::follow) async fn freeze(
        &self,
        code: Code,
        message: String,
        evidence: &[u8],
        frame: Option<&v1::Frame>,
    ) -> Error {
        let freeze = Freeze {
            node_id: &self.owner.node_id,
            feed: &self.owner.feed,
            code,
            message: &message,
            evidence,
            frame,
        };
        let now_us = self.context.clock.now().as_microsecond();
        let kept = async {
            let mut transaction = self.context.store.begin().await?;
            cursor::freeze(&mut transaction, &freeze, now_us).await?;
            transaction.commit().await
        };
        if let Err(error) = kept.await {
            return error.into();
        }
        error!(node.id = %self.owner.node_id, feed = %self.owner.feed, code = %code, message, "feed frozen");
        self.frozen(code, message)
    }

    /// What the node, or the link, answered in the place of frames.
    pub(super) async fn answer(&self, status: Status, cursor: u64) -> Error {
        let is_out_of_range = status.code() == tonic::Code::OutOfRange;
        let fault = Fault::from(status);
        if fault.code == Code::FrameOversized && is_out_of_range {
            // Too large even to be received: no frame to keep, but no less a refusal.
            let message = format!(
                "the frame after seq {cursor} takes more than {MESSAGE_BYTES_MAX} bytes; nothing was \
                 applied, the node must send smaller frames\n\
                 la trame après le seq {cursor} dépasse {MESSAGE_BYTES_MAX} octets ; rien n'a été \
                 appliqué, le nœud doit envoyer des trames plus petites"
            );
            return self.freeze(fault.code, message, &[], None).await;
        }
        match fault.code {
            Code::RequestInvalid
            | Code::FeedUnknown
            | Code::EpochUnknown
            | Code::CursorBeyondSize
            | Code::FrameOversized
            | Code::FrameMalformed
            | Code::FrameGap
            | Code::RootMismatch
            | Code::CheckpointUnsigned
            | Code::FeedFrozen
            | Code::RoleForbidden
            | Code::Internal => Error::FeedUnfit { feed: self.owner.feed.clone(), fault },
            _ => Error::Peer(fault),
        }
    }

    pub(in crate::follow) fn unfit(&self, code: Code, message: String) -> Error {
        Error::FeedUnfit { feed: self.owner.feed.clone(), fault: Fault::new(code, message) }
    }

    pub(super) fn frozen(&self, code: Code, message: String) -> Error {
        Error::Frozen { feed: self.owner.feed.clone(), fault: Fault::new(code, message) }
    }
}
