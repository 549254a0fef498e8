//! Which exports arrived as which imports, counted by state and outcome.

use serde::{Deserialize, Serialize};

use crate::Figure;

/// Every state and outcome that occurred.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Matching {
    /// No two of the same state and outcome.
    pub rows: Vec<MatchRow>,
}

impl Matching {
    /// How many lines of a state came out so.
    pub fn count(&self, country: &str, outcome: MatchOutcome) -> u64 {
        self.row(country, outcome).map_or(0, |row| row.count)
    }

    /// The row, if it occurred.
    pub fn row(&self, country: &str, outcome: MatchOutcome) -> Option<&MatchRow> {
        self.rows.iter().find(|row| row.country == country && row.outcome == outcome)
    }
}

/// The lines of one state that came out alike.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MatchRow {
    /// Alpha-2 of the state that may answer: the exporting one, or the importing one of
    /// an import for which there is no export.
    pub country: String,
    /// How they came out.
    pub outcome: MatchOutcome,
    /// Pairs, or lines without a partner.
    pub count: u64,
    /// Mass by the export declarations; none where there are none.
    pub exported: Option<Figure>,
    /// Mass by the import declarations; none where there are none.
    pub imported: Option<Figure>,
}

/// How an export and an import compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MatchOutcome {
    /// They agree.
    Matched,
    /// The masses differ.
    WeightDifference,
    /// The values differ.
    ValueDifference,
    /// The minerals differ.
    MineralDifference,
    /// No import answers the export.
    ExportUnmatched,
    /// No export answers the import.
    ImportUnmatched,
    /// No partner yet, and the time for one has not run out.
    Awaited,
    /// One side does not report yet, or is overdue.
    NotTestable,
}

impl MatchOutcome {
    /// All, in the order of tables.
    pub const ALL: [Self; 8] = [
        Self::Matched,
        Self::WeightDifference,
        Self::ValueDifference,
        Self::MineralDifference,
        Self::ExportUnmatched,
        Self::ImportUnmatched,
        Self::Awaited,
        Self::NotTestable,
    ];

    /// Whether the line was held against the other state's, and is not waited for.
    pub const fn is_compared(self) -> bool {
        !matches!(self, Self::Awaited | Self::NotTestable)
    }
}
