//! R05 to R07: tags.

use anyhow::Result;
use rmd_proto::v1::{TagKind, TagScheme, TagState};
use rmd_reconcile::{
    Rule::{DuplicateTag, TagChronology, TagOutOfAllocation},
    Severity::Serious,
    SubjectKind,
    geography::distance_m,
};

use super::{from, tin, usual};
use crate::generate::{chain::Chain, label::Told, mineral::Mineral, world::World};

/// One minute in microseconds.
const MINUTE_US: i64 = 60_000_000;

/// One tag on lots that nothing links.
pub(super) fn duplicate(world: &mut World) -> Result<()> {
    for (country, scheme) in
        [("CD", TagScheme::Itsci), ("RW", TagScheme::Itsci), ("RW", TagScheme::National)]
    {
        let first = tin(world)?;
        let plan = usual(world, country, Mineral::Tin, 2)?;
        let mut second = Chain::make(world, &plan);
        second.combined.tag[0].identifier.clone_from(&first.combined.tag[0].identifier);
        second.combined.tag[0].scheme = scheme.into();
        first.file(world)?;
        second.file(world)?;
        // Two schemes may give the same number.
        let tag = first.combined.tag[0].identifier.clone();
        on_tag(world, &tag, scheme == TagScheme::Itsci)?;
    }
    // The tag of one bag, copied onto another of the same site.
    let mut chain = tin(world)?;
    let tag = chain.dug[0].tag[0].identifier.clone();
    chain.dug[1].tag[0].identifier.clone_from(&tag);
    chain.bought[1].tag[0].identifier.clone_from(&tag);
    chain.file(world)?;
    on_tag(world, &tag, true)?;
    travelling(world)
}

/// A tag that comes over the border on the lot that carries it.
fn travelling(world: &mut World) -> Result<()> {
    let mut plan = usual(world, "CD", Mineral::Tin, 2)?;
    plan.to = "RW";
    let sent = Chain::make(world, &plan);
    sent.file(world)?;
    let mut plan = usual(world, "RW", Mineral::Tin, 2)?;
    plan.arrival = sent.arrival(world);
    let mut received = Chain::make(world, &plan);
    if let Some(imported) = &mut received.imported {
        imported.tag.clone_from(&sent.shipped.tag);
    }
    received.file(world)?;
    on_tag(world, &sent.shipped.tag[0].identifier, false)
}

fn on_tag(world: &mut World, tag: &str, is_found: bool) -> Result<()> {
    let subject = (SubjectKind::Tag, format!("ITSCI/{tag}"));
    world.label(DuplicateTag, Told::serious(is_found), "CD", subject)
}

/// Tags that were never given to the site, or to another, or more than were given.
pub(super) fn allocation(world: &mut World) -> Result<()> {
    // The range ends before, or with, the third tag.
    for (last, count, is_found) in [(2, None, true), (3, Some(3), false)] {
        let plan = usual(world, "CD", Mineral::Tin, 3)?;
        let chain = Chain::make(world, &plan);
        let site = &mut world.sites[plan.pits[0].site];
        let mut range = site.range(1, last);
        range.tag_count = count;
        site.record.tag_allocation = vec![range];
        chain.file(world)?;
        world.on_lot(TagOutOfAllocation, Told::serious(is_found), &chain.dug[2])?;
    }
    // A tag of another site's range.
    let other = world.site("CD", Mineral::Tin)?;
    let mut chain = tin(world)?;
    let tag = world.sites[other].next_tag();
    chain.dug[0].tag[0].identifier.clone_from(&tag);
    chain.bought[0].tag[0].identifier.clone_from(&tag);
    chain.file(world)?;
    world.on_lot(TagOutOfAllocation, Serious, &chain.dug[0])?;
    // Three tags, of two or of three that were given.
    for (given, is_found) in [(2, true), (3, false)] {
        let site = world.site("CD", Mineral::Tin)?;
        let plan = from(world, site, (3, Mineral::Tin.pit_mg()));
        let chain = Chain::make(world, &plan);
        let mut range = world.sites[site].range(1, 10);
        range.tag_count = Some(given);
        world.sites[site].record.tag_allocation = vec![range];
        chain.file(world)?;
        let site = world.sites[site].clone();
        world.on_site(TagOutOfAllocation, Told::serious(is_found), &site)?;
    }
    Ok(())
}

/// Tags applied before they were issued or after they ended, and a lot that flew.
pub(super) fn chronology(world: &mut World) -> Result<()> {
    for (time, is_found) in [("10:01:00", true), ("10:00:00", false)] {
        let mut chain = tin(world)?;
        let tag = &mut chain.combined.tag[0];
        let applied = crate::generate::world::day_of(tag.applied_at_us.unwrap_or_default());
        (tag.issue_date, tag.issue_time) = (applied.to_string(), time.to_owned());
        chain.file(world)?;
        world.on_lot(TagChronology, Told::serious(is_found), &chain.combined)?;
    }
    for (before, is_found) in [(1, true), (0, false)] {
        let mut chain = tin(world)?;
        let tag = &mut chain.combined.tag[0];
        tag.state = TagState::Void.into();
        tag.state_since_us = tag.applied_at_us.map(|applied| applied - before * MINUTE_US);
        chain.file(world)?;
        world.on_lot(TagChronology, Told::serious(is_found), &chain.combined)?;
    }
    for (late, is_found) in [(-1, true), (1, false)] {
        let plan = usual(world, "CD", Mineral::Tin, 2)?;
        let mut chain = Chain::make(world, &plan);
        let place = world.sites[plan.pits[0].site].record.mine_site_location.as_ref();
        let from = place.and_then(|place| place.geolocalization).unwrap_or_default();
        let bought = &mut chain.bought[0];
        let to = bought.creator.as_ref().and_then(|one| one.premises).unwrap_or_default();
        // Sixty kilometres an hour: a kilometre a minute.
        let travel = distance_m(from, to) * MINUTE_US / 1_000 + late * MINUTE_US;
        let applied = bought.tag[0].applied_at_us.unwrap_or_default();
        debug_assert_eq!(bought.tag[0].kind(), TagKind::Mine);
        bought.received_at_us = Some(applied + travel);
        chain.file(world)?;
        world.on_lot(TagChronology, Told::serious(is_found), &chain.bought[0])?;
    }
    Ok(())
}
