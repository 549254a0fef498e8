//! The rules on all records at once, in this process: a fast check of rules and
//! generator against each other.

use std::collections::BTreeMap;

use anyhow::Result;
use rmd_reconcile::{Context, Coverage, Named, Parameters, region::Region};

use crate::{found::Found, partner, set::Loaded};

/// What the rules say of a set.
#[derive(Debug, Default)]
pub(crate) struct Judgement {
    /// What they find.
    pub(crate) found: Vec<Found>,
    /// What was missing, by rule and key of the subject.
    pub(crate) lacking: BTreeMap<(String, String), String>,
}

/// Judges a set.
pub(crate) fn judge(set: &Loaded) -> Result<Judgement> {
    let mut region = Region::default();
    for state in &set.states {
        // A later line of a key takes the place of the one before.
        for one in &state.taken {
            let named = Named {
                entity: one.entity,
                key: one.valid.key().into(),
                country: state.state.alpha2.into(),
                rev: one.revision + 1,
                digest: [0; 32],
            };
            region.take(named, false, one.valid.clone().release().into_record());
        }
    }
    if let Some(file) = &set.partners {
        region.mirror = partner::read(file)?;
    }
    let mut context = Context::new(set.as_of, Parameters::default(), Coverage::default());
    context.coverage = region.coverage(&context);
    let mut judgement = Judgement::default();
    for one in region.judge(&context) {
        let missing = one.outcome.missing.iter();
        let missing: Vec<String> =
            missing.map(|one| format!("{} of {} is {:?}", one.what, one.of, one.lack)).collect();
        if !missing.is_empty() {
            let about = (one.rule.id().to_owned(), one.subject.key.clone());
            judgement.lacking.insert(about, missing.join(", "));
        }
        judgement.found.extend(one.outcome.raised.into_iter().map(found));
    }
    Ok(judgement)
}

fn found(raised: rmd_reconcile::Raised) -> Found {
    let evidence = raised.evidence.iter();
    Found {
        rule: raised.rule.id().to_owned(),
        severity: raised.severity.number(),
        evidence: evidence
            .map(|named| (named.entity.name().to_owned(), named.key.as_ref().to_owned()))
            .collect(),
        subject: raised.subject.key,
    }
}

#[cfg(test)]
mod tests {
    use rmd_demo::generate::{Frauds, Generate, generate};

    use super::*;
    use crate::{label, names::Names, score::Score, set::Set};

    fn made(seed: u64, frauds: &str, as_of: &str) -> (tempfile::TempDir, Set) {
        let folder = tempfile::tempdir().unwrap();
        let frauds: Frauds = frauds.parse().unwrap();
        let (out, as_of) = (folder.path().join("set"), as_of.parse().unwrap());
        let options =
            Generate { out, seed, lots: 1_000, frauds, as_of, ipis: None, states: Vec::new() };
        generate(&options).unwrap();
        let set = Set::open(&options.out).unwrap();
        (folder, set)
    }

    /// The score of a set without nodes and hub.
    fn scored(set: &Set) -> Score {
        let loaded = Loaded::of(set).unwrap();
        assert!(loaded.refused.is_empty(), "{:?}", loaded.refused);
        let names = Names::of(&loaded);
        let read = |name| label::read(set, name, &names).unwrap().0;
        let found = judge(&loaded).unwrap().found;
        let mut score = Score::of(&read("labels.jsonl"), &found);
        score.take_near(&read("near-misses.jsonl"), &found);
        score
    }

    fn found(set: &Set) -> Vec<Found> {
        judge(&Loaded::of(set).unwrap()).unwrap().found
    }

    #[test]
    fn every_fraud_is_found_and_no_near_miss() {
        for (seed, as_of) in [(1, "2026-11-20"), (2, "2026-03-31"), (3, "2024-02-29")] {
            let (_folder, set) = made(seed, "all", as_of);
            let score = scored(&set);
            assert!(score.labels > 100 && score.near_misses > 80, "{score:?}");
            let faults = [&score.missed, &score.wrong, &score.other_weight, &score.near];
            assert!(faults.iter().all(|list| list.is_empty()), "{as_of}: {faults:?}");
            let rules = score.rules.iter().map(|one| one.rule.as_str());
            assert_eq!(rules.collect::<std::collections::BTreeSet<_>>().len(), 28);
        }
    }

    #[test]
    fn where_all_is_in_order_nothing_is_found() {
        let (_folder, set) = made(4, "none", "2026-11-20");
        assert_eq!(found(&set), []);
    }

    #[test]
    fn frauds_of_some_rules_come_alone() {
        let (_folder, set) = made(5, "R05,R24", "2026-11-20");
        let rules: std::collections::BTreeSet<String> =
            found(&set).into_iter().map(|found| found.rule).collect();
        assert_eq!(rules.into_iter().collect::<Vec<_>>(), ["R05", "R24"]);
    }
}
