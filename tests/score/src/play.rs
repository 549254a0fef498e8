//! A set and a control, one after the other.

use anyhow::Result;
use rmd_demo::generate::{Frauds, Generate, generate};

use crate::{cli::Arguments, direct, found::Found, network, score::Score, set::Set, tell};

/// Whether every serious label was found, and nothing serious where all is in order.
pub(crate) async fn play(arguments: &Arguments) -> Result<bool> {
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
async fn found(arguments: &Arguments, set: &Set) -> Result<Vec<Found>> {
    if arguments.direct { direct::judge(set) } else { network::judge(set).await }
}
