//! A relay that makes a link bad: late, narrow, uneven, silent, cut.
//!
//! Owns the way of every byte between a dialler and the address behind the relay.
//! All connections of a relay share one link, so they share its rate. Each direction
//! takes what arrives in pieces no larger than a twentieth of a second's worth,
//! gives each piece the instant at which it has left (rate) and the instant at which it
//! arrives (delay and jitter), and never reads ahead: whoever sends too fast is held
//! up by TCP, as by a real link. Invariant: bytes arrive in order and unchanged, or
//! the connection ends.

mod lane;
#[cfg(test)]
mod tests;

use std::{
    io,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, AtomicUsize, Ordering},
    },
    time::Duration,
};

use anyhow::{Context as _, Result};
use tokio::{
    net::{TcpListener, TcpSocket, TcpStream},
    runtime::{Builder, Runtime},
    sync::watch,
    time::{Instant, sleep, sleep_until},
};

use lane::Lane;

/// What the kernel may hold for a piece that is not read yet, in each direction: what
/// a station of a slow network holds, and not the megabytes of a loopback.
const BUFFER_BYTES: u32 = 16 * 1024;

/// What a link does to what goes over it.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Profile {
    /// There and back; half of it in each direction.
    pub(crate) round_trip: Duration,
    /// Up to so much later, drawn for each piece; order is kept.
    pub(crate) jitter: Duration,
    /// Of each direction; none for no limit.
    pub(crate) bits_per_second: Option<u64>,
    /// Every so often nothing moves for so long.
    pub(crate) stalls: Option<(Duration, Duration)>,
    /// Every so often all connections end.
    pub(crate) cut_every: Option<Duration>,
}

impl Profile {
    /// Changes nothing.
    pub(crate) const PLAIN: Self = Self {
        round_trip: Duration::ZERO,
        jitter: Duration::ZERO,
        bits_per_second: None,
        stalls: None,
        cut_every: None,
    };

    /// A phone of the second generation at the edge of its cell.
    pub(crate) const TWO_G: Self = Self {
        round_trip: Duration::from_millis(600),
        jitter: Duration::from_millis(150),
        bits_per_second: Some(30_000),
        stalls: Some((Duration::from_secs(9), Duration::from_millis(1_500))),
        cut_every: Some(Duration::from_secs(20)),
    };

    /// A dish on a roof: far, and wide enough for a share of half a megabit.
    pub(crate) const SATELLITE: Self = Self {
        round_trip: Duration::from_millis(1_200),
        jitter: Duration::from_millis(30),
        bits_per_second: Some(512_000),
        stalls: None,
        cut_every: None,
    };
}

/// How the link is at the moment.
#[derive(Debug, Clone, Copy, Default)]
struct Weather {
    /// How often it was cut: a connection of before a cut is gone.
    cuts: u64,
    /// Nothing moves, and nobody is told.
    is_silent: bool,
}

/// What is counted of a link.
#[derive(Debug, Default)]
struct Counts {
    connections: AtomicUsize,
    /// Connections that a cut ended.
    ended: AtomicUsize,
    /// Delivered to whoever dialled.
    down: AtomicU64,
    /// Delivered to the address behind the relay.
    up: AtomicU64,
}

#[derive(Debug)]
struct Link {
    behind: SocketAddr,
    weather: watch::Sender<Weather>,
    counts: Counts,
    up: Lane,
    down: Lane,
    piece: usize,
}

/// A running relay. It ends, with every connection, with the value.
#[derive(Debug)]
pub(crate) struct Proxy {
    link: Arc<Link>,
    /// Where it listens.
    pub(crate) address: SocketAddr,
    runtime: Option<Runtime>,
}

impl Proxy {
    /// Listens at `address` and relays to `behind`.
    pub(crate) fn open(address: &str, behind: &str, profile: Profile, seed: u64) -> Result<Self> {
        let address: SocketAddr = address.parse().context("read where the relay listens")?;
        let behind: SocketAddr = behind.parse().context("read what is behind the relay")?;
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
        let inside = runtime.enter();
        let socket = TcpSocket::new_v4()?;
        socket.set_reuseaddr(true)?;
        socket.set_recv_buffer_size(BUFFER_BYTES)?;
        socket.bind(address).with_context(|| format!("open a relay at {address}"))?;
        let listener = socket.listen(64)?;
        let address = listener.local_addr()?;
        let link = Arc::new(Link::new(behind, profile, seed));
        runtime.spawn(accept(link.clone(), listener));
        if let Some(every) = profile.cut_every {
            runtime.spawn(cut_now_and_then(link.clone(), every));
        }
        drop(inside);
        Ok(Self { link, address, runtime: Some(runtime) })
    }

    /// From now on nothing moves, or everything does again.
    pub(crate) fn silence(&self, is_silent: bool) {
        self.link.weather.send_modify(|weather| weather.is_silent = is_silent);
    }

    /// Connections that were made.
    pub(crate) fn connections(&self) -> usize {
        self.link.counts.connections.load(Ordering::Relaxed)
    }

    /// Connections that ended because the link was cut.
    pub(crate) fn ended(&self) -> usize {
        self.link.counts.ended.load(Ordering::Relaxed)
    }

    /// How often the link was cut.
    pub(crate) fn cuts(&self) -> u64 {
        self.link.weather.borrow().cuts
    }

    /// Bytes that came to whoever dialled.
    pub(crate) fn bytes_down(&self) -> u64 {
        self.link.counts.down.load(Ordering::Relaxed)
    }

    /// Bytes that came to the address behind.
    pub(crate) fn bytes_up(&self) -> u64 {
        self.link.counts.up.load(Ordering::Relaxed)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl Link {
    fn new(behind: SocketAddr, profile: Profile, seed: u64) -> Self {
        let begun = Instant::now();
        Self {
            behind,
            weather: watch::Sender::new(Weather::default()),
            counts: Counts::default(),
            up: Lane::new(profile, begun, seed),
            down: Lane::new(profile, begun, seed.wrapping_add(1)),
            piece: lane::piece_bytes(profile.bits_per_second),
        }
    }
}

async fn accept(link: Arc<Link>, listener: TcpListener) {
    loop {
        match listener.accept().await {
            Ok((near, _)) => {
                link.counts.connections.fetch_add(1, Ordering::Relaxed);
                let link = link.clone();
                tokio::runtime::Handle::current().spawn(async move { relay(&link, near).await });
            }
            // Out of descriptors, or a peer that is gone already: the next may do.
            Err(_) => sleep(Duration::from_millis(10)).await,
        }
    }
}

async fn cut_now_and_then(link: Arc<Link>, every: Duration) {
    let mut next = Instant::now();
    loop {
        next += every;
        sleep_until(next).await;
        link.weather.send_modify(|weather| weather.cuts += 1);
    }
}

/// One connection, until either end closes it or the link is cut.
async fn relay(link: &Link, near: TcpStream) {
    let mut weather = link.weather.subscribe();
    let cuts = weather.borrow_and_update().cuts;
    let carried = async {
        let far = connect(link.behind).await?;
        near.set_nodelay(true)?;
        far.set_nodelay(true)?;
        let ((near_in, near_out), (far_in, far_out)) = (near.into_split(), far.into_split());
        let (up, down) = (&link.counts.up, &link.counts.down);
        tokio::try_join!(
            lane::carry(&link.up, near_in, far_out, link.weather.subscribe(), link.piece, up),
            lane::carry(&link.down, far_in, near_out, link.weather.subscribe(), link.piece, down),
        )
    };
    let is_cut = async {
        // The sender lives as long as the link.
        let _ = weather.wait_for(|weather| weather.cuts != cuts).await;
        // Before the ends are dropped, so that whoever sees the end sees it counted.
        link.counts.ended.fetch_add(1, Ordering::Relaxed);
    };
    tokio::select! {
        // Either end went away, or the address behind does not answer: both ends are closed.
        _ = carried => {}
        () = is_cut => {}
    }
}

async fn connect(behind: SocketAddr) -> io::Result<TcpStream> {
    let socket = TcpSocket::new_v4()?;
    socket.set_recv_buffer_size(BUFFER_BYTES)?;
    socket.connect(behind).await
}
