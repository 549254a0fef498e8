//! R27: clocks of sites.

use anyhow::Result;
use jiff::{Span, civil::Date};
use rmd_proto::v1::{
    CertificationStatus::{Blue, Green, Red, Yellow},
    StatusCause,
};
use rmd_reconcile::{
    Rule::InspectionClock,
    Severity::{Information, Serious, Warning},
};

use super::{Dated, remote};
use crate::generate::{calendar::plus, site::Site, world::World};

/// What was declared and inspected, with the day of the set.
const HISTORIES: [Dated<Site>; 12] = [
    (|site, day| since(site, plus(day, -336)), Some(Information)),
    (|site, day| since(site, plus(day, -335)), None),
    (|site, day| blue(site, plus(thirty_months_before(day), -1)), Some(Information)),
    (|site, day| blue(site, plus(thirty_months_before(day), 1)), None),
    (|site, day| corrects(site, half_year_before(plus(day, 29))), Some(Information)),
    (|site, day| corrects(site, half_year_before(plus(day, 36))), None),
    (|site, day| site.declared(plus(day, -50), Yellow, StatusCause::Inspection), Some(Warning)),
    (
        |site, day| {
            site.inspected(plus(day, -50), Yellow);
            site.declared(plus(day, -50), Yellow, StatusCause::Inspection);
        },
        None,
    ),
    (|site, day| cleared(site, day, None), Some(Serious)),
    // The inspection of the day on which Red began clears nothing.
    (|site, day| cleared(site, day, Some(300)), Some(Serious)),
    (|site, day| cleared(site, day, Some(299)), None),
    (|site, day| cleared(site, day, Some(100)), None),
];

/// Sites whose clock runs out, or whose status changed for no reason.
pub(super) fn clock(world: &mut World) -> Result<()> {
    for (history, found) in HISTORIES {
        let mut site = remote(world);
        history(&mut site, world.calendar.as_of);
        if let Some(severity) = found {
            world.on_site(InspectionClock, severity, &site)?;
        }
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
