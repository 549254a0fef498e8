//! The command line of the demonstration.

use std::path::PathBuf;

use clap::{Parser, Subcommand};
use jiff::civil::Date;

use crate::generate::Generate;

/// Builds and runs the whole network on this machine: three national
/// databases that look nothing alike, their nodes, the hub, mutual TLS, a
/// first exchange, the portal.
#[derive(Debug, Parser)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the command line")]
#[command(
    name = "rmd-demo",
    version,
    args_conflicts_with_subcommands = true,
    after_help = "Examples:\n  \
        cargo demo                          start, show where to look, change rows every few seconds\n  \
        cargo demo -- --once --json         two exchanges, checked; one JSON object; exit 1 if anything differs\n  \
        cargo demo -- --once --servers      RWA on PostgreSQL, UGA on MariaDB\n  \
        cargo demo -- --once --ipis FILE    COD from the visits of the IPIS open-data file\n  \
        cargo demo -- generate --help       a region of any size whose frauds are known"
)]
pub struct Arguments {
    /// Something else than the demonstration.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// Make two exchanges, check them, and end.
    #[arg(long)]
    pub once: bool,
    /// Print one JSON object as the last line.
    #[arg(long, requires = "once")]
    pub json: bool,
    /// Build the database of COD from this file of IPIS visits (CSV).
    #[arg(long, value_name = "FILE")]
    pub ipis: Option<PathBuf>,
    /// Put RWA on a PostgreSQL and UGA on a MariaDB server of their own.
    #[arg(long)]
    pub servers: bool,
    /// Put the hub on a PostgreSQL server too.
    #[arg(long, requires = "servers")]
    pub hub_on_postgres: bool,
    /// Day for which status and rules are computed.
    #[arg(long, value_name = "DAY", default_value = "2018-01-01")]
    pub as_of: Date,
    /// Keep everything in this folder, which must not exist or be empty; otherwise
    /// a temporary folder is used and removed.
    #[arg(long, value_name = "FOLDER")]
    pub dir: Option<PathBuf>,
    /// Least number of records that must be published; 60, or 2300 with --ipis.
    #[arg(long, value_name = "N")]
    pub records_min: Option<u64>,
}

/// What can be asked for beside the demonstration.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make a region of any size whose frauds are known · Faire une région dont les fraudes sont connues
    Generate(Generate),
}

impl Arguments {
    /// Least number of records that must be published. Of the 2 392 sites in
    /// the file of visits a few name minerals without a code and are refused.
    pub fn records_min(&self) -> u64 {
        self.records_min.unwrap_or(if self.ipis.is_some() { 2300 } else { 60 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_sound() {
        Arguments::command().debug_assert();
    }
}
