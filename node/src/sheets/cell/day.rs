//! Days, months, times and instants.
//!
//! A text is read with the day before the month, as the region writes it, or
//! as ISO. A spreadsheet counts days from 1899-12-30.

use jiff::{
    Span,
    civil::{Date, DateTime, Time, date as day_of},
};
use rmd_standard::Cell;

use super::{Raw, number};

/// Numbers that are taken for days: 1950 to 2199.
const DAYS: std::ops::Range<f64> = 18_264.0..109_575.0;

const SECONDS_PER_DAY: f64 = 86_400.0;

/// A calendar day.
pub(super) fn date(raw: &Raw) -> Cell {
    match raw {
        Raw::Stamp(days) => moment(*days).map_or_else(|| kept(raw), |at| text(at.date())),
        Raw::Number(days) if DAYS.contains(days) => {
            moment(*days).map_or_else(|| kept(raw), |at| text(at.date()))
        }
        Raw::Number(number) => compact(*number).map_or_else(|| kept(raw), text),
        Raw::Text(given) => split(given)
            .filter(|(_, rest)| rest.is_empty() || clock(rest).is_some())
            .map_or_else(|| kept(raw), |(day, _)| text(day)),
        other => kept(other),
    }
}

/// A day with a time, local or with an offset.
pub(super) fn instant(raw: &Raw) -> Cell {
    match raw {
        Raw::Stamp(days) => moment(*days).map_or_else(|| kept(raw), text),
        Raw::Number(days) if DAYS.contains(days) => moment(*days).map_or_else(|| kept(raw), text),
        Raw::Text(given) => {
            let iso = given.trim();
            match split(given) {
                // With an offset, or ISO already: the standard reads it.
                Some((day, rest)) if !iso.starts_with(&day.to_string()) => match clock(rest) {
                    Some(time) => text(day.to_datetime(time)),
                    None if rest.is_empty() => text(day),
                    None => Cell::Text(format!("{day}T{rest}")),
                },
                _ => kept(raw),
            }
        }
        other => kept(other),
    }
}

/// A time of day.
pub(super) fn time(raw: &Raw) -> Cell {
    let of = |days: f64| moment(days.fract()).map_or_else(|| kept(raw), |at| text(at.time()));
    match raw {
        Raw::Stamp(days) => of(*days),
        Raw::Number(days) if (0.0..1.0).contains(days) => of(*days),
        // hhmmss, of which a spreadsheet has cut the first zero.
        Raw::Number(number) if number.fract() == 0.0 && (1.0..=235_959.0).contains(number) => {
            Cell::Text(format!("{number:06}"))
        }
        other => kept(other),
    }
}

/// A month.
pub(super) fn month(raw: &Raw) -> Cell {
    let of = |day: Date| Cell::Text(day.strftime("%Y-%m").to_string());
    match raw {
        Raw::Stamp(days) => moment(*days).map_or_else(|| kept(raw), |at| of(at.date())),
        Raw::Number(days) if DAYS.contains(days) => {
            moment(*days).map_or_else(|| kept(raw), |at| of(at.date()))
        }
        Raw::Number(number) => compact(number * 100.0 + 1.0).map_or_else(|| kept(raw), of),
        Raw::Text(given) => {
            let given = given.trim();
            let whole = split(given).filter(|(_, rest)| rest.is_empty()).map(|(day, _)| day);
            let parts: Vec<&str> = given.split(['/', '-', '.', ' ']).collect();
            let pair = match parts.as_slice() {
                [year, month] if year.len() == 4 => ymd(year, month, "1"),
                [month, year] if year.len() == 4 => ymd(year, month, "1"),
                _ => None,
            };
            pair.or(whole).map_or_else(|| kept(raw), of)
        }
        other => kept(other),
    }
}

/// A day or a time as text, for columns of text.
pub(super) fn as_text(raw: &Raw) -> String {
    let Raw::Stamp(days) = raw else { return raw.name() };
    match moment(*days) {
        Some(at) if *days < 1.0 => at.time().to_string(),
        Some(at) if at.time() == Time::midnight() => at.date().to_string(),
        Some(at) => at.to_string(),
        None => days.to_string(),
    }
}

#[expect(clippy::needless_pass_by_value, reason = "days and times are copied anyway")]
fn text(value: impl ToString) -> Cell {
    Cell::Text(value.to_string())
}

fn kept(raw: &Raw) -> Cell {
    match raw {
        Raw::Number(number) | Raw::Percent(number) => {
            number::exact(*number).map_or(Cell::Real(*number), Cell::Decimal)
        }
        Raw::Stamp(number) => Cell::Real(*number),
        other => Cell::Text(other.name()),
    }
}

/// The moment of a number of days, to the second.
fn moment(days: f64) -> Option<DateTime> {
    if !(0.0..2_958_466.0).contains(&days) {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, reason = "within the days of the calendar")]
    let seconds = (days * SECONDS_PER_DAY).round() as i64;
    let epoch = day_of(1899, 12, 30).to_datetime(Time::midnight());
    epoch.checked_add(Span::new().seconds(seconds)).ok()
}

/// A day written as the number 20180115.
fn compact(number: f64) -> Option<Date> {
    if number.fract() != 0.0 || !(19_000_101.0..=21_991_231.0).contains(&number) {
        return None;
    }
    let digits = format!("{number:.0}");
    ymd(&digits[..4], &digits[4..6], &digits[6..])
}

/// The day at the begin of a text, and the rest.
fn split(given: &str) -> Option<(Date, &str)> {
    let given = given.trim();
    let end = given.find([' ', 'T', 't']).unwrap_or(given.len());
    let (head, rest) = given.split_at(end);
    let rest = rest.trim_start_matches([' ', 'T', 't']);
    let parts: Vec<&str> = head.split(['/', '-', '.']).collect();
    let day = match parts.as_slice() {
        [year, month, day] if year.len() == 4 => ymd(year, month, day),
        [day, month, year] if year.len() == 4 => ymd(year, month, day),
        [compact] if compact.len() == 8 && compact.is_ascii() => {
            ymd(&compact[..4], &compact[4..6], &compact[6..])
        }
        _ => None,
    };
    day.map(|day| (day, rest))
}

fn ymd(year: &str, month: &str, day: &str) -> Option<Date> {
    let plain = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if ![year, month, day].into_iter().all(plain) {
        return None;
    }
    Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()
}

/// `hh:mm` or `hh:mm:ss`, also `7h05`.
fn clock(text: &str) -> Option<Time> {
    let parts: Vec<&str> = text.trim_end_matches(['h', 'H']).split([':', 'h', 'H']).collect();
    let number = |part: &str| part.parse::<i8>().ok();
    match parts.as_slice() {
        [hour, minute] => Time::new(number(hour)?, number(minute)?, 0, 0).ok(),
        [hour, minute, second] => {
            Time::new(number(hour)?, number(minute)?, number(second)?, 0).ok()
        }
        _ => None,
    }
}
