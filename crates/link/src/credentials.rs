//! What we show to peers and whom we believe: our chain and key, the roots, and
//! the deny-list.
//!
//! Cheap to clone; every clone sees a reload at its next handshake, without a
//! restart. Before the first certificate the credentials are empty, and every
//! handshake fails. A reload that cannot be read leaves what was there. The
//! deny-list is only held here: its owner reads it from its store and hands it
//! over whole.

mod files;

use std::{
    collections::HashSet,
    path::{Path, PathBuf},
    sync::Arc,
};

use arc_swap::ArcSwapOption;
use jiff::{SignedDuration, Timestamp};
use rmd_runtime::clock::SharedClock;
use rustls::{
    RootCertStore,
    pki_types::CertificateDer,
    server::{WebPkiClientVerifier, danger::ClientCertVerifier},
    sign::CertifiedKey,
};
use tokio::sync::watch;

use crate::{Identity, certificate::Facts, provider};

/// A certificate is renewed once this part of its life is over: two thirds remain
/// for a hub that is away.
const RENEWAL_PART: i32 = 3;

/// Our chain and key, the roots, and the deny-list.
#[derive(Debug, Clone)]
pub struct Credentials {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    dir: PathBuf,
    clock: SharedClock,
    current: ArcSwapOption<Current>,
    denied: watch::Sender<Arc<HashSet<String>>>,
    /// How often a peer said that our certificate was revoked.
    refused: watch::Sender<u64>,
}

/// One consistent set of what the files hold.
#[derive(Debug)]
pub(crate) struct Current {
    pub(crate) identity: Identity,
    pub(crate) facts: Facts,
    pub(crate) own: Arc<CertifiedKey>,
    /// The same key; the chain goes up to and includes the roots, for peers that
    /// know no more of a root than its fingerprint.
    pub(crate) own_with_roots: Arc<CertifiedKey>,
    pub(crate) roots: Arc<RootCertStore>,
    pub(crate) clients: Arc<dyn ClientCertVerifier>,
}

/// Why credentials cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file cannot be written or a secret cannot be read.
    #[error(transparent)]
    File(#[from] rmd_runtime::files::Error),
    /// A file or folder cannot be read or made.
    #[error("access {}", path.display())]
    Access {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file holds something else.
    #[error("{} holds no {expected}; put back the file from a backup or enrol again", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What should stand there.
        expected: &'static str,
    },
    /// The key belongs to another certificate.
    #[error("the key and the certificate in {} do not belong together; enrol again", dir.display())]
    KeyMismatch {
        /// The folder.
        dir: PathBuf,
        /// What rustls said.
        source: rustls::Error,
    },
    /// The certificate's names are not exactly one identity.
    #[error("the certificate in {} names no single identity; enrol again", dir.display())]
    IdentityInvalid {
        /// The folder.
        dir: PathBuf,
    },
    /// The roots cannot serve as trust anchors.
    #[error("the roots in {} cannot be used", dir.display())]
    Roots {
        /// The folder.
        dir: PathBuf,
        /// What rustls said.
        source: rustls::Error,
    },
}

impl Credentials {
    /// Reads `identity.pem`, `identity.key` and `roots.pem` of a folder. Empty if
    /// there is no `identity.pem` yet. `clock` decides every validity.
    pub fn load(dir: impl Into<PathBuf>, clock: SharedClock) -> Result<Self, Error> {
        let credentials = Self {
            shared: Arc::new(Shared {
                dir: dir.into(),
                clock,
                current: ArcSwapOption::empty(),
                denied: watch::Sender::new(Arc::default()),
                refused: watch::Sender::new(0),
            }),
        };
        credentials.reload()?;
        Ok(credentials)
    }

    /// Writes a key (PEM), its chain (leaf first, DER) and the roots (DER) so that a
    /// crash leaves the old set or the new one. Makes the folder; takes effect with
    /// [`Credentials::reload`].
    pub fn store<D: AsRef<[u8]>>(
        dir: impl AsRef<Path>,
        key_pem: &str,
        chain_der: &[D],
        roots_der: &[D],
    ) -> Result<(), Error> {
        files::store(dir.as_ref(), key_pem, chain_der, roots_der)
    }

    /// Reads the files again. On an error what was there stays in force.
    pub fn reload(&self) -> Result<(), Error> {
        let read = files::read(&self.shared.dir)?;
        let current = read.map(|material| Current::new(&self.shared.dir, material)).transpose()?;
        self.shared.current.store(current.map(Arc::new));
        Ok(())
    }

    /// Replaces the deny-list. An entry is a certificate's serial or the SHA-256 of
    /// a public key (SPKI), in hex. In force at the next handshake and the next rpc.
    pub fn deny<S: Into<String>>(&self, entries: impl IntoIterator<Item = S>) {
        let entries = entries.into_iter().map(|entry| entry.into().to_ascii_lowercase());
        self.shared.denied.send_replace(Arc::new(entries.collect()));
    }

    /// Changes whenever a peer that dialled refuses our certificate as revoked. Whoever
    /// can reach the port can say so: it is worth a question to the hub, and no more.
    pub fn refusals(&self) -> watch::Receiver<u64> {
        self.shared.refused.subscribe()
    }

    pub(crate) fn refused_as_revoked(&self) {
        self.shared.refused.send_modify(|times| *times = times.wrapping_add(1));
    }

    /// Our identity; none before the first certificate.
    pub fn identity(&self) -> Option<Identity> {
        self.current().map(|current| current.identity.clone())
    }

    /// The serial of our certificate in hex; none before the first certificate.
    pub fn serial(&self) -> Option<String> {
        self.current().map(|current| current.facts.serial.clone())
    }

    /// The end of our certificate's validity.
    pub fn not_after(&self) -> Option<Timestamp> {
        self.current().map(|current| current.facts.not_after)
    }

    /// When to renew: after a third of the certificate's life.
    pub fn renew_after(&self) -> Option<Timestamp> {
        self.current().map(|current| {
            let life = current.facts.not_after.duration_since(current.facts.not_before);
            let third: SignedDuration = life / RENEWAL_PART;
            current.facts.not_before.saturating_add(third).unwrap_or(current.facts.not_after)
        })
    }

    /// The folder that the files are in.
    pub fn dir(&self) -> &Path {
        &self.shared.dir
    }

    /// The clock that decides validity.
    pub fn clock(&self) -> &SharedClock {
        &self.shared.clock
    }

    pub(crate) fn current(&self) -> Option<Arc<Current>> {
        self.shared.current.load_full()
    }

    pub(crate) fn is_denied(&self, serial: &str, key_sha256: &str) -> bool {
        let denied = self.shared.denied.borrow();
        denied.contains(serial) || denied.contains(key_sha256)
    }

    pub(crate) fn denials(&self) -> watch::Receiver<Arc<HashSet<String>>> {
        self.shared.denied.subscribe()
    }
}

impl Current {
    fn new(dir: &Path, material: files::Material) -> Result<Self, Error> {
        let files::Material { own, roots } = material;
        let invalid = || Error::IdentityInvalid { dir: dir.to_owned() };
        let facts = own.cert.first().and_then(|leaf| Facts::read(leaf).ok()).ok_or_else(invalid)?;
        let identity = facts.identity.clone().ok_or_else(invalid)?;
        let chain: Vec<CertificateDer<'static>> = own.cert.iter().chain(&roots).cloned().collect();
        let own_with_roots = CertifiedKey::new(chain, Arc::clone(&own.key));
        let unusable = |source| Error::Roots { dir: dir.to_owned(), source };
        let roots = Arc::new(store_of(&roots).map_err(unusable)?);
        let clients =
            WebPkiClientVerifier::builder_with_provider(Arc::clone(&roots), provider::provider())
                .build()
                .map_err(|error| unusable(rustls::Error::General(error.to_string())))?;
        Ok(Self {
            identity,
            facts,
            own: Arc::new(own),
            own_with_roots: Arc::new(own_with_roots),
            roots,
            clients,
        })
    }
}

/// Trust anchors out of certificates; an error if one of them cannot be one.
pub(crate) fn store_of(roots: &[CertificateDer<'_>]) -> Result<RootCertStore, rustls::Error> {
    let mut store = RootCertStore::empty();
    for root in roots {
        store.add(root.clone().into_owned())?;
    }
    Ok(store)
}
