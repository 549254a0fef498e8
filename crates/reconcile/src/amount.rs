//! Comparing amounts without rounding.
//!
//! Masses are milligrams, shares parts per million. A limit is crossed when the
//! value is beyond it; exactly on the limit is inside. Products are taken in 128
//! bits, which hold 2^63 milligrams times 2^63 parts per million.

/// A million parts: the whole.
pub const MILLION: i64 = 1_000_000;

/// Whether `left` is more than `right` and an allowance of `ppm` on it.
pub fn exceeds(left: i128, right: i128, ppm: i64) -> bool {
    left * i128::from(MILLION) > right * i128::from(MILLION + ppm)
}

/// Whether `left` and `right` are further apart than `ppm` of `base`.
pub fn deviates(left: i128, right: i128, base: i128, ppm: i64) -> bool {
    (left - right).abs() * i128::from(MILLION) > base * i128::from(ppm)
}

/// `part` of `whole` in parts per million, rounded down; none of nothing.
pub fn share_ppm(part: i128, whole: i128) -> Option<i64> {
    if whole == 0 {
        return None;
    }
    i64::try_from(part * i128::from(MILLION) / whole).ok()
}

/// The median of values: of an even number the lower of the two in the middle
/// times two and the upper are added, so the answer is twice the median.
pub fn twice_median(values: &mut [i128]) -> Option<i128> {
    values.sort_unstable();
    let middle = values.len() / 2;
    let upper = *values.get(middle)?;
    let lower = if values.len().is_multiple_of(2) { values[middle - 1] } else { upper };
    Some(lower + upper)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn on_the_limit_is_inside_and_one_milligram_further_is_beyond() {
        assert!(!exceeds(1_010_000, 1_000_000, 10_000));
        assert!(exceeds(1_010_001, 1_000_000, 10_000));
        assert!(!deviates(980_000, 1_000_000, 1_000_000, 20_000));
        assert!(deviates(979_999, 1_000_000, 1_000_000, 20_000));
        assert!(!exceeds(0, 0, 0));
        assert!(exceeds(i128::from(i64::MAX), 1, MILLION));
    }

    #[test]
    fn a_share_of_nothing_is_no_share() {
        assert_eq!(share_ppm(1, 3), Some(333_333));
        assert_eq!(share_ppm(5, 0), None);
        assert_eq!(share_ppm(i128::MAX / 1_000_000, 1), None);
    }

    #[test]
    fn the_median_of_an_even_number_lies_between_the_middle_two() {
        assert_eq!(twice_median(&mut [3, 1, 2]), Some(4));
        assert_eq!(twice_median(&mut [4, 1, 3, 2]), Some(5));
        assert_eq!(twice_median(&mut []), None);
    }
}
