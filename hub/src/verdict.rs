//! Verdicts: what the hub finds on a state's records, returned to their node.
//!
//! A frame is applied without a thought of verdicts. What it leaves in `record`
//! and `quarantine` after the seq that was judged last is the queue; one task
//! goes over it behind the intake, as far as the owner is caught up with, and
//! appends one entry a record to the node's own feed: all findings together, a
//! tombstone when there are none any more, nothing when nothing changed. The
//! same task notes which records name another one that never came.
//!
//! Invariant: a verdict follows from the rows of the store alone, whatever came
//! first and however often a record is judged; and it holds rows of one node.

mod compose;
mod drain;
mod erased;
pub(crate) mod parked;
mod publish;
mod queue;
mod reference;
pub(crate) mod source;
mod subject;

#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;

use rmd_standard as standard;

pub(crate) use drain::{Judge, run};
pub(crate) use erased::{erase, erase_entries};
pub(crate) use publish::{Standing, keep_again, standing};
pub(crate) use queue::due;

use crate::{registry, share, store};

/// How much a finding of a verdict weighs, the gravest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Severity {
    /// The revision is not applied.
    Refuse,
    /// The record is shown and lacks something.
    Incomplete,
    /// The record is shown and names one that never came.
    Parked,
}

impl Severity {
    /// The word in messages and tables.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Refuse => "refuse",
            Self::Incomplete => "incomplete",
            Self::Parked => "parked",
        }
    }

    fn parse(word: &str) -> Option<Self> {
        [Self::Refuse, Self::Incomplete, Self::Parked].into_iter().find(|one| one.as_str() == word)
    }
}

impl From<standard::Severity> for Severity {
    fn from(severity: standard::Severity) -> Self {
        match severity {
            standard::Severity::Refuse => Self::Refuse,
            standard::Severity::Incomplete => Self::Incomplete,
        }
    }
}

/// One finding on its way into a verdict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) rule: String,
    pub(crate) severity: Severity,
    pub(crate) path: String,
    pub(crate) value: String,
    pub(crate) en: String,
    pub(crate) fr: String,
    pub(crate) params: Vec<(&'static str, String)>,
}

/// Why nothing was judged.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The feed of verdicts cannot be written.
    #[error(transparent)]
    Share(#[from] share::Error),
    /// The nodes and their levels cannot be read.
    #[error(transparent)]
    Registry(#[from] registry::Error),
    /// The store.
    #[error(transparent)]
    Store(#[from] store::Error),
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(store::Error::Query(error))
    }
}
