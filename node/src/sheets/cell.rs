//! One cell of a sheet as the cell that a column of the standard takes.
//!
//! Owns what people write in sheets: decimal commas, blanks between thousands,
//! days before months, days as numbers, percentages, French words. Never
//! guesses between two readings: `1,234` in an English sheet is refused. What
//! is not understood is left as text, and the standard judges it.

mod day;
mod number;

use rmd_sheet::{Raw, TEXT_CHARS_MAX};
use rmd_standard::{Cell, Misread, Shape};

use super::words;

/// How numbers are written in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Point {
    /// The file is French, or separates its values by semicolons.
    Comma,
    /// A lone comma may mean either.
    Unsaid,
}

const ERROR_CELL: Misread = Misread {
    rule: "SHEET-CELL-ERROR",
    en: ["is an error of the spreadsheet", "Correct the formula, or write the value itself"],
    fr: ["est une erreur du tableur", "Corrigez la formule, ou écrivez la valeur elle-même"],
};

const TOO_LONG: Misread = Misread {
    rule: "SHEET-TEXT-LONG",
    en: ["is longer than a cell holds", "Shorten the text to 32 767 characters"],
    fr: [
        "est plus longue qu'une cellule ne le permet",
        "Raccourcissez le texte à 32 767 caractères",
    ],
};

const DIGITS_LOST: Misread = Misread {
    rule: "SHEET-DIGITS-LOST",
    en: [
        "is a number of more than 15 digits, of which the spreadsheet keeps 15",
        "Set the cell to text and write the number again",
    ],
    fr: [
        "est un nombre de plus de 15 chiffres, dont le tableur n'en garde que 15",
        "Mettez la cellule au format texte et récrivez le nombre",
    ],
};

const TWO_READINGS: Misread = Misread {
    rule: "SHEET-NUMBER-COMMA",
    en: [
        "has a comma that may stand for thousands or for decimals",
        "Write it without a comma for thousands, and with a point for decimals",
    ],
    fr: [
        "a une virgule qui peut marquer les milliers ou les décimales",
        "Écrivez les milliers sans virgule et les décimales avec un point",
    ],
};

/// The cell that a column takes.
pub(super) fn read(
    raw: &Raw,
    (shape, alias): (Shape, &str),
    point: Point,
) -> Result<Cell, &'static Misread> {
    if raw.is_blank() {
        return Ok(Cell::Null);
    }
    match raw {
        Raw::Fault(_) => return Err(&ERROR_CELL),
        Raw::Text(text) if text.chars().count() > TEXT_CHARS_MAX => return Err(&TOO_LONG),
        Raw::Bool(truth) => return Ok(Cell::Bool(*truth)),
        _ => {}
    }
    match shape {
        Shape::Mass | Shape::Money | Shape::Number | Shape::Degrees(_) => {
            number::read(raw, alias.ends_with("concentration"), point)
        }
        Shape::Date => Ok(day::date(raw)),
        Shape::Instant => Ok(day::instant(raw)),
        Shape::Time => Ok(day::time(raw)),
        Shape::Month => Ok(day::month(raw)),
        Shape::Code(list) => Ok(Cell::Text(words::code(list, &plain(raw)?))),
        Shape::Mineral => Ok(Cell::Text(words::mineral(&plain(raw)?))),
        Shape::Country => Ok(Cell::Text(words::country(&plain(raw)?))),
        Shape::Currency => Ok(Cell::Text(plain(raw)?.to_uppercase())),
        Shape::Text | Shape::Phone | Shape::Email | Shape::Formed => Ok(Cell::Text(plain(raw)?)),
    }
}

/// The cell as text: a number as its digits, a day as an ISO date.
pub(super) fn plain(raw: &Raw) -> Result<String, &'static Misread> {
    match raw {
        Raw::Empty => Ok(String::new()),
        Raw::Text(text) | Raw::Fault(text) => Ok(text.trim().to_owned()),
        Raw::Bool(truth) => Ok(truth.to_string()),
        Raw::Stamp(_) => Ok(day::as_text(raw)),
        Raw::Number(number) | Raw::Percent(number) if number.abs() >= 1e15 => Err(&DIGITS_LOST),
        Raw::Number(number) | Raw::Percent(number) => {
            Ok(number::exact(*number).map_or_else(|| number.to_string(), |exact| exact.to_string()))
        }
    }
}

#[cfg(test)]
mod tests;
