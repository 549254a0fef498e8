//! The monthly report of the region: what it says, and its forms for machines.
//!
//! [`MonthlyReport`] is plain data that somebody with a store fills in; this crate
//! knows no store and reads no clock. It gives the report as tables, a workbook and
//! files of comma-separated values; pages are made by `rmd-report-pdf`, which takes the
//! same data.
//!
//! Invariants: the same data give the same bytes. What nobody reported is absent, and
//! is said to be so; it is never a zero. A public edition names no party.

mod cases;
mod edition;
mod findings;
mod flows;
pub mod lang;
mod matching;
mod method;
mod month;
mod report;
mod reporting;
pub mod sample;
mod statuses;
pub mod table;
pub mod text;
pub mod words;
pub mod workbook;

pub use cases::{CaseCount, CaseState, CaseStep, CaseSteps, Cases};
pub use edition::{Closing, Edition, Notice};
pub use findings::{FindingCount, FindingLine, Findings, Untested};
pub use flows::{Figure, Flow, FlowCell, Flows, Total};
pub use lang::Lang;
pub use matching::{MatchOutcome, MatchRow, Matching};
pub use method::{FeedCheckpoint, LimitLine, Method, RuleLine, Unit};
pub use month::{Month, NoMonth};
pub use report::{FORMAT, MonthlyReport};
pub use reporting::{Reported, Reporting, StateReporting};
pub use statuses::{
    ChangeCount, Lapse, Status, StatusChange, StatusCount, StatusReason, Statuses, Whose,
};
