//! R01 to R04: what lots weigh.

use anyhow::Result;
use rmd_proto::v1::{InputLot, Lot, OriginatingOperation};
use rmd_reconcile::{
    Rule::{CombinationBalance, OverAllocation, ProcessingBalance, TransitWeight},
    Severity::{self, Information, Serious, Warning},
};

use super::{Change, tin, usual};
use crate::generate::{
    calendar::{at, plus},
    chain::{Chain, Plan, input, lot},
    mineral::{Mineral, share},
    party::{Role, party},
    world::{World, day_of},
};

/// A lot of another company that takes some of a lot.
fn takes(world: &mut World, of: &Lot, country: &'static str, mass: i64) -> Lot {
    let number = world.number(country, 'L');
    let operation = if of.country == country {
        OriginatingOperation::Purchase
    } else {
        OriginatingOperation::Import
    };
    let made = (Mineral::Tin, mass, of.concentration_ppm.unwrap_or_default());
    let registered = at(plus(day_of(of.registered_at_us), 12), 9, 0);
    let taker = party(country, Role::Trader, 2);
    let mut child = lot((country, number), taker, operation, made, registered);
    child.input_lot = vec![InputLot {
        country: of.country.clone(),
        contributed_mass_mg: Some(mass),
        ..input(of)
    }];
    child
}

/// More leaves a pit's lot, or an exported lot, than it holds.
pub(super) fn over_allocation(world: &mut World) -> Result<()> {
    for (ppm, is_found) in [(5_100, true), (5_000, false)] {
        let mut chain = tin(world)?;
        let dug = chain.dug[0].clone();
        chain.more.push(takes(world, &dug, "CD", share(dug.mass_mg, ppm)));
        chain.file(world)?;
        if is_found {
            world.on_lot(OverAllocation, Serious, &dug)?;
        }
    }
    for (country, ppm, is_found) in
        [("CD", 100_000, true), ("CD", 4_000, false), ("UG", 50_000, true), ("UG", 1_000, false)]
    {
        let mut chain = tin(world)?;
        let shipped = chain.shipped.clone();
        if country == "UG" {
            // All of it in one state is what was exported; the rest in another is too much.
            chain.more.push(takes(world, &shipped, "RW", shipped.mass_mg));
        }
        chain.more.push(takes(world, &shipped, country, share(shipped.mass_mg, ppm)));
        chain.file(world)?;
        if is_found {
            world.on_lot(OverAllocation, Serious, &shipped)?;
        }
    }
    Ok(())
}

/// A combined lot weighs less, or more, than what went in.
pub(super) fn combination(world: &mut World) -> Result<()> {
    for (ppm, found) in [
        (988_500, Some(Warning)),
        (990_010, None),
        (1_011_000, Some(Warning)),
        (1_009_900, None),
        (949_000, Some(Serious)),
        (950_010, Some(Warning)),
    ] {
        let mut plan = usual(world, "CD", Mineral::Tin, 2)?;
        plan.combined_ppm = ppm;
        let chain = Chain::make(world, &plan);
        chain.file(world)?;
        label(world, found, CombinationBalance, &[chain.combined])?;
    }
    Ok(())
}

/// Processing that adds mass or metal, or loses most of it.
pub(super) fn processing(world: &mut World) -> Result<()> {
    let changes: [Change<Plan>; 6] = [
        (|plan| (plan.gain_ppm, plan.shipped_ppm) = (Some(1_010_500), 580_000), Some(Serious)),
        (|plan| (plan.gain_ppm, plan.shipped_ppm) = (Some(1_009_900), 580_000), None),
        (|plan| (plan.gain_ppm, plan.shipped_ppm) = (Some(900_000), 689_200), Some(Serious)),
        (|plan| (plan.gain_ppm, plan.shipped_ppm) = (Some(900_000), 687_500), None),
        (|plan| plan.recovery_ppm = 495_000, Some(Information)),
        (|plan| plan.recovery_ppm = 505_000, None),
    ];
    for (change, found) in changes {
        let mut plan = usual(world, "CD", Mineral::Tin, 2)?;
        change(&mut plan);
        let chain = Chain::make(world, &plan);
        chain.file(world)?;
        label(world, found, ProcessingBalance, &[chain.shipped])?;
    }
    Ok(())
}

/// Lots that weigh another mass at the trader's than at the pit.
pub(super) fn transit(world: &mut World) -> Result<()> {
    for (ppm, found) in
        [(979_000, Some(Warning)), (980_010, None), (1_010_500, Some(Serious)), (1_009_900, None)]
    {
        let mut plan = usual(world, "CD", Mineral::Tin, 2)?;
        plan.passed_ppm = ppm;
        let chain = Chain::make(world, &plan);
        chain.file(world)?;
        label(world, found, TransitWeight, &chain.bought)?;
    }
    Ok(())
}

fn label(
    world: &mut World,
    found: Option<Severity>,
    rule: rmd_reconcile::Rule,
    lots: &[Lot],
) -> Result<()> {
    found.map_or(Ok(()), |severity| world.on_lots(rule, severity, lots))
}
