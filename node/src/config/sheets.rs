//! The section `sheets`.

use std::{path::PathBuf, time::Duration};

use serde::{Deserialize, Serialize};

use super::durations;

/// The folder in which spreadsheets are dropped.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Sheets {
    /// The folder, relative to the state directory; empty = no sheets are taken.
    pub(crate) folder: PathBuf,
    /// Pause between two looks; not zero.
    #[serde(with = "durations::not_zero")]
    pub(crate) interval: Duration,
}
