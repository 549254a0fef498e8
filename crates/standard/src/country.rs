//! Countries: the twelve members and every code of ISO 3166-1.
//!
//! Records carry alpha-2 codes; identities, configuration and command lines
//! carry alpha-3. Only the members have both here, because only members are
//! ever named by alpha-3.

mod iso3166;

/// The members of the ICGLR: alpha-2, alpha-3, name in English, name in French.
pub const MEMBERS: [(&str, &str, &str, &str); 12] = [
    ("AO", "AGO", "Angola", "Angola"),
    ("BI", "BDI", "Burundi", "Burundi"),
    ("CF", "CAF", "Central African Republic", "République centrafricaine"),
    ("CG", "COG", "Congo", "Congo"),
    ("CD", "COD", "Democratic Republic of the Congo", "République démocratique du Congo"),
    ("KE", "KEN", "Kenya", "Kenya"),
    ("RW", "RWA", "Rwanda", "Rwanda"),
    ("SS", "SSD", "South Sudan", "Soudan du Sud"),
    ("SD", "SDN", "Sudan", "Soudan"),
    ("TZ", "TZA", "United Republic of Tanzania", "République-Unie de Tanzanie"),
    ("UG", "UGA", "Uganda", "Ouganda"),
    ("ZM", "ZMB", "Zambia", "Zambie"),
];

/// The alpha-2 code of a member, from its alpha-3 code.
pub fn alpha2_of(alpha3: &str) -> Option<&'static str> {
    MEMBERS.iter().find(|member| member.1 == alpha3).map(|member| member.0)
}

/// The alpha-3 code of a member, from its alpha-2 code.
pub fn alpha3_of(alpha2: &str) -> Option<&'static str> {
    MEMBERS.iter().find(|member| member.0 == alpha2).map(|member| member.1)
}

/// Whether the text is an ISO 3166-1 alpha-2 code in upper case, of any country.
pub fn is_country(alpha2: &str) -> bool {
    let [first @ b'A'..=b'Z', second @ b'A'..=b'Z'] = alpha2.as_bytes() else {
        return false;
    };
    let row = iso3166::SECOND_LETTERS[usize::from(first - b'A')];
    row.as_bytes().contains(second)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_pair_both_ways() {
        for (alpha2, alpha3, _, _) in MEMBERS {
            assert_eq!(alpha2_of(alpha3), Some(alpha2));
            assert_eq!(alpha3_of(alpha2), Some(alpha3));
            assert!(is_country(alpha2));
        }
        assert_eq!(alpha2_of("FRA"), None);
        assert_eq!(alpha3_of("cd"), None);
    }

    #[test]
    fn every_iso_code_and_nothing_else_is_a_country() {
        let letters = || (b'A'..=b'Z').map(char::from);
        let known = letters()
            .flat_map(|a| letters().map(move |b| format!("{a}{b}")))
            .filter(|code| is_country(code));
        assert_eq!(known.count(), 249);
        for code in ["CD", "NA", "ZW", "AD", "AE", "CN", "CH"] {
            assert!(is_country(code), "{code}");
        }
        for code in ["", "C", "cd", "ZZ", "XX", "COD", "C1", "EU", "é"] {
            assert!(!is_country(code), "{code}");
        }
    }
}
