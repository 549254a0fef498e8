//! Why a bundle cannot be made or taken, in English and French.

use std::path::PathBuf;

use rmd_feed::bundle;
use rmd_proto::Fault;
use rmd_runtime::{exit, files};

use crate::{journal, server};

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
    /// No key of the hub is known.
    #[error(
        "no bundle key of the hub is known; ask the Secretariat for the line of `rmd-hub bundle key` \
         and give it with --to\n\
         aucune clé de paquets du pivot n'est connue ; demandez au Secrétariat la ligne de \
         `rmd-hub bundle key` et donnez-la par --to"
    )]
    NoRecipient,
    /// Another key of the hub is known.
    #[error(
        "another bundle key of the hub is pinned; give --replace-recipient if the Secretariat has a \
         new one\n\
         une autre clé de paquets du pivot est fixée ; donnez --replace-recipient si le Secrétariat \
         en a une nouvelle"
    )]
    OtherRecipient,
    /// What was asked for cannot be meant.
    #[error("{0}")]
    Usage(String),
    /// The inbox refused a frame, or cannot be used.
    #[error("{}", .0.message)]
    Inbox(Fault),
    /// The certificate of the node cannot be used.
    #[error(transparent)]
    Credentials(#[from] rmd_link::credentials::Error),
    /// Keys or names of the node.
    #[error(transparent)]
    Server(#[from] Box<server::Error>),
    /// The journal.
    #[error(transparent)]
    Journal(#[from] journal::Error),
}

impl From<server::Error> for Error {
    fn from(error: server::Error) -> Self {
        Self::Server(Box::new(error))
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        Self::Journal(error.into())
    }
}

impl Error {
    /// The exit code of a command that met it; none if the cause decides.
    pub(crate) const fn exit_code(&self) -> Option<u8> {
        match self {
            Self::Bundle(bundle::Error::Io(_)) => Some(exit::FAILURE),
            Self::Bundle(bundle::Error::Key(_) | bundle::Error::Parts { .. })
            | Self::NoRecipient
            | Self::OtherRecipient
            | Self::Usage(_)
            | Self::Journal(journal::Error::NotEnrolled) => Some(exit::USAGE),
            Self::Journal(journal::Error::Store(_)) => Some(exit::UNAVAILABLE),
            Self::Bundle(_) | Self::Inbox(_) => Some(exit::DATA),
            Self::File { .. } => Some(exit::NOT_FOUND),
            _ => None,
        }
    }

    /// Whether it is about one file or feed, so that others go on.
    pub(super) const fn is_of_one_file(&self) -> bool {
        matches!(self, Self::Bundle(_) | Self::File { .. } | Self::Inbox(_))
    }

    /// The sentence with its causes.
    pub(crate) fn text(&self) -> String {
        rmd_runtime::lifecycle::chain(self)
    }
}
