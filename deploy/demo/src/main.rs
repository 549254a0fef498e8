//! `cargo demo`: the whole network on one machine.

use std::process::ExitCode;

use clap::Parser as _;
use rmd_demo::{cli::Arguments, play, tell};

#[tokio::main]
async fn main() -> ExitCode {
    match play::play(&Arguments::parse()).await {
        Ok(code) => code,
        Err(error) => {
            tell::fault(&error);
            ExitCode::FAILURE
        }
    }
}
