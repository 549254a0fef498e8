//! Judges the text of a file against a key, for the commands of both binaries.

use std::{
    fmt,
    io::{self, Read},
};

use serde::Serialize;

use super::{Statement, TEXT_BYTES_MAX};
use crate::{Error, FeedVerifier};

/// What a text is worth, in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Judged {
    /// Whether it proves something about the holder of the key.
    pub proven: bool,
    /// What, or why not, in English.
    pub en: String,
    /// The same in French.
    pub fr: String,
}

impl fmt::Display for Judged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n{}", self.en, self.fr)
    }
}

/// Judges a text. Only a key that is none is an error.
pub fn judge(text: &str, vkey: &str) -> Result<Judged, Error> {
    let verifier = FeedVerifier::parse(vkey)?;
    let checked = Statement::parse(text).and_then(|statement| statement.check(&verifier));
    Ok(match checked {
        Ok(proven) => Judged { proven: true, en: proven.english(), fr: proven.french() },
        Err(why) => Judged { proven: false, en: why.english(), fr: why.french() },
    })
}

/// Reads a text to its end, and of a longer one no more than shows that it is none.
pub fn read_text(from: impl Read) -> io::Result<String> {
    let mut text = String::new();
    from.take(TEXT_BYTES_MAX as u64 + 1).read_to_string(&mut text)?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Checkpoint, FeedKey, Origin};

    #[test]
    fn a_file_without_end_is_read_no_further_than_evidence_can_be_long() {
        let text = read_text(io::repeat(b'|')).unwrap();
        assert_eq!(text.len(), TEXT_BYTES_MAX + 1);
        let key = FeedKey::generate("rmd.net/COD/cod-mines").unwrap();
        let judged = judge(&text, &key.vkey()).unwrap();
        assert!(!judged.proven && judged.to_string().contains("rien n'est prouvé"), "{judged}");
    }

    #[test]
    fn two_roots_of_one_size_are_proven_and_another_key_proves_nothing() {
        let key = FeedKey::generate("rmd.net/COD/cod-mines").unwrap();
        let origin = Origin::new("rmd.net/COD/cod-mines", "transactions", 1);
        let note = |root| Checkpoint { size: 7, root: [root; 32] }.sign(&origin, &key).unwrap();
        let statement =
            Statement { key: key.vkey(), held: note(1), offered: note(2), extension: None };
        let text = statement.to_text();
        assert!(judge(&text, &key.vkey()).unwrap().proven);
        let other = FeedKey::generate("rmd.net/COD/cod-mines").unwrap();
        assert!(!judge(&text, &other.vkey()).unwrap().proven);
        assert!(judge(&text, "no key").is_err());
    }
}
