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
