//! Proves the hub's own feeds from their stored bytes, as a node would.
//!
//! Every block is replayed: digests, leaves and roots are computed again and
//! must be the signed ones, and the log's row must stand at their end. Both are read as
//! of one moment, so that an entry that is appended meanwhile is no difference.

use rmd_feed::{
    FeedVerifier,
    verify::{Replay, Stored},
};
use serde::Serialize;
use sqlx::AnyConnection;

use super::{Error, OwnFeed, log};
use crate::{config::Config, registry::network, store::Store};

/// What was found out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Report {
    /// `shared`, or `verdicts` with the node's id behind it.
    pub(crate) feed: String,
    pub(crate) epoch: u32,
    /// Entries that hold.
    pub(crate) entries: u64,
    /// Root over them, lower-case hexadecimal.
    pub(crate) root: String,
    /// The first thing that does not hold.
    pub(crate) fault: Option<String>,
}

/// Verifies every feed of the hub with the key that nodes know.
pub(crate) async fn verify(store: &Store, config: &Config) -> Result<Vec<Report>, Error> {
    let mut connection = store.snapshot().await?;
    let network = network::load(&mut connection, config).await?;
    let verifier = FeedVerifier::parse(&network.hub_feed_vkey)?;
    let hub = network.identity.owner();
    let mut reports = Vec::new();
    for feed in log::all(&mut connection).await? {
        reports.push(verify_one(&mut connection, &feed, &hub, verifier.clone()).await?);
    }
    Ok(reports)
}

async fn verify_one(
    connection: &mut AnyConnection,
    feed: &OwnFeed,
    hub: &str,
    verifier: FeedVerifier,
) -> Result<Report, Error> {
    let mut replay = Replay::new(feed.name(), feed.epoch(), feed.origin(hub), verifier);
    let mut fault = None;
    'blocks: loop {
        let blocks = log::blocks_after(connection, feed, replay.size()).await?;
        if blocks.is_empty() {
            break;
        }
        for block in blocks {
            let stored = Stored {
                first_seq: block.first_seq,
                last_seq: block.last_seq,
                body: &block.body,
                checkpoint: &block.checkpoint,
                hashes: Some(&block.hashes),
            };
            if let Err(broken) = replay.push(stored) {
                fault = Some(broken.to_string());
                break 'blocks;
            }
        }
    }
    let head = log::head(connection, feed).await?;
    if fault.is_none() && (head.size, &head.edge) != (replay.size(), replay.edge()) {
        fault = Some("the row of the log does not stand at the end of its blocks".to_owned());
    }
    Ok(Report {
        feed: feed.stored().to_owned(),
        epoch: feed.epoch(),
        entries: replay.size(),
        root: hex::encode(replay.root()),
        fault,
    })
}
