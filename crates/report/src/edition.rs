//! For whom a report is, and what stands above everything in it.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::{Cases, Figure, MonthlyReport, Statuses};

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

impl MonthlyReport {
    /// The same for everybody: no single finding, no exporter, no state that was asked,
    /// and no mass but those of the public tables: those of pairs were in none of the
    /// equations under which these are safe.
    #[must_use]
    pub fn into_public(mut self) -> Self {
        self.edition = Edition::Public;
        if let Some(findings) = &mut self.findings {
            findings.list.clear();
        }
        self.cases = self.cases.map(Cases::into_public);
        self.statuses = self.statuses.map(Statuses::into_public);
        for row in self.matching.iter_mut().flat_map(|matching| &mut matching.rows) {
            row.exported = row.exported.map(|_| Figure::Suppressed);
            row.imported = row.imported.map(|_| Figure::Suppressed);
        }
        self
    }
}
