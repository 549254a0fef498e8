//! Degrees, minutes and seconds into decimal degrees.
//!
//! Reads `28°42'45.6"E`, `E 28 42 45,6`, `1° 56,418' Sud` and plain degrees. `O`
//! is Ouest, west. Refuses a letter of the other axis, a sign beside a letter,
//! minutes or seconds of sixty and more, a fraction before the last part, and
//! degrees beyond the axis.

use rmd_standard::{Cell, Misread};
use rust_decimal::Decimal;

use super::{Outcome, number::Point, number::decimal, text_of};

static NO_DEGREES: Misread = Misread {
    rule: "NORMALISE-DEGREES-MINUTES-SECONDS",
    en: [
        "is no latitude or longitude such as 28°42'45.6\"E (normaliser degrees_minutes_seconds)",
        "Correct degrees, minutes, seconds or the letter at the source; S and W may be a minus sign, not both",
    ],
    fr: [
        "n'est pas une latitude ou longitude comme 28°42'45,6\"E (normaliseur degrees_minutes_seconds)",
        "Corrigez degrés, minutes, secondes ou lettre à la source ; S et O peuvent être un signe moins, pas les deux",
    ],
};

/// Decimal places kept: a centimetre.
const PLACES: u32 = 7;

/// Which of the two a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Axis {
    /// North and south, to 90.
    Latitude,
    /// East and west, to 180.
    Longitude,
}

impl Axis {
    /// The axis of an alias; none if it is no coordinate.
    pub(crate) fn of_alias(alias: &str) -> Option<Self> {
        match alias.rsplit('.').next() {
            Some("latitude") => Some(Self::Latitude),
            Some("longitude") => Some(Self::Longitude),
            _ => None,
        }
    }

    const fn most(self) -> i64 {
        match self {
            Self::Latitude => 90,
            Self::Longitude => 180,
        }
    }

    /// 1 or -1 for a word of this axis.
    fn side(self, word: &str) -> Option<i64> {
        match (self, word) {
            (Self::Latitude, "n" | "nord" | "north") | (Self::Longitude, "e" | "est" | "east") => {
                Some(1)
            }
            (Self::Latitude, "s" | "sud" | "south")
            | (Self::Longitude, "w" | "west" | "o" | "ouest") => Some(-1),
            _ => None,
        }
    }
}

pub(super) fn degrees(cell: &Cell, axis: Axis) -> Outcome {
    let Some(text) = text_of(cell) else { return Ok(cell.clone()) };
    read(text, axis).map(Cell::Decimal).ok_or(&NO_DEGREES)
}

fn read(text: &str, axis: Axis) -> Option<Decimal> {
    let (text, side) = without_side(text.trim(), axis)?;
    let (text, is_negative) = match text.strip_prefix(['-', '\u{2212}']) {
        Some(rest) => (rest.trim_start(), true),
        None => (text.strip_prefix('+').unwrap_or(text).trim_start(), false),
    };
    if side.is_some() && is_negative {
        return None;
    }
    let value = sum(&parts(text)?)?;
    if value > Decimal::from(axis.most()) {
        return None;
    }
    let sign = if is_negative { -1 } else { side.unwrap_or(1) };
    Some((value * Decimal::from(sign)).round_dp(PLACES).normalize())
}

/// Takes the letter or word of the side from the beginning or the end.
fn without_side(text: &str, axis: Axis) -> Option<(&str, Option<i64>)> {
    let is_letter = |c: char| c.is_ascii_alphabetic();
    let head = text.find(|c| !is_letter(c)).unwrap_or(text.len());
    let tail = text
        .rfind(|c| !is_letter(c))
        .map_or(0, |at| at + text[at..].chars().next().map_or(0, char::len_utf8));
    // "d", "m" and "s" are marks where digits stand right before them: 2d30m15s.
    let is_mark = tail > 0
        && text[..tail].ends_with(|c: char| c.is_ascii_digit())
        && text[..tail].contains(['d', 'D'])
        && matches!(&text[tail..], "s" | "S" | "m" | "M" | "d" | "D");
    match (&text[..head], if is_mark { "" } else { &text[tail..] }) {
        ("", "") => Some((text, None)),
        (word, "") => {
            let side = axis.side(&word.to_lowercase())?;
            Some((text[head..].trim_start_matches([' ', '.', ':']), Some(side)))
        }
        ("", word) => {
            let side = axis.side(&word.to_lowercase())?;
            Some((text[..tail].trim_end(), Some(side)))
        }
        _ => None,
    }
}

/// Degrees, minutes and seconds as they stand between their marks.
fn parts(text: &str) -> Option<Vec<Decimal>> {
    let mut found: Vec<(String, usize)> = Vec::new();
    let mut number = String::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if c.is_ascii_digit() || matches!(c, '.' | ',') {
            number.push(c);
            continue;
        }
        let place = mark(c)?;
        // Two apostrophes are the mark of seconds.
        let place = if place == 2 && chars.next_if(|next| mark(*next) == Some(2)).is_some() {
            3
        } else {
            place
        };
        if number.is_empty() {
            // A blank behind a mark says nothing; a mark without a number does.
            if place == 0 {
                continue;
            }
            let last = found.last_mut().filter(|last| last.1 == 0)?;
            last.1 = place;
            continue;
        }
        found.push((std::mem::take(&mut number), place));
    }
    if !number.is_empty() {
        found.push((number, 0));
    }
    let in_place = found.iter().enumerate().all(|(at, part)| part.1 == 0 || part.1 == at + 1);
    if !in_place || !(1..=3).contains(&found.len()) {
        return None;
    }
    let last = found.len() - 1;
    let is_whole = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if found[..last].iter().any(|part| !is_whole(&part.0)) {
        return None;
    }
    found.iter().map(|part| decimal(&part.0, Point::Decimal)).collect()
}

/// 1, 2 or 3 for a mark of degrees, minutes or seconds; 0 for a separator.
fn mark(c: char) -> Option<usize> {
    match c {
        '°' | 'º' | '˚' | 'd' | 'D' => Some(1),
        '\'' | '′' | '’' | '‘' | '´' | '`' | 'ʹ' | 'm' | 'M' => Some(2),
        '"' | '″' | '”' | '“' | 'ʺ' | 's' | 'S' => Some(3),
        ':' => Some(0),
        c if c.is_whitespace() => Some(0),
        _ => None,
    }
}

fn sum(parts: &[Decimal]) -> Option<Decimal> {
    let sixty = Decimal::from(60);
    if parts[1..].iter().any(|part| *part >= sixty) {
        return None;
    }
    let mut weight = Decimal::ONE;
    let mut sum = Decimal::ZERO;
    for part in parts {
        sum = sum.checked_add(part.checked_div(weight)?)?;
        weight *= sixty;
    }
    Some(sum)
}
