//! Statuses that count on the day of evaluation, those that changed in the month, and
//! those that lapse soon.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// Sites and exporters by status.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statuses {
    /// Sites, by state and effective status.
    pub sites: Vec<StatusCount>,
    /// Exporters, by state and effective status; empty where no state released any.
    pub exporters: Vec<StatusCount>,
    /// What changed in the month, by day. A public edition names sites alone.
    #[serde(default)]
    pub changes: Vec<StatusChange>,
    /// The same, counted.
    #[serde(default)]
    pub changed: Vec<ChangeCount>,
    /// Sites whose status ends within [`Statuses::DAYS_AHEAD`] days, the first to end first.
    pub lapses: Vec<Lapse>,
}

impl Statuses {
    /// How far ahead lapses are listed.
    pub const DAYS_AHEAD: i32 = 90;

    /// Counts what changed.
    pub fn count_changes(&mut self) {
        let mut counts = BTreeMap::<_, u64>::new();
        for one in &self.changes {
            *counts.entry((one.whose, one.country.clone(), one.to)).or_default() += 1;
        }
        let count = |((whose, country, to), count)| ChangeCount { whose, country, to, count };
        self.changed = counts.into_iter().map(count).collect();
    }

    /// The same for everybody: no single exporter.
    pub(crate) fn into_public(mut self) -> Self {
        self.changes.retain(|change| change.whose == Whose::Site);
        self
    }
}

/// What has a status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Whose {
    /// A mine site.
    Site,
    /// An exporter.
    Exporter,
}

/// A status that became another one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusChange {
    /// Of what.
    pub whose: Whose,
    /// Alpha-2.
    pub country: String,
    /// Regional identifier of the site, state and identifier of the exporter.
    pub id: String,
    /// The first day of the new status.
    pub on: Date,
    /// The status before; [`Status::Unknown`] where nothing was stated yet.
    pub from: Status,
    /// The status from that day on.
    pub to: Status,
    /// Why the new one counts.
    pub reason: StatusReason,
}

/// Changes to one status in a state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeCount {
    /// Of what.
    pub whose: Whose,
    /// Alpha-2.
    pub country: String,
    /// The new status.
    pub to: Status,
    /// How many.
    pub count: u64,
}

/// Why a status counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StatusReason {
    /// An inspection supports it.
    Inspection,
    /// The status before lapsed.
    Lapse,
    /// The status before lasted too long.
    Overdue,
    /// The state declares it.
    Declaration,
    /// The state suspended the exporter.
    Suspension,
    /// The licence of the exporter expired.
    Licence,
    /// The Secretariat decided it.
    Decision,
    /// Nothing is declared any more.
    Unknown,
}

impl StatusReason {
    /// Every one.
    pub const ALL: [Self; 8] = [
        Self::Inspection,
        Self::Lapse,
        Self::Overdue,
        Self::Declaration,
        Self::Suspension,
        Self::Licence,
        Self::Decision,
        Self::Unknown,
    ];
}

/// How many have a status in a state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusCount {
    /// Alpha-2.
    pub country: String,
    /// The effective status.
    pub status: Status,
    /// How many.
    pub count: u64,
}

/// A status that ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lapse {
    /// Alpha-2.
    pub country: String,
    /// Regional identifier of the site.
    pub icglr_id: String,
    /// The status that ends.
    pub status: Status,
    /// The last day on which it holds.
    pub until: Date,
    /// What it becomes if nothing else happens.
    pub then: Status,
}

/// A status of the certification manual.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// All criteria are met.
    Green,
    /// Not inspected yet, or Green lapsed.
    Blue,
    /// Something important has to be corrected.
    Yellow,
    /// A serious breach: no export.
    Red,
    /// Nothing was declared, or the site is void.
    Unknown,
}

impl Status {
    /// All, in the order of tables.
    pub const ALL: [Self; 5] = [Self::Green, Self::Blue, Self::Yellow, Self::Red, Self::Unknown];
}
