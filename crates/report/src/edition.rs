//! For whom a report is, and what stands above everything in it.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::{Figure, MonthlyReport};

/// For whom a report is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Edition {
    /// For the Secretariat: it names records.
    Full,
    /// For everybody: counts and masses, and no party.
    Public,
}

/// A remark on the data as a whole, on every page: that they are observations
/// of somebody and no statuses of a state, for example.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// English.
    pub en: String,
    /// French.
    pub fr: String,
}

/// That the figures of the month are frozen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Closing {
    /// The day on which they were.
    pub closed_on: Date,
    /// SHA-256 of what was frozen, lower-case hexadecimal.
    pub digest: String,
}

/// A mass of fewer pairs than this tells the mass of one of them to the other.
const PAIRS_LEAST: u64 = 3;

impl MonthlyReport {
    /// The same for everybody: no single finding, and no mass that rests on
    /// fewer than three lines.
    #[must_use]
    pub fn into_public(mut self) -> Self {
        self.edition = Edition::Public;
        if let Some(findings) = &mut self.findings {
            findings.list.clear();
        }
        for row in self.matching.iter_mut().flat_map(|matching| &mut matching.rows) {
            if row.count < PAIRS_LEAST {
                row.exported = row.exported.map(|_| Figure::Suppressed);
                row.imported = row.imported.map(|_| Figure::Suppressed);
            }
        }
        self
    }
}
