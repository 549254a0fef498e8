//! What a request brings: its credential, its parameters, its body.
//!
//! Everything is read strictly and reported at once; nothing of it reaches a
//! backend unparsed.

pub(crate) mod body;
pub(crate) mod credential;
pub(crate) mod media;
pub(crate) mod names;
pub(crate) mod parameters;
pub(crate) mod path;

use rmd_standard::{Finding, Severity};

/// What is wrong with one part of a request.
pub(crate) struct Complaint<'a> {
    /// Id of the rule.
    pub(crate) rule: &'a str,
    /// The parameter, or the place in the body.
    pub(crate) path: &'a str,
    /// The value as it came.
    pub(crate) value: &'a str,
    /// What is wrong, in English and French.
    pub(crate) wrong: [&'a str; 2],
    /// What to do, in English and French.
    pub(crate) remedy: [&'a str; 2],
}

/// More of a value is no help to whoever reads the message.
const VALUE_CHARS_MAX: usize = 80;

impl Complaint<'_> {
    /// The finding, in the words of all others.
    pub(crate) fn finding(&self) -> Finding {
        let value: String = self
            .value
            .chars()
            .map(|letter| if letter.is_control() { '\u{fffd}' } else { letter })
            .take(VALUE_CHARS_MAX)
            .collect();
        let Self { rule, path, wrong, remedy, .. } = self;
        let (quoted_en, quoted_fr) = if value.is_empty() {
            (String::new(), String::new())
        } else {
            (format!(" with value \"{value}\""), format!(" de valeur « {value} »"))
        };
        Finding {
            en: format!("request: {path}{quoted_en} {} (rule {rule}). {}.", wrong[0], remedy[0]),
            fr: format!("requête : {path}{quoted_fr} {} (règle {rule}). {}.", wrong[1], remedy[1]),
            rule: (*rule).to_owned(),
            severity: Severity::Refuse,
            path: (*path).to_owned(),
            value,
        }
    }
}
