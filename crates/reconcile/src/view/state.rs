//! What a state reports, as a whole.

use std::sync::Arc;

use jiff::civil::Date;
use rmd_proto::v1;

use super::nature;
use crate::{Fact, Named};

/// One month of one feed of a state that has begun to report it.
#[derive(Debug, Clone)]
pub struct PeriodView {
    /// The state, alpha-2.
    pub country: String,
    /// The month, as `2026-09`.
    pub month: String,
    /// The feed.
    pub feed: String,
    /// The statement that the month is complete; none if there is none.
    pub closed: Option<Arc<Fact<v1::ReportingPeriod>>>,
    /// Records of the month when it was closed, and how many of them changed since.
    pub rewritten: Option<(u64, u64)>,
}

impl PeriodView {
    /// The first day of the month, if it is readable.
    pub(crate) fn first_day(&self) -> Option<Date> {
        nature::day(&format!("{}-01", self.month))
    }

    /// Country, month and feed: what names the subject.
    pub(crate) fn key(&self) -> String {
        format!("{}/{}/{}", self.country, self.month, self.feed)
    }
}

/// One feed of a node.
#[derive(Debug, Clone)]
pub struct FeedView {
    /// The state, alpha-2.
    pub country: String,
    /// The node, as `COD/cod-mines`.
    pub node: String,
    /// The feed.
    pub feed: String,
    /// Whether it is frozen, with its evidence.
    pub is_frozen: bool,
    /// Records captured, and how many of them were refused.
    pub captured: u64,
    /// Records refused by node or hub.
    pub refused: u64,
    /// Day on which the oldest bulletin that the node has not applied was published.
    pub bulletin_waits_since: Option<Date>,
}

impl FeedView {
    /// Node and feed: what names the subject.
    pub(crate) fn key(&self) -> String {
        format!("{}/{}", self.node, self.feed)
    }
}

/// A state's sources and exports of one mineral over twelve months.
#[derive(Debug, Clone)]
pub struct BalanceView {
    /// The state, alpha-2.
    pub country: String,
    /// The mineral, HS6.
    pub mineral: String,
    /// First and last month, as `2025-10` and `2026-09`.
    pub months: (String, String),
    /// Mass, and contained metal where all concentrations are known.
    pub flows: Flows,
    /// What the sums rest on; the first of them, if they are many.
    pub evidence: Vec<Named>,
}

impl BalanceView {
    /// Country and mineral: what names the subject.
    pub(crate) fn key(&self) -> String {
        format!("{}/{}", self.country, self.mineral)
    }
}

/// Sums of a balance.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Flows {
    /// Exports.
    pub exported: Amount,
    /// Production.
    pub produced: Amount,
    /// Imports.
    pub imported: Amount,
    /// Stock at the end of the month before the first; none if not declared.
    pub opening: Option<Amount>,
    /// Stock at the end of the last month; none if not declared.
    pub closing: Option<Amount>,
}

/// A sum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Amount {
    /// Milligrams.
    pub mass_mg: i128,
    /// Milligrams of contained metal; none if a concentration is unknown.
    pub metal_mg: Option<i128>,
}

impl Default for Amount {
    fn default() -> Self {
        Self { mass_mg: 0, metal_mg: Some(0) }
    }
}

/// A state's trade with a partner outside the region, in one year, of one mineral.
#[derive(Debug, Clone)]
pub struct MirrorView {
    /// The state, alpha-2.
    pub country: String,
    /// The partner, alpha-2.
    pub partner: String,
    /// The mineral, HS6.
    pub mineral: String,
    /// The year.
    pub year: i16,
    /// Milligrams that the partner says it imported; none without a row.
    pub reported_mg: Option<i128>,
    /// Milligrams that the state's declarations export to it.
    pub exported_mg: i128,
    /// The same of the year before, where there is a row.
    pub before: Option<(i128, i128)>,
    /// The declarations; the first of them, if they are many.
    pub evidence: Vec<Named>,
}

impl MirrorView {
    /// The parts of what names the subject.
    pub(crate) fn name(&self) -> crate::part::MirrorKey {
        (self.country.clone(), self.partner.clone(), self.mineral.clone(), self.year)
    }

    /// Country, partner, mineral and year: what names the subject.
    pub(crate) fn key(&self) -> String {
        format!("{}/{}/{}/{}", self.country, self.partner, self.mineral, self.year)
    }
}
