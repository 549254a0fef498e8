//! The state directory: one folder that is the whole node.
//!
//! Owns the names of its files. Refuses to guess: a folder without
//! `config.toml` is no state directory.

use std::path::{Path, PathBuf};

/// The folder that holds everything a node knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Directory {
    root: PathBuf,
}

/// The folder is no state directory.
#[derive(Debug, thiserror::Error)]
#[error(
    "{} is no state directory of a node (it has no config.toml); name one with --dir or RMD_NODE_DIR, or make one with `rmd-node init` / ce dossier n'est pas celui d'un nœud ; indiquez-le par --dir ou créez-le par `rmd-node init`",
    root.display()
)]
pub(crate) struct Missing {
    root: PathBuf,
}

impl Directory {
    /// The folder, whether it exists or not.
    pub(crate) fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// A folder that `init` has made.
    pub(crate) fn existing(root: impl Into<PathBuf>) -> Result<Self, Missing> {
        let directory = Self::new(root);
        if directory.config().is_file() {
            return Ok(directory);
        }
        Err(Missing { root: directory.root })
    }

    /// The folder.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// A path that the configuration names, relative to the folder.
    pub(crate) fn resolve(&self, path: &Path) -> PathBuf {
        self.root.join(path)
    }

    /// The configuration.
    pub(crate) fn config(&self) -> PathBuf {
        self.root.join("config.toml")
    }

    /// The one SQLite file.
    pub(crate) fn store(&self) -> PathBuf {
        self.root.join("node.sqlite")
    }

    /// The records behind the API, mode 0600.
    pub(crate) fn api_store(&self) -> PathBuf {
        self.root.join("api.sqlite")
    }

    /// The signing key of the feeds, mode 0600.
    pub(crate) fn feed_key(&self) -> PathBuf {
        self.root.join("keys").join("feed.key")
    }

    /// Which epoch of each feed the key signs.
    pub(crate) fn epochs(&self) -> PathBuf {
        self.root.join("keys").join("epochs")
    }

    /// The key that opens bundles, mode 0600.
    pub(crate) fn bundle_key(&self) -> PathBuf {
        self.root.join("keys").join("bundle.key")
    }

    /// The certificate's key while an enrolment is under way, mode 0600.
    pub(crate) fn pending_key(&self) -> PathBuf {
        self.root.join("keys").join("enrolment.key")
    }

    /// Certificate, key and roots.
    pub(crate) fn tls(&self) -> PathBuf {
        self.root.join("tls")
    }

    /// Tells this folder from a copy of it; a new file at each start.
    pub(crate) fn mark(&self) -> PathBuf {
        self.root.join("store.mark")
    }

    /// The mark of a start that is under way.
    pub(crate) fn next_mark(&self) -> PathBuf {
        self.root.join("store.mark.next")
    }

    /// Entries that were dropped from a feed, kept as frames.
    pub(crate) fn tails(&self) -> PathBuf {
        self.root.join("tails")
    }

    /// Held by the process that runs the node.
    pub(crate) fn lock(&self) -> PathBuf {
        self.root.join("run.lock")
    }
}
