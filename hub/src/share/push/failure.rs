//! Why a node was not given what it lacks, as status shows it.

use rmd_proto::{Code, Fault};
use rmd_runtime::lifecycle::chain;

use crate::share::Error;

/// Why a push did not succeed.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    #[error(
        "the node takes no connections; it has to dial the hub\n\
         le nœud n'accepte pas de connexion ; il doit appeler le pivot"
    )]
    NoAddress,
    #[error("the node cannot be reached · le nœud ne peut être joint")]
    Dial(#[source] rmd_link::Error),
    /// The node's answer; `delivered` is the last seq that it had been given.
    #[error("the node answers")]
    Refused { fault: Fault, delivered: Option<u64> },
    #[error(
        "the node holds {held} entries of the feed {feed}, the hub has fewer; restore the hub's store\n\
         le nœud détient {held} écritures du flux {feed}, le pivot moins ; restaurez la base du pivot"
    )]
    Ahead { feed: &'static str, held: u64 },
    #[error(
        "the node holds another history of the feed {0}; nothing is sent, compare both with \
         `rmd-hub ledger verify` and `rmd-node inbox list`\n\
         le nœud détient un autre historique du flux {0} ; rien n'est envoyé, comparez les deux \
         par `rmd-hub ledger verify` et `rmd-node inbox list`"
    )]
    Rewritten(&'static str),
    #[error("nothing is given to a node in dispute")]
    Disputed(Fault),
    #[error("the node is not enrolled · le nœud n'est pas inscrit")]
    Unknown,
    #[error(transparent)]
    Own(#[from] Error),
}

impl Failure {
    pub(super) const fn code(&self) -> Code {
        match self {
            Self::NoAddress | Self::Dial(_) => Code::PeerUnreachable,
            Self::Refused { fault, .. } | Self::Disputed(fault) => fault.code,
            Self::Ahead { .. } => Code::CursorBeyondSize,
            Self::Rewritten(_) => Code::RootMismatch,
            Self::Unknown => Code::RoleForbidden,
            Self::Own(_) => Code::StoreUnavailable,
        }
    }

    /// What status shows: the code of the dial is the more exact one.
    pub(super) fn shown(&self) -> (&'static str, String) {
        match self {
            Self::Dial(error) => (error.code().as_str(), chain(error)),
            Self::Refused { fault, .. } | Self::Disputed(fault) => {
                (fault.code.as_str(), fault.to_string())
            }
            _ => (self.code().as_str(), chain(self)),
        }
    }
}
