//! The report as data.
//!
//! A part that is `None` has no data yet: nobody reported, or nothing was evaluated.
//! A part that is there and empty was looked at, and holds nothing.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::{
    Cases, Closing, Edition, Findings, Flows, Matching, Method, Month, Notice, Reporting, Statuses,
};

/// The form of [`MonthlyReport`] as JSON; counts up when a reader of the last form would err.
pub const FORMAT: u32 = 1;

/// Everything that a monthly report says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MonthlyReport {
    /// [`FORMAT`].
    pub format: u32,
    /// Name of the network.
    pub network: String,
    /// The month that is reported.
    pub month: Month,
    /// The day for which everything is evaluated, in UTC+2. It is the only day that
    /// stands for "today" in the report.
    pub evaluated_on: Date,
    /// For whom it is.
    pub edition: Edition,
    /// A remark that stands on every page.
    #[serde(default)]
    pub notice: Option<Notice>,
    /// That the month was closed; provisional if not.
    #[serde(default)]
    pub closing: Option<Closing>,
    /// Who reported, and when.
    #[serde(default)]
    pub reporting: Option<Reporting>,
    /// What was produced, exported, imported and kept.
    #[serde(default)]
    pub flows: Option<Flows>,
    /// Which exports arrived as which imports.
    #[serde(default)]
    pub matching: Option<Matching>,
    /// What the rules found.
    #[serde(default)]
    pub findings: Option<Findings>,
    /// What the Secretariat asked states about findings.
    #[serde(default)]
    pub cases: Option<Cases>,
    /// Statuses of sites and exporters, their changes, and lapses ahead.
    #[serde(default)]
    pub statuses: Option<Statuses>,
    /// On what all of this rests.
    pub method: Method,
}
