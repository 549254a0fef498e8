//! The verified other end of a connection.

use std::{collections::HashSet, net::SocketAddr, sync::Arc};

use jiff::Timestamp;
use rmd_proto::{Code, Fault};
use rustls::{CommonState, ProtocolVersion};
use tokio_util::sync::CancellationToken;

use crate::{Credentials, Identity, certificate::Facts};

/// The verified other end of a connection. Handlers find it in the extensions of
/// their request.
#[derive(Debug, Clone)]
pub struct Peer {
    /// The one identity in its certificate.
    pub identity: Identity,
    /// `TLSv1.3`.
    pub tls_version: String,
    /// The certificate's serial, lower-case hex.
    pub serial: String,
    /// SHA-256 of the certificate's public key (SPKI), lower-case hex.
    pub key_sha256: String,
    /// The end of the certificate's validity.
    pub not_after: Timestamp,
    /// The address of its socket.
    pub addr: SocketAddr,
    /// Cancelled to close the connection.
    pub(crate) closing: CancellationToken,
}

impl Peer {
    /// The peer of a connection whose handshake is done; none if it gave no
    /// certificate, which only the enrolment listener lets pass.
    pub(crate) fn of(connection: &CommonState, addr: SocketAddr) -> Option<Self> {
        let facts = Facts::read(connection.peer_certificates()?.first()?).ok()?;
        Some(Self {
            identity: facts.identity?,
            tls_version: version_text(connection.protocol_version()),
            serial: facts.serial,
            key_sha256: facts.key_sha256,
            not_after: facts.not_after,
            addr,
            closing: CancellationToken::new(),
        })
    }

    /// The peer of a request that came over [`incoming`](crate::tls::incoming).
    pub fn of_request<T>(request: &tonic::Request<T>) -> Result<&Self, Fault> {
        request.extensions().get::<Self>().ok_or_else(|| {
            Fault::new(Code::CertificateMissing, "the connection carries no verified peer")
        })
    }

    /// Closes the connection that was accepted from it, with every call on it: the
    /// only way to be rid of a stream that its reader does not read.
    pub fn close(&self) {
        self.closing.cancel();
    }

    /// Whether its certificate or its key is on the deny-list.
    pub fn is_denied(&self, credentials: &Credentials) -> bool {
        credentials.is_denied(&self.serial, &self.key_sha256)
    }

    /// Refuses a peer that was revoked, or whose certificate ended, since the
    /// handshake.
    pub fn check(&self, credentials: &Credentials) -> Result<(), Fault> {
        if self.is_denied(credentials) {
            return Err(Fault::new(Code::CertificateRevoked, "the certificate was revoked"));
        }
        if credentials.clock().now() > self.not_after {
            return Err(Fault::new(Code::CertificateExpired, "the certificate has expired"));
        }
        Ok(())
    }

    /// Returns once the peer is on the deny-list; for streams that stay open.
    pub async fn denied(&self, credentials: &Credentials) {
        let is_denied = |list: &Arc<HashSet<String>>| {
            list.contains(&self.serial) || list.contains(&self.key_sha256)
        };
        if credentials.denials().wait_for(is_denied).await.is_err() {
            // The sender lives in the credentials that we borrow.
            std::future::pending::<()>().await;
        }
    }
}

/// The protocol version as people write it.
fn version_text(version: Option<ProtocolVersion>) -> String {
    match version {
        Some(ProtocolVersion::TLSv1_3) => "TLSv1.3".to_owned(),
        other => format!("{other:?}"),
    }
}
