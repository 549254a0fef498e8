//! Proves the hub's own feed from its stored bytes, as a node would.
//!
//! Every block is replayed: digests, leaves and roots are computed again and
//! must be the signed ones, and the log's row must stand at their end.

use rmd_feed::{
    FeedVerifier, Origin,
    verify::{Replay, Stored},
};
use serde::Serialize;

use super::{EPOCH, Error, FEED, log};
use crate::{config::Config, registry::network, store::Store};

/// What was found out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Report {
    pub(crate) feed: &'static str,
    pub(crate) epoch: u32,
    /// Entries that hold.
    pub(crate) entries: u64,
    /// Root over them, lower-case hexadecimal.
    pub(crate) root: String,
    /// The first thing that does not hold.
    pub(crate) fault: Option<String>,
}

/// Verifies the shared feed with the key that nodes know.
pub(crate) async fn verify(store: &Store, config: &Config) -> Result<Report, Error> {
    let mut connection = store.acquire().await?;
    let network = network::load(&mut connection, config).await?;
    let verifier = FeedVerifier::parse(&network.hub_feed_vkey)?;
    let origin = Origin::new(&network.identity.owner(), FEED, EPOCH);
    let mut replay = Replay::new(FEED, EPOCH, origin, verifier);
    let mut fault = None;
    'blocks: loop {
        let blocks = log::blocks_after(&mut connection, replay.size()).await?;
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
    let head = log::head(&mut connection).await?;
    if fault.is_none() && (head.size, &head.edge) != (replay.size(), replay.edge()) {
        fault = Some("the row of the log does not stand at the end of its blocks".to_owned());
    }
    Ok(Report {
        feed: FEED,
        epoch: EPOCH,
        entries: replay.size(),
        root: hex::encode(replay.root()),
        fault,
    })
}
