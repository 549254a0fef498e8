//! Days in the formats of the source, and days as a spreadsheet counts them.
//!
//! Formats are tried in the order in which the mapping gives them, and the whole
//! text has to fit. Years of two digits need a pivot that the mapping states.

use jiff::civil::{Date, DateTime, Time};
use jiff::fmt::strtime;
use jiff::{Span, ToSpan as _};
use rmd_standard::{Cell, Misread};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;

use super::{Outcome, number::Point, number::decimal};

static NO_DAY: Misread = Misread {
    rule: "NORMALISE-DATE",
    en: [
        "is no day in any format of the mapping (normaliser date)",
        "Correct it at the source, or add its format to the list in the mapping",
    ],
    fr: [
        "n'est un jour dans aucun format de la correspondance (normaliseur date)",
        "Corrigez-la à la source, ou ajoutez son format à la liste de la correspondance",
    ],
};

static NO_SERIAL: Misread = Misread {
    rule: "NORMALISE-EXCEL-SERIAL-DATE",
    en: [
        "is no day as a spreadsheet counts them (normaliser excel_serial_date)",
        "Correct it at the source; day 60 of the 1900 system, 29 February 1900, never was",
    ],
    fr: [
        "n'est pas un jour compté par un tableur (normaliseur excel_serial_date)",
        "Corrigez-la à la source ; le jour 60 du système 1900, le 29 février 1900, n'a pas existé",
    ],
};

/// Longest text that may be a day with its time in words.
const BYTES_MAX: usize = 64;

/// A year before this one is a year of two digits in a format for four.
const YEAR_MIN: i16 = 1000;

/// Formats in the order in which they are tried.
#[derive(Debug, Clone)]
pub(crate) struct DateFormats {
    formats: Vec<String>,
    pivot: Option<i16>,
}

/// Why a format cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FormatFault {
    /// It has a directive that does not exist.
    Unknown,
    /// It does not say year, month and day.
    NoDay,
    /// It has a year of two digits and the mapping no pivot.
    NoPivot,
}

impl DateFormats {
    /// Formats of strptime; `pivot` is the last year of two digits that is one of
    /// this century.
    pub(crate) fn new(
        formats: Vec<String>,
        pivot: Option<i16>,
    ) -> Result<Self, (String, FormatFault)> {
        for format in &formats {
            if let Err(fault) = judge(format, pivot) {
                return Err((format.clone(), fault));
            }
        }
        Ok(Self { formats, pivot })
    }

    pub(super) fn read(&self, cell: &Cell) -> Outcome {
        let text = match cell {
            Cell::Text(text) => text.trim().to_owned(),
            Cell::Integer(number) => number.to_string(),
            _ => return Err(&NO_DAY),
        };
        if text.len() > BYTES_MAX {
            return Err(&NO_DAY);
        }
        let found = self.formats.iter().find_map(|format| self.try_format(format, &text));
        found.map(Cell::Text).ok_or(&NO_DAY)
    }

    fn try_format(&self, format: &str, text: &str) -> Option<String> {
        let parsed = strtime::parse(format, text).ok()?;
        let date = parsed.to_date().ok()?;
        let date = match self.pivot {
            Some(pivot) if has_short_year(format) => {
                let short = date.year().rem_euclid(100);
                let century = if short <= pivot { 2000 } else { 1900 };
                Date::new(century + short, date.month(), date.day()).ok()?
            }
            _ => date,
        };
        // %Y also takes "17", which nobody means as the year 17.
        if date.year() < YEAR_MIN {
            return None;
        }
        if parsed.hour().is_none() {
            return Some(date.to_string());
        }
        let time = parsed.to_time().ok()?;
        Some(written(date.to_datetime(time)))
    }
}

/// A probe that every good format can write and read.
fn judge(format: &str, pivot: Option<i16>) -> Result<(), FormatFault> {
    let probe = jiff::civil::date(2017, 11, 28).at(13, 14, 15, 0);
    let written = strtime::format(format, probe).map_err(|_| FormatFault::Unknown)?;
    let parsed = strtime::parse(format, &written).map_err(|_| FormatFault::Unknown)?;
    if has_short_year(format) && pivot.is_none() {
        return Err(FormatFault::NoPivot);
    }
    match parsed.to_date() {
        Ok(date) if date == probe.date() => Ok(()),
        _ => Err(FormatFault::NoDay),
    }
}

fn has_short_year(format: &str) -> bool {
    let mut chars = format.chars();
    while let Some(c) = chars.next() {
        if c == '%' {
            let directive = chars.by_ref().find(|c| !matches!(c, '-' | '_' | '0' | '^' | '#'));
            if matches!(directive, Some('y' | 'D' | 'g' | 'x')) {
                return true;
            }
        }
    }
    false
}

/// ISO, with the time that there is.
fn written(moment: DateTime) -> String {
    moment.strftime("%Y-%m-%dT%H:%M:%S").to_string()
}

/// The first day of a spreadsheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Epoch {
    /// Day 1 is 1 January 1900, and 1900 counts as a leap year, which it was not.
    Y1900,
    /// Day 0 is 1 January 1904.
    Y1904,
}

/// The last day that a spreadsheet knows, 31 December 9999.
const DAYS_MAX: i64 = 2_958_465;

const SECONDS_PER_DAY: i64 = 86_400;

pub(super) fn excel(cell: &Cell, epoch: Epoch) -> Outcome {
    let number = match cell {
        Cell::Integer(number) => Some(Decimal::from(*number)),
        Cell::Real(number) => Decimal::try_from(*number).ok(),
        Cell::Decimal(number) => Some(*number),
        Cell::Text(text) => {
            // A cell that a clerk had typed as an ISO day is one already.
            if text.trim().parse::<Date>().is_ok() && text.trim().len() == 10 {
                return Ok(Cell::Text(text.trim().to_owned()));
            }
            decimal(text, Point::Decimal)
        }
        Cell::Bool(_) | Cell::Null => None,
    };
    number.and_then(|number| moment(number, epoch)).map(Cell::Text).ok_or(&NO_SERIAL)
}

fn moment(number: Decimal, epoch: Epoch) -> Option<String> {
    // Fractions are floating point: the nearest second is what was meant.
    let seconds = (number.checked_mul(Decimal::from(SECONDS_PER_DAY))?).round().to_i64()?;
    let (days, second) = (seconds.div_euclid(SECONDS_PER_DAY), seconds.rem_euclid(SECONDS_PER_DAY));
    let first = match (epoch, days) {
        (Epoch::Y1900, 1..=59) => jiff::civil::date(1899, 12, 31),
        (Epoch::Y1900, 61..=DAYS_MAX) => jiff::civil::date(1899, 12, 30),
        (Epoch::Y1904, 0..=DAYS_MAX) => jiff::civil::date(1904, 1, 1),
        _ => return None,
    };
    let days: Span = Span::new().try_days(days).ok()?;
    let date = first.checked_add(days).ok()?;
    if number.is_integer() {
        return Some(date.to_string());
    }
    let time = Time::midnight().checked_add(second.seconds()).ok()?;
    Some(written(date.to_datetime(time)))
}
