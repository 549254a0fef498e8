//! The tasks of the nodes: one that follows, and one that pushes each feed of the
//! hub that the node may have.
//!
//! Looks for new nodes at the pace of `share.poll`, because a node may enrol at
//! any time. Tasks are begun once for each node and end with the process.

use std::{collections::BTreeSet, sync::Arc};

use rmd_feed::FeedKey;
use rmd_link::{Credentials, Throttle};
use rmd_runtime::{Handle, SharedClock, lifecycle::chain};
use tracing::{info, warn};

use super::Error;
use crate::{
    audit::Cosigning,
    config::Config,
    follow::{self, FollowContext},
    registry::node::{self, Node},
    share::{
        OwnFeed,
        push::{self, PushContext},
    },
    store::Store,
};

/// Starts the tasks of nodes.
#[derive(Debug)]
pub(super) struct Nodes {
    store: Store,
    follow: FollowContext,
    push: PushContext,
    lifecycle: Handle,
    known: BTreeSet<String>,
}

impl Nodes {
    pub(super) fn new(
        store: Store,
        clock: SharedClock,
        credentials: Credentials,
        signer: (Arc<FeedKey>, String),
        config: &Config,
        throttle: Throttle,
        lifecycle: Handle,
    ) -> Self {
        let (retry_initial, retry_max) = (config.link.retry_initial, config.link.retry_max);
        let follow = FollowContext::new(
            store.clone(),
            clock.clone(),
            credentials.clone(),
            lifecycle.soft(),
            retry_initial,
            retry_max,
        );
        let push = PushContext {
            store: store.clone(),
            clock,
            credentials,
            signer,
            shutdown: lifecycle.soft(),
            poll: config.share.poll,
            throttle,
            retry_initial,
            retry_max,
        };
        Self { store, follow, push, lifecycle, known: BTreeSet::new() }
    }

    /// The same, with receipts for the nodes.
    pub(super) fn giving_receipts(self, cosigning: Cosigning) -> Self {
        Self { follow: self.follow.cosigning(cosigning), ..self }
    }

    /// Looks for new nodes until the end.
    pub(super) async fn run(mut self) -> Result<(), Error> {
        let shutdown = self.lifecycle.soft();
        loop {
            match self.enrolled().await {
                Ok(nodes) => nodes.into_iter().for_each(|node| self.begin(node)),
                Err(error) => warn!(error = chain(&error), "nodes cannot be read"),
            }
            tokio::select! {
                () = shutdown.cancelled() => return Ok(()),
                () = tokio::time::sleep(self.push.poll) => {}
            }
        }
    }

    async fn enrolled(&self) -> Result<Vec<Node>, Error> {
        let mut connection = self.store.acquire().await?;
        Ok(node::all(&mut connection).await?)
    }

    fn begin(&mut self, node: Node) {
        if !self.known.insert(node.id.clone()) {
            return;
        }
        info!(node.id = %node.id, "node joins");
        for feed in OwnFeed::of_node(&node.id) {
            self.lifecycle.spawn("push", push::push_feed(self.push.clone(), node.id.clone(), feed));
        }
        self.lifecycle.spawn("follow", follow::follow_node(self.follow.clone(), node));
    }
}
