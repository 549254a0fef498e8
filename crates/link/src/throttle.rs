//! How many bytes a second may leave.
//!
//! A token bucket over everything that shares it: it holds one second of bytes and
//! fills at the rate. A frame is never cut, so it is paid in full before it goes.
//! Invariant: what was paid within any time is at most rate × time + one second of
//! bytes. Payments go in turns of at most one second, so a large frame does not
//! keep the others out until it is paid. Refuses rates that it could not keep exactly
//! enough.

use std::{num::NonZeroU32, sync::Arc, time::Duration};

use governor::{
    Quota, RateLimiter,
    clock::{Clock, MonotonicClock, Reference},
    middleware::NoOpMiddleware,
    state::{InMemoryState, NotKeyed},
};
use tokio::sync::Mutex;

/// Fewer bytes a second than this are refused: a block of records would take a minute.
const BYTES_PER_SECOND_MIN: u32 = 500;

/// More are refused: the bucket counts in whole nanoseconds a byte.
const BYTES_PER_SECOND_MAX: u32 = 100_000_000;

/// How long a frame should take at the rate: long enough that its head costs
/// nothing, short enough that a cut repeats little.
const FRAME_TIME: Duration = Duration::from_secs(8);

/// A cap; clones share it. The default lets everything pass.
#[derive(Debug, Clone, Default)]
pub struct Throttle(Option<Arc<Inner>>);

#[derive(Debug)]
struct Inner {
    bucket: Bucket<MonotonicClock>,
    /// Who pays now; the others stand in line.
    turn: Mutex<()>,
}

/// A rate that is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0} bytes a second cannot be kept; expected 0 (no cap) or {BYTES_PER_SECOND_MIN} to {BYTES_PER_SECOND_MAX} / attendu : 0 (sans plafond) ou de {BYTES_PER_SECOND_MIN} à {BYTES_PER_SECOND_MAX} octets par seconde"
)]
pub struct BadRate(u32);

impl Throttle {
    /// A cap of so many bytes a second; 0 for none.
    pub fn new(bytes_per_second: u32) -> Result<Self, BadRate> {
        let Some(rate) = NonZeroU32::new(bytes_per_second) else { return Ok(Self::default()) };
        if !(BYTES_PER_SECOND_MIN..=BYTES_PER_SECOND_MAX).contains(&bytes_per_second) {
            return Err(BadRate(bytes_per_second));
        }
        let bucket = Bucket::new(rate, MonotonicClock);
        Ok(Self(Some(Arc::new(Inner { bucket, turn: Mutex::new(()) }))))
    }

    /// Most bytes of a frame that takes some seconds at the rate; none without a cap.
    pub fn frame_bytes(&self) -> Option<usize> {
        let rate = self.0.as_ref()?.bucket.rate.get() as usize;
        Some(rate.saturating_mul(usize::try_from(FRAME_TIME.as_secs()).unwrap_or(1)))
    }

    /// Waits until so many bytes may go, and takes them off what may go later. What
    /// was paid by a call that is dropped is lost.
    pub async fn pay(&self, bytes: usize) {
        let Some(inner) = &self.0 else { return };
        let mut left = bytes;
        while left > 0 {
            let turn = inner.turn.lock().await;
            while let Err(wait) = inner.bucket.pay(&mut left) {
                tokio::time::sleep(wait).await;
            }
            drop(turn);
        }
    }
}

#[derive(Debug)]
struct Bucket<C: Clock> {
    limiter: RateLimiter<NotKeyed, InMemoryState, C, NoOpMiddleware<C::Instant>>,
    clock: C,
    /// Bytes a second, and what the bucket holds.
    rate: NonZeroU32,
}

impl<C: Clock + Clone> Bucket<C>
where
    C::Instant: Reference,
{
    fn new(rate: NonZeroU32, clock: C) -> Self {
        // Rounded up, so that the cap is never passed.
        let a_byte = Duration::from_nanos(1_000_000_000_u64.div_ceil(u64::from(rate.get())));
        let quota = Quota::with_period(a_byte).expect("a second shared out is not zero");
        let limiter = RateLimiter::direct_with_clock(quota.allow_burst(rate), clock.clone());
        Self { limiter, clock, rate }
    }

    /// Pays one turn of what is left, or tells how long to wait before it can.
    fn pay(&self, left: &mut usize) -> Result<(), Duration> {
        let turn = u32::try_from(*left).unwrap_or(u32::MAX).min(self.rate.get());
        let Some(bytes) = NonZeroU32::new(turn) else { return Ok(()) };
        match self.limiter.check_n(bytes).expect("a turn is no more than the bucket holds") {
            Ok(()) => {
                *left -= turn as usize;
                Ok(())
            }
            Err(refused) => Err(refused.wait_time_from(self.clock.now())),
        }
    }
}

#[cfg(test)]
mod tests {
    use governor::clock::FakeRelativeClock;

    use super::*;

    /// Pays frames one after the other and moves the clock instead of waiting; the
    /// time at which each was paid, from the begin.
    fn paid_at(bucket: &Bucket<FakeRelativeClock>, frames: &[usize]) -> Vec<Duration> {
        let begun = bucket.clock.now();
        let paid = |bytes: &usize| {
            pay(bucket, *bytes);
            bucket.clock.now().duration_since(begun).into()
        };
        frames.iter().map(paid).collect()
    }

    fn pay(bucket: &Bucket<FakeRelativeClock>, mut bytes: usize) {
        while bytes > 0 {
            if let Err(wait) = bucket.pay(&mut bytes) {
                assert!(!wait.is_zero(), "a wait of nothing is a busy loop");
                bucket.clock.advance(wait);
            }
        }
    }

    #[test]
    fn no_more_leaves_than_the_rate_and_one_second_of_it() {
        for rate in [500, 3_750, 64_000, 3_000_000, 91_000_000] {
            let bucket = Bucket::new(NonZeroU32::new(rate).unwrap(), FakeRelativeClock::default());
            let rate = rate as usize;
            let frames = [1, rate / 2, rate, 7 * rate + 3, 16 << 10, 1 << 20, 0, 4_096];
            let mut sum = 0;
            for (bytes, at) in frames.iter().zip(paid_at(&bucket, &frames)) {
                sum += bytes;
                // The bucket was full at the begin: one second; the rest is the rate.
                let most = u128::try_from(rate).unwrap() * (at.as_nanos() + 1_000_000_000);
                assert!(sum as u128 * 1_000_000_000 <= most, "{sum} bytes in {at:?} at {rate}");
            }
        }
    }

    #[test]
    fn a_cap_is_used_up_to_the_rounding_of_a_nanosecond_a_byte() {
        let bucket = Bucket::new(NonZeroU32::new(10_000).unwrap(), FakeRelativeClock::default());
        let at = paid_at(&bucket, &[100_000, 100_000]);
        // 10 000 of the first were in the bucket.
        assert_eq!(at, [Duration::from_secs(9), Duration::from_secs(19)]);
    }

    #[test]
    fn a_pause_saves_up_one_second_and_no_more() {
        let bucket = Bucket::new(NonZeroU32::new(1_000).unwrap(), FakeRelativeClock::default());
        paid_at(&bucket, &[1_000]);
        bucket.clock.advance(Duration::from_hours(1));
        assert_eq!(paid_at(&bucket, &[1_000, 500])[1], Duration::from_millis(500));
    }

    #[test]
    fn a_rate_that_cannot_be_kept_is_refused_in_both_languages() {
        for rate in [1, BYTES_PER_SECOND_MIN - 1, BYTES_PER_SECOND_MAX + 1, u32::MAX] {
            let told = Throttle::new(rate).unwrap_err().to_string();
            assert!(told.contains(&rate.to_string()) && told.contains("attendu"), "{told}");
        }
        assert!(Throttle::new(0).unwrap().frame_bytes().is_none());
        let capped = Throttle::new(BYTES_PER_SECOND_MIN).unwrap();
        assert_eq!(capped.frame_bytes(), Some(4_000));
        assert!(Throttle::new(BYTES_PER_SECOND_MAX).is_ok());
    }
}
