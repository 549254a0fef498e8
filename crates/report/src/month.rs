//! A month of the calendar, as reports are counted.
//!
//! Written `2026-10`, in files and on command lines alike. Nothing else is one.

use std::{fmt, str::FromStr};

use jiff::{ToSpan as _, civil::Date};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Month(Date);

/// A text that is no month.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error(
    "{0:?} is no month: write year and month, as 2026-10 · {0:?} n'est pas un mois : écrivez l'année et le mois, comme 2026-10"
)]
pub struct NoMonth(pub String);

impl Month {
    /// The month in which a day lies.
    pub fn of(day: Date) -> Self {
        Self(day.first_of_month())
    }

    /// Its first day.
    pub fn first_day(self) -> Date {
        self.0
    }

    /// Its last day.
    pub fn last_day(self) -> Date {
        self.0.last_of_month()
    }

    /// The month so many months earlier.
    #[must_use]
    pub fn back(self, months: u32) -> Self {
        Self(self.0.saturating_sub(i64::from(months).months()))
    }

    /// This many months up to this one, the earliest first.
    pub fn series(self, count: u32) -> Vec<Self> {
        (0..count).rev().map(|months| self.back(months)).collect()
    }

    /// January is 1.
    pub fn number(self) -> i8 {
        self.0.month()
    }

    /// The year.
    pub fn year(self) -> i16 {
        self.0.year()
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year(), self.number())
    }
}

impl FromStr for Month {
    type Err = NoMonth;

    fn from_str(text: &str) -> Result<Self, NoMonth> {
        let no_month = || NoMonth(text.to_owned());
        let is_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        let (year, month) = text.split_once('-').ok_or_else(no_month)?;
        if year.len() != 4 || month.len() != 2 || !is_digits(year) || !is_digits(month) {
            return Err(no_month());
        }
        let year = year.parse().map_err(|_| no_month())?;
        let month = month.parse().map_err(|_| no_month())?;
        Date::new(year, month, 1).map(Self).map_err(|_| no_month())
    }
}

impl Serialize for Month {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Month {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_is_written_as_it_is_read() {
        let month: Month = "2026-10".parse().unwrap();
        assert_eq!(month.to_string(), "2026-10");
        assert_eq!(serde_json::to_string(&month).unwrap(), "\"2026-10\"");
        assert_eq!(serde_json::from_str::<Month>("\"2026-10\"").unwrap(), month);
        assert_eq!(month.last_day().to_string(), "2026-10-31");
    }

    #[test]
    fn what_is_no_month_is_refused() {
        for text in ["2026", "2026-13", "2026-00", "2026-1", "26-10", "2026-10-01", "+026-10", ""] {
            assert_eq!(text.parse::<Month>(), Err(NoMonth(text.to_owned())));
        }
    }

    #[test]
    fn a_series_ends_with_the_month_itself() {
        let months = "2026-02".parse::<Month>().unwrap().series(3);
        let texts: Vec<String> = months.iter().map(Month::to_string).collect();
        assert_eq!(texts, ["2025-12", "2026-01", "2026-02"]);
    }
}
