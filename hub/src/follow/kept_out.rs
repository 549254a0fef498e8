//! Waiting while an officer keeps a node out.
//!
//! A suspended node is not dialled at all. A revoked one is, until it has seen one
//! handshake refused for its certificate: that is how its operator learns of it. The
//! link is given up whatever comes of it.

use std::time::Duration;

use rmd_link::Identity;
use rmd_proto::Code;
use rmd_runtime::retry::Backoff;
use tokio::time::Instant;
use tracing::info;

use super::{FollowContext, pause};
use crate::{
    registry::{
        node,
        standing::{self, LOOK_INTERVAL, Standing, State},
    },
    store,
};

/// A handshake over the slowest link.
const TELL_TIMEOUT: Duration = Duration::from_mins(2);

/// What is known while a node is out.
#[derive(Debug)]
pub(super) struct KeptOut {
    state: State,
    is_told: bool,
    backoff: Backoff,
    next_call: Instant,
}

impl KeptOut {
    pub(super) fn new(context: &FollowContext) -> Self {
        Self {
            state: State::Active,
            is_told: false,
            backoff: Backoff::new(context.retry_initial, context.retry_max),
            next_call: Instant::now(),
        }
    }

    /// Returns once the node may be dialled; false if the process is shutting down.
    pub(super) async fn over(&mut self, context: &FollowContext, node_id: &str) -> bool {
        loop {
            // A store that does not answer fails the attempt too, and that is noted.
            let Ok(standing) = standing_of(context, node_id).await else { return true };
            if self.state != standing.state {
                info!(node.id = node_id, state = standing.state.as_str(), "standing of the node");
                (self.state, self.is_told) = (standing.state, false);
            }
            if !standing.is_out() {
                return true;
            }
            let is_due = self.state == State::Revoked && !self.is_told;
            if is_due && Instant::now() >= self.next_call {
                self.is_told = tell(context, node_id).await;
                self.next_call = Instant::now() + self.backoff.next();
            }
            if !pause(context, LOOK_INTERVAL).await {
                return false;
            }
        }
    }
}

/// Whether the node is out now.
pub(super) async fn is_out(context: &FollowContext, node_id: &str) -> Result<bool, store::Error> {
    Ok(standing_of(context, node_id).await?.is_out())
}

async fn standing_of(context: &FollowContext, node_id: &str) -> Result<Standing, store::Error> {
    standing::of(&mut *context.store.acquire().await?, node_id).await
}

/// Lets the node see a handshake that fails for its certificate. True if it did.
async fn tell(context: &FollowContext, node_id: &str) -> bool {
    let dialled = async {
        let known = node::find(&mut *context.store.acquire().await.ok()?, node_id).await.ok()?;
        let known = known.filter(|known| !known.address.is_empty())?;
        let identity: Identity = known.identity.parse().ok()?;
        let link = rmd_link::dial(&known.address, &context.credentials, &identity).await;
        Some(link.err().is_some_and(|error| error.code() == Code::CertificateRevoked))
    };
    tokio::select! {
        () = context.shutdown.cancelled() => false,
        told = tokio::time::timeout(TELL_TIMEOUT, dialled) => told.ok().flatten().unwrap_or(false),
    }
}
