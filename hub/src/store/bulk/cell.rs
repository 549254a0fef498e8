//! One value of a row that is written, as a rule borrowed from its record.

use std::borrow::Cow;

use super::Value;

/// A value as the tables of records have it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Cell<'a> {
    /// NULL, in a column of any type.
    Absent,
    /// TEXT.
    Text(Cow<'a, str>),
    /// BIGINT.
    Integer(i64),
    /// Bytes, as they came.
    Bytes(Cow<'a, [u8]>),
}

impl<'a> Cell<'a> {
    /// Text; empty text is an absent value.
    pub(crate) fn text(text: &'a str) -> Self {
        if text.is_empty() { Self::Absent } else { Self::Text(Cow::Borrowed(text)) }
    }

    /// Text that is never absent.
    pub(crate) fn required(text: impl Into<Cow<'a, str>>) -> Self {
        Self::Text(text.into())
    }

    /// Text, or none.
    pub(crate) fn maybe(text: Option<impl Into<Cow<'a, str>>>) -> Self {
        text.map_or(Self::Absent, Self::required)
    }

    /// A number, or none.
    pub(crate) fn integer(number: impl Into<Option<i64>>) -> Self {
        number.into().map_or(Self::Absent, Self::Integer)
    }

    /// A number that the standard counts without a sign; what a BIGINT cannot
    /// hold was refused before.
    pub(crate) fn unsigned(number: u64) -> Self {
        Self::integer(i64::try_from(number).ok())
    }

    /// Bytes, or none.
    pub(crate) fn bytes(bytes: Option<&'a [u8]>) -> Self {
        bytes.map_or(Self::Absent, |bytes| Self::Bytes(Cow::Borrowed(bytes)))
    }

    /// Plain values joined by `;`; none = absent.
    pub(crate) fn list<S>(values: impl IntoIterator<Item = &'a S>) -> Self
    where
        S: AsRef<str> + ?Sized + 'a,
    {
        let mut values = values.into_iter();
        let (Some(first), second) = (values.next(), values.next()) else { return Self::Absent };
        let Some(second) = second else { return Self::text(first.as_ref()) };
        let mut joined = first.as_ref().to_owned();
        for value in [second].into_iter().chain(values) {
            if !joined.is_empty() {
                joined.push(';');
            }
            joined.push_str(value.as_ref());
        }
        if joined.is_empty() { Self::Absent } else { Self::Text(Cow::Owned(joined)) }
    }
}

impl From<Value> for Cell<'_> {
    fn from(value: Value) -> Self {
        match value {
            Value::Text(text) => Self::maybe(text),
            Value::Integer(number) => Self::integer(number),
            Value::Bytes(bytes) => {
                bytes.map_or(Self::Absent, |bytes| Self::Bytes(Cow::Owned(bytes)))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_joined_and_nothing_is_absent() {
        let list = |values: &[&str]| match Cell::list(values) {
            Cell::Text(text) => Some(text.into_owned()),
            _ => None,
        };
        assert_eq!(list(&["a", "b", "c"]).as_deref(), Some("a;b;c"));
        assert_eq!(list(&["a"]).as_deref(), Some("a"));
        assert_eq!(list(&["", "b"]).as_deref(), Some("b"));
        assert_eq!((list(&[]), list(&[""])), (None, None));
    }
}
