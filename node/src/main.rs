//! `rmd-node`: the node of a ministry.
//!
//! Reads one national database, turns its rows into records of the regional
//! standard, keeps them in signed feeds and serves those to the hub. The
//! folders stand in the order in which a record passes them.

mod capture;
mod cli;
mod config;
mod inbox;
mod journal;
mod mapping;
mod serve;
mod server;
mod source;

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    cli::run(cli::Cli::parse())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    #[test]
    fn verify_cli() {
        super::cli::Cli::command().debug_assert();
    }
}
