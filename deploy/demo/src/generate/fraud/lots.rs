//! R01 to R04: what lots weigh.

use anyhow::Result;
use rmd_proto::v1::{InputLot, Lot, OriginatingOperation};
use rmd_reconcile::Rule::{
    CombinationBalance, OverAllocation, ProcessingBalance, TransitWeight, UntraceableShare,
};

use super::{Change, tin, usual};
use crate::generate::{
    calendar::{at, plus},
    chain::{Chain, Plan, input, lot},
    label::Told,
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
        world.on_lot(OverAllocation, Told::serious(is_found), &dug)?;
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
        world.on_lot(OverAllocation, Told::serious(is_found), &shipped)?;
    }
    Ok(())
}

/// A combined lot weighs less, or more, than what went in.
pub(super) fn combination(world: &mut World) -> Result<()> {
    for (ppm, found) in [
        (988_500, Told::WARNING),
        (990_010, Told::NOT_WARNING),
        (1_011_000, Told::WARNING),
        (1_009_900, Told::NOT_WARNING),
        (949_000, Told::SERIOUS),
        (950_010, Told::ONLY_WARNING),
        (1_050_500, Told::SERIOUS),
        (1_049_900, Told::ONLY_WARNING),
    ] {
        let mut plan = usual(world, "CD", Mineral::Tin, 2)?;
        plan.combined_ppm = ppm;
        let chain = Chain::make(world, &plan);
        chain.file(world)?;
        world.on_lot(CombinationBalance, found, &chain.combined)?;
        // What is more than went in leads back to nowhere.
        if ppm > 1_030_000 {
            world.on_certificate(UntraceableShare, Told::ONLY_WARNING, &chain)?;
        }
    }
    Ok(())
}

/// Processing that adds mass or metal, or loses most of it.
pub(super) fn processing(world: &mut World) -> Result<()> {
    let changes: [Change<Plan>; 6] = [
        (|plan| (plan.gain_ppm, plan.shipped_ppm) = (Some(1_010_500), 580_000), Told::SERIOUS),
        (|plan| (plan.gain_ppm, plan.shipped_ppm) = (Some(1_009_900), 580_000), Told::NOT_SERIOUS),
        (|plan| (plan.gain_ppm, plan.shipped_ppm) = (Some(900_000), 689_200), Told::SERIOUS),
        (|plan| (plan.gain_ppm, plan.shipped_ppm) = (Some(900_000), 687_500), Told::NOT_SERIOUS),
        (|plan| plan.recovery_ppm = 495_000, Told::INFORMATION),
        (|plan| plan.recovery_ppm = 505_000, Told::NOT_INFORMATION),
    ];
    for (change, found) in changes {
        let mut plan = usual(world, "CD", Mineral::Tin, 2)?;
        change(&mut plan);
        let chain = Chain::make(world, &plan);
        chain.file(world)?;
        world.on_lot(ProcessingBalance, found, &chain.shipped)?;
    }
    Ok(())
}

/// Lots that weigh another mass at the trader's than at the pit.
pub(super) fn transit(world: &mut World) -> Result<()> {
    for (ppm, found) in [
        (979_000, Told::WARNING),
        (980_010, Told::NOT_WARNING),
        (1_010_500, Told::SERIOUS),
        (1_009_900, Told::NOT_SERIOUS),
    ] {
        let mut plan = usual(world, "CD", Mineral::Tin, 2)?;
        plan.passed_ppm = ppm;
        let chain = Chain::make(world, &plan);
        chain.file(world)?;
        world.on_lots(TransitWeight, found, &chain.bought)?;
    }
    Ok(())
}
