//! The command line of `cargo score`.

use std::path::PathBuf;

use clap::Parser;
use jiff::civil::Date;
use rmd_demo::generate::LOTS_MIN;

use crate::store::Store;

const EXAMPLES: &str = "\
Examples:
  cargo score -- --json                  make a set and a clean control, exchange and score them
  cargo score -- --lots 20000 --seed 7   a larger set, of another seed
  cargo score -- --set DIR --json        a set that somebody else made
  cargo score -- --store postgres        the hub on a PostgreSQL server of its own
  cargo score -- --direct                the rules alone, without nodes and hub

The last line of --json is one object: rules (rule, severity, positives, precision, recall),
severity3_recall, severity3_on_clean; beside them how many records were refused, and by what
cause labels were not found (lost). The exit code is 0 if every label of severity 3 was found and
nothing of severity 3 stands on the clean control.

A label is found when a finding of its rule has its key: as its subject, or among the records of
the label's entity that the finding rests on. A finding is right when a label is found by it.";

/// Counts which labels of a set the rules find
#[derive(Debug, Parser)]
#[command(name = "cargo score --", bin_name = "cargo score --", after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// Score this set instead of a generated one
    #[arg(long, value_name = "DIR")]
    pub(crate) set: Option<PathBuf>,

    /// Print one JSON object as the last line
    #[arg(long)]
    pub(crate) json: bool,

    /// Judge the records in this process, without nodes and hub
    #[arg(long)]
    pub(crate) direct: bool,

    /// Store of the hub: its embedded SQLite, or a PostgreSQL server that is started for it
    #[arg(long, value_enum, default_value_t = Store::Sqlite, conflicts_with = "direct")]
    pub(crate) store: Store,

    /// Seed of the generated set; the control has the next
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) seed: u64,

    /// About so many lots in each generated set
    #[arg(long, value_name = "N", default_value_t = 3_000,
          value_parser = clap::value_parser!(u64).range(LOTS_MIN..=10_000_000))]
    pub(crate) lots: u64,

    /// Day for which sets are generated
    #[arg(long, value_name = "DAY", default_value = "2026-11-20")]
    pub(crate) as_of: Date,

    /// Put the sites of COD on the points of this file of IPIS visits
    #[arg(long, value_name = "FILE")]
    pub(crate) ipis: Option<PathBuf>,

    /// More states for generated sets, ALPHA-3 with commas
    #[arg(long, value_name = "STATES", value_delimiter = ',')]
    pub(crate) states: Vec<String>,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Arguments::command().debug_assert();
    }
}
