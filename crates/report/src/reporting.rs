//! The reporting calendar: who reported which month, and when.

use serde::{Deserialize, Serialize};

use crate::Month;

/// States by months.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reporting {
    /// The months, the earliest first; at most [`Reporting::MONTHS_MOST`].
    pub months: Vec<Month>,
    /// One row a member state, whether it reports or not.
    pub rows: Vec<StateReporting>,
}

impl Reporting {
    /// As many as fit on a page beside the names of states.
    pub const MONTHS_MOST: usize = 24;

    /// How many states stand so in the given month.
    pub fn count(&self, month: Month, reported: Reported) -> usize {
        let Some(place) = self.months.iter().position(|one| *one == month) else { return 0 };
        self.rows.iter().filter(|row| row.cells.get(place) == Some(&reported)).count()
    }
}

/// The months of one state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StateReporting {
    /// Alpha-2.
    pub country: String,
    /// One a month, in the order of [`Reporting::months`].
    pub cells: Vec<Reported>,
}

/// How a state reported a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reported {
    /// Counted by the deadline.
    OnTime,
    /// Counted after the deadline.
    Late,
    /// Not counted, and the deadline has passed.
    Missing,
    /// Declared as a month in which nothing happened.
    Zero,
    /// Changed after the month was closed.
    Rewritten,
    /// Not counted, and the deadline is still ahead.
    NotDue,
    /// The state does not exchange that kind of record yet.
    NoDataYet,
}

impl Reported {
    /// All, in the order of legends.
    pub const ALL: [Self; 7] = [
        Self::OnTime,
        Self::Late,
        Self::Missing,
        Self::Zero,
        Self::Rewritten,
        Self::NotDue,
        Self::NoDataYet,
    ];

    /// Those of a state that did report the month.
    pub const COUNTED: [Self; 4] = [Self::OnTime, Self::Late, Self::Zero, Self::Rewritten];
}
