//! `rmd-demo generate`: a made-up region whose frauds are known.
//!
//! Owns the records of a set and their labels. A set is one folder: `as-of`, a folder
//! for each state with one file for each record type in the standard's JSON, and
//! `labels.jsonl` with what a rule has to find. The background is in order; frauds
//! stand beside it, each in records of its own, with near misses that no rule may find.
//!
//! Invariant: the same options make the same bytes, and memory does not grow with the
//! number of lots.

mod background;
mod calendar;
mod chain;
mod draw;
mod finish;
mod fraud;
mod label;
mod mineral;
mod options;
mod output;
mod partner;
mod party;
mod place;
mod readme;
mod site;
mod state;
mod stock;
mod world;

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;

use calendar::Calendar;
use draw::Draw;
use output::Output;
use place::Places;
use state::{CORE, STATES};
use world::World;

pub use options::{Frauds, Generate, LOTS_MIN};
pub use output::FILES;

/// From so many lots on every member is in the set.
const LOTS_FOR_ALL: u64 = 50_000;

/// What was written.
#[derive(Debug, Serialize)]
pub struct Summary {
    /// Records by type.
    pub records: BTreeMap<&'static str, u64>,
    /// Things that a rule has to find.
    pub labels: u64,
    /// States, alpha-2.
    pub states: Vec<&'static str>,
}

/// Writes a set.
pub fn generate(options: &Generate) -> Result<Summary> {
    let codes = codes(options)?;
    let output = Output::create(&options.out, &codes, options.as_of)?;
    let places = match &options.ipis {
        Some(file) => Places::with_ipis(file, &mut Draw::new(options.seed, "places"))?,
        None => Places::default(),
    };
    let calendar = Calendar { as_of: options.as_of };
    let draw = Draw::new(options.seed, "frauds");
    let mut world = World::new(calendar, codes, draw, places, output);
    world.progress = progress(options.lots);
    fraud::write(&mut world, &options.frauds)?;
    world.draw = Draw::new(options.seed, "background");
    let left = options.lots.saturating_sub(world.lots).max(options.lots / 4);
    background::write(&mut world, left)?;
    finish::write(&mut world)?;
    world.output.beside("README.md", &readme::text(options))?;
    world.progress.finish_and_clear();
    Ok(Summary {
        records: std::mem::take(&mut world.output.counts),
        labels: world.output.labelled,
        states: world.codes,
    })
}

/// The states of a set, in the order of the table.
fn codes(options: &Generate) -> Result<Vec<&'static str>> {
    for wanted in &options.states {
        let known = STATES.iter().any(|state| state.alpha3 == wanted);
        known.then_some(()).with_context(|| format!("{wanted} is no member / n'est pas membre"))?;
    }
    let is_wanted = |alpha3: &str| {
        let all = options.states.is_empty() && options.lots >= LOTS_FOR_ALL;
        all || CORE.contains(&alpha3) || options.states.iter().any(|one| one == alpha3)
    };
    Ok(STATES.iter().filter(|state| is_wanted(state.alpha3)).map(|state| state.code).collect())
}

fn progress(lots: u64) -> ProgressBar {
    let style = ProgressStyle::with_template("{wide_bar} {pos}/{len} lots, {eta}");
    let bar = ProgressBar::new(lots);
    style.map_or(bar.clone(), |style| bar.with_style(style))
}
