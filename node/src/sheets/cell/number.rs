//! Numbers, as floating point of a spreadsheet or as text.

use rmd_standard::{Cell, Misread};
use rust_decimal::Decimal;

use super::{Point, Raw, TWO_READINGS};

/// The number of a cell; a percentage counts whole where the column is in percent.
pub(super) fn read(raw: &Raw, in_percent: bool, point: Point) -> Result<Cell, &'static Misread> {
    let times = |number: f64| {
        let whole = exact(number).and_then(|exact| exact.checked_mul(Decimal::ONE_HUNDRED));
        whole.map_or(Cell::Real(number * 100.0), |whole| Cell::Decimal(whole.normalize()))
    };
    Ok(match raw {
        Raw::Percent(number) if in_percent => times(*number),
        Raw::Number(number) | Raw::Percent(number) => {
            exact(*number).map_or(Cell::Real(*number), Cell::Decimal)
        }
        Raw::Text(text) => {
            let text = text.trim();
            let text = if in_percent { text.trim_end_matches('%') } else { text };
            Cell::Text(digits(text, point)?)
        }
        // A date in a column of numbers: as it is shown, so that it is refused by name.
        other => Cell::Text(super::plain(other)?),
    })
}

/// The decimal that a spreadsheet shows: 15 digits, so that the result of 0.1 + 0.2
/// is 0.3. None beyond what a decimal holds.
pub(super) fn exact(number: f64) -> Option<Decimal> {
    Decimal::from_scientific(&format!("{number:.14e}")).ok().map(|exact| exact.normalize())
}

/// The text with a decimal point and without signs between thousands; other text as it is.
fn digits(text: &str, point: Point) -> Result<String, &'static Misread> {
    let packed: String = text
        .chars()
        .filter(|letter| !letter.is_whitespace() && !matches!(letter, '\'' | '’' | '\u{202f}'))
        .collect();
    let is_number = packed
        .chars()
        .all(|letter| letter.is_ascii_digit() || matches!(letter, '.' | ',' | '-' | '+'));
    if !is_number {
        return Ok(text.to_owned());
    }
    let (commas, points) = (packed.matches(',').count(), packed.matches('.').count());
    Ok(match (commas, points) {
        (0, 0 | 1) => packed,
        (1, 0) if point == Point::Unsaid && may_be_thousands(&packed) => {
            return Err(&TWO_READINGS);
        }
        (1, 0) => packed.replace(',', "."),
        (_, 0) if in_groups(&packed, ',') => packed.replace(',', ""),
        (0, _) if in_groups(&packed, '.') => packed.replace('.', ""),
        // The one that comes last and once marks the decimals.
        (_, 1) if packed.rfind('.') > packed.rfind(',') && in_groups(whole(&packed, '.'), ',') => {
            packed.replace(',', "")
        }
        (1, _) if packed.rfind(',') > packed.rfind('.') && in_groups(whole(&packed, ','), '.') => {
            packed.replace('.', "").replace(',', ".")
        }
        _ => text.to_owned(),
    })
}

fn whole(text: &str, sign: char) -> &str {
    text.split(sign).next().unwrap_or(text)
}

/// `1,234` but neither `0,234` nor `1234,567`.
fn may_be_thousands(text: &str) -> bool {
    in_groups(text, ',') && !text.trim_start_matches(['-', '+']).starts_with('0')
}

/// Whether the digits stand in groups of three behind one to three.
fn in_groups(text: &str, sign: char) -> bool {
    let mut groups = text.trim_start_matches(['-', '+']).split(sign);
    let is_digits = |group: &str| group.bytes().all(|byte| byte.is_ascii_digit());
    let first = groups.next().unwrap_or_default();
    (1..=3).contains(&first.len())
        && is_digits(first)
        && groups.all(|group| group.len() == 3 && is_digits(group))
}
