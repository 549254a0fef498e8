//! The section `api`.
//!
//! Refuses an address that other machines reach, unless that is asked for in so
//! many words: the API has no TLS of its own.

use std::net::{IpAddr, SocketAddr};

use rmd_standard::icglr;
use serde::{Deserialize, Serialize};

/// The standard's REST API on this node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Api {
    /// Whether it runs.
    pub(crate) enabled: bool,
    /// Where to listen, host:port.
    pub(crate) listen: String,
    /// Whether other machines may reach it.
    pub(crate) allow_remote: bool,
    /// Which JSON it speaks.
    pub(crate) usage: Usage,
}

/// The usage of the standard's JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Usage {
    /// As the region writes it.
    Icglr,
    /// As Rwanda writes it.
    Rw,
}

impl From<Usage> for icglr::Usage {
    fn from(usage: Usage) -> Self {
        match usage {
            Usage::Icglr => Self::Icglr,
            Usage::Rw => Self::Rwanda,
        }
    }
}

/// Other machines would reach the API.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Fault {
    /// The address is not one of this machine alone.
    #[error(
        "`{0}` can be reached from other machines and the API has no TLS; listen on 127.0.0.1, or put a reverse proxy with TLS before it and set api.allow_remote = true / cette adresse est joignable d'autres machines et l'API n'a pas de TLS ; écoutez sur 127.0.0.1, ou placez devant elle un mandataire inverse avec TLS et mettez api.allow_remote = true"
    )]
    Remote(String),
    /// The address is none.
    #[error("`{0}` is no address; expected host:port, as 127.0.0.1:7442 / attendu : hôte:port")]
    Malformed(String),
}

impl Api {
    /// What the types cannot say.
    pub(super) fn check(&self) -> Result<(), Fault> {
        let malformed = || Fault::Malformed(self.listen.clone());
        let (host, port) = self.listen.rsplit_once(':').ok_or_else(malformed)?;
        if host.is_empty() || port.parse::<u16>().is_err() {
            return Err(malformed());
        }
        let address = self.listen.parse::<SocketAddr>().map(|address| address.ip());
        let is_local = host == "localhost" || address.as_ref().is_ok_and(IpAddr::is_loopback);
        if is_local || self.allow_remote {
            return Ok(());
        }
        Err(Fault::Remote(self.listen.clone()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listening(listen: &str, allow_remote: bool) -> Api {
        Api { enabled: true, listen: listen.to_owned(), allow_remote, usage: Usage::Icglr }
    }

    #[test]
    fn only_this_machine_reaches_the_api_unless_that_is_asked_for() {
        for local in ["127.0.0.1:7442", "127.9.9.9:1", "[::1]:7442", "localhost:7442"] {
            assert!(listening(local, false).check().is_ok(), "{local}");
        }
        for remote in ["0.0.0.0:7442", "[::]:7442", "10.0.0.1:80", "mines.gov.example:7442"] {
            let fault = listening(remote, false).check().unwrap_err();
            assert!(matches!(fault, Fault::Remote(_)), "{remote}");
            assert!(fault.to_string().contains("TLS"));
            assert!(listening(remote, true).check().is_ok(), "{remote}");
        }
        for none in ["", "7442", ":7442", "127.0.0.1:", "127.0.0.1:http"] {
            assert!(matches!(listening(none, true).check(), Err(Fault::Malformed(_))), "{none}");
        }
    }
}
