//! `cargo bench-network`: measures the network as its users meet it.
//!
//! Every measurement drives the real binaries, built for release, over their
//! sockets, checks what they answer while it measures, and prints its figure
//! beside the reference's. A wrong answer is a failure, not a slower figure.

mod cli;
mod report;
mod rest;

use clap::Parser as _;

use crate::cli::{Arguments, Measurement};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let report = match &arguments.measurement {
        Measurement::Rest(settings) => rest::measure(settings).await?,
    };
    report.print(arguments.json)?;
    Ok(())
}
