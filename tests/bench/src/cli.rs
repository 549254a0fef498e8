//! The command line of the measurements.

use std::path::PathBuf;

use anyhow::Result;
use clap::{Args, Parser, Subcommand, ValueEnum};
use rmd_demo::binaries::Binaries;

const EXAMPLES: &str = "\
Examples:
  cargo bench-network                          source to regional view, a million lots
  cargo bench-network -- --rows 100000 --json  fewer; the last line is JSON
  cargo bench-network -- --only latency        one of the measurements
  cargo bench-network -- --only memory --memory-rows 10000000
                                               the peaks with ten million lots
  cargo bench-network -- --write               everything, with table and plot into docs/
  cargo bench-network -- --only load --only pull --write
                                               the same, keeping the other rows of the table
  cargo bench-network -- --rows 20000 --runs 1 --write --into /tmp/tried
                                               the same files somewhere else
  cargo bench-network rest                     POST and lists of the REST API, node and hub

Ctrl-C and SIGTERM end the servers, the node and the hub too.";

/// Measures the network, beside its references, on this machine.
#[derive(Debug, Parser)]
#[command(name = "rmd-bench", version, after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// Print JSON: the exchange as a list on the last line, REST as one object.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) exchange: ExchangeSettings,
    #[command(subcommand)]
    pub(crate) measurement: Option<Measurement>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Measurement {
    /// The REST API of a node and of the hub.
    Rest(RestSettings),
}

/// How much is exchanged.
#[derive(Debug, Args)]
pub(crate) struct ExchangeSettings {
    /// Lots in the national database.
    #[arg(long, default_value_t = 1_000_000, value_parser = clap::value_parser!(u64).range(10_000..))]
    pub(crate) rows: u64,
    /// Turns of ours and of each reference.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) runs: u32,
    /// This measurement alone; may be given more than once.
    #[arg(long, value_enum, value_name = "PHASE")]
    pub(crate) only: Vec<Phase>,
    /// Measure the memory with so many lots too, on servers of its own.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(10_000..))]
    pub(crate) memory_rows: Option<u64>,
    /// Measure rmd-node and rmd-hub of this folder, instead of building them.
    #[arg(long, value_name = "DIR")]
    pub(crate) binaries: Option<PathBuf>,
    /// Write the table and the plot into docs/; with --only, the rows that were measured.
    #[arg(long)]
    pub(crate) write: bool,
    /// Write them into this folder instead.
    #[arg(long, value_name = "DIR", requires = "write")]
    pub(crate) into: Option<PathBuf>,
}

/// What can be measured alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Phase {
    /// The first load, source to regional view: rate, bytes, processor time, memory.
    Load,
    /// The hub alone, over a node that has everything ready.
    Pull,
    /// Passes over a source in which nothing changes.
    Scan,
    /// A thousand changes among more and more rows.
    Changes,
    /// From a commit to the regional view, by each way to notice it.
    Latency,
    /// Peaks with many lots; only where --memory-rows or --only asks for it.
    Memory,
}

impl ExchangeSettings {
    /// Lots of the measurement of memory, unless the command line says so.
    const MEMORY_ROWS: u64 = 10_000_000;

    pub(crate) fn has(&self, phase: Phase) -> bool {
        let is_named = self.only.contains(&phase);
        match phase {
            Phase::Memory => is_named || self.memory_rows.is_some(),
            _ => is_named || self.only.is_empty(),
        }
    }

    /// Whether anything is measured on the common servers.
    pub(crate) fn is_more_than_memory(&self) -> bool {
        self.only.is_empty() || self.only.iter().any(|phase| *phase != Phase::Memory)
    }

    /// What is measured: what is there, or what the working tree builds.
    pub(crate) fn binaries(&self) -> Result<Binaries> {
        let given = |folder: &PathBuf| Binaries {
            node: folder.join("rmd-node"),
            hub: folder.join("rmd-hub"),
        };
        self.binaries.as_ref().map_or_else(|| Binaries::build(&[]), |folder| Ok(given(folder)))
    }

    pub(crate) fn memory_rows(&self) -> u64 {
        self.memory_rows.unwrap_or(Self::MEMORY_ROWS)
    }
}

/// How much the REST API is given to do.
#[derive(Debug, Args)]
pub(crate) struct RestSettings {
    /// Lots that are posted.
    #[arg(long, default_value_t = 50_000)]
    pub(crate) lots: usize,
    /// Connections that post at the same time.
    #[arg(long, default_value_t = 200)]
    pub(crate) writers: usize,
    /// Connections that list at the same time.
    #[arg(long, default_value_t = 2)]
    pub(crate) readers: usize,
    /// Pages that each reader asks for.
    #[arg(long, default_value_t = 2_000)]
    pub(crate) pages: usize,
    /// Seed of the made-up lots and of the pages that are asked for.
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    fn settings(arguments: &[&str]) -> ExchangeSettings {
        Arguments::parse_from([&["rmd-bench"], arguments].concat()).exchange
    }

    #[test]
    fn the_command_line_is_sound() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn memory_is_measured_only_where_it_is_asked_for() {
        let all = settings(&[]);
        assert!(all.has(Phase::Load) && all.has(Phase::Latency) && !all.has(Phase::Memory));
        let more = settings(&["--memory-rows", "20000"]);
        assert!(more.has(Phase::Memory) && more.has(Phase::Load));
        let alone = settings(&["--only", "memory"]);
        assert!(alone.has(Phase::Memory) && !alone.is_more_than_memory());
        assert_eq!(alone.memory_rows(), 10_000_000);
    }

    #[test]
    fn only_what_is_named_is_measured() {
        let some = settings(&["--only", "latency", "--only", "scan"]);
        assert!(some.has(Phase::Latency) && some.has(Phase::Scan) && !some.has(Phase::Load));
    }
}
