//! What goes on every month and is in order.
//!
//! Every site yields about the same each month, in so many lots. Lots of one state and
//! mineral are taken together as they come, a dozen to a consignment; nothing is kept
//! longer than that, so that a set may be of any size. Some of what COD ships goes to
//! neighbours, who process it with their own.

use std::collections::{BTreeMap, VecDeque};

use anyhow::Result;
use jiff::civil::Date;
use rmd_proto::v1::{CertificationStatus, StatusCause};

use super::{
    calendar::{MONTHS, plus},
    chain::{Arrival, Chain, Pit, Plan},
    mineral::{Mineral, share},
    party::{EXPORTERS, TRADERS},
    state::state,
    world::World,
};

/// Pits' lots in a consignment.
const PITS: usize = 12;

/// Lots of a set for ten that are dug: each changes hands, a dozen are combined and
/// processed.
const LOTS_FOR_TEN: u64 = 22;

/// Sites: enough to differ, few enough to be kept.
const SITES_MAX: u64 = 3_000;

/// One consignment of COD in so many goes to a neighbour.
const ABROAD: usize = 6;

/// Sites of one state and mineral.
#[derive(Debug)]
struct Group {
    country: &'static str,
    mineral: Mineral,
    /// Each with how many lots it yields in a month.
    sites: Vec<(usize, i64)>,
}

/// What has entered a state and is not processed yet.
type Arrivals = BTreeMap<(&'static str, Mineral), VecDeque<Arrival>>;

/// Writes about so many lots, and what belongs to them.
pub(crate) fn write(world: &mut World, lots: u64) -> Result<()> {
    let months = MONTHS.unsigned_abs();
    let a_month = (lots * 10 / LOTS_FOR_TEN / months).max(1);
    let mut groups = groups(world);
    let count = groups.len() as u64;
    let sites = (a_month / 3).clamp(count, SITES_MAX.max(count));
    let each = usize::try_from(sites / count)?.max(1);
    let all = each as u64 * count;
    // What is left over is dug by the first ones, every month.
    let (a_site, mut left) = ((a_month / all).max(1), a_month.saturating_sub(all) % all);
    for group in &mut groups {
        for _ in 0..each {
            let site = world.site(group.country, group.mineral)?;
            vary(world, site);
            group.sites.push((site, i64::try_from(a_site + left.min(1))?));
            left = left.saturating_sub(1);
        }
    }
    let mut arrivals = Arrivals::new();
    for month in world.calendar.months() {
        for group in &groups {
            of_month(world, group, month, &mut arrivals)?;
        }
    }
    Ok(())
}

/// State by state, so that what COD ships arrives before others look for it.
fn groups(world: &World) -> Vec<Group> {
    let of_state = |country: &&'static str| {
        let country = *country;
        let minerals = state(country).minerals.iter();
        minerals.map(move |mineral| Group { country, mineral: *mineral, sites: Vec::new() })
    };
    world.codes.iter().flat_map(of_state).collect()
}

/// Not all sites are Green: some wait for an inspection, some have to correct.
fn vary(world: &mut World, site: usize) {
    let as_of = world.calendar.as_of;
    let kind = world.draw.within(1..=20);
    let site = &mut world.sites[site];
    if kind == 1 {
        site.forget_status();
        site.declared(plus(as_of, -600), CertificationStatus::Blue, StatusCause::Initial);
    } else if kind == 2 {
        site.inspected(plus(as_of, -60), CertificationStatus::Yellow);
        site.declared(plus(as_of, -60), CertificationStatus::Yellow, StatusCause::Inspection);
    }
}

/// One month of one group.
fn of_month(world: &mut World, group: &Group, month: Date, arrivals: &mut Arrivals) -> Result<()> {
    let days = i64::from(month.days_in_month());
    let mut pits = Vec::with_capacity(PITS);
    let mut consignment = 0;
    let most = group.sites.iter().map(|(_, lots)| *lots).max().unwrap_or_default();
    for turn in 0..most {
        let day = plus(month, turn * days / most);
        for (site, _) in group.sites.iter().filter(|(_, lots)| turn < *lots) {
            let mass = share(group.mineral.pit_mg(), world.draw.within(920_000..=1_080_000));
            pits.push(Pit { site: *site, mass, day });
            if pits.len() == PITS {
                consign(world, group, std::mem::take(&mut pits), consignment, arrivals)?;
                consignment += 1;
            }
        }
    }
    if !pits.is_empty() {
        consign(world, group, pits, consignment, arrivals)?;
    }
    Ok(())
}

/// One consignment.
fn consign(
    world: &mut World,
    group: &Group,
    pits: Vec<Pit>,
    consignment: usize,
    arrivals: &mut Arrivals,
) -> Result<()> {
    let mut plan = Plan::new(group.country, group.mineral, pits);
    plan.trader = 1 + world.draw.within(0..=TRADERS - 1);
    plan.exporter = 1 + world.draw.within(0..=EXPORTERS - 1);
    let waiting = arrivals.get_mut(&(group.country, group.mineral));
    plan.arrival = waiting.and_then(VecDeque::pop_front);
    if consignment.is_multiple_of(ABROAD) && group.country == "CD" {
        plan.to = match group.mineral {
            Mineral::Gold => "UG",
            Mineral::Tin | Mineral::Tantalum => "RW",
            Mineral::Tungsten => plan.to,
        };
    }
    let chain = Chain::make(world, &plan);
    chain.file(world)?;
    chain.book(world);
    if let Some(arrival) = chain.arrival(world) {
        arrivals.entry((plan.to, group.mineral)).or_default().push_back(arrival);
    }
    Ok(())
}
