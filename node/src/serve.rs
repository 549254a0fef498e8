//! Serving: what peers get of this node over mutual TLS.
//!
//! Owns the gRPC services and who may call them. A peer's identity is the one in
//! its verified certificate and never comes from a message. Refuses everything
//! that is not listed in [`Right`]; faults leave as [`rmd_proto::Fault`] alone.

mod feeds;
mod hello;
mod recovery;
mod shared;
mod stream;
mod streams;

#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;

use std::{io, time::Duration};

pub(crate) use {hello::feed_states, streams::Streams};

use futures_util::Stream;

use rmd_link::{Credentials, Guard, Peer, Role, Throttle};
use rmd_proto::{
    Code, Fault,
    v1::{
        feed_service_server::FeedServiceServer, recovery_service_server::RecoveryServiceServer,
        shared_master_data_service_server::SharedMasterDataServiceServer,
    },
};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_util::sync::CancellationToken;
use tonic::{Request, service::interceptor::InterceptedService, transport::server::Connected};
use tracing::error;

use crate::{
    hours::Opening,
    inbox::Inbox,
    journal::{self, Journal, boot::Boot},
};

/// What the services need to answer.
#[derive(Debug, Clone)]
pub(crate) struct Context {
    /// The feeds.
    pub(crate) journal: Journal,
    /// Where the hub's feeds go.
    pub(crate) inbox: Inbox,
    /// Our certificate and the deny-list.
    pub(crate) credentials: Credentials,
    /// This start.
    pub(crate) boot: Boot,
    /// How often an open Follow looks for itself.
    pub(crate) poll_interval: Duration,
    /// What may leave.
    pub(crate) limits: Limits,
    /// Ends open streams.
    pub(crate) shutdown: CancellationToken,
}

/// What may leave, over all streams together.
#[derive(Debug, Clone)]
pub(crate) struct Limits {
    /// How many bytes in a second.
    pub(crate) throttle: Throttle,
    /// In which hours.
    pub(crate) opening: Opening,
    /// On how many streams.
    pub(crate) streams: Streams,
}

/// What a call does, for the question who may make it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Right {
    /// Hello, Pull and Prove: the hub, and the auditors that this node names.
    Read,
    /// Follow, and the hub's own feeds: the hub alone.
    Exchange,
}

/// Most bytes of a request for a feed: a few checkpoints are far smaller, and
/// empty elements of a list are many times larger in memory.
const REQUEST_BYTES_MAX: usize = 64 * 1024;

/// Most calls at a time on one connection: two feeds, Hello, and what an auditor asks
/// beside them.
const CALLS_MAX: u32 = 64;

/// Serves verified connections until shutdown, then lets open calls end.
pub(crate) async fn serve<C>(
    context: Context,
    incoming: impl Stream<Item = io::Result<C>>,
) -> Result<(), tonic::transport::Error>
where
    C: AsyncRead + AsyncWrite + Connected + Unpin + Send + 'static,
{
    let guard = Guard::new(&context.credentials);
    let shutdown = context.shutdown.clone();
    let streams = context.limits.streams.clone();
    let feeds = FeedServiceServer::new(feeds::Feeds { context: context.clone() })
        .max_decoding_message_size(REQUEST_BYTES_MAX);
    let recovery = RecoveryServiceServer::new(recovery::Recovery { context: context.clone() });
    let shared = SharedMasterDataServiceServer::new(shared::Shared { context });
    let served = rmd_link::tls::server()
        .max_concurrent_streams(CALLS_MAX)
        .add_service(InterceptedService::new(feeds, guard.clone()))
        .add_service(InterceptedService::new(recovery, guard.clone()))
        .add_service(InterceptedService::new(shared, guard))
        .serve_with_incoming_shutdown(incoming, shutdown.cancelled_owned());
    tokio::select! {
        served = served => served,
        () = streams.look_after() => Ok(()),
    }
}

/// Whether a peer may open a connection at all: the hub of the network, and the
/// auditors that this node names.
pub(crate) fn is_admitted(own: &str, auditors: &[String], peer: &rmd_link::Identity) -> bool {
    peer.network == own
        && match &peer.role {
            Role::Hub => true,
            Role::Auditor { name } => auditors.contains(name),
            Role::Node { .. } => false,
        }
}

/// The verified peer of a request, if it may make the call.
fn authorise<T>(request: &Request<T>, right: Right) -> Result<Peer, Fault> {
    let peer = Peer::of_request(request)?.clone();
    match (&peer.identity.role, right) {
        (Role::Hub, _) | (Role::Auditor { .. }, Right::Read) => Ok(peer),
        _ => Err(Fault::new(
            Code::RoleForbidden,
            format!("{} may not make this call", peer.identity.node_id()),
        )),
    }
}

/// What a peer may know of a fault of ours; the cause goes to the log.
#[expect(clippy::needless_pass_by_value, reason = "it ends the life of the error")]
fn fault(error: journal::Error) -> Fault {
    error!(error = rmd_runtime::lifecycle::chain(&error), "feed cannot be read");
    Fault::new(error.code(), "the node cannot use its store now")
}
