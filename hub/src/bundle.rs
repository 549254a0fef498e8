//! Bundles: what nodes deliver in files, and what goes back to them.
//!
//! Owns the hub's bundle key, the recipients of the nodes and the way of a file
//! into the store. Frames of a file go through the landing of those of the
//! network, under a lease that a running hub gives way to and takes back; so an
//! overlap is harmless, and nothing is applied that the sender did not sign. It
//! refuses a file as a whole or takes it frame by frame; nothing is kept half.

mod error;
mod export;
mod import;
pub(crate) mod key;
mod land;
mod note;
mod read;
pub(crate) mod written;

#[cfg(test)]
mod tests;

use std::{path::PathBuf, sync::Arc};

use rmd_feed::bundle::BundleKey;
use rmd_runtime::SharedClock;

pub(crate) use error::Error;
pub(crate) use export::{Options, Returned};
pub(crate) use import::Imported;

use crate::{
    registry::network::{self, Network},
    share,
    store::Store,
};

/// The hub's end of bundles.
#[derive(Debug, Clone)]
pub(crate) struct Bundles {
    dir: PathBuf,
    store: Store,
    clock: SharedClock,
    network: Network,
    key: Arc<BundleKey>,
}

impl Bundles {
    /// The bundles of the hub in `dir`; makes its key where there is none.
    pub(crate) async fn open(
        dir: PathBuf,
        store: Store,
        clock: SharedClock,
    ) -> Result<Self, Error> {
        let key = key::ensure(&dir, &store, clock.now()).await?;
        let network = network::find(&mut *store.acquire().await?).await?;
        let network = network.ok_or(share::Error::Inconsistent("the store holds no network"))?;
        Ok(Self { dir, store, clock, network, key: Arc::new(key) })
    }

    /// The hub's own recipient, for nodes.
    pub(crate) fn recipient(&self) -> String {
        self.key.recipient().to_string()
    }
}
