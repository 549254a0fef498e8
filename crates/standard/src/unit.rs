//! Exact decimals into the integer units of the standard.
//!
//! Nothing is rounded on the way to milligrams, parts per million or minor
//! units: a number with more digits than the unit holds is refused by name.
//! Coordinates and heights are measurements, and are rounded to the nearest.

use std::sync::LazyLock;

use iso_currency::Currency;
use rmd_proto::v1::UnitOfMeasurement;
use rust_decimal::{Decimal, RoundingStrategy};

use crate::model::Fault;

/// Reads a plain decimal: digits, an optional sign, an optional point.
pub(crate) fn decimal(text: &str) -> Option<Decimal> {
    // The parser of the crate also reads underscores between digits.
    let plain =
        text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'+'));
    if plain { Decimal::from_str_exact(text).ok() } else { None }
}

/// The shortest decimal that reads back as the same number.
#[expect(clippy::float_cmp, reason = "the same number is what is looked for")]
pub(crate) fn shortest(number: f64) -> Option<Decimal> {
    // Numbers of up to 15 digits are told apart by a double, so that a whole number
    // of so many, divided by a power of ten, can be the only one that is the same.
    const WHOLE_MAX: f64 = 1e15;
    let mut factor = 1.0;
    for places in 0..=6 {
        let whole = (number * factor).round();
        if whole.abs() < WHOLE_MAX && whole / factor == number {
            #[expect(clippy::cast_possible_truncation, reason = "whole, and below the limit")]
            return Some(Decimal::new(whole as i64, places));
        }
        factor *= 10.0;
    }
    // Display gives the shortest digits.
    decimal(&number.to_string())
}

/// `value` times ten to the `power`, which must be whole.
pub(crate) fn exact(value: Decimal, power: u32) -> Result<i64, Fault> {
    if let (Some(more), Ok(mantissa)) =
        (power.checked_sub(value.scale()), i64::try_from(value.mantissa()))
        && let Some(whole) =
            10_i64.checked_pow(more).and_then(|factor| mantissa.checked_mul(factor))
    {
        return Ok(whole);
    }
    let value = value.normalize();
    let places = value.scale();
    if places > power {
        return Err(Fault::TooPrecise);
    }
    10_i128
        .checked_pow(power - places)
        .and_then(|factor| value.mantissa().checked_mul(factor))
        .and_then(|whole| i64::try_from(whole).ok())
        .ok_or(Fault::OutOfRange)
}

/// `value` times ten to the `power`, rounded to the nearest whole number, halves away from zero
/// as databases round.
pub(crate) fn nearest(value: Decimal, power: u32) -> Result<i64, Fault> {
    exact(value.round_dp_with_strategy(power, RoundingStrategy::MidpointAwayFromZero), power)
}

/// A mass in milligrams, above zero.
pub(crate) fn milligrams(value: Decimal, unit: UnitOfMeasurement) -> Result<i64, Fault> {
    match milligrams_or_zero(value, unit) {
        Ok(0) if unit != UnitOfMeasurement::Unspecified => Err(Fault::OutOfRange),
        Ok(0) => Err(Fault::NoUnit),
        other => other,
    }
}

/// A mass in milligrams, zero or more; nothing is nothing in any unit.
pub(crate) fn milligrams_or_zero(value: Decimal, unit: UnitOfMeasurement) -> Result<i64, Fault> {
    let power = match unit {
        UnitOfMeasurement::Unspecified if value.is_zero() => return Ok(0),
        UnitOfMeasurement::Unspecified => return Err(Fault::NoUnit),
        UnitOfMeasurement::Tne => 9,
        UnitOfMeasurement::Kgm => 6,
        UnitOfMeasurement::Grm => 3,
    };
    if value < Decimal::ZERO { Err(Fault::OutOfRange) } else { exact(value, power) }
}

/// An amount in minor units of its currency, zero or more.
pub(crate) fn minor_units(value: Decimal, code: &str) -> Result<i64, Fault> {
    let currency = currency(code).ok_or(Fault::NoUnit)?;
    if value < Decimal::ZERO {
        return Err(Fault::OutOfRange);
    }
    exact(value, currency.exponent().map_or(0, u32::from))
}

/// The currency of an ISO 4217 code in upper case.
pub(crate) fn currency(code: &str) -> Option<Currency> {
    CURRENCIES.get(place(code.as_bytes())?).copied().flatten()
}

/// Every code of three letters by its place in the alphabet. The crate compares a
/// code with one currency after the other, which took longer than the rest of an
/// amount.
static CURRENCIES: LazyLock<Vec<Option<Currency>>> = LazyLock::new(|| {
    let mut currencies = vec![None; LETTERS * LETTERS * LETTERS];
    for (number, currency) in currencies.iter_mut().enumerate() {
        let letter = |place: usize| ALPHABET[number / place % LETTERS];
        let code = [letter(LETTERS * LETTERS), letter(LETTERS), letter(1)];
        *currency = str::from_utf8(&code).ok().and_then(Currency::from_code);
    }
    currencies
});

const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const LETTERS: usize = ALPHABET.len();

fn place(code: &[u8]) -> Option<usize> {
    let letter = |byte: u8| byte.is_ascii_uppercase().then(|| usize::from(byte - b'A'));
    let [first, second, third] = code else { return None };
    Some((letter(*first)? * LETTERS + letter(*second)?) * LETTERS + letter(*third)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Decimal {
        decimal(text).unwrap()
    }

    #[test]
    fn masses_become_milligrams_exactly() {
        let rows = [
            ("1", UnitOfMeasurement::Tne, Ok(1_000_000_000)),
            ("0.000000001", UnitOfMeasurement::Tne, Ok(1)),
            ("0.0000000015", UnitOfMeasurement::Tne, Err(Fault::TooPrecise)),
            ("12.5", UnitOfMeasurement::Kgm, Ok(12_500_000)),
            ("12.500000000", UnitOfMeasurement::Kgm, Ok(12_500_000)),
            ("0.0000001", UnitOfMeasurement::Kgm, Err(Fault::TooPrecise)),
            ("31.103", UnitOfMeasurement::Grm, Ok(31_103)),
            ("31.1034", UnitOfMeasurement::Grm, Err(Fault::TooPrecise)),
            ("0", UnitOfMeasurement::Kgm, Err(Fault::OutOfRange)),
            ("-1", UnitOfMeasurement::Kgm, Err(Fault::OutOfRange)),
            ("9223372036.854775807", UnitOfMeasurement::Tne, Ok(i64::MAX)),
            ("9223372036.854775808", UnitOfMeasurement::Tne, Err(Fault::OutOfRange)),
            ("1", UnitOfMeasurement::Unspecified, Err(Fault::NoUnit)),
        ];
        for (text, unit, expected) in rows {
            assert_eq!(milligrams(number(text), unit), expected, "{text} {unit:?}");
        }
    }

    #[test]
    fn declared_masses_may_be_zero_in_any_unit() {
        for unit in [UnitOfMeasurement::Kgm, UnitOfMeasurement::Unspecified] {
            assert_eq!(milligrams_or_zero(Decimal::ZERO, unit), Ok(0));
            assert!(milligrams_or_zero(number("-1"), unit).is_err());
        }
        let none = UnitOfMeasurement::Unspecified;
        assert_eq!(milligrams_or_zero(number("1"), none), Err(Fault::NoUnit));
        assert_eq!(milligrams_or_zero(number("1"), UnitOfMeasurement::Grm), Ok(1000));
    }

    #[test]
    fn amounts_follow_the_digits_of_their_currency() {
        let rows = [
            ("85000.00", "USD", Ok(8_500_000)),
            ("0.005", "USD", Err(Fault::TooPrecise)),
            ("1200", "RWF", Ok(1200)),
            ("1200.5", "RWF", Err(Fault::TooPrecise)),
            ("-1", "USD", Err(Fault::OutOfRange)),
            ("1", "usd", Err(Fault::NoUnit)),
            ("1", "", Err(Fault::NoUnit)),
        ];
        for (text, currency, expected) in rows {
            assert_eq!(minor_units(number(text), currency), expected, "{text} {currency}");
        }
    }

    #[test]
    fn every_code_of_the_list_and_no_other_is_a_currency() {
        for code in ["USD", "CDF", "RWF", "XAU", "AAA", "ZZZ", "usd", "US", "USDD", "", "É"] {
            assert_eq!(currency(code), Currency::from_code(code), "{code}");
        }
        assert!(CURRENCIES.iter().flatten().count() > 150);
    }

    #[test]
    fn coordinates_are_rounded_to_ten_millionths() {
        assert_eq!(nearest(number("28.71258"), 7), Ok(287_125_800));
        assert_eq!(nearest(number("-1.96409999999999"), 7), Ok(-19_641_000));
        assert_eq!(nearest(number("1.20280785"), 7), Ok(12_028_079));
        assert_eq!(nearest(number("-4.15915645"), 7), Ok(-41_591_565));
    }

    #[test]
    fn doubles_are_read_as_people_write_them() {
        let rows = [
            (0.1, "0.1"),
            (31.103, "31.103"),
            (-1.964_1, "-1.9641"),
            (0.0, "0"),
            (1e14, "100000000000000"),
            (123_456_789.012_345, "123456789.012345"),
            (0.1 + 0.2, "0.30000000000000004"),
            (28.712_580_1, "28.7125801"),
        ];
        for (number, text) in rows {
            assert_eq!(shortest(number), decimal(text), "{number}");
            assert_eq!(shortest(number), decimal(&number.to_string()), "{number}");
        }
        for number in [f64::NAN, f64::INFINITY, 1e300] {
            assert_eq!(shortest(number), None, "{number}");
        }
    }

    proptest::proptest! {
        #[test]
        fn a_double_is_the_decimal_that_display_writes(whole in -1_i64 << 53..1 << 53, places in 0..9) {
            #[expect(clippy::cast_precision_loss, reason = "the numbers fit a double")]
            let number = whole as f64 / 10_f64.powi(places);
            proptest::prop_assert_eq!(shortest(number), decimal(&number.to_string()));
        }
    }

    #[test]
    fn only_plain_decimals_are_read() {
        for text in ["", "1,5", "1 000", "1_000", "1e3", "12kg", "NaN", "--1", "."] {
            assert_eq!(decimal(text), None, "{text}");
        }
        assert_eq!(decimal("+1.50"), Some(Decimal::new(150, 2)));
        assert_eq!(decimal("12345678901234567890123456789012"), None);
    }
}
