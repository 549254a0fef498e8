//! Decimals out of integers, without a floating-point number on the way.

/// More significant digits than this do not survive a reader that holds numbers
/// as IEEE doubles, as nearly all do.
const DIGITS_SAFE: u32 = 15;

/// Writes `value` divided by ten to the `places`, without zeros at the end.
pub(crate) fn decimal(value: i64, places: u32, out: &mut Vec<u8>) {
    // Nineteen digits of an i64, zeros in front of a small fraction, point and sign.
    let mut buffer = [0_u8; 32];
    let mut at = buffer.len();
    let mut rest = value.unsigned_abs();
    let mut left = places;
    let mut significant = false;
    while left > 0 {
        let digit = last_digit(&mut rest);
        significant |= digit != b'0';
        if significant {
            at -= 1;
            buffer[at] = digit;
        }
        left -= 1;
    }
    if significant {
        at -= 1;
        buffer[at] = b'.';
    }
    loop {
        at -= 1;
        buffer[at] = last_digit(&mut rest);
        if rest == 0 {
            break;
        }
    }
    if value < 0 {
        at -= 1;
        buffer[at] = b'-';
    }
    out.extend_from_slice(&buffer[at..]);
}

/// Writes `value` divided by ten to the `places` with exactly so many decimals.
pub(crate) fn fixed(value: i64, places: u32, out: &mut Vec<u8>) {
    let start = out.len();
    decimal(value, places, out);
    if places == 0 {
        return;
    }
    let written = out[start..].iter().rposition(|byte| *byte == b'.');
    let decimals = written.map_or(0, |point| out.len() - start - point - 1);
    if written.is_none() {
        out.push(b'.');
    }
    out.extend(std::iter::repeat_n(b'0', places as usize - decimals));
}

/// Two digits, zero in front.
pub(crate) fn two(value: i8, out: &mut Vec<u8>) {
    let value = value.unsigned_abs() % 100;
    out.extend_from_slice(&[b'0' + value / 10, b'0' + value % 10]);
}

/// Whether the number survives a reader that holds numbers as IEEE doubles.
pub(crate) fn is_safe(value: i64) -> bool {
    let mut value = value.unsigned_abs();
    while value != 0 && value.is_multiple_of(10) {
        value /= 10;
    }
    value < 10_u64.pow(DIGITS_SAFE)
}

fn last_digit(rest: &mut u64) -> u8 {
    let digit = u8::try_from(*rest % 10).unwrap_or_default();
    *rest /= 10;
    b'0' + digit
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(write: fn(i64, u32, &mut Vec<u8>), value: i64, places: u32) -> String {
        let mut out = Vec::new();
        write(value, places, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn decimals_are_exact_and_short() {
        for (value, places, text) in [
            (0, 6, "0"),
            (1, 6, "0.000001"),
            (-19_641_000, 7, "-1.9641"),
            (-5, 1, "-0.5"),
            (950_000_000, 6, "950"),
            (1500, 2, "15"),
            (i64::MAX, 9, "9223372036.854775807"),
            (i64::MIN, 0, "-9223372036854775808"),
        ] {
            assert_eq!(written(decimal, value, places), text);
        }
        for (value, places, text) in [
            (8_500_000, 2, "85000.00"),
            (8_500_050, 2, "85000.50"),
            (1200, 0, "1200"),
            (5, 3, "0.005"),
        ] {
            assert_eq!(written(fixed, value, places), text);
        }
    }

    #[test]
    fn a_million_tonnes_to_the_milligram_is_safe_and_more_is_not() {
        assert!(is_safe(999_999_999_999_999) && is_safe(i64::MAX / 100_000 * 100_000));
        assert!(!is_safe(1_000_000_000_000_001) && !is_safe(i64::MIN));
    }
}
