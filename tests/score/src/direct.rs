//! The rules on all records at once, in this process: a fast check of rules and
//! generator against each other.

use anyhow::Result;
use rmd_reconcile::{Context, Coverage, Named, Parameters, region::Region};
use rmd_standard::Entity;

use crate::{
    found::Found,
    partner,
    set::{Set, State},
    tell,
};

/// Judges a set.
pub(crate) fn judge(set: &Set) -> Result<Vec<Found>> {
    let mut region = Region::default();
    let mut refused = 0_u64;
    for state in &set.states {
        for entity in Entity::ALL {
            refused += take(&mut region, set, *state, entity)?;
        }
    }
    if let Some(file) = set.partners() {
        region.mirror = partner::read(&file)?;
    }
    if refused > 0 {
        tell::note(&format!("{refused} records were refused, as a node would refuse them"));
    }
    let mut context = Context::new(set.as_of, Parameters::default(), Coverage::default());
    context.coverage = region.coverage(&context);
    let judged = region.judge(&context);
    Ok(judged.into_iter().flat_map(|one| one.outcome.raised).map(found).collect())
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

/// Takes the records of a type of a state; how many were refused.
fn take(region: &mut Region, set: &Set, state: State, entity: Entity) -> Result<u64> {
    let mut refused = 0;
    for line in set.lines(state, entity)? {
        let valid = match set.read(state, entity, &line?) {
            Ok(valid) => valid,
            Err(reason) => {
                refused += 1;
                tell::note(&format!("refused: {} {entity} {reason}", state.alpha3));
                continue;
            }
        };
        let named = Named {
            entity,
            key: valid.key().into(),
            country: state.alpha2.into(),
            rev: 1,
            digest: [0; 32],
        };
        region.take(named, false, valid.release().into_record());
    }
    Ok(refused)
}

#[cfg(test)]
mod tests {
    use rmd_demo::generate::{Frauds, Generate, generate};

    use super::*;
    use crate::score::Score;

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

    #[test]
    fn every_fraud_is_found_and_no_near_miss() {
        for (seed, as_of) in [(1, "2026-11-20"), (2, "2026-03-31"), (3, "2024-02-29")] {
            let (_folder, set) = made(seed, "all", as_of);
            let score = Score::of(&set.labels().unwrap(), &judge(&set).unwrap());
            assert!(score.labels > 100);
            let faults = [&score.missed, &score.wrong, &score.other_weight];
            assert!(faults.iter().all(|list| list.is_empty()), "{as_of}: {faults:?}");
            let rules = score.rules.iter().map(|one| one.rule.as_str());
            assert_eq!(rules.collect::<std::collections::BTreeSet<_>>().len(), 28);
        }
    }

    #[test]
    fn where_all_is_in_order_nothing_is_found() {
        let (_folder, set) = made(4, "none", "2026-11-20");
        assert_eq!(judge(&set).unwrap(), []);
    }

    #[test]
    fn frauds_of_some_rules_come_alone() {
        let (_folder, set) = made(5, "R05,R24", "2026-11-20");
        let rules: std::collections::BTreeSet<String> =
            judge(&set).unwrap().into_iter().map(|found| found.rule).collect();
        assert_eq!(rules.into_iter().collect::<Vec<_>>(), ["R05", "R24"]);
    }
}
