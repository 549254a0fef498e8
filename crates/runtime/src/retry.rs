//! How long to wait before trying again, and the only user of the crate `backoff`.
//!
//! The waits of a link that is down double from `initial` up to `max` and are
//! drawn at random below that bound, so that twelve nodes which lost the hub at
//! once do not come back at once. It never gives up by itself: weeks without a
//! network are normal. It never sleeps either; the caller waits.

use std::time::Duration;

use backoff::{ExponentialBackoff, ExponentialBackoffBuilder, backoff::Backoff as _};

/// The first wait may be drawn down to this part of `initial`, no further: a wait
/// near zero would turn a refusing peer into a busy loop.
const FLOOR_DIVISOR: u32 = 4;

/// What to do after an error; decided in one place per link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recover {
    /// Try the same again after this wait.
    Retry(Duration),
    /// Trying again cannot help; somebody has to act.
    Stop,
}

/// The waits between attempts: exponential, with full jitter, capped.
#[derive(Debug)]
pub struct Backoff {
    inner: ExponentialBackoff,
    floor: Duration,
    max: Duration,
}

impl Backoff {
    /// Waits that double from `initial` to `max`. A `max` below `initial` counts as `initial`.
    pub fn new(initial: Duration, max: Duration) -> Self {
        let max = max.max(initial);
        // Full jitter: the crate draws from the interval ± its randomisation factor,
        // so half the interval and a factor of one give zero to the whole interval.
        let inner = ExponentialBackoffBuilder::new()
            .with_initial_interval(initial / 2)
            .with_max_interval(max / 2)
            .with_multiplier(2.0)
            .with_randomization_factor(1.0)
            .with_max_elapsed_time(None)
            .build();
        Self { inner, floor: initial / FLOOR_DIVISOR, max }
    }

    /// The wait before the next attempt.
    #[expect(
        clippy::should_implement_trait,
        reason = "an iterator that never ends invites collect"
    )]
    pub fn next(&mut self) -> Duration {
        self.inner.next_backoff().unwrap_or(self.max).clamp(self.floor, self.max)
    }

    /// Begins again at `initial`; called once an exchange has succeeded.
    pub fn reset(&mut self) {
        self.inner.reset();
    }

    /// A wait if the error may pass by itself, else [`Recover::Stop`].
    pub fn recover(&mut self, is_retryable: bool) -> Recover {
        if is_retryable { Recover::Retry(self.next()) } else { Recover::Stop }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const INITIAL: Duration = Duration::from_millis(100);
    const MAX: Duration = Duration::from_secs(10);

    #[test]
    fn no_wait_leaves_its_bounds() {
        let mut backoff = Backoff::new(INITIAL, MAX);
        let mut bound = INITIAL;
        for _ in 0..1_000 {
            let wait = backoff.next();
            assert!(wait >= INITIAL / FLOOR_DIVISOR, "{wait:?} is a busy loop");
            assert!(wait <= bound, "{wait:?} exceeds {bound:?}");
            bound = (bound * 2).min(MAX);
        }
    }

    #[test]
    fn waits_differ_and_grow() {
        let mut backoff = Backoff::new(INITIAL, MAX);
        let waits: Vec<_> = (0..200).map(|_| backoff.next()).collect();
        let late = &waits[100..];
        assert!(late.iter().any(|wait| *wait > MAX / 2));
        assert!(late.iter().any(|wait| *wait < MAX / 2));
    }

    #[test]
    fn success_begins_again_at_the_initial_wait() {
        let mut backoff = Backoff::new(INITIAL, MAX);
        for _ in 0..50 {
            backoff.next();
        }
        backoff.reset();
        assert!(backoff.next() <= INITIAL);
    }

    #[test]
    fn only_what_may_pass_is_tried_again() {
        let mut backoff = Backoff::new(INITIAL, Duration::ZERO);
        assert_eq!(backoff.recover(false), Recover::Stop);
        assert!(matches!(backoff.recover(true), Recover::Retry(wait) if wait <= INITIAL));
    }
}
