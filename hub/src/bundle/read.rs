//! A file of a node, from its name to frames that its sender signed.
//!
//! The sender is looked up in the registry by what the manifest claims, and held
//! against the feed key that was pinned at its enrolment.

use std::{
    fs::File,
    io::BufReader,
    path::{Path, PathBuf},
};

use rmd_feed::{
    FeedVerifier,
    bundle::{Expected, Frames, Manifest, Opened, open},
};
use rmd_link::Identity;

use super::{Bundles, Error};
use crate::registry::node::{self, Node};

/// A file whose every byte was looked at.
#[derive(Debug)]
pub(super) struct Checked {
    pub(super) path: PathBuf,
    pub(super) node: Node,
    pub(super) manifest: Manifest,
}

impl Bundles {
    /// Reads a file to its end: whatever is wrong with it is found before anything
    /// of it is applied.
    pub(super) async fn check(&self, path: &Path) -> Result<Checked, Error> {
        let opened = self.decrypt(path)?;
        let sender = opened.claimed().message().sender.clone();
        let node = self.sender(&sender).await?;
        let mut frames = self.verify(opened, &node)?;
        while frames.next_frame()?.is_some() {}
        Ok(Checked { path: path.to_owned(), manifest: frames.manifest().clone(), node })
    }

    /// The frames of a file that was checked.
    pub(super) fn frames(&self, checked: &Checked) -> Result<Frames<BufReader<File>>, Error> {
        self.verify(self.decrypt(&checked.path)?, &checked.node)
    }

    /// Decrypts a file; nothing in it is believed yet.
    pub(crate) fn decrypt(&self, path: &Path) -> Result<Opened<BufReader<File>>, Error> {
        let file = |error| Error::File { path: path.to_owned(), error };
        Ok(open(BufReader::new(File::open(path).map_err(file)?), &self.key)?)
    }

    /// Whether a file is what it claims and whole.
    pub(crate) async fn prove(&self, path: &Path) -> Result<(), Error> {
        self.check(path).await.map(|_| ())
    }

    fn verify(
        &self,
        opened: Opened<BufReader<File>>,
        node: &Node,
    ) -> Result<Frames<BufReader<File>>, Error> {
        let receiver = self.network.identity.to_string();
        let verifier = FeedVerifier::parse(&node.feed_vkey).map_err(crate::share::Error::Feed)?;
        let expected = Expected {
            network: &self.network.name,
            receiver: &receiver,
            sender: &node.identity,
            verifier: &verifier,
        };
        Ok(opened.verify(expected)?)
    }

    /// The node whose identity a manifest claims.
    async fn sender(&self, claimed: &str) -> Result<Node, Error> {
        let unknown = || Error::SenderUnknown(claimed.chars().take(120).collect());
        let identity: Identity = claimed.parse().map_err(|_| unknown())?;
        if !identity.is_node() || identity.network != self.network.name {
            return Err(unknown());
        }
        let mut connection = self.store.acquire().await?;
        let found = node::find(&mut connection, &identity.node_id()).await?;
        found.filter(|node| node.identity == claimed).ok_or_else(unknown)
    }
}
