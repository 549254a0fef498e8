//! What can go wrong between the hub and one node, and what then happens.
//!
//! The decision is made here, once: a fault of the link or of a store passes
//! and is tried again; a fault of one feed stops that feed alone; a lost lease
//! stops this process, because another hub follows in its place.

use rmd_proto::{Code, Fault};

use crate::{registry, store};

/// A fault on the way of records into the regional view.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// No link.
    #[error("cannot dial the node · le nœud ne peut être joint")]
    Dial(#[source] Box<rmd_link::Error>),
    /// The node answered with a fault, or the link broke.
    #[error("the node's answer · réponse du nœud : {0}")]
    Peer(Fault),
    /// What the node says cannot be accepted.
    #[error("{}", .0.message)]
    Unfit(Fault),
    /// What the node says of one feed cannot be accepted; other feeds go on.
    #[error("feed {feed}: {}", fault.message)]
    FeedUnfit {
        /// The feed.
        feed: String,
        /// Why.
        fault: Fault,
    },
    /// The feed is frozen, with its evidence, until a person acts; others go on.
    #[error("feed {feed} is frozen: {}", fault.message)]
    Frozen {
        /// The feed.
        feed: String,
        /// Why.
        fault: Fault,
    },
    /// The node closed the stream of a feed.
    #[error("the node closed the feed {0}\nle nœud a fermé le flux {0}")]
    Closed(String),
    /// Another hub process took over the feed.
    #[error(
        "feed {feed} of {node_id} is followed by another hub process; only one may run\n\
         le flux {feed} de {node_id} est suivi par un autre processus du pivot ; un seul peut tourner"
    )]
    LeaseLost {
        /// The node.
        node_id: String,
        /// The feed.
        feed: String,
    },
    /// A command applies bundles of the feed at this moment.
    #[error(
        "bundles of the feed {feed} of {node_id} are being imported; it goes on by itself\n\
         des paquets du flux {feed} de {node_id} sont en cours d'import ; la suite vient d'elle-même"
    )]
    Overtaken {
        /// The node.
        node_id: String,
        /// The feed.
        feed: String,
    },
    /// What is kept of a feed contradicts itself.
    #[error(
        "the kept state of feed {feed} of {node_id} does not hold; run `rmd-hub ledger verify`\n\
         l'état conservé du flux {feed} de {node_id} ne tient pas ; lancez `rmd-hub ledger verify`"
    )]
    Kept {
        /// The node.
        node_id: String,
        /// The feed.
        feed: String,
        /// What does not hold.
        #[source]
        source: Box<rmd_feed::Error>,
    },
    /// The node's row in the registry cannot be used.
    #[error(transparent)]
    Registry(#[from] Box<registry::Error>),
    /// The store.
    #[error(transparent)]
    Store(#[from] store::Error),
}

impl From<registry::Error> for Error {
    fn from(error: registry::Error) -> Self {
        match error {
            registry::Error::Store(error) => Self::Store(error),
            error => Self::Registry(Box::new(error)),
        }
    }
}

impl Error {
    /// The code in status and logs.
    pub(crate) fn code(&self) -> Code {
        match self {
            Self::Dial(error) => error.code(),
            Self::Peer(fault)
            | Self::Unfit(fault)
            | Self::FeedUnfit { fault, .. }
            | Self::Frozen { fault, .. } => fault.code,
            Self::Closed(_) => Code::PeerUnreachable,
            Self::LeaseLost { .. } => Code::FeedFrozen,
            Self::Kept { source, .. } => source.code(),
            Self::Registry(_) => Code::Internal,
            Self::Overtaken { .. } | Self::Store(_) => Code::StoreUnavailable,
        }
    }

    /// Whether the fault is about one feed, so that the link and the others stay.
    pub(crate) const fn is_of_one_feed(&self) -> bool {
        matches!(
            self,
            Self::FeedUnfit { .. }
                | Self::Frozen { .. }
                | Self::Closed(_)
                | Self::Overtaken { .. }
                | Self::Kept { .. }
        )
    }

    /// The feed that it is about, if it is about one.
    pub(crate) fn feed(&self) -> Option<&str> {
        match self {
            Self::FeedUnfit { feed, .. }
            | Self::Frozen { feed, .. }
            | Self::Closed(feed)
            | Self::Overtaken { feed, .. }
            | Self::Kept { feed, .. } => Some(feed),
            _ => None,
        }
    }

    /// Whether the feed stays as it is until a person acts.
    pub(crate) const fn is_frozen(&self) -> bool {
        matches!(self, Self::Frozen { .. } | Self::Kept { .. })
    }

    /// The sentence with its causes, for status and logs.
    pub(crate) fn text(&self) -> String {
        rmd_runtime::lifecycle::chain(self)
    }
}
