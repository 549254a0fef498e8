//! Amounts of limits as people write them.

use rmd_reconcile::{
    Measure, Parameter, Sentence, Unit,
    parameter::{Limit, Parameters},
};
use rust_decimal::Decimal;

use super::Error;

/// A number in a sentence of its own.
const ALONE: Sentence = Sentence { id: "limit", en: "{value}", fr: "{value}" };

/// Words behind a number, with the power of ten that makes it the limit's unit.
const fn words(unit: Unit) -> (&'static [(&'static str, u32)], &'static str) {
    match unit {
        Unit::Mass => (&[("t", 9), ("kg", 6), ("g", 3), ("mg", 0)], "50kg, 100g, 5t"),
        Unit::Share => (&[("%", 4), ("ppm", 0)], "5%, 2.5%"),
        Unit::Metres => (&[("km", 3), ("m", 0)], "20km, 100m"),
        Unit::Days => (&[("", 0), ("d", 0)], "60"),
        Unit::Money => (&[("", 2)], "12.50"),
        Unit::Count | Unit::Text => (&[("", 0)], "12"),
    }
}

/// The number of a limit out of a text as `5%`, `50kg` or `60`.
pub(crate) fn read(limit: &'static Limit, text: &str) -> Result<i64, Error> {
    let (words, like) = words(limit.unit);
    let refused = || Error::Amount { name: limit.name, value: text.to_owned(), like };
    let plain = text.trim().replace(',', ".");
    let begin = plain.find(|letter: char| !(letter.is_ascii_digit() || letter == '.'));
    let (number, word) = plain.split_at(begin.unwrap_or(plain.len()));
    let word = word.trim();
    let power = words.iter().find(|known| known.0 == word).ok_or_else(refused)?.1;
    let number = Decimal::from_str_exact(number).map_err(|_| refused())?;
    let scaled = number.checked_mul(Decimal::from(10_i64.pow(power))).ok_or_else(refused)?;
    if !scaled.is_integer() {
        return Err(refused());
    }
    i64::try_from(scaled).map_err(|_| refused())
}

/// The number of a limit as people write it.
pub(crate) fn written(limit: &'static Limit, value: i64) -> String {
    ALONE.english(&[Measure::number("value", limit.unit, value)])
}

/// The limit of that name.
pub(crate) fn limit(name: &str) -> Result<&'static Limit, Error> {
    let unknown = || rmd_reconcile::parameter::Error::Unknown(name.to_owned());
    Ok(Parameter::of(name).ok_or_else(unknown)?.limit())
}

/// Refuses what [`Parameters`] would refuse.
pub(super) fn check(row: &rmd_reconcile::parameter::Row) -> Result<(), Error> {
    Parameters::with(1, std::slice::from_ref(row))?;
    Ok(())
}
