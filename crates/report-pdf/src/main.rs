//! `rmd-report`: the data of a monthly report in, its pages out.
//!
//! `rmd-hub report` starts it, from beside itself; it also runs alone, on a machine
//! that has the data and no hub.

mod cli;

use std::process::ExitCode;

fn main() -> ExitCode {
    cli::main()
}
