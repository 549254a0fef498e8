//! A time as a source writes it in text, taken apart and put together again.
//!
//! Keeps the form: separator, seconds, number of decimals and offset come out as
//! they went in. Refuses what does not begin with an ISO date.

use std::fmt::Write as _;
use std::time::Duration;

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Timestamp};

/// A date and time as text, taken apart so that it can be put together again.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Shape {
    at: DateTime,
    /// Between date and time; none for a date alone.
    separator: Option<char>,
    has_seconds: bool,
    decimals: usize,
    suffix: String,
}

impl Shape {
    pub(super) fn parse(text: &str) -> Option<Self> {
        let date: Date = text.get(..10)?.parse().ok()?;
        let Some(separator) = text[10..].chars().next() else {
            return Some(Self {
                at: date.to_datetime(Time::midnight()),
                separator: None,
                has_seconds: false,
                decimals: 0,
                suffix: String::new(),
            });
        };
        let rest = text.get(10 + separator.len_utf8()..)?;
        let clock_end = rest
            .find(|c: char| !(c.is_ascii_digit() || c == ':' || c == '.'))
            .unwrap_or(rest.len());
        let (clock, suffix) = rest.split_at(clock_end);
        let (clock, fraction) = clock.split_once('.').unwrap_or((clock, ""));
        let mut parts = clock.split(':').map(|part| part.parse::<i8>().ok());
        let (hour, minute, second) = (parts.next()??, parts.next()??, parts.next());
        let nanos = format!("{fraction:0<9}").get(..9)?.parse().ok()?;
        let time = Time::new(hour, minute, second.flatten().unwrap_or(0), nanos).ok()?;
        Some(Self {
            at: date.to_datetime(time),
            separator: Some(separator),
            has_seconds: second.is_some(),
            decimals: fraction.len(),
            suffix: suffix.to_owned(),
        })
    }

    /// The least by which two such times can differ: a source that drops decimals
    /// of nought writes whole seconds, so no less than a second.
    pub(super) fn unit(&self) -> Duration {
        if self.separator.is_none() {
            Duration::from_hours(24)
        } else if self.has_seconds {
            Duration::from_secs(1)
        } else {
            Duration::from_mins(1)
        }
    }

    pub(super) fn to_text(&self) -> String {
        let date = self.at.date().to_string();
        let Some(separator) = self.separator else { return date };
        let mut text = format!("{date}{separator}{:02}:{:02}", self.at.hour(), self.at.minute());
        if self.has_seconds {
            // Writing to a string cannot fail.
            let _ = write!(text, ":{:02}", self.at.second());
        }
        if self.decimals > 0 {
            let nanos = format!("{:09}", self.at.subsec_nanosecond());
            text.push('.');
            text.push_str(&format!("{nanos:0<width$}", width = self.decimals)[..self.decimals]);
        }
        text.push_str(&self.suffix);
        text
    }

    pub(super) fn minus(&self, lag: Duration) -> Option<Self> {
        let lag = SignedDuration::try_from(lag).ok()?;
        // A day is all that a date can tell; a minute all that a time without seconds can.
        let least = match (self.separator, self.has_seconds) {
            (None, _) => SignedDuration::from_hours(24),
            (_, false) => SignedDuration::from_mins(1),
            _ => SignedDuration::ZERO,
        };
        let at = self.at.checked_sub(lag.max(least)).ok()?;
        Some(Self { at, ..self.clone() })
    }

    pub(super) fn at_most(&self, now: Timestamp, zone: &TimeZone) -> Option<Self> {
        let zone = match self.suffix.trim() {
            "" => zone.clone(),
            "Z" | "z" | "UTC" => TimeZone::UTC,
            offset => TimeZone::fixed(offset_of(offset)?),
        };
        let present = now.to_zoned(zone).datetime();
        Some(if self.at > present { Self { at: present, ..self.clone() } } else { self.clone() })
    }
}

/// `+02`, `+0200` or `+02:00`.
fn offset_of(text: &str) -> Option<Offset> {
    let (sign, digits) = match text.as_bytes().first()? {
        b'+' => (1, &text[1..]),
        b'-' => (-1, &text[1..]),
        _ => return None,
    };
    let digits: String = digits.chars().filter(char::is_ascii_digit).collect();
    let hours: i32 = digits.get(..2)?.parse().ok()?;
    let minutes: i32 = digits.get(2..4).map_or(Some(0), |minutes| minutes.parse().ok())?;
    Offset::from_seconds(sign * (hours * 3600 + minutes * 60)).ok()
}
