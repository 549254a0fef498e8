//! A feed whose owner has less than the hub verified.
//!
//! Where the hub's ledger has the owner's root at the owner's size, the owner was
//! restored from a backup: it gets its own frames back, as they came, and the
//! exchange goes on. Where it has another, each side holds entries that the other
//! lacks: the feed is frozen, and [`crate::recover::diverged`] finds out where.

use std::time::Duration;

use futures_util::{Stream as Frames, stream};
use prost::Message as _;
use rmd_feed::{Checkpoint, Follower, Origin, evidence};
use rmd_proto::{
    Code, Fault,
    v1::{self, recovery_service_client::RecoveryServiceClient},
};
use tokio::time::timeout;
use tonic::{Status, transport::Channel};
use tracing::{info, warn};

use super::{Error, stream::Stream};
use crate::{
    ledger,
    recover::{event, tree::Tree},
    regional::Owner,
    store::Store,
};

/// How long all entries of a node may take to come back over the slowest link.
const RETURN_TIMEOUT: Duration = Duration::from_hours(24);

/// How long a node may take to answer, stalls of a 2G link included.
const ANSWER_TIMEOUT: Duration = Duration::from_mins(2);

impl Stream {
    /// Gives the owner back what it lost; it then has all that the hub has.
    pub(super) async fn give_back(&self, follower: &Follower) -> Result<(), Error> {
        let (size, cursor) = (self.stated.size, follower.cursor());
        let tree = Tree::read(&self.context.store, &self.owner, &[size, cursor])
            .await
            .map_err(|error| self.broken(&error))?;
        let ours = tree.root(size).map_err(|error| self.broken(&error))?;
        if !self.is_prefix(size, ours) {
            let message = format!(
                "the node has {size} entries and the hub {cursor}, and they differ before that: each \
                 side holds entries that the other lacks; both checkpoints are kept\n\
                 le nœud a {size} écritures et le pivot {cursor}, et elles diffèrent avant : chacun \
                 détient des écritures que l'autre n'a pas ; les deux points de contrôle sont conservés"
            );
            let pair = evidence::pair(follower.checkpoint(), &self.stated.checkpoint);
            return Err(self.freeze(Code::RootMismatch, message, &pair, None).await);
        }
        warn!(node.id = %self.owner.node_id, feed = %self.owner.feed, size, cursor, "node was restored, giving its entries back");
        let announcement = v1::AnnounceRequest {
            feed: self.owner.feed.clone(),
            epoch: self.owner.epoch,
            held_checkpoint: follower.checkpoint().unwrap_or_default().to_owned(),
            common_size: size,
            ..Default::default()
        };
        let mut client = self.recovery.clone();
        answer(ANSWER_TIMEOUT, client.announce(announcement))
            .await
            .map_err(|status| self.not_taken(status, cursor))?;
        let frames = frames_after(self.context.store.clone(), self.owner.clone(), size);
        let returned = answer(RETURN_TIMEOUT, client.r#return(frames))
            .await
            .map_err(|status| self.not_taken(status, cursor))?
            .into_inner();
        if returned.size < cursor {
            return Err(self.smaller(returned.size, cursor));
        }
        let now_us = self.context.clock.now().as_microsecond();
        let mut transaction = self.context.store.begin().await?;
        let what = (self.owner.node_id.as_str(), self.owner.feed.as_str(), "returned");
        let detail = format!("seq {} – {cursor}", size + 1);
        event::keep(&mut transaction, what, &detail, None, now_us).await?;
        super::exchange::feed_goes_on(&mut transaction, what.0, what.1).await?;
        transaction.commit().await?;
        info!(node.id = %self.owner.node_id, feed = %self.owner.feed, cursor, "node has its entries back");
        Ok(())
    }

    /// Whether the owner's root at its size is ours there.
    fn is_prefix(&self, size: u64, ours: [u8; 32]) -> bool {
        let origin = Origin::new(&self.owner_name, &self.owner.feed, self.owner.epoch);
        let note = &self.stated.checkpoint;
        size == 0
            || Checkpoint::open(note, &origin, &self.verifier, size)
                .is_ok_and(|theirs| theirs.size == size && theirs.root == ours)
    }

    /// What the node answered in the place of taking its entries back.
    fn not_taken(&self, status: Status, cursor: u64) -> Error {
        if status.code() == tonic::Code::Unimplemented {
            return self.smaller(self.stated.size, cursor);
        }
        let fault = Fault::from(status);
        if fault.code.is_retryable() {
            return Error::Peer(fault);
        }
        Error::FeedUnfit { feed: self.owner.feed.clone(), fault }
    }

    fn smaller(&self, size: u64, cursor: u64) -> Error {
        let message = format!(
            "the node has {size} entries, the hub has applied {cursor}: the node was restored from a \
             backup or lost its store, and this version of it does not take its entries back; upgrade it\n\
             le nœud a {size} écritures, le pivot en a appliqué {cursor} : le nœud a été restauré d'une \
             sauvegarde ou a perdu ses données, et sa version ne reprend pas ses écritures ; mettez-le à jour"
        );
        self.unfit(Code::CursorBeyondSize, message)
    }

    fn broken(&self, error: &crate::recover::Error) -> Error {
        let message = format!(
            "the kept frames cannot be read: {error}; run `rmd-hub ledger verify`\n\
             les trames conservées ne peuvent être lues ; lancez `rmd-hub ledger verify`"
        );
        self.unfit(Code::Internal, message)
    }
}

/// The frames of the ledger that a node of this size lacks, read as they are sent.
/// A frame that cannot be read ends the stream: the node then says how far it is.
fn frames_after(
    store: Store,
    owner: Owner,
    size: u64,
) -> impl Frames<Item = v1::ReturnRequest> + Send + 'static {
    stream::unfold((store, owner, size, true), |(store, owner, after, is_first)| async move {
        let stored = async {
            let mut connection = store.acquire().await?;
            if is_first {
                ledger::holding(&mut connection, &owner, after + 1).await
            } else {
                ledger::next_after(&mut connection, &owner, after).await
            }
        };
        let stored = stored.await.ok().flatten()?;
        let frame = v1::Frame::decode(stored.frame.as_slice()).ok()?;
        let request = v1::ReturnRequest { frame: Some(frame) };
        Some((request, (store, owner, stored.first_seq, false)))
    })
}

/// A client that gives entries back over a link.
pub(super) fn client(channel: Channel) -> RecoveryServiceClient<Channel> {
    RecoveryServiceClient::new(channel)
}

async fn answer<T>(
    limit: Duration,
    request: impl Future<Output = Result<T, Status>>,
) -> Result<T, Status> {
    let silent = || {
        let message = "no answer; it is tried again\npas de réponse ; nouvel essai";
        Fault::new(Code::PeerUnreachable, message)
    };
    timeout(limit, request).await.unwrap_or_else(|_| Err(silent().into()))
}
