//! A month, as `2026-10`.

use std::{fmt, str::FromStr};

use jiff::{Span, Timestamp, civil::Date, tz::Offset};
use serde::{Serialize, Serializer};

/// Days are counted in UTC+2, in all states alike.
const DAY_OFFSET: Offset = Offset::constant(2);

/// A calendar month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Month(Date);

/// No month.
#[derive(Debug, Clone, thiserror::Error, PartialEq, Eq)]
#[error("{0:?} is no month: write it as 2026-10 · {0:?} n'est pas un mois : écrivez 2026-10")]
pub(crate) struct Unreadable(String);

impl Month {
    /// The month of a day.
    pub(crate) fn of(day: Date) -> Self {
        Self(day.first_of_month())
    }

    /// Its first day.
    pub(crate) const fn first_day(self) -> Date {
        self.0
    }

    /// The month after it.
    pub(crate) fn next(self) -> Self {
        self.plus(1)
    }

    /// The month so many months later, or earlier.
    pub(crate) fn plus(self, months: i32) -> Self {
        Self(self.0.saturating_add(Span::new().months(months)))
    }

    /// Its year, as `2026`.
    pub(crate) fn year(self) -> String {
        format!("{:04}", self.0.year())
    }

    /// The twelve months of its year.
    pub(crate) fn months_of_year(self) -> [Self; 12] {
        let first = Self::of(self.0.first_of_year());
        let months = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11];
        months.map(|later| first.plus(later))
    }

    /// Every month from this to another, both included.
    pub(crate) fn until(self, last: Self) -> impl Iterator<Item = Self> {
        let months = std::iter::successors(Some(self), move |month| {
            let next = month.next();
            (next > *month).then_some(next)
        });
        months.take_while(move |month| *month <= last)
    }

    /// The instant at which it begins, UTC microseconds.
    pub(crate) fn begins_at_us(self) -> i64 {
        let begin = self.0.to_datetime(jiff::civil::Time::midnight());
        DAY_OFFSET.to_timestamp(begin).map_or(i64::MAX, Timestamp::as_microsecond)
    }
}

impl FromStr for Month {
    type Err = Unreadable;

    fn from_str(text: &str) -> Result<Self, Unreadable> {
        let unreadable = || Unreadable(text.to_owned());
        if text.len() != 7 {
            return Err(unreadable());
        }
        format!("{text}-01").parse().map(Self).map_err(|_| unreadable())
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.0.year(), self.0.month())
    }
}

impl Serialize for Month {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn month(text: &str) -> Month {
        text.parse().unwrap()
    }

    #[test]
    fn a_month_is_read_as_it_is_written_and_nothing_else_is() {
        assert_eq!(month("2026-10").to_string(), "2026-10");
        for text in ["2026-13", "2026-1", "2026-10-01", "26-10", "oct", ""] {
            assert!(text.parse::<Month>().is_err(), "{text}");
        }
    }

    #[test]
    fn months_follow_over_the_year() {
        let over: Vec<String> =
            month("2026-11").until(month("2027-02")).map(|month| month.to_string()).collect();
        assert_eq!(over, ["2026-11", "2026-12", "2027-01", "2027-02"]);
        assert_eq!(month("2026-03").until(month("2026-02")).count(), 0);
        assert_eq!(month("2026-05").months_of_year()[11], month("2026-12"));
    }

    #[test]
    fn a_month_begins_at_midnight_in_central_africa() {
        assert_eq!(month("2018-01").begins_at_us(), 1_514_757_600_000_000);
    }
}
