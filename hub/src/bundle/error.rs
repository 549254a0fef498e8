//! Why a bundle cannot be made or taken, in English and French.

use std::path::PathBuf;

use rmd_feed::bundle;
use rmd_runtime::{exit, files};

use crate::{follow, registry, share, store};

/// A bundle that was not made or not taken.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The file itself.
    #[error(transparent)]
    Bundle(#[from] bundle::Error),
    /// A file cannot be read or written.
    #[error("{} cannot be read or written: {error}\n{} ne peut être lu ou écrit", path.display(), path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said; part of the message, so no source.
        error: std::io::Error,
    },
    /// The key file cannot be used.
    #[error("the bundle key cannot be used · la clé des paquets est inutilisable")]
    Key(#[from] files::Error),
    /// No node of this network made it.
    #[error(
        "the bundle is from {0:?}, which is no node of this network; `rmd-hub node list` shows who is\n\
         le paquet vient de {0:?}, qui n'est pas un nœud de ce réseau ; `rmd-hub node list` montre \
         lesquels le sont"
    )]
    SenderUnknown(String),
    /// The hub does not take this feed of the node.
    #[error(
        "nothing of the feed {feed} of {node_id} is taken: its entitlement is off; see \
         `rmd-hub node entitlement`\n\
         rien du flux {feed} de {node_id} n'est pris : son droit est à « off » ; voyez \
         `rmd-hub node entitlement`"
    )]
    FeedOff {
        /// The node.
        node_id: String,
        /// The feed.
        feed: String,
    },
    /// A feed of a later version.
    #[error(
        "this version of the hub does not know the feed {0}; nothing of it was applied and nothing is \
         lost: upgrade the hub, then import the file again\n\
         cette version du pivot ne connaît pas le flux {0} ; rien n'en a été appliqué et rien n'est \
         perdu : mettez le pivot à jour, puis importez le fichier de nouveau"
    )]
    FeedUnknown(String),
    /// The bundle is of another epoch.
    #[error(
        "the bundle is of epoch {seen} of the feed {feed}, epoch {expected} is followed; nothing was applied\n\
         le paquet est de l'époque {seen} du flux {feed}, l'époque suivie est {expected} ; rien n'a \
         été appliqué"
    )]
    Epoch {
        /// The feed.
        feed: String,
        /// The epoch that is followed.
        expected: u32,
        /// The epoch in the bundle.
        seen: u32,
    },
    /// The feed is frozen, or it is now.
    #[error("the feed {feed} of {node_id} is frozen · est gelé: {message}")]
    Frozen {
        /// The node.
        node_id: String,
        /// The feed.
        feed: String,
        /// Why.
        message: String,
    },
    /// A frame was refused; those before it are applied.
    #[error("{0}")]
    Refused(String),
    /// The node holds a history of the hub's feed that the hub went on without.
    #[error(
        "{node_id} holds another history of the hub's feed {feed}, and would refuse this one; \
         `rmd-hub evidence list hub` has both checkpoints\n\
         {node_id} détient un autre historique du flux {feed} du pivot et refuserait celui-ci ; \
         `rmd-hub evidence list hub` garde les deux points de contrôle"
    )]
    OtherHistory {
        /// The node.
        node_id: String,
        /// The hub's feed.
        feed: &'static str,
    },
    /// The running hub and this command kept taking the feed from each other.
    #[error(
        "the running hub is applying the feed {0} at this moment; try again\n\
         le pivot en marche applique en ce moment le flux {0} ; réessayez"
    )]
    Busy(String),
    /// No key of the node is known.
    #[error(
        "no bundle key of {0} is known; ask for the line of `rmd-node bundle key` and give it with --to\n\
         aucune clé de paquets de {0} n'est connue ; demandez la ligne de `rmd-node bundle key` et \
         donnez-la par --to"
    )]
    NoRecipient(String),
    /// Another key of the node is known.
    #[error(
        "another bundle key of {0} is pinned; give --replace-recipient if the node has a new one\n\
         une autre clé de paquets de {0} est fixée ; donnez --replace-recipient si le nœud en a une \
         nouvelle"
    )]
    OtherRecipient(String),
    /// What was asked for cannot be meant.
    #[error("{0}")]
    Usage(String),
    /// The landing.
    #[error(transparent)]
    Follow(#[from] follow::Error),
    /// The registry.
    #[error(transparent)]
    Registry(#[from] registry::Error),
    /// The hub's own feeds.
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

impl Error {
    /// The exit code of a command that met it; none if the cause decides.
    pub(crate) const fn exit_code(&self) -> Option<u8> {
        match self {
            Self::Bundle(bundle::Error::Io(_)) => Some(exit::FAILURE),
            Self::Bundle(bundle::Error::Key(_) | bundle::Error::Parts { .. })
            | Self::NoRecipient(_)
            | Self::OtherRecipient(_)
            | Self::FeedOff { .. }
            | Self::Usage(_) => Some(exit::USAGE),
            Self::Bundle(_)
            | Self::SenderUnknown(_)
            | Self::FeedUnknown(_)
            | Self::Epoch { .. }
            | Self::Frozen { .. }
            | Self::OtherHistory { .. }
            | Self::Refused(_) => Some(exit::DATA),
            Self::File { .. } => Some(exit::NOT_FOUND),
            Self::Busy(_) => Some(exit::UNAVAILABLE),
            _ => None,
        }
    }

    /// Whether it is about one file or feed, so that others go on.
    pub(super) const fn is_of_one_file(&self) -> bool {
        !matches!(self, Self::Follow(_) | Self::Registry(_) | Self::Share(_) | Self::Store(_))
    }

    /// The sentence with its causes.
    pub(crate) fn text(&self) -> String {
        rmd_runtime::lifecycle::chain(self)
    }
}
