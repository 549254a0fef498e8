//! The streams that peers have open, and how long they leave them unread.
//!
//! A stream makes its next frame when HTTP/2 has room for it, so a peer that does not
//! read costs the frame that was handed over last, and no more. What that cannot
//! bound is bounded here: how many streams a peer has, and for how long a frame may
//! wait. Both end with the connection, because a stream that is not read cannot be
//! told anything. Invariant: a peer has at most so many streams; one more closes the
//! connection of its oldest, or is refused where that is its own.

use std::{
    num::NonZeroU32,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use futures_util::{Stream, stream};
use rmd_link::Peer;
use rmd_proto::{Code, Fault};
use tokio::time::Instant;
use tracing::{info, warn};

/// All open streams; clones share them.
#[derive(Debug, Clone)]
pub(crate) struct Streams(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    most: NonZeroU32,
    read_timeout: Duration,
    open: Mutex<Open>,
}

#[derive(Debug, Default)]
struct Open {
    opened: u64,
    /// In the order in which they were opened.
    streams: Vec<Entry>,
}

#[derive(Debug)]
struct Entry {
    number: u64,
    peer: Peer,
    /// When the transport asked last for the next frame.
    polled: Instant,
}

impl Streams {
    pub(crate) fn new(most: NonZeroU32, read_timeout: Duration) -> Self {
        Self(Arc::new(Inner { most, read_timeout, open: Mutex::default() }))
    }

    /// Gives a peer one more stream, until the ticket is dropped.
    pub(super) fn open(&self, peer: &Peer) -> Result<Ticket, Fault> {
        let most = usize::try_from(self.0.most.get()).unwrap_or(usize::MAX);
        let mut open = self.lock();
        let own = || open.streams.iter().filter(|entry| entry.peer.identity == peer.identity);
        if own().count() >= most
            && let Some(oldest) = own().next()
        {
            if oldest.peer.addr == peer.addr {
                return Err(too_many(most));
            }
            // A connection that died without a word keeps its streams for a minute.
            info!(peer.id = peer.identity.node_id(), "oldest connection closed for a new stream");
            oldest.peer.close();
            let addr = oldest.peer.addr;
            open.streams.retain(|entry| entry.peer.addr != addr);
        }
        open.opened += 1;
        let number = open.opened;
        open.streams.push(Entry { number, peer: peer.clone(), polled: Instant::now() });
        drop(open);
        Ok(Ticket { streams: self.clone(), number })
    }

    /// Closes the connections whose streams were left unread for too long by now.
    fn close_unread(&self, now: Instant) {
        let limit = self.0.read_timeout;
        for entry in &self.lock().streams {
            if now.saturating_duration_since(entry.polled) >= limit {
                let id = entry.peer.identity.node_id();
                warn!(peer.id = id, limit_s = limit.as_secs(), "peer reads nothing, closed");
                entry.peer.close();
            }
        }
    }

    /// Looks after the streams for ever.
    pub(super) async fn look_after(&self) {
        loop {
            tokio::time::sleep((self.0.read_timeout / 4).max(Duration::from_millis(10))).await;
            self.close_unread(Instant::now());
        }
    }

    fn lock(&self) -> MutexGuard<'_, Open> {
        self.0.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn polled(&self, number: u64) {
        let mut open = self.lock();
        if let Some(entry) = open.streams.iter_mut().find(|entry| entry.number == number) {
            entry.polled = Instant::now();
        }
    }
}

/// One open stream.
#[derive(Debug)]
pub(super) struct Ticket {
    streams: Streams,
    number: u64,
}

impl Ticket {
    /// The same stream, under the eyes of whoever looks after them all. What waits for
    /// something else looks around now and then, so a stream that nobody polls is one
    /// that HTTP/2 has no room for.
    pub(super) fn watch<S: Stream>(self, frames: S) -> impl Stream<Item = S::Item> + use<S> {
        let mut frames = Box::pin(frames);
        stream::poll_fn(move |context| {
            self.streams.polled(self.number);
            frames.as_mut().poll_next(context)
        })
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        self.streams.lock().streams.retain(|entry| entry.number != self.number);
    }
}

fn too_many(most: usize) -> Fault {
    let message = format!(
        "this connection has {most} streams open, the most that a peer may have; end one first\n\
         cette connexion a {most} flux ouverts, le plus qu'un pair puisse avoir ; terminez-en un"
    );
    Fault::new(Code::RequestInvalid, message)
}
