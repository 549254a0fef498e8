//! The parts of `cargo verify`, in their order: what is cheap and often wrong comes
//! first, what needs everything else comes last.

use std::{
    path::PathBuf,
    time::{Duration, Instant},
};

use anyhow::Result;
use clap::ValueEnum;
use serde::Serialize;

use self::{faults::Faults, fuzz::Fuzz};
use crate::{house::House, log::Log, tidy};

mod cargo;
mod demo;
mod deny;
pub(crate) mod faults;
pub(crate) mod fuzz;
mod generated;
mod proto;
mod python;
mod score;
mod tools;

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Part {
    Tools,
    Fmt,
    Clippy,
    Doc,
    Proto,
    Deny,
    Tidy,
    Generated,
    Test,
    Fuzz,
    Mappings,
    Network,
    Faults,
    Demo,
    DemoServers,
    Score,
}

/// How a part ended.
#[derive(Debug, Serialize)]
pub(crate) struct Outcome {
    pub(crate) part: &'static str,
    pub(crate) passed: bool,
    pub(crate) seconds: f64,
    /// A count where it passed, the reason where it failed.
    pub(crate) note: String,
    pub(crate) log: PathBuf,
    /// The log's text, where it failed.
    #[serde(skip)]
    pub(crate) output: String,
}

impl Part {
    pub(crate) const ALL: [Self; 16] = [
        Self::Tools,
        Self::Fmt,
        Self::Clippy,
        Self::Doc,
        Self::Proto,
        Self::Deny,
        Self::Tidy,
        Self::Generated,
        Self::Test,
        Self::Fuzz,
        Self::Mappings,
        Self::Network,
        Self::Faults,
        Self::Demo,
        Self::DemoServers,
        Self::Score,
    ];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Tools => "tools",
            Self::Fmt => "fmt",
            Self::Clippy => "clippy",
            Self::Doc => "doc",
            Self::Proto => "proto",
            Self::Deny => "deny",
            Self::Tidy => "tidy",
            Self::Generated => "generated",
            Self::Test => "test",
            Self::Fuzz => "fuzz",
            Self::Mappings => "mappings",
            Self::Network => "network",
            Self::Faults => "faults",
            Self::Demo => "demo",
            Self::DemoServers => "demo-servers",
            Self::Score => "score",
        }
    }

    pub(crate) const fn about(self) -> &'static str {
        match self {
            Self::Tools => "database servers, npm and Python tools are installed, or get installed",
            Self::Fmt => "the code is formatted",
            Self::Clippy => "no lint warns, in code, tests and examples",
            Self::Doc => "the documentation builds and its links lead somewhere",
            Self::Proto => "the contract keeps the rules of buf, and its last release",
            Self::Deny => "dependencies: bans, licences, sources",
            Self::Tidy => "the house rules that no lint can see",
            Self::Generated => "the rules and schemas in docs are those of the tables",
            Self::Test => "unit and integration tests of every part",
            Self::Fuzz => "readers of foreign bytes answer whatever comes, within their memory",
            Self::Mappings => "the example mappings give what their tables say, on real databases",
            Self::Network => "whole-network tests on real database servers",
            Self::Faults => {
                "kills, full disks, jumping clocks, cut and slow links, on real processes"
            }
            Self::Demo => "the demo, all states on SQLite, ends without differences",
            Self::DemoServers => "the demo, on PostgreSQL and MariaDB too",
            Self::Score => {
                "known frauds are found through nodes and hub, and nothing where all is in order"
            }
        }
    }

    /// Longer than this, on two cores and from a clean clone, is hung.
    const fn limit(self, faults: Faults, fuzz: Fuzz) -> Duration {
        match self {
            Self::Fmt | Self::Tidy => Duration::from_mins(2),
            Self::Proto | Self::Deny => Duration::from_mins(5),
            Self::Tools
            | Self::Doc
            | Self::Generated
            | Self::Demo
            | Self::DemoServers
            | Self::Score => Duration::from_mins(15),
            Self::Clippy | Self::Test | Self::Mappings | Self::Network => Duration::from_mins(25),
            Self::Faults => faults.limit(),
            Self::Fuzz => fuzz.limit(),
        }
    }

    pub(crate) fn run(self, house: &House) -> Outcome {
        let begin = Instant::now();
        let folder = house.target.join("verify");
        let log = Log::create(&folder, self.name(), self.limit(house.faults, house.fuzz));
        let (result, path, output) = match log {
            Ok(mut log) => {
                let result = self.check(house, &mut log);
                let output = if result.is_err() { log.text() } else { Ok(String::new()) };
                (result, log.path().to_owned(), output.unwrap_or_default())
            }
            Err(error) => (Err(error), folder, String::new()),
        };
        Outcome {
            part: self.name(),
            passed: result.is_ok(),
            seconds: begin.elapsed().as_secs_f64(),
            note: result.unwrap_or_else(|error| format!("{error:#}")),
            log: path.strip_prefix(&house.root).map(PathBuf::from).unwrap_or(path),
            output,
        }
    }

    /// Passes with a note, which may be empty.
    fn check(self, house: &House, log: &mut Log) -> Result<String> {
        match self {
            Self::Tools => tools::check(house, log),
            Self::Fmt => cargo::fmt(house, log),
            Self::Clippy => cargo::clippy(house, log),
            Self::Doc => cargo::doc(house, log),
            Self::Proto => proto::check(house, log),
            Self::Deny => deny::check(house, log),
            Self::Tidy => tidy::check(house, log),
            Self::Generated => generated::check(house, log),
            Self::Test => cargo::test(house, log),
            Self::Fuzz => fuzz::check(house, log),
            Self::Mappings => cargo::mappings(house, log),
            Self::Network => cargo::network(house, log),
            Self::Faults => faults::check(house, log),
            Self::Demo => demo::check(house, log, &[]),
            Self::DemoServers => demo::check(house, log, &["--servers"]),
            Self::Score => score::check(house, log),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_called_by_the_name_that_is_printed() {
        for part in Part::ALL {
            let value = part.to_possible_value().unwrap();
            assert_eq!(value.get_name(), part.name());
        }
    }
}
