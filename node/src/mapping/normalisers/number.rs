//! Numbers as people write them, and masses with their unit.
//!
//! A decimal comma is always a decimal comma: `1,234` is a little more than one.
//! Blanks and apostrophes between groups of three digits are thousands, and so
//! are points before a comma. One point before exactly three digits may be
//! either; unless the mapping says which, it is refused.

use rmd_standard::{Cell, Misread};
use rust_decimal::Decimal;

use super::{Outcome, text_of};

static NO_NUMBER: Misread = Misread {
    rule: "NORMALISE-DECIMAL-COMMA",
    en: [
        "is no number with a decimal comma, or one point of it may mean thousands (normaliser decimal_comma)",
        "Write it as 1234,5 at the source, or say point = \"decimal\" or \"thousands\" in the mapping",
    ],
    fr: [
        "n'est pas un nombre à virgule décimale, ou son point peut vouloir dire milliers (normaliseur decimal_comma)",
        "Écrivez-le comme 1234,5 à la source, ou précisez point = \"decimal\" ou \"thousands\" dans la correspondance",
    ],
};

static NO_MASS: Misread = Misread {
    rule: "NORMALISE-MASS-WITH-UNIT",
    en: [
        "is no mass such as 350 kg, 1,2 t or 45 g (normaliser mass_with_unit)",
        "Correct it at the source; one point before three digits may mean thousands and is refused",
    ],
    fr: [
        "n'est pas une masse comme 350 kg, 1,2 t ou 45 g (normaliseur mass_with_unit)",
        "Corrigez-la à la source ; un point devant trois chiffres peut vouloir dire milliers et est refusé",
    ],
};

/// What one point before exactly three digits means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Point {
    /// Either; refused.
    Refuse,
    /// The decimal point.
    Decimal,
    /// The mark of thousands.
    Thousands,
}

/// Units of a mass: what people write, and the word of the standard.
const UNITS: [(&str, &str); 23] = [
    ("t", "TNE"),
    ("tn", "TNE"),
    ("mt", "TNE"),
    ("tne", "TNE"),
    ("to", "TNE"),
    ("ton", "TNE"),
    ("tons", "TNE"),
    ("tonne", "TNE"),
    ("tonnes", "TNE"),
    ("kg", "KGM"),
    ("kgs", "KGM"),
    ("kgm", "KGM"),
    ("kilo", "KGM"),
    ("kilos", "KGM"),
    ("kilogramme", "KGM"),
    ("kilogrammes", "KGM"),
    ("kilogram", "KGM"),
    ("kilograms", "KGM"),
    ("g", "GRM"),
    ("gr", "GRM"),
    ("grm", "GRM"),
    ("gramme", "GRM"),
    ("grammes", "GRM"),
];

/// A mass with its unit in the text.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Mass {
    /// The unit of a number without one.
    pub(crate) default: Option<&'static str>,
    /// What one point before three digits means.
    pub(crate) point: Point,
}

/// The standard's word of a unit as people write it.
pub(crate) fn unit_of(word: &str) -> Option<&'static str> {
    let word = word.trim().trim_end_matches('.').to_lowercase();
    let word = if word == "grams" || word == "gram" { "g".to_owned() } else { word };
    UNITS.iter().find(|unit| unit.0 == word).map(|unit| unit.1)
}

impl Mass {
    pub(super) fn read(self, cell: &Cell, unit: &mut Option<&'static str>) -> Outcome {
        let Some(text) = text_of(cell) else {
            *unit = self.default;
            return Ok(cell.clone());
        };
        let text = text.trim();
        let letters = text.find(char::is_alphabetic).unwrap_or(text.len());
        let (number, word) = text.split_at(letters);
        *unit = if word.is_empty() { self.default } else { Some(unit_of(word).ok_or(&NO_MASS)?) };
        decimal(number, self.point).map(Cell::Decimal).ok_or(&NO_MASS)
    }
}

/// A number with a decimal comma.
pub(super) fn decimal_comma(cell: &Cell, point: Point) -> Outcome {
    let Some(text) = text_of(cell) else { return Ok(cell.clone()) };
    // "12,5 kg" and "12,5 %" are for other normalisers to judge: the mass keeps
    // its unit, and anything else is refused.
    let letters = text.find(char::is_alphabetic);
    if let Some(at) = letters
        && unit_of(&text[at..]).is_some()
    {
        let number = decimal(&text[..at], point).ok_or(&NO_NUMBER)?;
        return Ok(Cell::Text(format!("{number} {}", text[at..].trim())));
    }
    decimal(text, point).map(Cell::Decimal).ok_or(&NO_NUMBER)
}

/// Reads digits with marks of thousands and one decimal mark.
pub(super) fn decimal(text: &str, point: Point) -> Option<Decimal> {
    let text = text.trim();
    let (sign, digits) = match text.strip_prefix(['-', '\u{2212}']) {
        Some(rest) => ("-", rest.trim_start()),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    };
    let (whole, fraction) = parts(digits, point)?;
    let whole = ungrouped(whole)?;
    let is_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() && fraction.is_empty() || !is_digits(fraction) {
        return None;
    }
    let zero = if whole.is_empty() { "0" } else { "" };
    let dot = if fraction.is_empty() { "" } else { "." };
    Decimal::from_str_exact(&format!("{sign}{zero}{whole}{dot}{fraction}")).ok()
}

/// The part before the decimal mark, and the one behind it.
fn parts(digits: &str, point: Point) -> Option<(&str, &str)> {
    if let Some((whole, fraction)) = digits.split_once(',') {
        return (!fraction.contains(',')).then_some((whole, fraction));
    }
    match digits.matches('.').count() {
        1 => {
            let (whole, fraction) = digits.split_once('.')?;
            // 0.250 is no quarter of a thousand.
            let is_group = fraction.len() == 3 && is_first_group(whole);
            match point {
                Point::Thousands if is_group => Some((digits, "")),
                Point::Refuse if is_group => None,
                _ => Some((whole, fraction)),
            }
        }
        // None at all, or several, which are marks of thousands.
        _ => Some((digits, "")),
    }
}

fn is_first_group(whole: &str) -> bool {
    (1..=3).contains(&whole.len()) && !whole.starts_with('0')
}

/// The digits without marks of thousands, which stand between groups of three
/// and are all the same.
fn ungrouped(whole: &str) -> Option<String> {
    let Some(mark) = whole.chars().find(|c| !c.is_ascii_digit()) else {
        return Some(whole.to_owned());
    };
    if !is_thousands_mark(mark) {
        return None;
    }
    let mut groups = whole.split(mark);
    let first = groups.next()?;
    let mut digits = first.to_owned();
    if !(1..=3).contains(&first.len()) || !first.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    for group in groups {
        if group.len() != 3 || !group.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        digits.push_str(group);
    }
    Some(digits)
}

fn is_thousands_mark(mark: char) -> bool {
    matches!(mark, ' ' | '\u{a0}' | '\u{2009}' | '\u{202f}' | '\u{2007}' | '.' | '\'' | '\u{2019}')
}
