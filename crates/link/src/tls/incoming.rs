//! The stream of verified connections of a listener.
//!
//! Handshakes run beside each other inside the stream itself: no task is spawned,
//! and dropping the stream drops them. One slow or hostile client costs its own
//! slot for the handshake timeout and nobody else's time.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use futures_util::{
    Stream, StreamExt as _,
    future::{BoxFuture, FutureExt as _},
    stream::{FuturesUnordered, unfold},
};
use rmd_proto::Code;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use super::{Accepted, Acceptor};
use crate::Error;

/// Handshakes that may be open at once; further sockets wait in the kernel's queue.
/// Twelve states with a few nodes each need a dozen; the rest is room for strangers,
/// at about 20 KB each.
pub const HANDSHAKES_MAX: usize = 256;

/// Pause after a failed accept, which mostly means that file descriptors ran out.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

type Handshake<I> = BoxFuture<'static, (SocketAddr, Result<Accepted<I>, Error>)>;

struct State<I> {
    listener: TcpListener,
    acceptor: Arc<Acceptor<I>>,
    open: FuturesUnordered<Handshake<I>>,
    soft: CancellationToken,
}

/// The verified connections of a listener, for `serve_with_incoming`. Refused ones
/// are logged with their code and dropped. Ends when `soft` is cancelled (the
/// lifecycle's soft token); handshakes that are open then are dropped.
pub fn incoming<I: Send + Sync + 'static>(
    listener: TcpListener,
    acceptor: Acceptor<I>,
    soft: CancellationToken,
) -> impl Stream<Item = io::Result<Accepted<I>>> + Send {
    let acceptor = Arc::new(acceptor);
    let state = State { listener, acceptor, open: FuturesUnordered::new(), soft };
    unfold(state, |mut state| async move {
        let accepted = state.next().await?;
        Some((Ok(accepted), state))
    })
}

impl<I: Send + Sync + 'static> State<I> {
    async fn next(&mut self) -> Option<Accepted<I>> {
        loop {
            tokio::select! {
                biased;
                () = self.soft.cancelled() => return None,
                Some((addr, result)) = self.open.next(), if !self.open.is_empty() => {
                    match result {
                        Ok(accepted) => return Some(accepted),
                        Err(error) => log_refusal(addr, &error),
                    }
                }
                socket = self.listener.accept(), if self.open.len() < HANDSHAKES_MAX => {
                    self.begin(socket).await;
                }
            }
        }
    }

    async fn begin(&mut self, socket: io::Result<(TcpStream, SocketAddr)>) {
        match socket {
            Ok((socket, addr)) => {
                let acceptor = Arc::clone(&self.acceptor);
                let handshake = async move { (addr, acceptor.accept(socket, addr).await) };
                self.open.push(handshake.boxed());
            }
            Err(error) => {
                warn!(error = %error, "connection not accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

/// A peer that goes away is no more than information; a refused one may be a
/// misconfigured node, whose operator asks why.
fn log_refusal(addr: SocketAddr, error: &Error) {
    let cause = std::error::Error::source(error).map(ToString::to_string).unwrap_or_default();
    if error.code() == Code::PeerUnreachable {
        info!(peer.addr = %addr, error = %error, cause, "handshake not finished");
    } else {
        warn!(peer.addr = %addr, code = %error.code(), cause, "connection refused");
    }
}
