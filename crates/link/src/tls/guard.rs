//! The check of each request: revocation is in force at the next rpc, not only at
//! the next handshake.

use tonic::{Request, Status, service::Interceptor};

use crate::{Credentials, Peer};

/// An interceptor that refuses requests of peers that were revoked, or whose
/// certificate ended, since their handshake; and requests without a peer.
#[derive(Debug, Clone)]
pub struct Guard {
    credentials: Credentials,
}

impl Guard {
    /// A guard that reads the deny-list and the clock of `credentials`.
    pub fn new(credentials: &Credentials) -> Self {
        Self { credentials: credentials.clone() }
    }
}

impl Interceptor for Guard {
    fn call(&mut self, request: Request<()>) -> Result<Request<()>, Status> {
        Peer::of_request(&request)?.check(&self.credentials)?;
        Ok(request)
    }
}
