//! What is wrong with a mapping, in words that its author can act on.
//!
//! A fault names file, record, key and remedy in English and in French. Faults
//! are collected, so that one reading of the file tells them all.

use std::fmt;

use serde::Serialize;

/// One fault.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Fault {
    /// Name of the mapping file.
    pub(crate) file: String,
    /// Record type, with the list or table where one is meant; empty for the file.
    pub(crate) record: String,
    /// Key of the file at which to look.
    pub(crate) key: String,
    /// What is wrong and what to do, in English.
    pub(crate) en: String,
    /// The same in French.
    pub(crate) fr: String,
}

impl Fault {
    pub(super) fn new(file: &str, record: &str, key: &str) -> Self {
        Self {
            file: file.to_owned(),
            record: record.to_owned(),
            key: key.to_owned(),
            en: String::new(),
            fr: String::new(),
        }
    }

    pub(super) fn says(mut self, en: &str, fr: &str) -> Self {
        en.clone_into(&mut self.en);
        fr.clone_into(&mut self.fr);
        self
    }

    pub(super) fn into_faults(self) -> Faults {
        Faults(vec![self])
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.file)?;
        for part in [&self.record, &self.key] {
            if !part.is_empty() {
                write!(formatter, ": {part}")?;
            }
        }
        write!(formatter, ": {} / {}", self.en, self.fr)
    }
}

/// All faults of a mapping; at least one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Faults(pub(crate) Vec<Fault>);

impl fmt::Display for Faults {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, fault) in self.0.iter().enumerate() {
            if index > 0 {
                writeln!(formatter)?;
            }
            write!(formatter, "{fault}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Faults {}

/// The known word that is nearest to an unknown one, if any is near enough to be
/// meant: a third of its letters may differ.
pub(super) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_lowercase();
    known
        .into_iter()
        .map(|candidate| (distance(&word, candidate), candidate))
        .min()
        .filter(|(distance, candidate)| distance * 3 <= word.len().max(candidate.len()))
        .map(|(_, candidate)| candidate)
}

/// Insertions, deletions and replacements between two words.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, left) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, right) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(left != *right);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn a_misspelt_word_finds_the_one_that_was_meant() {
        let known = ["site_name", "national_id", "mineral"];
        assert_eq!(nearest("sitename", known), Some("site_name"));
        assert_eq!(nearest("nationl_id", known), Some("national_id"));
        assert_eq!(nearest("colour_of_the_roof", known), None);
    }
}
