//! Days and times as text, with an offset, without one, or without a time.

use jiff::{
    Timestamp,
    civil::{Date, DateTime, Time},
    tz::Offset,
};

use crate::model::day;

/// What a text says about an instant.
#[derive(Debug, Clone, Copy)]
pub(super) enum Moment {
    /// All of it.
    Instant(Timestamp),
    /// All but the zone.
    Local(DateTime),
    /// The day.
    Day(Date),
}

impl Moment {
    pub(super) const fn is_day(self) -> bool {
        matches!(self, Self::Day(_))
    }

    /// The day with a time that stood in a cell of its own.
    pub(super) fn at(self, time: Option<(Time, Option<Offset>)>) -> Self {
        let (Self::Day(day), Some((time, offset))) = (self, time) else { return self };
        let local = day.to_datetime(time);
        match offset.map(|offset| offset.to_timestamp(local)) {
            Some(Ok(instant)) => Self::Instant(instant),
            _ => Self::Local(local),
        }
    }
}

/// The day of an ISO date or timestamp.
pub(super) fn day_of(text: &str) -> Option<Date> {
    match moment(text)? {
        Moment::Day(day) => Some(day),
        Moment::Local(local) => Some(local.date()),
        // The day as the source wrote it, whatever its offset.
        Moment::Instant(_) => text.get(..10).and_then(day),
    }
}

/// An ISO date, or date and time, with or without an offset.
pub(super) fn moment(text: &str) -> Option<Moment> {
    if let Some(day) = day(text) {
        return Some(Moment::Day(day));
    }
    // What says its offset does so behind the day. Looking first is worth it:
    // a parser that fails writes a message that nobody reads.
    if text.get(10..).unwrap_or_default().contains(['Z', 'z', '+', '-']) {
        return text.parse::<Timestamp>().ok().map(Moment::Instant);
    }
    text.parse::<DateTime>().ok().map(Moment::Local)
}
