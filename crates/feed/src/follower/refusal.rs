//! Why a follower did not take a frame, as it goes to people and to the peer.

use std::fmt;

use rmd_proto::{Code, Fault};

use crate::Error;

/// A frame was refused and nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// What went wrong, of the network's closed list.
    pub code: Code,
    /// What, where, what was expected, and what to do, in English.
    pub message: String,
    /// The same in French.
    pub message_fr: String,
    /// The signed checkpoints where they matter, see [`crate::evidence::read`];
    /// empty otherwise.
    pub evidence: Vec<u8>,
}

impl Refusal {
    pub(crate) fn new(error: &Error, evidence: Vec<u8>) -> Self {
        Self { code: error.code(), message: error.english(), message_fr: error.french(), evidence }
    }

    /// Whether the feed must be frozen: the owner signed another history, or the
    /// signature is not the owner's. The other refusals may pass with the next try.
    pub fn freezes(&self) -> bool {
        matches!(self.code, Code::RootMismatch | Code::CheckpointUnsigned)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message)
    }
}

impl std::error::Error for Refusal {}

impl From<Refusal> for Fault {
    fn from(refusal: Refusal) -> Self {
        Self::new(refusal.code, refusal.message)
    }
}
