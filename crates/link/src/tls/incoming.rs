//! The stream of verified connections of a listener.
//!
//! Handshakes run beside each other inside the stream itself: no task is spawned,
//! and dropping the stream drops them. Their number is bounded; when a socket comes
//! that has no room, the handshake that is open longest makes room for it. So slow
//! or hostile clients cost each other their place, and not the others.

use std::{collections::BTreeMap, io, net::SocketAddr, sync::Arc, time::Duration};

use futures_util::{
    Stream, StreamExt as _,
    future::{AbortHandle, Abortable, BoxFuture, FutureExt as _},
    stream::{FuturesUnordered, unfold},
};
use rmd_proto::Code;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use super::{Accepted, Acceptor};
use crate::Error;

/// Handshakes that may be open at once. Twelve states with a few nodes each need a
/// dozen; the rest is room for strangers, at about 20 KB each.
pub const HANDSHAKES_MAX: usize = 256;

/// Pause after a failed accept, which mostly means that file descriptors ran out.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

type Handshake<I> = BoxFuture<'static, Done<I>>;

struct Done<I> {
    number: u64,
    addr: SocketAddr,
    /// None if it had to make room.
    result: Option<Result<Accepted<I>, Error>>,
}

struct State<I> {
    listener: TcpListener,
    acceptor: Arc<Acceptor<I>>,
    open: FuturesUnordered<Handshake<I>>,
    /// The open handshakes that were not told to make room, in the order of their
    /// sockets.
    waiting: BTreeMap<u64, AbortHandle>,
    sockets: u64,
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
    let state = State {
        listener,
        acceptor: Arc::new(acceptor),
        open: FuturesUnordered::new(),
        waiting: BTreeMap::new(),
        sockets: 0,
        soft,
    };
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
                Some(done) = self.open.next(), if !self.open.is_empty() => {
                    if let Some(accepted) = self.end(done) {
                        return Some(accepted);
                    }
                }
                socket = self.listener.accept() => self.begin(socket).await,
            }
        }
    }

    async fn begin(&mut self, socket: io::Result<(TcpStream, SocketAddr)>) {
        let (socket, addr) = match socket {
            Ok(accepted) => accepted,
            Err(error) => {
                warn!(error = %error, "connection not accepted");
                return tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        };
        if self.waiting.len() >= HANDSHAKES_MAX
            && let Some((_, oldest)) = self.waiting.pop_first()
        {
            oldest.abort();
        }
        self.sockets += 1;
        let (number, acceptor) = (self.sockets, Arc::clone(&self.acceptor));
        let (handle, registration) = AbortHandle::new_pair();
        self.waiting.insert(number, handle);
        let handshake = async move { acceptor.accept(socket, addr).await };
        let handshake = Abortable::new(handshake, registration);
        self.open.push(async move { Done { number, addr, result: handshake.await.ok() } }.boxed());
    }

    fn end(&mut self, done: Done<I>) -> Option<Accepted<I>> {
        self.waiting.remove(&done.number);
        match done.result {
            Some(Ok(accepted)) => return Some(accepted),
            Some(Err(error)) => log_refusal(done.addr, &error),
            None => warn!(peer.addr = %done.addr, "handshake dropped to make room"),
        }
        None
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
