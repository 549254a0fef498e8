//! The months of a set: thirteen whole ones before the month of its day.
//!
//! The first fills the stocks with which the year of the balances begins.

use jiff::{
    Span, Timestamp,
    civil::{Date, time},
    tz::Offset,
};

/// Whole months before the month of the day.
pub(crate) const MONTHS: i64 = 13;

/// The day of a set, and what lies before it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Calendar {
    /// The day for which the set is made.
    pub(crate) as_of: Date,
}

impl Calendar {
    /// The first day of the month that lies so many months before that of the day.
    pub(crate) fn month(self, before: i64) -> Date {
        self.as_of.first_of_month().saturating_sub(Span::new().months(before))
    }

    /// A day so many days before the day.
    pub(crate) fn days_ago(self, days: i64) -> Date {
        plus(self.as_of, -days)
    }

    /// Whether the day has come.
    pub(crate) fn has_come(self, day: Date) -> bool {
        day <= self.as_of
    }

    /// The whole months, from the first on.
    pub(crate) fn months(self) -> impl Iterator<Item = Date> {
        (1..=MONTHS).rev().map(move |before| self.month(before))
    }
}

/// A day so many days later.
pub(crate) fn plus(day: Date, days: i64) -> Date {
    day.saturating_add(Span::new().days(days))
}

/// An hour of a day in UTC+2, in UTC microseconds.
pub(crate) fn at(day: Date, hour: i8, minute: i8) -> i64 {
    let local = day.to_datetime(time(hour, minute, 0, 0));
    Offset::constant(2).to_timestamp(local).map_or(0, Timestamp::as_microsecond)
}

/// The month of a day, as `2026-10`.
pub(crate) fn month_of(day: Date) -> String {
    format!("{:04}-{:02}", day.year(), day.month())
}
