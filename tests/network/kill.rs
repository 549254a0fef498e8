//! Power cuts: node and hub are killed at any moment and nothing is lost or doubled.
//!
//! Each round aims at one phase of the work. The victim writes a log line when
//! it enters a phase; the kill follows after a time drawn over the length that
//! the phase was measured to have. What counts is the phase that the victim was
//! in when it died, as its log says; a run in which a phase was never hit fails.

pub(crate) mod log;
mod rounds;

use anyhow::Result;
use rmd_demo::binaries::Binaries;

use rounds::{Plan, Victim, run};

/// Rounds of each run: every phase is aimed at several times.
const ROUNDS: usize = 20;

// Goal: a node killed anywhere repeats work and neither loses nor doubles it.
#[tokio::test(flavor = "multi_thread")]
async fn a_node_killed_at_any_moment_loses_and_doubles_nothing() -> Result<()> {
    let phases = &["source-open", "mid-batch", "committed", "mid-frame", "mid-push"];
    let outcome = run(Plan { victim: Victim::Node, phases, rounds: ROUNDS, mutant: None }).await?;
    outcome.assert_sound(phases);
    Ok(())
}

// Goal: the same for the hub.
#[tokio::test(flavor = "multi_thread")]
async fn a_hub_killed_at_any_moment_loses_and_doubles_nothing() -> Result<()> {
    let phases = &["mid-frame", "committed", "mid-push"];
    let outcome = run(Plan { victim: Victim::Hub, phases, rounds: ROUNDS, mutant: None }).await?;
    outcome.assert_sound(phases);
    Ok(())
}

// Goal: the rounds above would notice. Method: the same rounds against hubs
// with a fault built in, until one round shows it.
#[tokio::test(flavor = "multi_thread")]
async fn the_rounds_catch_a_cursor_saved_before_the_apply() -> Result<()> {
    caught("rmd-hub/mutant-cursor-first").await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_rounds_catch_an_apply_without_its_cursor() -> Result<()> {
    caught("rmd-hub/mutant-no-cursor").await
}

#[expect(clippy::print_stdout, reason = "a run reports what caught the mutant")]
async fn caught(feature: &str) -> Result<()> {
    let mutant = Some(Binaries::build(&[feature])?);
    let plan = Plan { victim: Victim::Hub, phases: &["mid-frame"], rounds: ROUNDS, mutant };
    let outcome = run(plan).await?;
    let shown = &outcome.faults[..outcome.faults.len().min(3)];
    println!("{feature}: {} faults, as {shown:#?}", outcome.faults.len());
    assert!(!outcome.faults.is_empty(), "{feature} went unnoticed, seed {}", outcome.seed);
    Ok(())
}
