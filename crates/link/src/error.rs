//! Why a connection could not be made, or a request over it failed.

use std::{io, time::Duration};

use rmd_proto::{Code, Fault};

use crate::Identity;

/// The fault of one connection.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// We have no certificate yet; nothing was sent.
    #[error("this side holds no certificate yet; enrol first")]
    NoCertificate,
    /// No connection.
    #[error("{address} cannot be reached")]
    Unreachable {
        /// The address that was dialled, or that dialled us.
        address: String,
        /// What the system said.
        source: io::Error,
    },
    /// No handshake within its time.
    #[error("{address} did not finish the handshake within {} s", limit.as_secs())]
    Timeout {
        /// The address that was dialled, or that dialled us.
        address: String,
        /// The limit.
        limit: Duration,
    },
    /// One side refused the other.
    #[error("the handshake with {address} failed: {code}{}", presented_text(presented.as_deref()))]
    Handshake {
        /// The address that was dialled, or that dialled us.
        address: String,
        /// The reason.
        code: Code,
        /// The identity that the peer showed, where it came so far. Not verified.
        presented: Option<Box<Identity>>,
        /// What the socket or rustls said.
        source: io::Error,
    },
    /// The connection was made, but HTTP/2 could not begin on it.
    #[error("{address} does not speak HTTP/2")]
    Transport {
        /// The address that was dialled.
        address: String,
        /// What tonic said.
        source: tonic::transport::Error,
    },
    /// The peer answered a request with a fault.
    #[error("the peer refused the request")]
    Refused(#[source] Fault),
    /// The peer's answer cannot be right.
    #[error("the hub's answer is not what was asked for: {0}")]
    Answer(&'static str),
}

impl Error {
    /// The fault as one of the closed list.
    pub fn code(&self) -> Code {
        match self {
            Self::NoCertificate => Code::CertificateMissing,
            Self::Unreachable { .. } | Self::Timeout { .. } | Self::Transport { .. } => {
                Code::PeerUnreachable
            }
            Self::Handshake { code, .. } => *code,
            Self::Refused(fault) => fault.code,
            Self::Answer(_) => Code::CertificateUntrusted,
        }
    }
}

fn presented_text(presented: Option<&Identity>) -> String {
    presented.map(|identity| format!(", the peer shows {identity}")).unwrap_or_default()
}
