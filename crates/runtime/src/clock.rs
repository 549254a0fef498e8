//! The one place that reads the system's time.
//!
//! Time is a parameter: whoever needs an instant or a day holds a [`Clock`].
//! Instants are truncated to microseconds, the precision of every store we write,
//! so that what was written equals what is read back. Days are calendar days in
//! UTC+2, in all states alike.

use std::{
    fmt::Debug,
    sync::{Arc, Mutex, PoisonError},
};

use jiff::{
    SignedDuration, Timestamp,
    civil::Date,
    tz::{Offset, TimeZone},
};

/// The offset in which the network counts calendar days (Central Africa Time).
const DAY_OFFSET: Offset = Offset::constant(2);

/// A clock that many tasks read.
pub type SharedClock = Arc<dyn Clock>;

/// Where instants and days come from.
pub trait Clock: Send + Sync + Debug {
    /// The current instant, truncated to microseconds.
    fn now(&self) -> Timestamp;

    /// The evaluation day: the calendar day in UTC+2, or the day that the operator named.
    fn today(&self) -> Date;
}

/// The calendar day of an instant in UTC+2.
pub fn calendar_day(instant: Timestamp) -> Date {
    instant.to_zoned(TimeZone::fixed(DAY_OFFSET)).date()
}

/// The system's clock; the evaluation day may be fixed by the operator.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock {
    as_of: Option<Date>,
}

impl SystemClock {
    /// A clock whose `today` is `as_of` where given. Its `now` is always the real
    /// instant: certificates and time stamps are never back-dated.
    pub const fn new(as_of: Option<Date>) -> Self {
        Self { as_of }
    }

    /// The same, for many tasks.
    pub fn shared(as_of: Option<Date>) -> SharedClock {
        Arc::new(Self::new(as_of))
    }
}

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the clock that everybody else takes")]
    fn now(&self) -> Timestamp {
        truncate(Timestamp::now())
    }

    fn today(&self) -> Date {
        self.as_of.unwrap_or_else(|| calendar_day(self.now()))
    }
}

/// A clock that stands still until it is moved; for tests and rehearsals.
#[derive(Debug)]
pub struct ManualClock {
    now: Mutex<Timestamp>,
}

impl ManualClock {
    /// A clock that stands at an instant.
    pub fn new(now: Timestamp) -> Self {
        Self { now: Mutex::new(truncate(now)) }
    }

    /// Moves the clock to an instant, backwards too.
    pub fn set(&self, now: Timestamp) {
        *self.now.lock().unwrap_or_else(PoisonError::into_inner) = truncate(now);
    }

    /// Moves the clock by a span, which may be negative. It stops at the ends of
    /// the range of time stamps.
    pub fn advance(&self, by: SignedDuration) {
        let mut now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        let end = if by.is_negative() { Timestamp::MIN } else { Timestamp::MAX };
        *now = truncate(now.checked_add(by).unwrap_or(end));
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        *self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn today(&self) -> Date {
        calendar_day(self.now())
    }
}

/// Drops what is finer than a microsecond, the precision of our stores.
fn truncate(instant: Timestamp) -> Timestamp {
    // Only the last microseconds of the year 9999 cannot be built again.
    Timestamp::from_microsecond(instant.as_microsecond()).unwrap_or(instant)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn instant(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn instants_are_whole_microseconds() {
        assert_eq!(SystemClock::default().now().as_nanosecond() % 1_000, 0);
        let clock = ManualClock::new(instant("2018-01-01T00:00:00.123456789Z"));
        assert_eq!(clock.now(), instant("2018-01-01T00:00:00.123456Z"));
    }

    #[test]
    fn the_day_changes_at_22_hours_utc() {
        assert_eq!(calendar_day(instant("2018-01-01T21:59:59.999999Z")), date(2018, 1, 1));
        assert_eq!(calendar_day(instant("2018-01-01T22:00:00Z")), date(2018, 1, 2));
    }

    #[test]
    fn a_named_day_fixes_today_but_not_now() {
        let clock = SystemClock::new(Some(date(2018, 1, 1)));
        assert_eq!(clock.today(), date(2018, 1, 1));
        assert!(clock.now() > instant("2020-01-01T00:00:00Z"));
    }

    #[test]
    fn a_manual_clock_moves_only_when_told() {
        let clock = ManualClock::new(instant("2018-01-01T21:00:00Z"));
        assert_eq!(clock.now(), clock.now());
        clock.advance(SignedDuration::from_hours(1));
        assert_eq!(clock.today(), date(2018, 1, 2));
        clock.advance(SignedDuration::from_hours(-1));
        assert_eq!(clock.today(), date(2018, 1, 1));
        clock.set(instant("2016-02-29T00:00:00Z"));
        assert_eq!(clock.today(), date(2016, 2, 29));
        clock.advance(SignedDuration::MAX);
        assert_eq!(clock.now().as_microsecond(), Timestamp::MAX.as_microsecond());
    }
}
