//! On what the figures rest: rules with their limits, feeds with their checkpoints.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// Everything needed to compute the report again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Method {
    /// Program and version that evaluated.
    pub software: String,
    /// Version of the table of limits; 0 is that of the defaults. None while nothing
    /// was evaluated.
    pub parameters_version: Option<u32>,
    /// A figure behind which fewer parties stand than this is not public.
    pub parties_least: u32,
    /// Day of the following month by which a month has to be reported.
    pub deadline_day: u32,
    /// The rules, in order.
    pub rules: Vec<RuleLine>,
    /// What the states' feeds held.
    pub feeds: Vec<FeedCheckpoint>,
}

/// One rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleLine {
    /// `R01` to `R28`.
    pub id: String,
    /// Counts up when its formula changes.
    pub version: u32,
    /// What it is about, in English.
    pub en: String,
    /// What it is about, in French.
    pub fr: String,
    /// Its limits in force.
    pub limits: Vec<LimitLine>,
}

/// One limit of a rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LimitLine {
    /// Its name in commands.
    pub name: String,
    /// What it limits, in English.
    pub en: String,
    /// What it limits, in French.
    pub fr: String,
    /// What it counts.
    pub unit: Unit,
    /// Its value, in the unit.
    pub value: i64,
    /// The state for which it counts, alpha-2; every state if none.
    #[serde(default)]
    pub country: Option<String>,
    /// The mineral for which it counts, HS6; every mineral if none.
    #[serde(default)]
    pub mineral: Option<String>,
}

/// What a limit counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Milligrams.
    Mass,
    /// Parts per million.
    Share,
    /// Days.
    Days,
    /// Metres.
    Metres,
    /// A plain count.
    Count,
}

/// What one feed of a state held.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeedCheckpoint {
    /// Alpha-2.
    pub country: String,
    /// Id of the node.
    pub node: String,
    /// Name of the feed.
    pub feed: String,
    /// Epoch of the feed.
    pub epoch: u32,
    /// Entries that count.
    pub size: u64,
    /// Root of their tree, lower-case hexadecimal.
    pub root: String,
    /// Whether the state's signature under that root was checked.
    pub verified: bool,
    /// Whether the feed is frozen, because its owner rewrote it.
    pub frozen: bool,
    /// Day of the last exchange.
    pub last_exchange_on: Option<Date>,
}
