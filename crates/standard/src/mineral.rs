//! Codes of minerals (MDC.03): HS codes, IMA symbols, and the four common words.
//!
//! The code is kept as the state wrote it; [`hs6`] gives the form in which two
//! codes are compared.

/// Word, HS code as the standard writes it, IMA symbol of the designated minerals.
pub const DESIGNATED: [(&str, &str, &str); 4] = [
    ("cassiterite", "2609.00.00", "IMA1960-001"),
    ("wolframite", "2611.00.00", "IMA2000-014"),
    ("coltan", "2615.90.00", "IMA1979-A"),
    ("gold", "7108.12.00", "IMA1960-A"),
];

/// Whether the text is an HS code of 6 to 10 digits, dots allowed, or a known IMA symbol.
pub fn is_mineral(code: &str) -> bool {
    is_hs(code) || DESIGNATED.iter().any(|mineral| mineral.2 == code)
}

/// The first six digits of the HS code, for an IMA symbol those of its mineral.
pub fn hs6(code: &str) -> Option<String> {
    if let Some(mineral) = DESIGNATED.iter().find(|mineral| mineral.2 == code) {
        return hs6(mineral.1);
    }
    is_hs(code).then(|| code.chars().filter(char::is_ascii_digit).take(6).collect())
}

/// Whether a mineral (HS6) is one that leaves a state only with a certificate.
pub fn is_designated(code: &str) -> bool {
    DESIGNATED.iter().any(|mineral| hs6(mineral.1).as_deref() == Some(code))
}

/// The code for a word or code of the standard, as the standard writes it.
pub(crate) fn code_of(word: &str) -> Option<&str> {
    let named = DESIGNATED.iter().find(|mineral| mineral.0.eq_ignore_ascii_case(word));
    named.map(|mineral| mineral.1).or_else(|| is_mineral(word).then_some(word))
}

fn is_hs(code: &str) -> bool {
    let (mut digits, mut before) = (0, b'.');
    for byte in code.bytes() {
        match byte {
            b'0'..=b'9' => digits += 1,
            b'.' if before != b'.' => {}
            _ => return false,
        }
        before = byte;
    }
    (6..=10).contains(&digits) && before != b'.'
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hs_codes_and_ima_symbols_are_minerals() {
        for code in ["2609.00.00", "260900", "7108.12.00", "2615.90", "7102210000", "IMA1979-A"] {
            assert!(is_mineral(code), "{code}");
        }
        for code in ["2609", "26o900", "Or", "IMA1979", "", ".260900", "2609..00.00", "26090000000"]
        {
            assert!(!is_mineral(code), "{code}");
        }
    }

    #[test]
    fn codes_are_compared_on_six_digits() {
        assert_eq!(hs6("2609.00.00").as_deref(), Some("260900"));
        assert_eq!(hs6("IMA1960-A").as_deref(), Some("710812"));
        assert_eq!(hs6("gold"), None);
        assert!(is_designated("710812") && !is_designated("260300"));
        assert_eq!(code_of("Gold"), Some("7108.12.00"));
        assert_eq!(code_of("2611.00"), Some("2611.00"));
    }
}
