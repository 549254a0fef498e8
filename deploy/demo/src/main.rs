//! `cargo demo`: the whole network on one machine, and sets of made-up records.

use std::process::ExitCode;

use clap::Parser as _;
use rmd_demo::{
    cli::{Arguments, Command},
    generate, play, tell,
};

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let played = match &arguments.command {
        Some(Command::Generate(options)) => generate::generate(options).map(|summary| {
            tell::line(&serde_json::json!(summary).to_string());
            ExitCode::SUCCESS
        }),
        None => play::play(&arguments).await,
    };
    match played {
        Ok(code) => code,
        Err(error) => {
            tell::fault(&error);
            ExitCode::FAILURE
        }
    }
}
