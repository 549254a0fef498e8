//! The command line of the measurements.

use clap::{Args, Parser, Subcommand};

/// Measures the network, beside its references, on this machine.
#[derive(Debug, Parser)]
#[command(
    name = "rmd-bench",
    version,
    after_help = "Examples:\n  \
        cargo bench-network                          source to regional view, a million lots\n  \
        cargo bench-network -- --rows 100000 --json  fewer; the last line is JSON\n  \
        cargo bench-network -- --write               the same, with table and plot into docs/\n  \
        cargo bench-network rest                     POST and lists of the REST API, node and hub"
)]
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
    /// Write the table and the plot into docs/.
    #[arg(long)]
    pub(crate) write: bool,
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
