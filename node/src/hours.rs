//! Hours of the day in which something may be done.
//!
//! Written as `20:00-06:00`, several apart by commas, in the zone of the state; none
//! at all mean always. A span that ends before it begins goes over midnight. Refuses
//! what is no span, by name. Invariant: it is always one of open, or closed until an
//! instant at which it is open.

use std::{fmt, str::FromStr, time::Duration};

use jiff::{Timestamp, ToSpan as _, Zoned, civil::Time, tz::TimeZone};
use rmd_runtime::clock::SharedClock;
use serde::{Deserialize, Serialize};

/// Longest wait without a look at the clock, which may have been set meanwhile.
const LOOK_AGAIN: Duration = Duration::from_mins(1);

/// Minutes of a day.
const DAY: u16 = 24 * 60;

/// Most spans that a person writes.
const SPANS_MAX: usize = 12;

/// Spans of a day; none for always.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct Hours(Vec<Span>);

/// From one minute of the day to another, which does not belong to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Span {
    from: u16,
    to: u16,
}

/// No hours.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{value}` is not {rule_en}; expected hours such as 20:00-06:00 or 12:00-13:00,20:00-06:00, nothing for always / `{value}` n'est pas {rule_fr} ; attendu : des heures comme 20:00-06:00 ou 12:00-13:00,20:00-06:00, rien pour toujours"
)]
pub(crate) struct Malformed {
    value: String,
    rule_en: &'static str,
    rule_fr: &'static str,
}

impl Hours {
    /// Until when they are closed at an instant; none if they are open.
    pub(crate) fn closed_until(&self, now: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        let local = now.to_zoned(zone.clone());
        if self.0.is_empty() || self.0.iter().any(|span| span.contains(local.time())) {
            return None;
        }
        // The day after tomorrow, where a change of the clock swallows tomorrow's begin.
        let days = [0, 1, 2];
        let begins = days.iter().flat_map(|days| self.begins(&local, *days));
        begins.filter(|begin| *begin > now).min()
    }

    fn begins(&self, local: &Zoned, days: i64) -> impl Iterator<Item = Timestamp> {
        let zone = local.time_zone();
        let day = local.date().checked_add(days.days());
        self.0.iter().filter_map(move |span| {
            let at = day.as_ref().ok()?.to_datetime(clock_time(span.from));
            let begin = zone.to_ambiguous_timestamp(at).compatible().ok()?;
            // A change of the clock may swallow a whole span.
            span.contains(begin.to_zoned(zone.clone()).time()).then_some(begin)
        })
    }
}

impl Span {
    fn contains(self, time: Time) -> bool {
        let minute =
            u16::from(time.hour().unsigned_abs()) * 60 + u16::from(time.minute().unsigned_abs());
        if self.from < self.to {
            (self.from..self.to).contains(&minute)
        } else {
            minute >= self.from || minute < self.to
        }
    }
}

fn clock_time(minute: u16) -> Time {
    let part = |number: u16| i8::try_from(number).unwrap_or_default();
    Time::constant(part(minute / 60), part(minute % 60), 0, 0)
}

/// Hours in their zone, under a clock.
#[derive(Debug, Clone)]
pub(crate) struct Opening {
    hours: Hours,
    zone: TimeZone,
    clock: SharedClock,
}

impl Opening {
    pub(crate) const fn new(hours: Hours, zone: TimeZone, clock: SharedClock) -> Self {
        Self { hours, zone, clock }
    }

    /// Always open.
    pub(crate) fn always(clock: SharedClock) -> Self {
        Self::new(Hours::default(), TimeZone::UTC, clock)
    }

    /// Until when it is closed now; none if it is open.
    pub(crate) fn closed_until(&self) -> Option<Timestamp> {
        self.hours.closed_until(self.clock.now(), &self.zone)
    }

    /// Returns once it is open; looks at least as often as `interval`.
    pub(crate) async fn opened(&self, interval: Duration) {
        while let Some(until) = self.closed_until() {
            let left = until.duration_since(self.clock.now()).unsigned_abs();
            tokio::time::sleep(left.min(interval).min(LOOK_AGAIN)).await;
        }
    }
}

impl FromStr for Hours {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        if text.trim().is_empty() {
            return Ok(Self::default());
        }
        let spans: Vec<Span> = text.split(',').map(str::parse).collect::<Result<_, _>>()?;
        if spans.len() > SPANS_MAX {
            return Err(malformed(text, "at most twelve spans", "au plus douze plages"));
        }
        Ok(Self(spans))
    }
}

impl FromStr for Span {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let text = text.trim();
        let parts = text.split_once('-');
        let ends = parts.and_then(|(from, to)| Some((minute_of(from)?, minute_of(to)?)));
        let Some((from, to)) = ends else {
            return Err(malformed(text, "a span HH:MM-HH:MM", "une plage HH:MM-HH:MM"));
        };
        if from == to || from == DAY {
            return Err(malformed(text, "a span with an end", "une plage qui a une fin"));
        }
        Ok(Self { from, to })
    }
}

/// The minute of the day of `HH:MM`; 24:00 is its end.
fn minute_of(text: &str) -> Option<u16> {
    let (hour, minute) = text.trim().split_once(':')?;
    let two = |text: &str| {
        (text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit()))
            .then(|| text.parse::<u16>().ok())?
    };
    let (hour, minute) = (two(hour)?, two(minute)?);
    let of_day = hour * 60 + minute;
    (minute < 60 && of_day <= DAY).then_some(of_day)
}

fn malformed(value: &str, rule_en: &'static str, rule_fr: &'static str) -> Malformed {
    Malformed { value: value.to_owned(), rule_en, rule_fr }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { from, to } = self;
        write!(f, "{:02}:{:02}-{:02}:{:02}", from / 60, from % 60, to / 60, to % 60)
    }
}

impl TryFrom<String> for Hours {
    type Error = Malformed;

    fn try_from(text: String) -> Result<Self, Malformed> {
        text.parse()
    }
}

impl From<Hours> for String {
    fn from(hours: Hours) -> Self {
        hours.0.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
    }
}

#[cfg(test)]
mod tests;
