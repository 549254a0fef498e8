//! An auditor's own end: a folder, a certificate, and what it was shown.
//!
//! It follows the hub's feed `checkpoints` and believes nothing of it but what is
//! signed: the hub's tree by the hub's pinned key, each checkpoint of a node by that
//! node's key, and that one extends the other by a proof. What contradicts is a
//! finding, with evidence for others where it proves something by itself. Nothing of
//! the hub's own store, configuration or keys is used here: the folder is the
//! auditor's, on a machine of the auditor's.

mod check;
pub(crate) mod compare;
mod enrol;
pub(crate) mod finding;
mod follow;
mod prove;
pub(crate) mod store;

#[cfg(test)]
mod tests;

pub(crate) use enrol::enrol;
pub(crate) use follow::Auditor;

use std::path::PathBuf;

use rmd_proto::{Code, Fault};
use rmd_runtime::{exit, files};

/// Folder of the certificate in the auditor's folder.
const TLS_DIR: &str = "tls";
/// File of the key whose request was not answered yet.
const PENDING_KEY: &str = "tls.pending.key";
/// File of everything else.
pub(crate) const STORE: &str = "auditor.sqlite";

/// What an auditor cannot do.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// There is no auditor in the folder.
    #[error(
        "{dir} holds no auditor; enrol with `rmd-hub auditor enrol` or name the folder with --dir\n\
         {dir} ne contient pas d'auditeur ; inscrivez-vous par `rmd-hub auditor enrol` ou nommez le \
         répertoire par --dir",
        dir = .0.display()
    )]
    Absent(PathBuf),
    /// The token is none, or is not for an auditor.
    #[error("{en}\n{fr}")]
    Token {
        /// In English.
        en: String,
        /// In French.
        fr: String,
    },
    /// Nobody said where the hub answers auditors.
    #[error(
        "the hub has not said where it answers auditors; name it with --hub HOST:PORT\n\
         le pivot n'a pas dit où il répond aux auditeurs ; nommez-le par --hub HÔTE:PORT"
    )]
    NoAddress,
    /// The hub's answer cannot be right.
    #[error("the hub's answer is not what was asked for: {0}\nla réponse du pivot ne convient pas")]
    Answer(&'static str),
    /// The hub signed something that does not go on from what it signed before.
    #[error(
        "the hub's feed of checkpoints is frozen: it does not go on from what was signed; \
         `rmd-hub auditor show` says more\n\
         le flux des points de contrôle du pivot est gelé : il ne prolonge pas ce qui était signé ; \
         `rmd-hub auditor show` en dit plus"
    )]
    Frozen,
    /// A file of notes holds something else.
    #[error(
        "{path} is neither an auditor's folder nor a file of signed checkpoints\n\
         {path} n'est ni le répertoire d'un auditeur ni un fichier de points de contrôle signés",
        path = .0.display()
    )]
    NoSide(PathBuf),
    /// The store contradicts itself.
    #[error("{STORE} is inconsistent: {0}; put it back from a backup, or enrol anew")]
    Inconsistent(&'static str),
    /// A file of the folder.
    #[error("{}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The hub refused a call.
    #[error("the hub answers: {0} · le pivot répond")]
    Refused(Fault),
    /// The hub cannot be reached, or refused the connection.
    #[error(transparent)]
    Link(#[from] rmd_link::Error),
    /// The certificate.
    #[error(transparent)]
    Credentials(#[from] rmd_link::credentials::Error),
    /// The key of the certificate.
    #[error(transparent)]
    Key(#[from] rmd_link::keys::Error),
    /// An identity.
    #[error(transparent)]
    Identity(#[from] rmd_link::identity::Malformed),
    /// A secret file.
    #[error(transparent)]
    Secret(#[from] files::Error),
    /// Checkpoints and proofs.
    #[error(transparent)]
    Feed(#[from] rmd_feed::Error),
    /// The store.
    #[error("{STORE}")]
    Store(#[from] sqlx::Error),
    /// The tables of the store.
    #[error("migrate {STORE}")]
    Migrate(#[from] sqlx::migrate::MigrateError),
}

impl Error {
    /// The exit code of a command that met it.
    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Self::Absent(_) | Self::NoSide(_) => exit::NOT_FOUND,
            Self::Token { .. } | Self::Frozen => exit::DATA,
            Self::NoAddress => exit::USAGE,
            Self::Refused(fault) => of_code(fault.code),
            Self::Link(error) => of_code(error.code()),
            _ => exit::FAILURE,
        }
    }

    /// Whether trying again may help.
    fn is_retryable(&self) -> bool {
        match self {
            Self::Refused(fault) => fault.code.is_retryable(),
            Self::Link(error) => error.code().is_retryable(),
            _ => false,
        }
    }
}

impl From<tonic::Status> for Error {
    fn from(status: tonic::Status) -> Self {
        Self::Refused(Fault::from(status))
    }
}

/// Who is refused has to ask an officer; everything else is the hub's absence.
const fn of_code(code: Code) -> u8 {
    match code {
        Code::RoleForbidden
        | Code::CertificateRevoked
        | Code::CertificateExpired
        | Code::CertificateUntrusted
        | Code::CertificateMissing
        | Code::IdentityInvalid
        | Code::IdentityMismatch => exit::FORBIDDEN,
        Code::TokenUnknown | Code::TokenUsed | Code::TokenExpired => exit::DATA,
        _ => exit::UNAVAILABLE,
    }
}
