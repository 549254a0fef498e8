//! `cargo score`: how well the rules find what is known to be wrong.
//!
//! Makes a set, or takes one that somebody else made, sends it through the nodes of its
//! states to the hub, lets the hub judge it, and counts which labels were found. A clean
//! control goes the same way: nothing serious may be found in it.

mod cli;
mod direct;
mod found;
mod label;
mod names;
mod national;
mod network;
mod partner;
mod play;
mod post;
mod score;
mod set;
mod store;
mod tell;
mod why;

use std::process::ExitCode;

use clap::Parser as _;

#[tokio::main]
async fn main() -> ExitCode {
    match play::play(&cli::Arguments::parse()).await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            tell::fault(&error);
            ExitCode::FAILURE
        }
    }
}
