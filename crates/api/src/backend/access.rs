//! Who asks, and what they may do.
//!
//! Owns the words of the scopes. A credential is never shown: its `Debug` hides
//! the secret, and no message repeats it.

use std::{fmt, str::FromStr};

use rmd_standard::Entity;

use super::fault::Cause;

/// What a request brought to show who asks.
#[derive(Clone, PartialEq, Eq, Hash)]
pub enum Credential {
    /// `Authorization: Bearer …`.
    Bearer(String),
    /// `X-API-Key: …`.
    Key(String),
}

impl Credential {
    /// The secret, however it was brought.
    pub fn secret(&self) -> &str {
        match self {
            Self::Bearer(secret) | Self::Key(secret) => secret,
        }
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Bearer(_) => "Bearer(…)",
            Self::Key(_) => "Key(…)",
        })
    }
}

/// One collection of the standard's API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Collection {
    /// `/mine-sites`.
    MineSites,
    /// `/export-certificates`.
    ExportCertificates,
    /// `/lots`.
    Lots,
}

impl Collection {
    /// Every collection.
    pub const ALL: [Self; 3] = [Self::MineSites, Self::ExportCertificates, Self::Lots];

    /// The word in paths and scopes.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::MineSites => "mine-sites",
            Self::ExportCertificates => "export-certificates",
            Self::Lots => "lots",
        }
    }

    /// The type of its records.
    pub const fn entity(self) -> Entity {
        match self {
            Self::MineSites => Entity::MineSite,
            Self::ExportCertificates => Entity::ExportCertificate,
            Self::Lots => Entity::Lot,
        }
    }
}

/// Reading or writing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Access {
    /// GET and GraphQL.
    Read,
    /// POST and PUT.
    Write,
}

/// What a credential must be cleared for; as text `mine-sites:read`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Scope {
    /// Of which records.
    pub collection: Collection,
    /// To do what.
    pub access: Access,
}

impl Scope {
    /// To read those records.
    pub const fn read(collection: Collection) -> Self {
        Self { collection, access: Access::Read }
    }

    /// To write those records.
    pub const fn write(collection: Collection) -> Self {
        Self { collection, access: Access::Write }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let access = match self.access {
            Access::Read => "read",
            Access::Write => "write",
        };
        write!(formatter, "{}:{access}", self.collection.as_str())
    }
}

/// A text that is no scope.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0} is no scope; write mine-sites, export-certificates or lots, then :read or :write")]
pub struct UnknownScope(pub String);

impl FromStr for Scope {
    type Err = UnknownScope;

    fn from_str(text: &str) -> Result<Self, UnknownScope> {
        let unknown = || UnknownScope(text.to_owned());
        let (name, access) = text.split_once(':').ok_or_else(unknown)?;
        let collection =
            Collection::ALL.into_iter().find(|known| known.as_str() == name).ok_or_else(unknown)?;
        match access {
            "read" => Ok(Self::read(collection)),
            "write" => Ok(Self::write(collection)),
            _ => Err(unknown()),
        }
    }
}

/// Why a request is not carried out.
#[derive(Debug, thiserror::Error)]
pub enum Denied {
    /// The request brought no credential.
    #[error("the request brought no credential")]
    Missing,
    /// The credential is not known, or not any more.
    #[error("the credential is not valid")]
    Invalid,
    /// The credential is known and not cleared for that.
    #[error("the credential is not cleared for {0}")]
    Forbidden(Scope),
    /// The store of credentials does not answer now.
    #[error("the store of credentials does not answer")]
    Unavailable(#[source] Cause),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_is_read_back_from_its_text() {
        for collection in Collection::ALL {
            for scope in [Scope::read(collection), Scope::write(collection)] {
                assert_eq!(scope.to_string().parse::<Scope>(), Ok(scope));
            }
        }
        for text in ["", "lots", "lots:", "lots:admin", "Lots:read", "mines:read"] {
            assert_eq!(text.parse::<Scope>(), Err(UnknownScope(text.to_owned())));
        }
    }

    #[test]
    fn a_credential_does_not_show_its_secret() {
        for credential in [Credential::Bearer("s3cret".into()), Credential::Key("s3cret".into())] {
            assert!(!format!("{credential:?}").contains("s3cret"));
            assert_eq!(credential.secret(), "s3cret");
        }
    }
}
