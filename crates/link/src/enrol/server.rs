//! The enrolment listener's side of TLS.

use std::{net::SocketAddr, sync::Arc};

use rmd_proto::{Code, Fault};

use crate::{Acceptor, Credentials, Peer, tls, verify::LateVerifier};

/// Who calls the enrolment listener. Handlers find it in the extensions of their
/// request.
#[derive(Debug, Clone)]
pub struct Caller {
    /// The node, if it gave a certificate. That may have expired up to 180 days
    /// before, so it is good for `Renew` and nothing else.
    pub peer: Option<Peer>,
    /// The address of the socket.
    pub addr: SocketAddr,
}

/// Server-authenticated TLS 1.3. The chain includes the root, so that a client can
/// match it with its token. A client certificate is optional; one that is given
/// must be a node's or an auditor's, of this network, not revoked, and at most 180 days past its
/// end.
pub fn acceptor(credentials: &Credentials) -> Acceptor<Caller> {
    let verifier = Arc::new(LateVerifier { credentials: credentials.clone() });
    let config = tls::config(credentials, verifier, |current| &current.own_with_roots);
    Acceptor::with(credentials, config, |connection, addr| {
        Some(Caller { peer: Peer::of(connection, addr), addr })
    })
}

impl Caller {
    /// The caller of a request that came over the enrolment listener.
    pub fn of_request<T>(request: &tonic::Request<T>) -> Result<&Self, Fault> {
        let absent = || Fault::new(Code::Internal, "the connection carries no caller");
        request.extensions().get::<Self>().ok_or_else(absent)
    }

    /// The node that asks for a renewal. Refused without a certificate, and if it
    /// was revoked since the handshake.
    pub fn enrolled(&self, credentials: &Credentials) -> Result<&Peer, Fault> {
        let missing = || Fault::new(Code::CertificateMissing, "a renewal needs the certificate");
        let peer = self.peer.as_ref().ok_or_else(missing)?;
        if peer.is_denied(credentials) {
            return Err(Fault::new(Code::CertificateRevoked, "the certificate was revoked"));
        }
        Ok(peer)
    }
}
