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
#[cfg(test)]
mod weights;
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

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::*;

    fn made(out: &Path, seed: u64) -> Summary {
        let (frauds, as_of) = (Frauds::All, "2026-11-20".parse().unwrap());
        let out = out.to_owned();
        let states = vec!["KEN".to_owned()];
        generate(&Generate { out, seed, lots: 1_200, frauds, as_of, ipis: None, states }).unwrap()
    }

    fn bytes(folder: &Path) -> BTreeMap<String, Vec<u8>> {
        let mut found = BTreeMap::new();
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                found.extend(bytes(&path));
            } else {
                found.insert(path.display().to_string(), fs::read(&path).unwrap());
            }
        }
        found
    }

    #[test]
    fn the_same_seed_makes_the_same_bytes_and_another_makes_others() {
        let folder = tempfile::tempdir().unwrap();
        let of = |name: &str, seed: u64| {
            let out = folder.path().join(name);
            made(&out, seed);
            let all = bytes(&out).into_iter();
            let prefix = out.display().to_string();
            all.map(|(name, bytes)| (name.replace(&prefix, ""), bytes)).collect::<Vec<_>>()
        };
        let (one, again, other) = (of("one", 7), of("again", 7), of("other", 8));
        assert!(one == again);
        assert!(one != other);
    }

    #[test]
    fn a_set_has_every_file_of_every_state() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("set");
        let summary = made(&out, 1);
        assert_eq!(summary.states, ["CD", "RW", "UG", "TZ", "BI", "KE"]);
        for state in ["COD", "RWA", "UGA", "TZA", "BDI", "KEN"] {
            for (_, name) in FILES {
                assert!(out.join(state).join(format!("{name}.jsonl")).is_file(), "{state} {name}");
            }
        }
        assert!(summary.records["Lot"] > 1_000, "{:?}", summary.records);
        assert_eq!(fs::read_to_string(out.join("as-of")).unwrap(), "2026-11-20\n");
    }

    #[test]
    fn a_folder_that_holds_something_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("as-of"), "mine").unwrap();
        let (frauds, as_of) = (Frauds::All, "2026-11-20".parse().unwrap());
        let out = folder.path().to_owned();
        let states = Vec::new();
        let options = Generate { out, seed: 1, lots: 1_200, frauds, as_of, ipis: None, states };
        assert!(generate(&options).is_err());
        assert_eq!(fs::read_to_string(folder.path().join("as-of")).unwrap(), "mine");
    }
}
