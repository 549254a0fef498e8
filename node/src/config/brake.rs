//! The section `brake`.

use serde::{Deserialize, Serialize};

use crate::journal::brake::{Limit, Limits};

/// From how many deletions and changes in 24 hours on they wait for a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Brake {
    /// Deleted records of a type that pass in any case.
    pub(crate) deletes: u32,
    /// Or this part of those that are published.
    pub(crate) deletes_percent: Percent,
    /// Changed records of a type that pass in any case.
    pub(crate) changes: u32,
    /// Or this part of those that are published.
    pub(crate) changes_percent: Percent,
}

/// A part of a hundred.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub(crate) struct Percent(u32);

impl TryFrom<u32> for Percent {
    type Error = String;

    fn try_from(percent: u32) -> Result<Self, String> {
        if percent <= 100 {
            Ok(Self(percent))
        } else {
            Err(format!("{percent} is no percentage; expected 0 to 100 / attendu : 0 à 100"))
        }
    }
}

impl From<Percent> for u32 {
    fn from(Percent(percent): Percent) -> Self {
        percent
    }
}

impl Brake {
    /// The same as the journal has it.
    pub(crate) const fn limits(&self) -> Limits {
        Limits {
            deletes: Limit { records: self.deletes, percent: self.deletes_percent.0 },
            changes: Limit { records: self.changes, percent: self.changes_percent.0 },
        }
    }
}
