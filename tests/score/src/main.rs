//! `cargo score`: how well the rules find what is known to be wrong.
//!
//! Makes a set, or takes one that somebody else made, sends it through the nodes of its
//! states to the hub, lets the hub judge it, and counts which labels were found. A clean
//! control goes the same way: nothing serious may be found in it.

mod cli;
mod direct;
mod found;
mod national;
mod network;
mod partner;
mod post;
mod score;
mod set;
mod tell;

use std::process::ExitCode;

use anyhow::Result;
use clap::Parser as _;
use rmd_demo::generate::{Frauds, Generate, generate};

use cli::Arguments;
use score::Score;
use set::Set;

#[tokio::main]
async fn main() -> ExitCode {
    match run(&Arguments::parse()).await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            tell::fault(&error);
            ExitCode::FAILURE
        }
    }
}

/// Whether every serious label was found, and nothing serious where all is in order.
async fn run(arguments: &Arguments) -> Result<bool> {
    let folder = tempfile::tempdir()?;
    let made = |name: &str, seed: u64, frauds: Frauds| -> Result<Set> {
        let out = folder.path().join(name);
        generate(&Generate {
            out: out.clone(),
            seed,
            lots: arguments.lots,
            frauds,
            as_of: arguments.as_of,
            ipis: arguments.ipis.clone(),
            states: arguments.states.clone(),
        })?;
        Set::open(&out)
    };
    let set = match &arguments.set {
        Some(given) => Set::open(given)?,
        None => made("labelled", arguments.seed, Frauds::All)?,
    };
    let findings = found(arguments, &set).await?;
    let mut score = Score::of(&set.labels()?, &findings);
    // A set without labels is a control of its own.
    if score.labels > 0 {
        let clean = made("clean", arguments.seed + 1, Frauds::Some(std::iter::empty().collect()))?;
        score.take_control(&found(arguments, &clean).await?);
    } else {
        score.take_control(&findings);
    }
    tell::score(&score, arguments.json)?;
    Ok(score.is_good())
}

/// What is found in a set.
async fn found(arguments: &Arguments, set: &Set) -> Result<Vec<found::Found>> {
    if arguments.direct { direct::judge(set) } else { network::judge(set).await }
}
