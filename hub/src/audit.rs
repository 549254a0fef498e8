//! What nodes and auditors can hold against the hub.
//!
//! Owns the receipts that nodes get, the hub's feed `checkpoints`, who may read it,
//! and the service that gives it out with proofs. A node is never answered here, and
//! an auditor is shown checkpoints alone: no record, no header of one, no count but
//! the sizes of feeds.

mod cosign;
mod epoch;
mod evidence;
mod prove;
mod publish;
pub(crate) mod registry;
mod revoked;
mod service;
mod stream;

#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;

pub(crate) use cosign::Cosigning;
pub(crate) use publish::{Publisher, run};
pub(crate) use service::{Context, serve};

use crate::{recover, share, store};

/// Entities of the feed `checkpoints`.
pub(crate) const CHECKPOINT: &str = "SeenCheckpoint";
/// See [`CHECKPOINT`].
pub(crate) const EVIDENCE: &str = "SeenEvidence";
/// See [`CHECKPOINT`].
pub(crate) const BEGUN: &str = "CheckpointsBegun";

/// What cannot be published or proven.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// A checkpoint or a ledger that does not go together.
    #[error(transparent)]
    Feed(#[from] rmd_feed::Error),
    /// The ledger cannot be read.
    #[error(transparent)]
    Recover(#[from] recover::Error),
    /// The feed `checkpoints`.
    #[error(transparent)]
    Share(#[from] share::Error),
    /// The store.
    #[error(transparent)]
    Store(#[from] store::Error),
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(store::Error::Query(error))
    }
}
