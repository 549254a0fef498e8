//! National words for the codes of the standard.
//!
//! Owns the `[codes.*]` tables of one mapping. A national word is matched
//! exactly, after trimming; a word that the mapping does not name is read as a
//! word or number of the standard itself. A word may be mapped to the empty
//! text: then the value is absent.

use std::collections::{BTreeMap, HashMap};

use crate::{
    code::{self, List},
    country, mineral,
};

/// A code list of a mapping that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CodeListError {
    /// No code list has that name.
    #[error("code list {list:?} is unknown; use one of: {allowed}")]
    UnknownList {
        /// The name given.
        list: String,
        /// The names that exist.
        allowed: String,
    },
    /// A word is mapped to something that is not in the list.
    #[error(
        "code list {list}: {word:?} is mapped to {target:?}; use one of: {allowed}, or \"\" for an absent value"
    )]
    UnknownTarget {
        /// The code list.
        list: String,
        /// The national word.
        word: String,
        /// What it was mapped to.
        target: String,
        /// The words that the list has.
        allowed: String,
    },
}

/// The code lists of one mapping: national word to standard word.
#[derive(Debug, Clone, Default)]
pub struct CodeLists {
    numbers: [HashMap<String, Option<i32>>; code::ALL.len()],
    minerals: HashMap<String, Option<String>>,
    countries: HashMap<String, Option<String>>,
}

/// What a national word means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Meaning<T> {
    /// The source says that there is no value.
    Absent,
    /// A code of the standard.
    Known(T),
    /// Neither the mapping nor the standard knows the word.
    Unknown,
}

impl CodeLists {
    /// Reads the `[codes.*]` tables of a mapping.
    ///
    /// # Errors
    /// A list is unknown, or a word is mapped to what the list does not have.
    pub fn from_tables(
        tables: BTreeMap<String, BTreeMap<String, String>>,
    ) -> Result<Self, CodeListError> {
        let mut lists = Self::default();
        for (name, table) in tables {
            for (word, target) in table {
                lists.insert(&name, &word, &target)?;
            }
        }
        Ok(lists)
    }

    fn insert(&mut self, name: &str, word: &str, target: &str) -> Result<(), CodeListError> {
        let key = word.trim().to_owned();
        let target = target.trim();
        let wrong = |allowed: String| CodeListError::UnknownTarget {
            list: name.to_owned(),
            word: word.to_owned(),
            target: target.to_owned(),
            allowed,
        };
        let given = !target.is_empty();
        match name {
            "mineral" => {
                let code = mineral::code_of(target).map(str::to_owned);
                if given && code.is_none() {
                    let words = mineral::DESIGNATED.map(|mineral| mineral.0).join(", ");
                    return Err(wrong(format!("{words}, an HS code, an IMA symbol")));
                }
                self.minerals.insert(key, code);
            }
            "country" => {
                if given && !country::is_country(target) && target != "UNKNOWN" {
                    return Err(wrong("an ISO 3166-1 alpha-2 code, UNKNOWN".to_owned()));
                }
                self.countries.insert(key, given.then(|| target.to_owned()));
            }
            _ => {
                let list = code::list(name).ok_or_else(|| CodeListError::UnknownList {
                    list: name.to_owned(),
                    allowed: names(),
                })?;
                let number = list.number_of(target);
                if given && number.is_none() {
                    return Err(wrong(list.words()));
                }
                self.numbers[list.place].insert(key, number);
            }
        }
        Ok(())
    }

    /// The number that a trimmed national word means in a closed list.
    pub(crate) fn number(&self, list: &List, word: &str) -> Meaning<i32> {
        match self.numbers[list.place].get(word) {
            Some(None) => Meaning::Absent,
            Some(Some(number)) => Meaning::Known(*number),
            None => list.number_of(word).map_or(Meaning::Unknown, Meaning::Known),
        }
    }

    /// The code that a trimmed national word for a mineral means.
    pub(crate) fn mineral<'a>(&'a self, word: &'a str) -> Meaning<&'a str> {
        match self.minerals.get(word) {
            Some(None) => Meaning::Absent,
            Some(Some(code)) => Meaning::Known(code),
            None => mineral::code_of(word).map_or(Meaning::Unknown, Meaning::Known),
        }
    }

    /// The alpha-2 code, or UNKNOWN, that a trimmed word for an origin means.
    ///
    /// MD.03 mineralOrigin: the origin `0` is unknown.
    pub(crate) fn origin<'a>(&'a self, word: &'a str) -> Meaning<&'a str> {
        match self.country(word) {
            Meaning::Unknown if word == "0" => Meaning::Known("UNKNOWN"),
            meaning => meaning,
        }
    }

    /// The alpha-2 code that a trimmed national word for a country means.
    pub(crate) fn country<'a>(&'a self, word: &'a str) -> Meaning<&'a str> {
        match self.countries.get(word) {
            Some(None) => Meaning::Absent,
            Some(Some(code)) => Meaning::Known(code),
            None if country::is_country(word) || word == "UNKNOWN" => Meaning::Known(word),
            None => Meaning::Unknown,
        }
    }
}

fn names() -> String {
    let closed = code::ALL.map(|list| list.name).join(", ");
    format!("{closed}, mineral, country")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lists(name: &str, pairs: &[(&str, &str)]) -> Result<CodeLists, CodeListError> {
        let table = pairs.iter().map(|(word, to)| ((*word).to_owned(), (*to).to_owned())).collect();
        CodeLists::from_tables(BTreeMap::from([(name.to_owned(), table)]))
    }

    #[test]
    fn national_words_come_before_those_of_the_standard() {
        let lists =
            lists("certification_status", &[("Vert", "green"), (" 0 ", "1"), ("n/d", "")]).unwrap();
        let status = |word| lists.number(&code::CERTIFICATION_STATUS, word);
        assert_eq!(status("Vert"), Meaning::Known(2));
        assert_eq!(status("0"), Meaning::Known(2));
        assert_eq!(status("n/d"), Meaning::Absent);
        assert_eq!(status("red"), Meaning::Known(4));
        assert_eq!(status("vert"), Meaning::Unknown);
    }

    #[test]
    fn minerals_and_countries_have_lists_of_their_own() {
        let minerals = lists("mineral", &[("Or", "gold"), ("Diamant", "7102.10.00")]).unwrap();
        assert_eq!(minerals.mineral("Or"), Meaning::Known("7108.12.00"));
        assert_eq!(minerals.mineral("Diamant"), Meaning::Known("7102.10.00"));
        assert_eq!(minerals.mineral("2609.00"), Meaning::Known("2609.00"));
        assert_eq!(minerals.mineral("Améthyste"), Meaning::Unknown);
        let countries = lists("country", &[("RDC", "CD")]).unwrap();
        assert_eq!(countries.country("RDC"), Meaning::Known("CD"));
        assert_eq!(countries.origin("0"), Meaning::Known("UNKNOWN"));
        assert_eq!(countries.country("0"), Meaning::Unknown);
        assert_eq!(countries.country("Zaïre"), Meaning::Unknown);
    }

    #[test]
    fn wrong_tables_are_named_with_what_is_allowed() {
        let message = lists("colour", &[("Vert", "green")]).unwrap_err().to_string();
        assert!(
            message.contains("colour") && message.contains("certification_status"),
            "{message}"
        );
        for (name, target, allowed) in [
            ("activity_status", "open", "non_active"),
            ("mineral", "tin", "cassiterite"),
            ("country", "COD", "alpha-2"),
        ] {
            let message = lists(name, &[("mot", target)]).unwrap_err().to_string();
            for part in [name, "mot", target, allowed] {
                assert!(message.contains(part), "{message}");
            }
        }
    }
}
