//! Ranges of tag identifiers.
//!
//! An identifier is a series and a number of so many digits at its end. A range
//! holds identifiers of its own series and length, so that 0001 and 00001 are two
//! tags, as they are on the bags.

/// Whether `identifier` lies from `from` to `to`, both inside.
pub(super) fn holds(from: &str, to: &str, identifier: &str) -> bool {
    let (series, first) = split(from);
    let (series_of_last, last) = split(to);
    let (own, number) = split(identifier);
    let is_alike = series == series_of_last
        && series == own
        && first.len() == last.len()
        && first.len() == number.len();
    // Of equal length, digits sort as the numbers do.
    is_alike && first <= number && number <= last
}

/// The series, and the digits at the end.
pub(super) fn split(identifier: &str) -> (&str, &str) {
    let series = identifier.trim_end_matches(|letter: char| letter.is_ascii_digit());
    (series, &identifier[series.len()..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_holds_its_own_series_and_length() {
        assert!(holds("A-01", "A-10", "A-05"));
        assert!(!holds("A-01", "A-10", "A-005"));
        assert!(!holds("A-01", "A-10", "B-05"));
        assert!(!holds("A-01", "A-10", "A-11"));
        assert!(!holds("A-01", "B-10", "A-05"));
        assert!(holds("X", "X", "X"));
        assert!(holds(
            "99999999999999999999998",
            "99999999999999999999999",
            "99999999999999999999999"
        ));
    }
}
