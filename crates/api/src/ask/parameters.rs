//! The parameters of a query string.
//!
//! A parameter that nobody knows is refused, because a misspelled filter that is
//! ignored answers with everything. All faults are collected; the caller asks for
//! each parameter and then for the verdict.

use jiff::civil::Date;
use percent_encoding::percent_decode_str;
use rmd_standard::{Finding, code::List, country, mineral, site_id};

use super::Complaint;
use crate::{Mineral, answer::problem::Problem};

/// No identifier or name that is searched for is longer.
pub(crate) const TEXT_CHARS_MAX: usize = 256;
/// More than the faults of any request that was meant; a long query string would
/// otherwise be answered with a hundred times its bytes.
const FINDINGS_MAX: usize = 100;
/// More pages than any store has.
pub(crate) const PAGE_MAX: u64 = 1_000_000_000;
/// The standard's limit.
pub(crate) const LIMIT_MAX: u64 = 100;
/// The standard's default.
pub(crate) const LIMIT_DEFAULT: u32 = 20;

/// The parameters of one request.
#[derive(Debug)]
pub(crate) struct Parameters {
    pairs: Vec<(String, String)>,
    findings: Vec<Finding>,
}

impl Parameters {
    /// Reads a query string of which those parameters are known.
    pub(crate) fn parse(query: Option<&str>, known: &[&str]) -> Self {
        let mut parameters = Self { pairs: Vec::new(), findings: Vec::new() };
        for pair in query.unwrap_or_default().split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            match (decode(name), decode(value)) {
                (Some(name), Some(value)) => parameters.add(name, value, known),
                _ => parameters.blame(
                    "QUERY-UTF8",
                    pair,
                    "",
                    ["is not UTF-8 in percent encoding", "n'est pas de l'UTF-8 en codage pourcent"],
                    ["Encode the parameter in UTF-8", "Encodez le paramètre en UTF-8"],
                ),
            }
        }
        parameters
    }

    fn add(&mut self, name: String, value: String, known: &[&str]) {
        if !known.contains(&name.as_str()) {
            let (en, fr) = match known {
                [] => ("Send none".to_owned(), "N'en envoyez aucun".to_owned()),
                _ => (
                    format!("Known are {}", known.join(", ")),
                    format!("Sont connus {}", known.join(", ")),
                ),
            };
            let wrong = ["is no parameter of this path", "n'est pas un paramètre de ce chemin"];
            self.blame("QUERY-PARAMETER-KNOWN", &name, "", wrong, [&en, &fr]);
        } else if self.pairs.iter().any(|pair| pair.0 == name) {
            let wrong = ["stands twice", "figure deux fois"];
            let remedy = ["Give one value", "Donnez une seule valeur"];
            self.blame("QUERY-PARAMETER-ONCE", &name, &value, wrong, remedy);
        } else {
            self.pairs.push((name, value));
        }
    }

    /// Everything that was wrong, if anything was.
    pub(crate) fn finish(self) -> Result<(), Problem> {
        if self.findings.is_empty() { Ok(()) } else { Err(Problem::invalid(self.findings)) }
    }

    fn take(&mut self, name: &str) -> Option<String> {
        let at = self.pairs.iter().position(|pair| pair.0 == name)?;
        Some(self.pairs.swap_remove(at).1)
    }

    /// A text of reasonable length without control characters.
    pub(crate) fn text(&mut self, name: &str) -> Option<String> {
        let value = self.take(name)?;
        if is_text(&value) {
            return Some(value);
        }
        self.blame_text(name, &value);
        None
    }

    pub(crate) fn blame_text(&mut self, name: &str, value: &str) {
        self.blame(
            "QUERY-TEXT",
            name,
            value,
            [
                "is empty, longer than 256 characters, or holds a control character",
                "est vide, dépasse 256 caractères ou contient un caractère de contrôle",
            ],
            [
                "Give the text that is looked for, or leave it out",
                "Donnez le texte cherché, ou omettez-le",
            ],
        );
    }

    /// A parameter without which the path names no record.
    pub(crate) fn required(&mut self, name: &str) {
        if !self.pairs.iter().any(|pair| pair.0 == name) {
            let wrong = ["is missing", "manque"];
            let remedy = ["Add the parameter", "Ajoutez le paramètre"];
            self.blame("QUERY-PARAMETER-REQUIRED", name, "", wrong, remedy);
        }
    }

    /// A member state, as alpha-2 in upper case.
    pub(crate) fn member(&mut self, name: &str) -> Option<String> {
        let value = self.take(name)?;
        let code = value.to_ascii_uppercase();
        if country::MEMBERS.iter().any(|member| member.0 == code) {
            return Some(code);
        }
        let members = country::MEMBERS.map(|member| member.0).join(", ");
        self.blame(
            "QUERY-MEMBER-STATE",
            name,
            &value,
            ["is no member state", "n'est pas un État membre"],
            [&format!("Give one of {members}"), &format!("Donnez l'un de {members}")],
        );
        None
    }

    /// A number of the standard's code list, as the number of the enumeration.
    pub(crate) fn code(&mut self, name: &str, list: &List) -> Option<i32> {
        let value = self.take(name)?;
        let of = |text: &str| {
            let standard: u8 = whole(text)?;
            list.codes.iter().find(|code| code.standard == Some(standard)).map(|code| code.number)
        };
        let number = of(&value);
        if number.is_none() {
            let codes: Vec<String> = list
                .codes
                .iter()
                .filter_map(|code| code.standard)
                .map(|code| code.to_string())
                .collect();
            let codes = codes.join(", ");
            self.blame(
                "QUERY-CODE",
                name,
                &value,
                ["is no number of the code list", "n'est pas un numéro de la liste de codes"],
                [&format!("Give one of {codes}"), &format!("Donnez l'un de {codes}")],
            );
        }
        number
    }

    /// A calendar day.
    pub(crate) fn day(&mut self, name: &str) -> Option<Date> {
        let value = self.take(name)?;
        let day = day(&value);
        if day.is_none() {
            self.blame(
                "QUERY-DATE",
                name,
                &value,
                ["is no calendar day", "n'est pas un jour du calendrier"],
                [
                    "Write year-month-day, such as 2018-01-31",
                    "Écrivez année-mois-jour, comme 2018-01-31",
                ],
            );
        }
        day
    }

    /// A mineral by HS code, IMA symbol or word; anything else is compared as text.
    pub(crate) fn mineral(&mut self, name: &str) -> Option<Mineral> {
        self.text(name).map(mineral_of)
    }

    /// The key of a mine site.
    pub(crate) fn site(&mut self, name: &str) -> Option<String> {
        // In a query string a plus that is not encoded reads as a blank, and an id has no blanks.
        let value = self.text(name)?.replace(' ', "+");
        let key = site_id::key_of(&value);
        if key.is_none() {
            self.blame(
                "QUERY-SITE-ID",
                name,
                &value,
                ["is no mine-site id", "n'est pas un identifiant de site minier"],
                [
                    "Write it as issued, such as CD-1.9403+29.8739-00001, with + as %2B",
                    "Écrivez-le comme attribué, par exemple CD-1.9403+29.8739-00001, avec + codé %2B",
                ],
            );
        }
        key
    }

    /// The page, from 1.
    pub(crate) fn page(&mut self) -> u64 {
        self.whole("page", PAGE_MAX).unwrap_or(1)
    }

    /// Records on a page.
    pub(crate) fn limit(&mut self) -> u32 {
        let limit = self.whole("limit", LIMIT_MAX).and_then(|limit| u32::try_from(limit).ok());
        limit.unwrap_or(LIMIT_DEFAULT)
    }

    fn whole(&mut self, name: &str, max: u64) -> Option<u64> {
        let value = self.take(name)?;
        let number = whole(&value).filter(|number| (1..=max).contains(number));
        if number.is_none() {
            self.blame(
                "QUERY-WHOLE-NUMBER",
                name,
                &value,
                ["is no whole number of the range", "n'est pas un nombre entier de la plage"],
                [&format!("Give 1 to {max}"), &format!("Donnez de 1 à {max}")],
            );
        }
        number
    }

    fn blame(&mut self, rule: &str, path: &str, value: &str, wrong: [&str; 2], remedy: [&str; 2]) {
        if self.findings.len() == FINDINGS_MAX {
            return;
        }
        self.findings.push(Complaint { rule, path, value, wrong, remedy }.finding());
    }
}

/// Whether a text may be searched for; a store need not hold control characters.
pub(crate) fn is_text(value: &str) -> bool {
    !value.is_empty()
        && value.chars().count() <= TEXT_CHARS_MAX
        && !value.chars().any(char::is_control)
}

/// A mineral by HS code, IMA symbol or word; anything else is compared as text.
pub(crate) fn mineral_of(text: String) -> Mineral {
    let named = mineral::DESIGNATED.iter().find(|designated| {
        designated.0.eq_ignore_ascii_case(&text) || designated.2.eq_ignore_ascii_case(&text)
    });
    let code = named.map_or(text.as_str(), |designated| designated.1);
    match mineral::hs6(code) {
        Some(hs6) => Mineral::Hs6(hs6),
        None => Mineral::Text(text),
    }
}

/// A day in the one form of the standard.
pub(crate) fn day(text: &str) -> Option<Date> {
    let is_plain =
        text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    is_plain.then(|| text.parse().ok()).flatten()
}

/// A number in its one spelling: no sign, no leading zero.
fn whole<N: std::str::FromStr + ToString>(text: &str) -> Option<N> {
    text.parse::<N>().ok().filter(|number| number.to_string() == text)
}

fn decode(text: &str) -> Option<String> {
    let text = text.replace('+', " ");
    percent_decode_str(&text).decode_utf8().ok().map(std::borrow::Cow::into_owned)
}

#[cfg(test)]
mod tests {
    use rmd_standard::code;

    use super::*;

    const KNOWN: [&str; 6] = ["page", "limit", "status", "day", "mineral", "site"];

    fn read(query: &str) -> Parameters {
        Parameters::parse(Some(query), &KNOWN)
    }

    #[test]
    fn parameters_are_read_into_what_they_mean() {
        let mut parameters = read(
            "page=3&limit=100&status=3&day=2018-01-31&mineral=IMA1960-001&site=CD-1.9403+29.8739-00001",
        );
        assert_eq!(parameters.page(), 3);
        assert_eq!(parameters.limit(), 100);
        assert_eq!(parameters.code("status", &code::CERTIFICATION_STATUS), Some(4));
        assert_eq!(parameters.day("day"), Some(jiff::civil::date(2018, 1, 31)));
        assert_eq!(parameters.mineral("mineral"), Some(Mineral::Hs6("260900".into())));
        assert_eq!(parameters.site("site").as_deref(), Some("CD-1.9403-29.8739-1"));
        parameters.finish().unwrap();
        let mut none = read("");
        assert_eq!((none.page(), none.limit(), none.day("day")), (1, 20, None));
        none.finish().unwrap();
    }

    #[test]
    fn every_bad_parameter_is_named_at_once() {
        let mut parameters =
            read("page=0&limit=101&status=9&day=2018-02-30&site=x&colour=red&mineral=%00&page=2");
        let _ =
            (parameters.page(), parameters.limit(), parameters.day("day"), parameters.site("site"));
        let _ =
            (parameters.code("status", &code::CERTIFICATION_STATUS), parameters.mineral("mineral"));
        let body = parameters.finish().unwrap_err().body(jiff::Timestamp::UNIX_EPOCH);
        let findings = body["details"]["findings"].as_array().unwrap();
        let mut paths: Vec<_> = findings.iter().map(|f| f["path"].as_str().unwrap()).collect();
        paths.sort_unstable();
        assert_eq!(paths, ["colour", "day", "limit", "mineral", "page", "page", "site", "status"]);
        for finding in findings {
            for language in ["en", "fr"] {
                let text = finding[language].as_str().unwrap();
                assert!(text.contains(finding["rule"].as_str().unwrap()), "{text}");
            }
        }
    }

    #[test]
    fn numbers_and_days_have_one_spelling() {
        for text in ["01", "+1", " 1", "1.0", "", "-1", "1e2", "18446744073709551616"] {
            assert_eq!(whole::<u64>(text), None, "{text}");
        }
        for text in
            ["20180131", "2018-1-31", "2018-01-31T00:00", "2018-13-01", "31-01-2018", "2018-01-3é"]
        {
            assert_eq!(day(text), None, "{text}");
        }
    }

    #[test]
    fn a_mineral_is_known_by_code_symbol_or_word() {
        for text in ["2609.00.00", "260900", "ima1960-001", "Cassiterite"] {
            assert_eq!(mineral_of(text.into()), Mineral::Hs6("260900".into()), "{text}");
        }
        assert_eq!(mineral_of("amber".into()), Mineral::Text("amber".into()));
    }

    #[test]
    fn a_query_string_that_is_not_utf_8_is_refused() {
        assert!(read("mineral=%ff").finish().is_err());
    }
}
