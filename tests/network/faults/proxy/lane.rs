//! One direction of a link: when a piece leaves, and when it arrives.

use std::{
    io,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use rand::{Rng as _, SeedableRng as _, rngs::StdRng};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::tcp::{OwnedReadHalf, OwnedWriteHalf},
    sync::{mpsc, watch},
    time::{Instant, sleep_until},
};

use super::{Profile, Weather};

/// Pieces where the rate has no limit.
const PIECE_BYTES_MAX: usize = 16 * 1024;
/// Below this, the cost of a piece would be that of its headers.
const PIECE_BYTES_MIN: usize = 64;

/// A task that wakes up late by no more than this makes up for it, so that the rate
/// holds over many pieces. What is late by more is lost, as on a link.
pub(super) const SLACK: Duration = Duration::from_millis(20);

/// How much is taken at a time: a twentieth of a second's worth.
pub(super) fn piece_bytes(bits_per_second: Option<u64>) -> usize {
    let twentieth =
        bits_per_second.map(|bits| usize::try_from(bits / 8 / 20).unwrap_or(usize::MAX));
    twentieth.unwrap_or(PIECE_BYTES_MAX).clamp(PIECE_BYTES_MIN, PIECE_BYTES_MAX)
}

/// The time table of one direction.
#[derive(Debug)]
pub(super) struct Lane {
    profile: Profile,
    begun: Instant,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// When the last piece has left.
    free: Instant,
    random: StdRng,
}

/// The two instants of a piece.
#[derive(Debug, Clone, Copy)]
pub(super) struct Slot {
    pub(super) leaves: Instant,
    pub(super) arrives: Instant,
}

impl Lane {
    pub(super) fn new(profile: Profile, begun: Instant, seed: u64) -> Self {
        let state = State { free: begun, random: StdRng::seed_from_u64(seed) };
        Self { profile, begun, state: Mutex::new(state) }
    }

    /// The slot of a piece that is there at `now`.
    pub(super) fn slot(&self, now: Instant, bytes: usize) -> Slot {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let begins = self.after_stall(state.free.max(now.checked_sub(SLACK).unwrap_or(now)));
        let leaves = begins + self.takes(bytes);
        state.free = leaves;
        let jitter = self.profile.jitter.mul_f64(state.random.gen_range(0.0..1.0));
        // Making up for a late wake-up is a matter of the rate, not of the delay.
        Slot { leaves, arrives: leaves.max(now) + self.profile.round_trip / 2 + jitter }
    }

    fn takes(&self, bytes: usize) -> Duration {
        let bits = 8.0 * f64::from(u32::try_from(bytes).unwrap_or(u32::MAX));
        let rate = self.profile.bits_per_second.and_then(|rate| u32::try_from(rate).ok());
        rate.map_or(Duration::ZERO, |rate| Duration::from_secs_f64(bits / f64::from(rate)))
    }

    /// The end of the stall in which an instant lies; the instant itself outside of any.
    fn after_stall(&self, instant: Instant) -> Instant {
        let Some((every, lasting)) = self.profile.stalls else { return instant };
        let age = instant.saturating_duration_since(self.begun);
        let into = Duration::from_secs_f64(age.as_secs_f64() % every.as_secs_f64());
        // Each turn ends with its stall, so that a link begins by moving.
        let quiet_from = every.saturating_sub(lasting);
        if into < quiet_from { instant } else { instant + every.saturating_sub(into) }
    }
}

/// Carries one direction until its sender ends it.
pub(super) async fn carry(
    lane: &Lane,
    mut from: OwnedReadHalf,
    to: OwnedWriteHalf,
    weather: watch::Receiver<Weather>,
    piece: usize,
    delivered: &AtomicU64,
) -> io::Result<()> {
    let (queue, pieces) = mpsc::unbounded_channel();
    let silence = weather.clone();
    let read = async move {
        let mut bytes = vec![0; piece];
        loop {
            let count = from.read(&mut bytes).await?;
            if count == 0 {
                return Ok(());
            }
            moving(silence.clone()).await;
            let slot = lane.slot(Instant::now(), count);
            if queue.send((slot.arrives, bytes[..count].to_vec())).is_err() {
                return Ok(());
            }
            sleep_until(slot.leaves).await;
        }
    };
    tokio::try_join!(read, deliver(pieces, to, weather, delivered)).map(|_| ())
}

async fn deliver(
    mut pieces: mpsc::UnboundedReceiver<(Instant, Vec<u8>)>,
    mut to: OwnedWriteHalf,
    weather: watch::Receiver<Weather>,
    delivered: &AtomicU64,
) -> io::Result<()> {
    while let Some((arrives, bytes)) = pieces.recv().await {
        // Jitter may draw an earlier instant for a later piece: it waits its turn here.
        sleep_until(arrives).await;
        moving(weather.clone()).await;
        to.write_all(&bytes).await?;
        delivered.fetch_add(bytes.len() as u64, Ordering::Relaxed);
    }
    to.shutdown().await
}

/// Waits while the link is silent.
async fn moving(mut weather: watch::Receiver<Weather>) {
    // The sender lives as long as the link.
    let _ = weather.wait_for(|weather| !weather.is_silent).await;
}
