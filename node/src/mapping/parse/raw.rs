//! The mapping file as it is written, before anything in it is understood.
//!
//! Keys that do not exist are refused. Records, lists and tables stay tables
//! here: each is read by itself, so that one fault does not hide the next.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;
use toml::Table;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawFile {
    pub(super) mapping: Table,
    #[serde(default)]
    pub(super) record: Vec<Table>,
    #[serde(default)]
    pub(super) codes: BTreeMap<String, BTreeMap<String, String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawHead {
    pub(super) name: String,
    pub(super) zone: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawRecord {
    pub(super) entity: String,
    pub(super) key: String,
    pub(super) rows: String,
    #[serde(default)]
    pub(super) scan: bool,
    #[serde(default)]
    pub(super) normalise: Table,
    #[serde(default)]
    pub(super) child: Vec<Table>,
    #[serde(default)]
    pub(super) watch: Vec<Table>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawChild {
    pub(super) list: String,
    pub(super) key: String,
    pub(super) rows: String,
    #[serde(default)]
    pub(super) normalise: Table,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawWatch {
    pub(super) table: String,
    pub(super) mode: RawMode,
    pub(super) changed_at: Option<String>,
    pub(super) keys: Option<String>,
    pub(super) key: Option<String>,
    pub(super) noted: Option<String>,
    pub(super) lag: Option<RawLag>,
}

#[derive(Deserialize, Clone, Copy, PartialEq)]
#[serde(rename_all = "lowercase")]
pub(super) enum RawMode {
    Cursor,
    Diff,
    Triggers,
    Log,
}

#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum RawLag {
    Number(i64),
    #[serde(with = "humantime_serde")]
    Time(Duration),
}
