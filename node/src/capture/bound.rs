//! Capture marks, and the arithmetic on them.
//!
//! A bound is what the source gave for a changed-at, and is given back to it as
//! it was. Stepping back by `lag` and cutting at the present keep the form of
//! the text, so that the source reads the result as its own: the same separator,
//! the same number of decimals, the same offset. What is not understood is left
//! as it is.

mod shape;

use std::time::Duration;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use self::shape::Shape;
use crate::mapping::Lag;
use crate::source::Bind;

/// What is re-read of a column of whole numbers that are no times: as many
/// numbers as transactions may be open at once in a large ministry.
const COUNTER_LAG: i64 = 1000;

/// The Julian day of 1970-01-01, in which SQLite's `julianday()` counts.
const JULIAN_EPOCH: f64 = 2_440_587.5;
const SECONDS_PER_DAY: f64 = 86_400.0;

/// Up to where a watched table was read, under which mapping.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Mark {
    mapping: String,
    /// The highest changed-at that is covered; none for a table that was empty.
    pub(super) bound: Option<Bind>,
    /// When everything was read for the last time, UTC microseconds.
    pub(super) read_all_us: i64,
    /// When the bound was read for the first time, as the source had it.
    seen_us: Option<i64>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    mapping: String,
    read_all_us: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    seen_us: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    integer: Option<i64>,
    // As bits: a decimal text would not come back as the same number everywhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    real_bits: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    text: Option<String>,
}

impl Mark {
    pub(super) fn new(mapping_id: &str, bound: Option<Bind>, read_all_us: i64) -> Self {
        Self { mapping: mapping_id.to_owned(), bound, read_all_us, seen_us: None }
    }

    /// The same, whose bound is what the source had at this instant.
    pub(super) fn seen_at(self, seen_us: i64) -> Self {
        Self { seen_us: Some(seen_us), ..self }
    }

    /// The mark of a window that ended at a bound: as long as the bound stays, so
    /// does the instant at which it was first seen.
    pub(super) fn moved_to(&self, bound: Bind, now_us: i64) -> Self {
        let seen_us = if self.bound.as_ref() == Some(&bound) { self.seen_us } else { Some(now_us) };
        Self { bound: Some(bound), seen_us, ..self.clone() }
    }

    /// Whether no row may come any more that was changed at the bound or before it:
    /// since it was seen, its unit of time has ended, and every transaction that
    /// began then has had `lag` to commit. What comes later still, a sweep finds.
    pub(super) fn is_settled(&self, lag: Option<Lag>, default: Duration, now_us: i64) -> bool {
        let (Some(bound), Some(seen_us)) = (&self.bound, self.seen_us) else { return false };
        let settled = settles_after(bound, lag, default);
        settled.and_then(|after| i64::try_from(after.as_micros()).ok()).is_some_and(|after_us| {
            now_us.checked_sub(seen_us).is_some_and(|elapsed_us| elapsed_us > after_us)
        })
    }

    /// The mark, unless it was made under another mapping or cannot be read: then
    /// everything has to be read again.
    pub(super) fn parse(text: &str, mapping_id: &str) -> Option<Self> {
        let stored: Stored = serde_json::from_str(text).ok()?;
        let bound = match (stored.integer, stored.real_bits, stored.text) {
            (Some(number), ..) => Some(Bind::Integer(number)),
            (_, Some(bits), _) => Some(Bind::Real(f64::from_bits(bits))),
            (.., Some(text)) => Some(Bind::Text(text)),
            _ => None,
        };
        (stored.mapping == mapping_id).then_some(Self {
            mapping: stored.mapping,
            bound,
            read_all_us: stored.read_all_us,
            seen_us: stored.seen_us,
        })
    }

    /// Whether it was made at exactly this bound.
    pub(super) fn is_at(&self, standing: Option<&str>) -> bool {
        matches!((&self.bound, standing), (Some(Bind::Text(bound)), Some(at)) if bound == at)
    }

    pub(super) fn to_text(&self) -> String {
        let mut stored = Stored {
            mapping: self.mapping.clone(),
            read_all_us: self.read_all_us,
            seen_us: self.seen_us,
            integer: None,
            real_bits: None,
            text: None,
        };
        match &self.bound {
            Some(Bind::Integer(number)) => stored.integer = Some(*number),
            Some(Bind::Real(number)) => stored.real_bits = Some(number.to_bits()),
            Some(Bind::Text(text)) => stored.text = Some(text.clone()),
            None => {}
        }
        serde_json::to_string(&stored).expect("a struct of plain fields can be written as JSON")
    }
}

/// How long after a bound was seen nothing may come at it any more; none for
/// numbers that are no times, and for what is not understood.
fn settles_after(bound: &Bind, lag: Option<Lag>, default: Duration) -> Option<Duration> {
    let lag = match lag {
        Some(Lag::Time(time)) => time,
        Some(Lag::Number(_)) => return None,
        None => default,
    };
    let unit = match bound {
        Bind::Integer(number) => unit_of(*number).map(|_| Duration::from_secs(1)),
        Bind::Real(_) => Some(Duration::from_secs(1)),
        Bind::Text(text) => Shape::parse(text).map(|shape| shape.unit()),
    };
    unit.map(|unit| unit + lag)
}

/// The bound that lies `lag` before another.
pub(super) fn behind(bound: &Bind, lag: Option<Lag>, default: Duration) -> Bind {
    let time = match lag {
        Some(Lag::Time(time)) => time,
        Some(Lag::Number(_)) | None => default,
    };
    match (bound, lag) {
        (Bind::Integer(number), Some(Lag::Number(lag))) => {
            Bind::Integer(number.saturating_sub(lag))
        }
        (Bind::Integer(number), _) => {
            let lag = unit_of(*number).map_or(COUNTER_LAG, |per_second| {
                per_second.saturating_mul(i64::try_from(time.as_secs() + 1).unwrap_or(i64::MAX))
            });
            Bind::Integer(number.saturating_sub(lag))
        }
        (Bind::Real(number), _) => {
            let lag = time.as_secs_f64();
            Bind::Real(number - if is_julian(*number) { lag / SECONDS_PER_DAY } else { lag })
        }
        (Bind::Text(text), _) => Bind::Text(
            Shape::parse(text)
                .and_then(|shape| shape.minus(time))
                .map_or_else(|| text.clone(), |shape| shape.to_text()),
        ),
    }
}

/// The bound, or the present in its form if it lies in the future: one row with
/// a wrong date must not hide the changes of years.
pub(super) fn clamped(bound: &Bind, lag: Option<Lag>, now: Timestamp, zone: &TimeZone) -> Bind {
    if matches!(lag, Some(Lag::Number(_))) {
        return bound.clone();
    }
    match bound {
        Bind::Integer(number) => {
            let limit = unit_of(*number).map_or(i64::MAX, |per_second| match per_second {
                1 => now.as_second(),
                1_000 => now.as_millisecond(),
                _ => now.as_microsecond(),
            });
            Bind::Integer((*number).min(limit))
        }
        Bind::Real(number) => {
            let seconds = now.as_duration().as_secs_f64();
            let julian = seconds / SECONDS_PER_DAY + JULIAN_EPOCH;
            Bind::Real(number.min(if is_julian(*number) { julian } else { seconds }))
        }
        Bind::Text(text) => {
            let shape = Shape::parse(text).and_then(|shape| shape.at_most(now, zone));
            Bind::Text(shape.map_or_else(|| text.clone(), |shape| shape.to_text()))
        }
    }
}

/// Units per second of a whole number that is a time between 2001 and 2100.
fn unit_of(number: i64) -> Option<i64> {
    [1, 1_000, 1_000_000]
        .into_iter()
        .find(|per_second| (1_000_000_000..4_100_000_000).contains(&(number / per_second)))
}

/// Whether a number is a Julian day between the years 1858 and 2132.
fn is_julian(number: f64) -> bool {
    (2_400_000.0..2_500_000.0).contains(&number)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LAG: Duration = Duration::from_secs(10);

    fn text(text: &str) -> Bind {
        Bind::Text(text.to_owned())
    }

    #[test]
    fn a_step_back_keeps_the_form_of_the_source() {
        for (given, expected) in [
            ("2017-03-01 00:00:05", "2017-02-28 23:59:55"),
            ("2017-03-01T00:00:05.5Z", "2017-02-28T23:59:55.5Z"),
            ("2017-03-01 00:00:05.123456+00", "2017-02-28 23:59:55.123456+00"),
            ("2017-03-01T00:00:05+02:00", "2017-02-28T23:59:55+02:00"),
            ("2017-03-01 00:00", "2017-02-28 23:59"),
            ("2017-03-01", "2017-02-28"),
            ("version 7", "version 7"),
        ] {
            assert_eq!(behind(&text(given), None, LAG), text(expected));
        }
    }

    #[test]
    fn numbers_step_back_in_their_own_unit() {
        let back = |number| behind(&Bind::Integer(number), None, LAG);
        assert_eq!(back(1_500_000_000), Bind::Integer(1_500_000_000 - 11));
        assert_eq!(back(1_500_000_000_000), Bind::Integer(1_500_000_000_000 - 11_000));
        assert_eq!(back(5_000), Bind::Integer(4_000));
        let own = behind(&Bind::Integer(5_000), Some(Lag::Number(3)), LAG);
        assert_eq!(own, Bind::Integer(4_997));
    }

    #[test]
    fn a_bound_in_the_future_becomes_the_present_in_its_own_form() {
        let now: Timestamp = "2018-01-01T10:00:00Z".parse().unwrap();
        let zone = TimeZone::get("Africa/Lubumbashi").unwrap();
        for (given, expected) in [
            ("2099-01-01 00:00:00", "2018-01-01 12:00:00"),
            ("2018-01-01 11:59:59", "2018-01-01 11:59:59"),
            ("2099-01-01T00:00:00.25Z", "2018-01-01T10:00:00.00Z"),
            ("2099-01-01 00:00:00+03", "2018-01-01 13:00:00+03"),
            ("2099-01-01", "2018-01-01"),
        ] {
            assert_eq!(clamped(&text(given), None, now, &zone), text(expected));
        }
        let seconds = Bind::Integer(4_000_000_000);
        assert_eq!(clamped(&seconds, None, now, &zone), Bind::Integer(now.as_second()));
        let counter = Some(Lag::Number(1));
        assert_eq!(clamped(&seconds, counter, now, &zone), seconds);
    }

    #[test]
    fn a_bound_settles_once_its_unit_and_the_lag_are_over() {
        for (bound, after_s) in [
            (text("2017-03-01 00:00:05"), 11),
            (text("2017-03-01 00:00"), 70),
            (text("2017-03-01"), 24 * 3600 + 10),
            (Bind::Integer(1_500_000_000_000), 11),
        ] {
            let mark = Mark::new("a1", Some(bound), 0).seen_at(5);
            let at = |seconds: i64| mark.is_settled(None, LAG, 6 + seconds * 1_000_000);
            assert!(!at(after_s - 1) && at(after_s), "{mark:?}");
            assert!(!mark.is_settled(None, LAG, -1), "a clock that ran backwards");
        }
        for bound in [text("version 7"), Bind::Integer(5_000)] {
            assert!(!Mark::new("a1", Some(bound), 0).seen_at(5).is_settled(None, LAG, i64::MAX));
        }
        let unseen = Mark::new("a1", Some(text("2017-03-01 00:00:05")), 0);
        assert!(!unseen.is_settled(None, LAG, i64::MAX));
        let moved = unseen.seen_at(5).moved_to(text("2017-03-01 00:00:05"), 50);
        assert_eq!(moved.seen_us, Some(5));
        assert_eq!(moved.moved_to(text("2017-03-01 00:00:06"), 60).seen_us, Some(60));
    }

    #[test]
    fn a_mark_comes_back_as_it_was_and_only_under_its_mapping() {
        for bound in [
            None,
            Some(Bind::Integer(-3)),
            Some(Bind::Real(2_458_119.123_456_7)),
            Some(text("2017-03-01 00:00:05")),
        ] {
            let mark = Mark::new("a1", bound, 7).seen_at(9);
            assert_eq!(Mark::parse(&mark.to_text(), "a1"), Some(mark.clone()));
            assert_eq!(Mark::parse(&mark.to_text(), "b2"), None);
        }
        assert_eq!(Mark::parse("of another time", "a1"), None);
    }
}
