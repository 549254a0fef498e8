//! What a rule says about a subject.
//!
//! Passed is an outcome with nothing in it. What could not be tested is told
//! apart, with what is missing, and beside it a rule may still have found
//! something that needs no more than what is there.

use rmd_standard::Entity;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{Measure, Named, Rule, Sentence, Subject};

/// How much a finding weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Severity {
    /// S1.
    Information,
    /// S2.
    Warning,
    /// S3.
    Serious,
}

impl Severity {
    /// 1, 2 or 3.
    pub const fn number(self) -> u8 {
        match self {
            Self::Information => 1,
            Self::Warning => 2,
            Self::Serious => 3,
        }
    }
}

/// Why an input is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lack {
    /// The record has no such value.
    Absent,
    /// Its owner keeps the value back.
    Withheld,
    /// The record that is named is not there.
    Unresolved,
    /// Several records are named by it.
    Ambiguous,
    /// The state's feed of that type does not count yet.
    NotLive,
    /// The state is overdue with the month: a record may still come.
    Overdue,
}

/// An input that a rule needed.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Missing {
    /// Path of a field, as `Lot.received_at_us`, or name of a record type.
    pub what: String,
    /// Key of the record that lacks it, or the state, alpha-2.
    pub of: String,
    /// Why it is missing.
    pub lack: Lack,
}

impl Missing {
    /// An input that is missing.
    pub fn new(what: &str, of: impl Into<String>, lack: Lack) -> Self {
        Self { what: what.to_owned(), of: of.into(), lack }
    }
}

/// One finding of one rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Raised {
    /// The rule.
    pub rule: Rule,
    /// How much it weighs.
    pub severity: Severity,
    /// What it is about.
    pub subject: Subject,
    /// The state that may answer, alpha-2.
    pub country: String,
    /// The records it rests on, the subject's own among them.
    pub evidence: Vec<Named>,
    /// What was measured, and against what.
    pub measures: Vec<Measure>,
    /// What it says, with the names of measures to be filled in.
    pub sentence: &'static Sentence,
    /// What of the subject it is about, where the same records may give several findings
    /// of one sentence: a tag, a day, a field; else empty.
    pub detail: String,
}

impl Raised {
    /// The id of the finding: SHA-256 over rule, subject (with the sentence, and what of
    /// it it is about) and the keys of the evidence, whatever their revisions. The same discrepancy keeps its id while
    /// its numbers or its weight change.
    pub fn id(&self) -> [u8; 32] {
        let mut keys: Vec<(Entity, &str)> =
            self.evidence.iter().map(|named| (named.entity, &*named.key)).collect();
        keys.sort_unstable();
        keys.dedup();
        let mut hash = Sha256::new();
        let mut part = |text: &str| {
            hash.update((text.len() as u64).to_be_bytes());
            hash.update(text);
        };
        part(self.rule.id());
        part(self.subject.kind.as_str());
        part(&self.subject.key);
        part(self.sentence.id);
        part(&self.detail);
        for (entity, key) in keys {
            part(entity.name());
            part(key);
        }
        hash.finalize().into()
    }
}

/// What one rule says about one subject.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outcome {
    /// What was found.
    pub raised: Vec<Raised>,
    /// What could not be tested, for want of these.
    pub missing: Vec<Missing>,
}

impl Outcome {
    /// Nothing was found, and nothing was missing.
    pub fn passed() -> Self {
        Self::default()
    }

    /// Not testable, for want of this.
    pub fn lacking(missing: Missing) -> Self {
        Self { raised: Vec::new(), missing: vec![missing] }
    }

    /// Found.
    pub fn found(raised: Raised) -> Self {
        Self { raised: vec![raised], missing: Vec::new() }
    }

    /// Whether everything was tested and nothing found.
    pub fn is_passed(&self) -> bool {
        self.raised.is_empty() && self.missing.is_empty()
    }

    /// The same about a part of the subject.
    #[must_use]
    pub fn about(mut self, detail: &str) -> Self {
        for raised in &mut self.raised {
            detail.clone_into(&mut raised.detail);
        }
        self
    }

    /// Both, in an order that does not depend on how they were put together. What both
    /// found is found once.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.raised.extend(other.raised);
        self.missing.extend(other.missing);
        self.raised.sort_by_cached_key(Raised::id);
        self.raised.dedup_by_key(|raised| raised.id());
        self.missing.sort_unstable();
        self.missing.dedup();
        self
    }
}
