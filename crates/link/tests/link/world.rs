//! A network of our own: two authorities, a clock that stands still, and peers.

use std::{sync::Arc, time::Duration};

use jiff::{SignedDuration, Timestamp};
use rmd_link::{
    Credentials, Identity,
    authority::{Authority, Issued, LEAF_LIFETIME},
    keys::new_key_and_csr,
};
use rmd_runtime::clock::{Clock as _, ManualClock, SharedClock};
use tempfile::TempDir;

pub(crate) const NETWORK: &str = "test";

pub(crate) struct World {
    pub(crate) dir: TempDir,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) authority: Authority,
    /// Of the same network's name, but not of the network.
    pub(crate) stranger: Authority,
}

/// How a leaf comes to be.
pub(crate) struct Leaf<'a> {
    pub(crate) signer: &'a Authority,
    pub(crate) issued: Timestamp,
}

impl World {
    pub(crate) fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let now: Timestamp = "2026-03-01T12:00:00Z".parse().unwrap();
        // Older than the oldest leaf of any test.
        let founded = now - SignedDuration::from_hours(400 * 24);
        let create = |name| Authority::create(NETWORK, dir.path().join(name), founded).unwrap();
        let (authority, stranger) = (create("ca"), create("other-ca"));
        Self { dir, clock: Arc::new(ManualClock::new(now)), authority, stranger }
    }

    pub(crate) fn clock(&self) -> SharedClock {
        self.clock.clone()
    }

    pub(crate) fn leaf(&self) -> Leaf<'_> {
        Leaf { signer: &self.authority, issued: self.clock.now() }
    }

    pub(crate) fn leaf_of_days_ago(&self, days: i64) -> Leaf<'_> {
        let issued = self.clock.now() - SignedDuration::from_hours(days * 24);
        Leaf { signer: &self.authority, issued }
    }

    pub(crate) fn leaf_of_stranger(&self) -> Leaf<'_> {
        Leaf { signer: &self.stranger, issued: self.clock.now() }
    }

    /// Credentials that trust our authority, whoever signed their leaf.
    pub(crate) fn credentials(&self, identity: &Identity, leaf: &Leaf<'_>) -> Credentials {
        let dir = self.fresh_dir();
        let (key, issued) = issue(identity, leaf);
        Credentials::store(&dir, &key, &issued.chain_der, self.authority.roots_der()).unwrap();
        Credentials::load(dir, self.clock()).unwrap()
    }

    /// Credentials of a node before its enrolment.
    pub(crate) fn nothing(&self) -> Credentials {
        Credentials::load(self.fresh_dir(), self.clock()).unwrap()
    }

    pub(crate) fn fresh_dir(&self) -> std::path::PathBuf {
        tempfile::tempdir_in(self.dir.path()).unwrap().keep()
    }
}

pub(crate) fn issue(identity: &Identity, leaf: &Leaf<'_>) -> (String, Issued) {
    let (key, csr) = new_key_and_csr(identity).unwrap();
    let issued = leaf.signer.issue(&csr, identity, leaf.issued, LEAF_LIFETIME).unwrap();
    (key, issued)
}

pub(crate) fn hub() -> Identity {
    Identity::hub(NETWORK).unwrap()
}

pub(crate) fn node(country: &str) -> Identity {
    Identity::node(NETWORK, country, "mines").unwrap()
}

/// Fails a test that hangs.
pub(crate) async fn soon<F: Future>(future: F) -> F::Output {
    tokio::time::timeout(Duration::from_secs(30), Box::pin(future)).await.expect("the test hangs")
}
