//! `cargo verify`: every check and test of the project, as one command.
//!
//! The same on a developer's machine and in CI. Owns the order of the parts, their
//! logs and their times; refuses to skip a part quietly: what cannot run has failed.

mod cli;
mod house;
mod log;
mod part;
mod report;
mod tidy;

use std::process::ExitCode;

use clap::Parser as _;

use crate::{cli::Cli, house::House, report::Report};

fn main() -> ExitCode {
    let cli = Cli::parse();
    if cli.list {
        return report::exit(report::list(), true);
    }
    match House::open(cli.advisories, cli.write_generated, cli.faults(), cli.fuzz()) {
        Ok(house) => {
            let mut report = Report::new(cli.json);
            for part in cli.parts() {
                report.begin(part);
                report.end(part.run(&house));
            }
            report::exit(report.close(), report.has_passed())
        }
        Err(error) => report::exit(Err(error), false),
    }
}
