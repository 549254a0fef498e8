//! `cargo bench-network`: measures the network as its users meet it.
//!
//! Every measurement drives the real binaries, built for release, over their
//! sockets, checks what they answer while it measures, and prints its figure
//! beside the reference's. A wrong answer is a failure, not a slower figure.

mod chart;
mod cli;
mod exchange;
mod quantity;
mod report;
mod rest;

use clap::Parser as _;
use rmd_runtime::output;

use crate::cli::{Arguments, Measurement};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    match &arguments.measurement {
        Some(Measurement::Rest(settings)) => {
            rest::measure(settings).await?.print(arguments.json)?;
        }
        None => {
            let quantities = exchange::measure(&arguments.exchange).await?;
            if arguments.exchange.write {
                chart::write(&quantities)?;
            }
            output::Format::from_flag(arguments.json)
                .print(&quantities, |all| quantity::table(all))?;
        }
    }
    Ok(())
}
