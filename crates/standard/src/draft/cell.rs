//! One value as a national database gave it.

use rust_decimal::Decimal;

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
