//! One value as a national database gave it.

use std::borrow::Cow;

use rust_decimal::Decimal;

use crate::unit;

/// One value of a row, in the few types that sources have in common.
///
/// Dates and times come as text; `Null` and blank text mean absent.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// SQL NULL.
    Null,
    /// A truth value.
    Bool(bool),
    /// A whole number.
    Integer(i64),
    /// A floating-point number, read as the shortest decimal that means it.
    Real(f64),
    /// An exact decimal.
    Decimal(Decimal),
    /// Text; trimmed before it is read.
    Text(String),
}

impl Cell {
    #[inline]
    pub(super) fn is_absent(&self) -> bool {
        match self {
            Self::Null => true,
            Self::Text(text) => trimmed(text).is_empty(),
            _ => false,
        }
    }

    /// The value as trimmed text.
    #[inline]
    pub(super) fn text(&self) -> Cow<'_, str> {
        match self {
            Self::Text(text) => Cow::Borrowed(trimmed(text)),
            other => other.written(),
        }
    }

    /// Any value but text as text.
    fn written(&self) -> Cow<'_, str> {
        match self {
            Self::Null => Cow::Borrowed(""),
            Self::Bool(true) => Cow::Borrowed("true"),
            Self::Bool(false) => Cow::Borrowed("false"),
            Self::Integer(number) => Cow::Owned(number.to_string()),
            Self::Real(number) => Cow::Owned(number.to_string()),
            Self::Decimal(number) => Cow::Owned(number.to_string()),
            Self::Text(text) => Cow::Borrowed(trimmed(text)),
        }
    }

    /// The value as an exact decimal; none if it is no number.
    pub(super) fn decimal(&self) -> Option<Decimal> {
        match self {
            Self::Null | Self::Bool(_) => None,
            Self::Integer(number) => Some(Decimal::from(*number)),
            Self::Real(number) => unit::shortest(*number),
            Self::Decimal(number) => Some(*number),
            Self::Text(text) => unit::decimal(trimmed(text)),
        }
    }
}

/// The text without blanks around it; most has none, which two bytes tell.
#[inline]
pub(super) fn trimmed(text: &str) -> &str {
    match text.as_bytes() {
        [b'!'..=b'~'] | [b'!'..=b'~', .., b'!'..=b'~'] => text,
        _ => text.trim(),
    }
}
