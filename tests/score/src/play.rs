//! A set and a control, one after the other.

use anyhow::Result;
use rmd_demo::generate::{Frauds, Generate, generate};

use crate::{
    cli::Arguments,
    direct,
    found::Found,
    label,
    names::Names,
    network,
    score::Score,
    set::{Loaded, Set},
    tell, why,
};

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
    let (mut score, findings) = scored(arguments, &set).await?;
    // A set without labels is a control of its own.
    if score.labels > 0 {
        let clean = made("clean", arguments.seed + 1, Frauds::Some(std::iter::empty().collect()))?;
        score.take_control(&found(arguments, &Loaded::of(&clean)?).await?);
    } else {
        tell::note("the set has no labels; it is its own control");
        score.take_control(&findings);
    }
    tell::score(&score, arguments.json)?;
    Ok(score.is_good())
}

/// The score of a set, without a control yet, and what was found.
async fn scored(arguments: &Arguments, set: &Set) -> Result<(Score, Vec<Found>)> {
    let loaded = Loaded::of(set)?;
    let names = Names::of(&loaded);
    let (labels, unreadable) = label::read(set, "labels.jsonl", &names)?;
    let (near, _) = label::read(set, "near-misses.jsonl", &names)?;
    let findings = found(arguments, &loaded).await?;
    let mut score = Score::of(&labels, &findings);
    (score.labels_unreadable, score.refused) = (unreadable, loaded.refused.len());
    score.take_near(&near, &findings);
    if !score.unfound.is_empty() {
        let judged = direct::judge(&loaded)?;
        let lost = score.unfound.iter().map(|place| &labels[*place]);
        let reasons: Vec<_> = lost.map(|label| why::reason(label, &loaded, &judged)).collect();
        score.take_reasons(&reasons);
    }
    Ok((score, findings))
}

/// What is found in a set.
async fn found(arguments: &Arguments, set: &Loaded) -> Result<Vec<Found>> {
    if arguments.direct {
        Ok(direct::judge(set)?.found)
    } else {
        network::judge(set, arguments.store).await
    }
}
