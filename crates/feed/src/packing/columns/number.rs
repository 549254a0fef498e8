//! Numbers as Protocol Buffers write them, in their shortest form and no other.

/// Writes a number.
pub(in crate::packing) fn put(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(low_bits(number) | 0x80);
        number >>= 7;
    }
    out.push(low_bits(number));
}

/// Reads a number; none where there is no whole one, or a longer form of it.
pub(in crate::packing) fn take(rest: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for (index, &byte) in rest.iter().enumerate().take(10) {
        if index == 9 && byte > 1 {
            return None;
        }
        number |= u64::from(byte & 0x7F) << (7 * index);
        if byte < 0x80 {
            if byte == 0 && index > 0 {
                return None;
            }
            *rest = &rest[index + 1..];
            return Some(number);
        }
    }
    None
}

/// Reads bytes with their length before them.
pub(super) fn take_bytes<'a>(rest: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = usize::try_from(take(rest)?).ok()?;
    let (bytes, after) = rest.split_at_checked(length)?;
    *rest = after;
    Some(bytes)
}

/// Bytes of a number.
pub(super) fn length(number: u64) -> usize {
    let bits = 64 - (number | 1).leading_zeros() as usize;
    bits.div_ceil(7)
}

/// Small numbers for small differences, whichever their sign.
pub(super) fn zigzag(difference: u64) -> u64 {
    (difference << 1) ^ 0_u64.wrapping_sub(difference >> 63)
}

/// The difference again.
pub(super) fn unzigzag(number: u64) -> u64 {
    (number >> 1) ^ 0_u64.wrapping_sub(number & 1)
}

fn low_bits(number: u64) -> u8 {
    (number & 0x7F) as u8
}
