//! R27: clocks of sites.

use anyhow::Result;
use jiff::{Span, civil::Date};
use rmd_proto::v1::{
    CertificationStatus::{Blue, Green, Red, Yellow},
    StatusCause,
};
use rmd_reconcile::Rule::InspectionClock;

use super::{Dated, remote};
use crate::generate::{calendar::plus, label::Told, site::Site, world::World};

/// What was declared and inspected, with the day of the set.
const HISTORIES: [Dated<Site>; 12] = [
    (|site, day| since(site, plus(day, -336)), Told::INFORMATION),
    (|site, day| since(site, plus(day, -335)), Told::NOT_INFORMATION),
    (|site, day| blue(site, plus(thirty_months_before(day), -1)), Told::INFORMATION),
    (|site, day| blue(site, plus(thirty_months_before(day), 1)), Told::NOT_INFORMATION),
    (|site, day| corrects(site, half_year_before(plus(day, 29))), Told::INFORMATION),
    (|site, day| corrects(site, half_year_before(plus(day, 36))), Told::NOT_INFORMATION),
    (|site, day| site.declared(plus(day, -50), Yellow, StatusCause::Inspection), Told::WARNING),
    (
        |site, day| {
            site.inspected(plus(day, -50), Yellow);
            site.declared(plus(day, -50), Yellow, StatusCause::Inspection);
        },
        Told::NOT_WARNING,
    ),
    (|site, day| cleared(site, day, None), Told::SERIOUS),
    // The inspection of the day on which Red began clears nothing.
    (|site, day| cleared(site, day, Some(300)), Told::SERIOUS),
    (|site, day| cleared(site, day, Some(299)), Told::NOT_SERIOUS),
    (|site, day| cleared(site, day, Some(100)), Told::NOT_SERIOUS),
];

/// Sites whose clock runs out, or whose status changed for no reason.
pub(super) fn clock(world: &mut World) -> Result<()> {
    for (history, found) in HISTORIES {
        let mut site = remote(world);
        history(&mut site, world.calendar.as_of);
        world.on_site(InspectionClock, found, &site)?;
        world.add(site);
    }
    Ok(())
}

fn since(site: &mut Site, day: Date) {
    site.forget_status();
    site.inspected(day, Green);
    site.declared(day, Green, StatusCause::Inspection);
}

fn blue(site: &mut Site, day: Date) {
    site.forget_status();
    site.declared(day, Blue, StatusCause::Initial);
}

fn corrects(site: &mut Site, day: Date) {
    site.forget_status();
    site.inspected(day, Yellow);
    site.declared(day, Yellow, StatusCause::Inspection);
}

/// Red three hundred days ago, Green again a hundred days ago; inspected in between, so
/// many days ago.
fn cleared(site: &mut Site, day: Date, inspected: Option<i64>) {
    since(site, plus(day, -600));
    site.inspected(plus(day, -300), Red);
    site.declared(plus(day, -300), Red, StatusCause::Inspection);
    if let Some(days) = inspected {
        site.inspected(plus(day, -days), Green);
    }
    site.declared(plus(day, -100), Green, StatusCause::Inspection);
}

fn thirty_months_before(day: Date) -> Date {
    day.saturating_sub(Span::new().months(30))
}

fn half_year_before(day: Date) -> Date {
    day.saturating_sub(Span::new().months(6))
}
