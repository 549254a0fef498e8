//! `cargo bench-network`: measures the network as its users meet it.
//!
//! Every measurement drives the real binaries, built for release, over their
//! sockets, checks what they answer while it measures, and prints its figure
//! beside the reference's. A wrong answer is a failure, not a slower figure. Whoever
//! ends a measurement early ends everything that it started.

mod chart;
mod cli;
mod exchange;
mod quantity;
mod report;
mod rest;

use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use clap::Parser as _;
use rmd_runtime::{exit, output};
use tokio::signal::unix::{SignalKind, signal};

use crate::{
    cli::{Arguments, Measurement},
    exchange::Measured,
};

#[tokio::main]
async fn main() -> Result<ExitCode> {
    let arguments = Arguments::parse();
    let mut terminate = signal(SignalKind::terminate()).context("listen for signals")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("listen for signals")?;
    // What is dropped here has started servers and programs, and ends them.
    tokio::select! {
        measured = measure(&arguments) => measured.map(|()| exit::code(exit::OK)),
        _ = terminate.recv() => Ok(exit::code(exit::FAILURE)),
        _ = interrupt.recv() => Ok(exit::code(exit::FAILURE)),
    }
}

async fn measure(arguments: &Arguments) -> Result<()> {
    match &arguments.measurement {
        Some(Measurement::Rest(settings)) => {
            rest::measure(settings).await?.print(arguments.json)?;
        }
        None => {
            let settings = &arguments.exchange;
            let Measured { quantities, failures } = exchange::measure(settings).await?;
            if settings.write && !quantities.is_empty() {
                chart::write(&quantities, settings, failures.is_empty())?;
            }
            output::Format::from_flag(arguments.json)
                .print(&quantities, |all| quantity::table(all))?;
            if !failures.is_empty() {
                bail!("{}", failures.join("\n"));
            }
        }
    }
    Ok(())
}
