//! The accepting side: listeners that hand over verified connections only.
//!
//! TLS is ours, not tonic's, which has no way to revoke. Session resumption is
//! off, because a resumed session skips the certificate, and with it the
//! deny-list.

mod acceptor;
mod guard;
mod incoming;
mod peer;

use std::time::Duration;

pub(crate) use acceptor::config;
pub use acceptor::{Accepted, Acceptor};
pub use guard::Guard;
pub use incoming::{HANDSHAKES_MAX, incoming};
pub use peer::Peer;

/// HTTP/2 windows of both sides. The default of 64 KiB caps a link of 600 ms at
/// about 107 KB/s; 8 MiB is the largest decoded frame.
pub const WINDOW_BYTES: u32 = 8 * 1024 * 1024;

/// A connection that is silent for so long is asked whether it lives.
pub const KEEP_ALIVE_INTERVAL: Duration = Duration::from_secs(30);

/// A connection that does not answer for so long is dead. Long, because a 2G link
/// stalls for tens of seconds and lives.
pub const KEEP_ALIVE_TIMEOUT: Duration = Duration::from_secs(40);

/// A handshake takes three round trips and about 3 KB: 3 s at 600 ms and 30 kbit/s.
/// The rest is for stalls.
pub const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(20);

/// A tonic server with the windows and keep-alive of the network.
pub fn server() -> tonic::transport::Server {
    tonic::transport::Server::builder()
        .initial_stream_window_size(WINDOW_BYTES)
        .initial_connection_window_size(WINDOW_BYTES)
        .http2_keepalive_interval(Some(KEEP_ALIVE_INTERVAL))
        .http2_keepalive_timeout(Some(KEEP_ALIVE_TIMEOUT))
        .tcp_nodelay(true)
}
