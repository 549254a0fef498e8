//! The hub of the Secretariat: the regional view.
//!
//! Follows the feeds of the states, proves them, keeps them, and sends back
//! what the Secretariat decided. This file only starts the command that was
//! asked for; [`cli`] says which there are.

mod api;
mod audit;
mod auditor;
mod bundle;
mod calendar;
mod cases;
mod cli;
mod config;
mod custody;
mod erase;
mod follow;
mod ledger;
mod parameter;
mod partner;
mod portal;
mod quarantine;
mod reconcile;
mod recover;
mod regional;
mod registry;
mod report;
mod server;
mod share;
mod standing;
mod statistics;
mod status;
mod store;
mod verdict;

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
    fn command_line_is_consistent() {
        super::cli::Cli::command().debug_assert();
    }
}
