//! The configuration of a node: data, checked as a whole before anything starts.
//!
//! Owns the keys and their limits; the defaults and the text about each key are
//! `config.default.toml`. Refuses unknown keys and holds no secret: those are
//! named by path.

mod api;
mod brake;
mod directory;
mod durations;
mod sheets;

use std::{
    num::NonZeroU32,
    path::{Path, PathBuf},
    str::FromStr,
    time::Duration,
};

use jiff::{civil::Date, tz::TimeZone};
use rmd_link::Identity;
use rmd_runtime::config;
use serde::{Deserialize, Serialize};

use crate::hours::Hours;

pub(crate) use self::{
    api::Api,
    brake::Brake,
    directory::{Directory, Missing},
    sheets::Sheets,
};

/// The embedded defaults.
pub(crate) const DEFAULTS: &str = include_str!("../config.default.toml");

/// Prefix of the variables that override a key.
const ENV_PREFIX: &str = "RMD_NODE_";

/// Everything that a node can be told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Config {
    /// Who this is.
    pub(crate) node: Node,
    /// The day of evaluation.
    pub(crate) clock: Clock,
    /// The national database.
    pub(crate) source: Source,
    /// The mapping.
    pub(crate) mapping: Mapping,
    /// How often the source is read.
    pub(crate) capture: Capture,
    /// What is taken for an accident.
    pub(crate) brake: Brake,
    /// The folder of spreadsheets.
    pub(crate) sheets: Sheets,
    /// The listener.
    pub(crate) serve: Serve,
    /// The standard's REST API.
    pub(crate) api: Api,
    /// The log.
    pub(crate) log: Log,
}

/// Who this is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Node {
    /// ISO 3166-1 alpha-3 of a member state.
    pub(crate) country: Country,
    /// Lower-case letters, digits and hyphens.
    pub(crate) name: String,
}

/// A member state, by its alpha-3 code. Out of a file it is any text until
/// [`Config::load`] has checked it, beside everything else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Country {
    alpha3: String,
}

/// The day of evaluation.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Clock {
    /// Today, where it is not the real day.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) as_of: Option<Date>,
    /// The zone of hours, where it is not the mapping's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) zone: Option<String>,
}

impl Clock {
    /// The zone of hours; none for the mapping's.
    pub(crate) fn zone(&self) -> Result<Option<TimeZone>, NoZone> {
        let named = |name: &String| TimeZone::get(name).map_err(|_| NoZone(name.clone()));
        self.zone.as_ref().map(named).transpose()
    }
}

/// A name of no time zone.
#[derive(Debug, thiserror::Error)]
#[error(
    "`{0}` is no time zone; write one such as Africa/Lubumbashi / n'est pas un fuseau horaire ; écrivez par exemple Africa/Lubumbashi"
)]
pub(crate) struct NoZone(String);

/// The national database.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Source {
    /// Its address, without a password.
    pub(crate) url: String,
    /// The file that holds the password.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) password_file: Option<PathBuf>,
    /// The authority whose certificates its server has to show.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) ca_file: Option<PathBuf>,
    /// Longest statement and snapshot.
    #[serde(with = "humantime_serde")]
    pub(crate) statement_timeout: Duration,
    /// Longest wait for a writer or a connection.
    #[serde(with = "humantime_serde")]
    pub(crate) wait_timeout: Duration,
    /// Most rows a second; 0 = no limit.
    pub(crate) rows_per_second: u32,
}

impl Source {
    /// Most rows a second; none = no limit.
    pub(crate) const fn rows_per_second(&self) -> Option<NonZeroU32> {
        NonZeroU32::new(self.rows_per_second)
    }
}

/// The mapping.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Mapping {
    /// The file, relative to the state directory.
    pub(crate) file: PathBuf,
}

/// How often the source is read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Capture {
    /// Pause between passes; not zero.
    #[serde(with = "durations::not_zero")]
    pub(crate) interval: Duration,
    /// How far behind its mark a table is read again.
    #[serde(with = "humantime_serde", skip_serializing_if = "Option::is_none")]
    #[serde(default)]
    pub(crate) lag: Option<Duration>,
    /// Every how many passes everything is read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) sweep_every: Option<NonZeroU32>,
    /// Pause between two looks at what triggers noted; not zero.
    #[serde(with = "durations::not_zero")]
    pub(crate) triggers_interval: Duration,
    /// When the source may be read.
    pub(crate) hours: Hours,
}

/// The listener.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Serve {
    /// Where to listen, host:port.
    pub(crate) listen: String,
    /// How often an open Follow looks for itself; not zero.
    #[serde(with = "durations::not_zero")]
    pub(crate) poll_interval: Duration,
    /// Most bytes a second that feeds send; 0 = no cap.
    pub(crate) bytes_per_second: u32,
    /// When feeds are sent.
    pub(crate) hours: Hours,
    /// Most streams that a peer has open.
    pub(crate) streams_per_peer: NonZeroU32,
    /// How long a peer may leave a frame unread; not zero.
    #[serde(with = "durations::not_zero")]
    pub(crate) read_timeout: Duration,
    /// Auditors that may read and prove the feeds, by name.
    pub(crate) auditors: Vec<String>,
    /// How long tasks may take to end.
    #[serde(with = "humantime_serde")]
    pub(crate) grace: Duration,
}

/// The log.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Log {
    /// What is logged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) filter: Option<String>,
}

impl Config {
    /// The defaults, under the file of the directory, under the environment.
    pub(crate) fn load(directory: &Directory) -> Result<Self, config::Error> {
        Self::read(&directory.config())
    }

    /// The same for a file under any name.
    pub(crate) fn read(file: &Path) -> Result<Self, config::Error> {
        config::load(DEFAULTS, Some(file), ENV_PREFIX).and_then(|config| Self::check(config, file))
    }

    /// What the types cannot say.
    fn check(self, file: &Path) -> Result<Self, config::Error> {
        let fault = |key: &str, message: String| config::Fault {
            key: key.to_owned(),
            origin: format!("file {}", file.display()),
            message,
        };
        let mut faults = Vec::new();
        if let Err(error) = Country::from_str(self.node.country.alpha3()) {
            faults.push(fault("node.country", error.to_string()));
        }
        if let Err(error) = Identity::node("net", "COD", &self.node.name) {
            faults.push(fault("node.name", error.rule.to_owned()));
        }
        if let Err(error) = self.api.check() {
            faults.push(fault("api.listen", error.to_string()));
        }
        if let Err(error) = rmd_link::Throttle::new(self.serve.bytes_per_second) {
            faults.push(fault("serve.bytes_per_second", error.to_string()));
        }
        if let Err(error) = self.clock.zone() {
            faults.push(fault("clock.zone", error.to_string()));
        }
        if faults.is_empty() { Ok(self) } else { Err(config::Error::Faults(faults)) }
    }
}

impl Country {
    /// ISO 3166-1 alpha-3, as identities and commands have it.
    pub(crate) fn alpha3(&self) -> &str {
        &self.alpha3
    }

    /// ISO 3166-1 alpha-2, as records have it.
    pub(crate) fn alpha2(&self) -> &str {
        rmd_standard::country::alpha2_of(&self.alpha3).unwrap_or_default()
    }
}

/// A code that names no member state.
#[derive(Debug, thiserror::Error)]
#[error(
    "`{0}` is no member state; expected ISO 3166-1 alpha-3, one of {members} / attendu : un code alpha-3 d'un État membre",
    members = members()
)]
pub(crate) struct NoMember(String);

fn members() -> String {
    let codes: Vec<&str> =
        rmd_standard::country::MEMBERS.iter().map(|(_, alpha3, ..)| *alpha3).collect();
    codes.join(", ")
}

impl FromStr for Country {
    type Err = NoMember;

    fn from_str(alpha3: &str) -> Result<Self, NoMember> {
        match rmd_standard::country::alpha2_of(alpha3) {
            Some(_) => Ok(Self { alpha3: alpha3.to_owned() }),
            None => Err(NoMember(alpha3.to_owned())),
        }
    }
}

impl From<Country> for String {
    fn from(country: Country) -> Self {
        country.alpha3
    }
}

#[cfg(test)]
mod tests;
