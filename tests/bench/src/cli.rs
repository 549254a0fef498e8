//! The command line of the measurements.

use clap::{Args, Parser, Subcommand};

/// Measures the network, beside its references, on this machine.
#[derive(Debug, Parser)]
#[command(
    name = "rmd-bench",
    version,
    after_help = "Examples:\n  \
        cargo bench-network rest                     POST and lists of the REST API, node and hub\n  \
        cargo --quiet bench-network --json rest      the same as one JSON object"
)]
pub(crate) struct Arguments {
    /// Print one JSON object.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    #[command(subcommand)]
    pub(crate) measurement: Measurement,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Measurement {
    /// The REST API of a node and of the hub.
    Rest(RestSettings),
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
