//! R08 and R09: lots of sites that may not trade, and what they become.

use anyhow::Result;
use jiff::{Span, civil::Date};
use rmd_proto::v1::{ActivityStatus, CertificationStatus, StatusCause};
use rmd_reconcile::{
    Rule::{ContaminatedAncestry, SiteNotEligible},
    Severity::Serious,
};

use super::{begin, usual};
use crate::generate::{
    calendar::plus, chain::Chain, label::Told, mineral::Mineral, site::Site, state::state,
    world::World,
};

/// What becomes of a site around the two days of its lots, and whether its lots are found.
type Fall = (fn(&mut Site, Date), bool);

const FALLS: [Fall; 8] = [
    (|site, day| turns_red(site, plus(day, -10)), true),
    (|site, day| turns_red(site, plus(day, 2)), false),
    (|site, day| rests(site, day), true),
    (|site, day| rests(site, plus(day, 5)), false),
    // Three years of Blue are over the day before; or with the day of the second lot.
    (|site, day| blue(site, years_before(plus(day, -1))), true),
    (|site, day| blue(site, years_before(plus(day, 1))), false),
    // So are six months of Yellow.
    (|site, day| yellow(site, plus(half_year_before(day), -4)), true),
    (|site, day| yellow(site, plus(half_year_before(day), 4)), false),
];

/// Lots of sites that are Red, rest, or have waited too long for an inspection.
pub(super) fn not_eligible(world: &mut World) -> Result<()> {
    let begin = begin(world);
    for (fall, is_found) in FALLS {
        let plan = usual(world, "CD", Mineral::Tin, 2)?;
        let chain = Chain::make(world, &plan);
        fall(&mut world.sites[plan.pits[0].site], begin);
        chain.file(world)?;
        barred(world, &chain, is_found)?;
    }
    // A site that no state has.
    let mut chain = super::tin(world)?;
    let place = world.places.take(state("CD"), Mineral::Tin, &mut world.draw)?;
    let unknown = Site::new(state("CD"), Mineral::Tin, 999_999, &place, world.calendar.as_of);
    for lot in &mut chain.dug {
        unknown.id().clone_into(&mut lot.mine_site_id);
    }
    chain.file(world)?;
    barred(world, &chain, true)
}

/// A consignment of a Red site that goes on in another state.
pub(super) fn contaminated(world: &mut World) -> Result<()> {
    let begin = begin(world);
    let mut plan = usual(world, "CD", Mineral::Tin, 2)?;
    plan.to = "RW";
    let sent = Chain::make(world, &plan);
    turns_red(&mut world.sites[plan.pits[0].site], plus(begin, -10));
    sent.file(world)?;
    barred(world, &sent, true)?;
    let mut plan = usual(world, "RW", Mineral::Tin, 2)?;
    plan.arrival = sent.arrival(world);
    let received = Chain::make(world, &plan);
    received.file(world)?;
    world.on_certificate(ContaminatedAncestry, Serious, &received)
}

/// Every lot of the site, and the certificate that leads back to them.
fn barred(world: &mut World, chain: &Chain, is_found: bool) -> Result<()> {
    let told = Told::serious(is_found);
    world.on_lots(SiteNotEligible, told, &chain.dug)?;
    world.on_certificate(ContaminatedAncestry, told, chain)
}

fn turns_red(site: &mut Site, on: Date) {
    let is_past = |text: &str| text.parse::<Date>().is_ok_and(|day| day < on);
    site.record.inspection.retain(|one| is_past(&one.inspection_date));
    site.inspected(on, CertificationStatus::Red);
    site.declared(on, CertificationStatus::Red, StatusCause::Inspection);
}

fn rests(site: &mut Site, since: Date) {
    site.record.activity_status = ActivityStatus::NonActive.into();
    site.record.activity_since = since.to_string();
}

fn blue(site: &mut Site, since: Date) {
    site.forget_status();
    site.declared(since, CertificationStatus::Blue, StatusCause::Initial);
}

fn yellow(site: &mut Site, since: Date) {
    site.forget_status();
    site.inspected(since, CertificationStatus::Yellow);
    site.declared(since, CertificationStatus::Yellow, StatusCause::Inspection);
}

fn years_before(day: Date) -> Date {
    day.saturating_sub(Span::new().years(3))
}

fn half_year_before(day: Date) -> Date {
    day.saturating_sub(Span::new().months(6))
}
