//! Statuses that count on the day of evaluation, and those that lapse soon after.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// Sites and exporters by status.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statuses {
    /// Sites, by state and effective status.
    pub sites: Vec<StatusCount>,
    /// Exporters, by state and effective status; empty where no state released any.
    pub exporters: Vec<StatusCount>,
    /// Sites whose status ends within [`Statuses::DAYS_AHEAD`] days, the first to end first.
    pub lapses: Vec<Lapse>,
}

impl Statuses {
    /// How far ahead lapses are listed.
    pub const DAYS_AHEAD: i32 = 90;
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
