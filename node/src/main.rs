//! `rmd-node`: the node of a ministry.
//!
//! Reads one national database, turns its rows into records of the regional
//! standard, keeps them in signed feeds and serves those to the hub. The
//! folders stand in the order in which a record passes them; this file only
//! starts the command that was asked for.

mod source;

mod mapping;

mod capture;

mod journal;

mod sheets;

mod recover;

mod serve;

mod inbox;

mod bundle;

mod api;

mod cli;
mod config;
mod erase;
mod hours;
mod server;

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    cli::main()
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    #[test]
    fn verify_cli() {
        super::cli::Cli::command().debug_assert();
    }
}
