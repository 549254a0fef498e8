//! Who belongs to the network.
//!
//! Owns the authority and the hub's own keys, invitations, the enrolment
//! listener, the nodes with their pinned feed keys, and the hub's copy of the
//! entitlements. It never sees a private key of a node and keeps no secret of
//! an invitation, only its SHA-256.

pub(crate) mod enrolment;
pub(crate) mod entitlement;
pub(crate) mod invitation;
pub(crate) mod network;
pub(crate) mod node;
pub(crate) mod standing;

#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;

use rmd_proto::{Code, Fault};
use rmd_runtime::exit;

use crate::store;

/// Folder of the authority: root and issuing CA.
pub(crate) const CA_DIR: &str = "ca";
/// Folder of the hub's own certificate.
pub(crate) const TLS_DIR: &str = "tls";
/// Folder of the hub's feed key.
pub(crate) const KEYS_DIR: &str = "keys";
/// File of the hub's feed key.
pub(crate) const FEED_KEY: &str = "keys/feed.key";

/// What the registry refuses, or cannot do.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The state is not one of the twelve members.
    #[error(
        "{0} is no member state; use its alpha-3 code: {members}\n\
         {0} n'est pas un État membre ; utilisez son code alpha-3 : {members}",
        members = members()
    )]
    CountryUnknown(String),
    /// The name cannot stand in an identity.
    #[error(
        "name `{0}`: use 1 to 63 of a-z, 0-9 and `-`, beginning and ending with a letter or digit\n\
         nom « {0} » : utilisez 1 à 63 de a-z, 0-9 et `-`, lettre ou chiffre au début et à la fin"
    )]
    NameInvalid(String),
    /// No node of that name is enrolled.
    #[error(
        "node {0} is not enrolled; `rmd-hub node list` shows who is\n\
         le nœud {0} n'est pas inscrit ; `rmd-hub node list` montre lesquels le sont"
    )]
    NodeUnknown(String),
    /// The node was revoked.
    #[error(
        "node {0} was revoked; only a new invitation brings it back: `rmd-hub node invite`\n\
         le nœud {0} a été révoqué ; seule une nouvelle invitation le ramène : `rmd-hub node invite`"
    )]
    Revoked(String),
    /// No auditor of that name is invited or enrolled.
    #[error(
        "auditor {0} has no certificate and no invitation; `rmd-hub auditor list` shows who has\n\
         l'auditeur {0} n'a ni certificat ni invitation ; `rmd-hub auditor list` montre qui en a"
    )]
    AuditorUnknown(String),
    /// No such feed or record type.
    #[error(
        "{what} `{value}` is unknown; use one of: {allowed}\n\
         {what} « {value} » inconnu ; utilisez l'un de : {allowed}"
    )]
    WordUnknown {
        /// Feed or entity.
        what: &'static str,
        /// What was given.
        value: String,
        /// What may be given.
        allowed: String,
    },
    /// The store has a network already, or none yet.
    #[error(
        "the store belongs to network {found} and its keys, not to {wanted} in this directory; \
         use another store, or the directory that holds the keys\n\
         la base appartient au réseau {found} et à ses clés, pas à {wanted} dans ce répertoire ; \
         utilisez une autre base, ou le répertoire qui contient les clés",
        found = if found.is_empty() { "-" } else { found }
    )]
    NetworkMismatch {
        /// The network in the store; empty for none.
        found: String,
        /// The network of the configuration.
        wanted: String,
    },
    /// What is kept cannot be read.
    #[error("{what} cannot be read")]
    Malformed {
        /// What was read.
        what: &'static str,
        /// What is wrong with it.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The authority, or a certificate.
    #[error(transparent)]
    Authority(#[from] rmd_link::authority::Error),
    /// The hub's own certificate.
    #[error(transparent)]
    Credentials(#[from] rmd_link::credentials::Error),
    /// The hub's own TLS key.
    #[error(transparent)]
    Key(#[from] rmd_link::keys::Error),
    /// The hub's feed key.
    #[error(transparent)]
    Feed(#[from] rmd_feed::Error),
    /// A secret file.
    #[error(transparent)]
    File(#[from] rmd_runtime::files::Error),
    /// The store.
    #[error(transparent)]
    Store(#[from] store::Error),
}

impl Error {
    /// The exit code of a command that met it; none if the cause decides.
    pub(crate) const fn exit_code(&self) -> Option<u8> {
        match self {
            Self::CountryUnknown(_)
            | Self::NameInvalid(_)
            | Self::WordUnknown { .. }
            | Self::Revoked(_)
            | Self::NetworkMismatch { .. } => Some(exit::USAGE),
            Self::NodeUnknown(_) | Self::AuditorUnknown(_) => Some(exit::NOT_FOUND),
            _ => None,
        }
    }
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(store::Error::Query(error))
    }
}

/// What a peer may know of a failure of ours: the cause stays in our log.
impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        match error {
            Error::Store(_) => Self::new(
                Code::StoreUnavailable,
                "the hub's store does not answer; try again\nla base du pivot ne répond pas ; réessayez",
            ),
            _ => Self::new(
                Code::Internal,
                "the hub failed; its log says why\nle pivot a échoué ; son journal dit pourquoi",
            ),
        }
    }
}

fn members() -> String {
    rmd_standard::country::MEMBERS.map(|member| member.1).join(" ")
}

/// Malformed data of ours, with its cause.
fn malformed<E>(what: &'static str) -> impl FnOnce(E) -> Error
where
    E: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    move |source| Error::Malformed { what, source: source.into() }
}
