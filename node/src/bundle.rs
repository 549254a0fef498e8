//! Bundles: what leaves in files, and what comes back in them.
//!
//! Owns the node's bundle key, the hub's recipient, and what the hub's return
//! bundles acknowledged. Only what the journal holds gets into a file, so what
//! may not leave cannot; each part is in the audit before it has its name. What
//! comes back goes through the inbox as a push does.

mod error;
mod export;
mod import;
pub(crate) mod key;
mod known;

#[cfg(test)]
mod tests;

use std::{
    fs::File,
    io::BufReader,
    path::{Path, PathBuf},
    sync::Arc,
};

use rmd_feed::{
    FeedVerifier,
    bundle::{BundleKey, Expected, Frames, Opened, open},
};
use rmd_link::Identity;

pub(crate) use error::Error;
pub(crate) use export::Options;
pub(crate) use import::{FeedReport, Imported};
pub(crate) use known::Acknowledged;

use crate::{
    config::Directory,
    journal::{self, Owner, Store, enrolment},
    server,
};

/// The node's end of bundles.
#[derive(Debug, Clone)]
pub(crate) struct Bundles {
    directory: Directory,
    store: Store,
    identity: Identity,
    hub: Identity,
    hub_verifier: FeedVerifier,
    owner: Owner,
    key: Arc<BundleKey>,
}

impl Bundles {
    /// The bundles of an enrolled node; makes its key where there is none.
    pub(crate) async fn open(directory: &Directory, store: &Store) -> Result<Self, Error> {
        let enrolment = enrolment::load(store).await?.ok_or(journal::Error::NotEnrolled)?;
        let identity: Identity = enrolment.identity.parse().map_err(server::Error::Identity)?;
        let hub: Identity = enrolment.hub_identity.parse().map_err(server::Error::Identity)?;
        let hub_verifier = FeedVerifier::parse(&enrolment.hub_feed_vkey)
            .map_err(|error| Error::Journal(error.into()))?;
        let owner = server::load_owner(directory, &identity)?;
        let key = Arc::new(key::ensure(directory)?);
        let (directory, store) = (directory.clone(), store.clone());
        Ok(Self { directory, store, identity, hub, hub_verifier, owner, key })
    }

    /// The node's own recipient, for the hub.
    pub(crate) fn recipient(&self) -> String {
        self.key.recipient().to_string()
    }

    /// Decrypts a file; nothing in it is believed yet.
    pub(crate) fn decrypt(&self, path: &Path) -> Result<Opened<BufReader<File>>, Error> {
        let file = |error| Error::File { path: path.to_owned(), error };
        Ok(open(BufReader::new(File::open(path).map_err(file)?), &self.key)?)
    }

    /// The frames of a file that the hub signed for this node.
    fn frames(&self, path: &Path) -> Result<Frames<BufReader<File>>, Error> {
        let (receiver, sender) = (self.identity.to_string(), self.hub.to_string());
        let expected = Expected {
            network: &self.identity.network,
            receiver: &receiver,
            sender: &sender,
            verifier: &self.hub_verifier,
        };
        Ok(self.decrypt(path)?.verify(expected)?)
    }

    /// Reads a file to its end: whether it is what it claims, and whole.
    pub(crate) fn check(&self, path: &Path) -> Result<Checked, Error> {
        let mut frames = self.frames(path)?;
        while frames.next_frame()?.is_some() {}
        Ok(Checked { path: path.to_owned(), manifest: frames.manifest().clone() })
    }
}

/// A file whose every byte was looked at.
#[derive(Debug)]
pub(crate) struct Checked {
    path: PathBuf,
    manifest: rmd_feed::bundle::Manifest,
}
