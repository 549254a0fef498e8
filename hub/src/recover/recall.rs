//! The hub gets its own feeds back from a node.
//!
//! A hub that was restored has fewer entries of its feeds than the nodes hold. The
//! checkpoint that a node shows is signed by the hub's own key, and so is every
//! frame that comes back: each must extend the hub's own tree. Decisions that only
//! their bulletin still tells of are kept again, so that nothing is published
//! without them.

use std::{sync::Arc, time::Duration};

use rmd_feed::{FeedKey, StoredEntry};
use rmd_link::{Credentials, Identity, dial};
use rmd_proto::v1::{
    CursorRequest, RecallRequest, recovery_service_client::RecoveryServiceClient,
    shared_master_data_service_client::SharedMasterDataServiceClient,
};
use rmd_runtime::{SharedClock, lifecycle::chain};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tonic::transport::Channel;
use tracing::{info, warn};

use super::{event, hold};
use crate::{
    cases, parameter,
    registry::node::{self, Node},
    share::{self, EPOCH, OwnFeed, bulletin, decision, log},
    standing::reminder,
    store::Store,
    verdict,
};

/// How long a node may take to answer, stalls of a 2G link included.
const ANSWER_TIMEOUT: Duration = Duration::from_mins(2);

/// Most bytes of a message: a frame of the largest size.
const MESSAGE_BYTES_MAX: usize = 4 * rmd_feed::FRAME_BYTES_MAX;

/// With what the hub asks, and with what it checks.
#[derive(Debug, Clone)]
pub(crate) struct Recall {
    pub(crate) store: Store,
    pub(crate) clock: SharedClock,
    pub(crate) credentials: Credentials,
    /// The hub's feed key, and its name on checkpoints.
    pub(crate) signer: (Arc<FeedKey>, String),
    pub(crate) poll: Duration,
    pub(crate) shutdown: CancellationToken,
}

/// Why nothing came back.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    #[error("the node cannot be reached · le nœud ne peut être joint")]
    Dial(#[from] rmd_link::Error),
    #[error("the node answers: {0}")]
    Answer(String),
    #[error("the node gave no answer · le nœud n'a pas répondu")]
    Silent,
    #[error(
        "the node holds {held} entries of the feed {feed} and gave back {size}\n\
         le nœud détient {held} écritures du flux {feed} et en a rendu {size}"
    )]
    Short { feed: String, held: u64, size: u64 },
    #[error(transparent)]
    Share(#[from] share::Error),
}

impl<E: Into<crate::store::Error>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::Share(share::Error::Store(error.into()))
    }
}

impl Recall {
    /// Hears every node that a restored hub waits for, until it has heard them all.
    pub(crate) async fn run(self) -> Result<(), Failure> {
        loop {
            if let Err(error) = self.hear_all().await {
                warn!(error = chain(&error), "nodes cannot be heard");
            }
            tokio::select! {
                () = self.shutdown.cancelled() => return Ok(()),
                () = tokio::time::sleep(self.poll) => {}
            }
        }
    }

    async fn hear_all(&self) -> Result<(), Failure> {
        let waiting = hold::nodes(&mut *self.store.acquire().await?).await?;
        for node_id in waiting {
            let known = node::find(&mut *self.store.acquire().await?, &node_id).await;
            let known = known.map_err(share::Error::from)?;
            let Some(known) = known else {
                let mut transaction = self.store.begin().await?;
                hold::heard(&mut transaction, &node_id).await?;
                transaction.commit().await?;
                continue;
            };
            match self.hear(&known).await {
                Ok(()) => info!(node.id = node_id, "node heard after the restoring of the hub"),
                Err(error) => {
                    info!(node.id = node_id, error = chain(&error), "node not heard yet");
                }
            }
        }
        Ok(())
    }

    /// Asks a node for all of the hub's feeds that it follows.
    async fn hear(&self, node: &Node) -> Result<(), Failure> {
        for feed in OwnFeed::of_node(&node.id) {
            self.bring_back(node, &feed).await?;
        }
        let mut transaction = self.store.begin().await?;
        hold::heard(&mut transaction, &node.id).await?;
        Ok(transaction.commit().await?)
    }

    /// Brings back what a node holds of a feed and the hub does not; how many entries.
    pub(crate) async fn bring_back(&self, node: &Node, feed: &OwnFeed) -> Result<u64, Failure> {
        let expected: Identity =
            node.identity.parse().map_err(|_| Failure::Answer("it has no identity".to_owned()))?;
        let link = dial(&node.address, &self.credentials, &expected).await?;
        let mut client = SharedMasterDataServiceClient::new(link.channel.clone());
        let request = CursorRequest { feed: feed.name().to_owned() };
        let held = timeout(ANSWER_TIMEOUT, client.cursor(request))
            .await
            .map_err(|_| Failure::Silent)?
            .map_err(|status| Failure::Answer(status.message().to_owned()))?
            .into_inner();
        let size = log::head(&mut *self.store.acquire().await?, feed).await?.size;
        if held.cursor <= size || held.epoch != EPOCH {
            return Ok(0);
        }
        let brought = self.take_frames(link.channel, node, feed, size).await?;
        let size = log::head(&mut *self.store.acquire().await?, feed).await?.size;
        // Heard is who gave back what it holds: what is published without it contradicts it.
        if size < held.cursor {
            let feed = feed.stored().to_owned();
            return Err(Failure::Short { feed, held: held.cursor, size });
        }
        warn!(node.id = %node.id, feed = feed.stored(), entries = brought, "own entries came back from a node");
        let mut transaction = self.store.begin().await?;
        let now_us = self.clock.now().as_microsecond();
        let detail = format!("{brought} entries from {}", node.id);
        event::keep(&mut transaction, ("hub", feed.stored(), "recalled"), &detail, None, now_us)
            .await?;
        transaction.commit().await?;
        Ok(brought)
    }

    async fn take_frames(
        &self,
        channel: Channel,
        node: &Node,
        feed: &OwnFeed,
        after_seq: u64,
    ) -> Result<u64, Failure> {
        let answer = |status: tonic::Status| Failure::Answer(status.message().to_owned());
        let mut client =
            RecoveryServiceClient::new(channel).max_decoding_message_size(MESSAGE_BYTES_MAX);
        let request = RecallRequest { feed: feed.name().to_owned(), epoch: EPOCH, after_seq };
        let silent = |_| Failure::Silent;
        let asked = timeout(ANSWER_TIMEOUT, client.recall(request)).await.map_err(silent)?;
        let mut frames = asked.map_err(answer)?.into_inner();
        let mut brought = 0;
        loop {
            // One node that hangs must not keep the others from being heard.
            let next = timeout(ANSWER_TIMEOUT, frames.message()).await.map_err(silent)?;
            let Some(message) = next.map_err(answer)? else { break };
            let frame = message.frame.unwrap_or_default();
            let (key, hub) = &self.signer;
            let mut transaction = self.store.begin().await?;
            let entries =
                log::adopt(&mut transaction, feed, (hub, key), &frame, self.clock.now()).await?;
            if entries.is_empty() {
                return Err(Failure::Answer("it sends what was not asked for".to_owned()));
            }
            for entry in &entries {
                keep_again(&mut transaction, &node.id, entry).await?;
            }
            transaction.commit().await?;
            brought += entries.len() as u64;
        }
        Ok(brought)
    }
}

/// What an entry of the hub's own feeds left in the store when it was appended.
async fn keep_again(
    connection: &mut sqlx::AnyConnection,
    node_id: &str,
    entry: &StoredEntry,
) -> Result<(), share::Error> {
    if entry.header.entity == parameter::ENTITY {
        return parameter::keep_again(connection, entry).await;
    }
    if entry.header.entity == cases::NOTICE {
        return cases::keep_again(connection, node_id, entry).await;
    }
    if entry.header.entity == reminder::ENTITY {
        return reminder::keep_again(connection, node_id, entry).await;
    }
    if entry.header.entity != share::ENTITY && entry.header.entity != share::EXPORTER {
        return Ok(verdict::keep_again(connection, node_id, entry).await?);
    }
    bulletin::keep_again(connection, entry).await?;
    decision::keep_again(connection, entry).await
}

#[cfg(test)]
mod tests;
