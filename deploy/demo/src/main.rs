//! `cargo demo`: the whole network on one machine.

use std::process::ExitCode;

use anyhow::Result;
use clap::Parser as _;
use rmd_demo::{cli::Arguments, play};

#[tokio::main]
async fn main() -> Result<ExitCode> {
    play::play(&Arguments::parse()).await
}
