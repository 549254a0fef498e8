//! R19 to R21: what sites say they dug.

use anyhow::Result;
use jiff::civil::Date;
use rmd_proto::v1::{Capacity, CertificationStatus, GeoPoint, LicenseType, StatusCause};
use rmd_reconcile::{
    Rule::{Capacity as BeyondCapacity, ImpossibleSite, ProductionSpike},
    SubjectKind,
    geography::border_m,
};

use super::{Dated, begin, from, remote, site_at, trade::month_end_before};
use crate::generate::{
    calendar::{MONTHS, month_of, plus},
    chain::Chain,
    label::Told,
    mineral::{KG, Mineral, share},
    site::Site,
    world::World,
};

/// A month's production in kilograms, where nothing else is said.
const USUAL: i64 = 1_000 * KG;

/// Months before, the last against the usual, and how heavy that weighs.
type Rise = (fn(i64) -> i64, i64, Told);

fn on_month(
    world: &mut World,
    rule: rmd_reconcile::Rule,
    told: impl Into<Told>,
    (site, month): (&Site, Date),
) -> Result<()> {
    let key = format!("{}/{}/{}", site.key(), site.mineral.hs6(), month_of(month));
    world.label(rule, told, site.country, (SubjectKind::SiteMonth, key))
}

fn capacity_of(site: &mut Site, monthly_mass_mg: i64) {
    let mineral = site.mineral.code().to_owned();
    site.record.capacity = vec![Capacity { mineral, monthly_mass_mg }];
}

/// A month beyond what the site can yield, or beyond what others of the province do.
pub(super) fn capacity(world: &mut World) -> Result<()> {
    let month = world.calendar.month(3);
    for (ppm, found) in [
        (1_200_001, Told::WARNING),
        (1_200_000, Told::NOT_WARNING),
        (2_000_001, Told::SERIOUS),
        (2_000_000, Told::ONLY_WARNING),
    ] {
        let mut site = remote(world);
        capacity_of(&mut site, USUAL);
        site.dig(month, share(USUAL, ppm), site.ppm);
        on_month(world, BeyondCapacity, found, (&site, month))?;
        world.add(site);
    }
    // Twenty sites of a province that yield alike, and two that do not.
    for ppm in std::iter::repeat_n(1_000_000, 20).chain([1_510_000, 1_490_000]) {
        let mut site = remote(world);
        let place = site.record.mine_site_location.as_mut();
        if let Some(address) = place.and_then(|place| place.local_geographic_designation.as_mut()) {
            "CD-KS".clone_into(&mut address.subnational_division_l1);
        }
        site.has_capacity = ppm == 1_000_000;
        site.dig(month, share(USUAL, ppm), site.ppm);
        if !site.has_capacity {
            let told = if ppm == 1_510_000 { Told::WARNING } else { Told::NOT_WARNING };
            on_month(world, BeyondCapacity, told, (&site, month))?;
        }
        world.add(site);
    }
    Ok(())
}

/// A month far above those before; near the border, or near a site that closed, it is
/// worse.
pub(super) fn spike(world: &mut World) -> Result<()> {
    let last = world.calendar.month(1);
    let steady = |turn: i64| if turn % 2 == 0 { USUAL } else { USUAL + KG };
    let restless = |turn: i64| if turn % 2 == 0 { USUAL * 6 / 10 } else { USUAL * 14 / 10 };
    let months: [Rise; 4] = [
        (steady, 1_520_000, Told::WARNING),
        (steady, 1_490_000, Told::NOT_WARNING),
        (restless, 3_200_000, Told::WARNING),
        (restless, 3_000_000, Told::NOT_WARNING),
    ];
    for (column, (usual, ppm, found)) in (0_i32..).zip(months) {
        let at =
            GeoPoint { latitude_e7: -50_000_000, longitude_e7: 220_000_000 + column * 5_000_000 };
        let site = site_at(world, "CD", "CD-KC", at);
        rises(world, site, (usual, ppm), found)?;
    }
    // Eleven kilometres from a site that turned Red in the month before, or long before.
    for (row, days, found) in [(0, 40, Told::SERIOUS), (1, 200, Told::ONLY_WARNING)] {
        let at = |column: i32| GeoPoint {
            latitude_e7: -40_000_000 + row * 10_000_000,
            longitude_e7: 225_000_000 + column * 1_000_000,
        };
        let mut fallen = site_at(world, "CD", "CD-KC", at(1));
        let on = plus(last, -days);
        fallen.forget_status();
        fallen.inspected(on, CertificationStatus::Red);
        fallen.declared(on, CertificationStatus::Red, StatusCause::Inspection);
        world.add(fallen);
        let site = site_at(world, "CD", "CD-KC", at(0));
        rises(world, site, (steady, 1_520_000), found)?;
    }
    for (metres, found) in [(19_000, Told::SERIOUS), (21_000, Told::ONLY_WARNING)] {
        let at = inside(metres);
        let site = site_at(world, "CD", "CD-HK", at);
        rises(world, site, (steady, 1_520_000), found)?;
    }
    Ok(())
}

fn rises(
    world: &mut World,
    mut site: Site,
    (usual, ppm): (fn(i64) -> i64, i64),
    found: Told,
) -> Result<()> {
    let last = world.calendar.month(1);
    capacity_of(&mut site, USUAL * 10);
    for before in 2..=MONTHS {
        let month = world.calendar.month(before);
        site.dig(month, usual(before), site.ppm);
    }
    site.dig(last, share(USUAL, ppm), site.ppm);
    on_month(world, ProductionSpike, found, (&site, last))?;
    world.add(site);
    Ok(())
}

/// A point of COD about so many metres from its southern border.
fn inside(metres: i64) -> GeoPoint {
    let longitude_e7 = 262_000_000 + i32::try_from(metres).unwrap_or_default() * 100;
    let at = |latitude_e7: i32| GeoPoint { latitude_e7, longitude_e7 };
    let far = |latitude: i32| {
        rmd_reconcile::geography::outside_m("CD", at(latitude)) == Some(0)
            && border_m("CD", at(latitude)).is_some_and(|border| border >= metres)
    };
    // From the middle of the south down to the border.
    let (mut inner, mut outer) = (-100_000_000_i32, -140_000_000_i32);
    while inner - outer > 1_000 {
        let middle = i32::midpoint(inner, outer);
        if far(middle) { inner = middle } else { outer = middle }
    }
    at(inner / 1_000 * 1_000)
}

/// Production without a licence, or by nobody.
pub(super) fn impossible(world: &mut World) -> Result<()> {
    let month = world.calendar.month(3);
    let changes: [Dated<Site>; 6] = [
        (|site, month| expires(site, month_end_before(month)), Told::SERIOUS),
        (|site, month| expires(site, month), Told::NOT_SERIOUS),
        (
            |site, month| {
                site.months.entry(month).or_default().workers = Some(0);
            },
            Told::SERIOUS,
        ),
        (
            |site, _| site.record.license[0].license_type = LicenseType::Unlicensed.into(),
            Told::ONLY_WARNING,
        ),
        (
            |site, _| site.record.license[0].license_type = LicenseType::ArtisanalPermit.into(),
            Told::NOT_WARNING,
        ),
        // One worker is somebody.
        (|site, month| site.months.entry(month).or_default().workers = Some(1), Told::NOT_SERIOUS),
    ];
    for (change, found) in changes {
        let mut site = remote(world);
        capacity_of(&mut site, USUAL);
        change(&mut site, month);
        site.dig(month, USUAL, site.ppm);
        on_month(world, ImpossibleSite, found, (&site, month))?;
        world.add(site);
    }
    // Lots of the day after the licence, or of its last day.
    let begin = begin(world);
    for (last, is_found) in [(-1, true), (1, false)] {
        let site = world.site("CD", Mineral::Tin)?;
        expires(&mut world.sites[site], plus(begin, last));
        let plan = from(world, site, (2, Mineral::Tin.pit_mg()));
        let chain = Chain::make(world, &plan);
        chain.file(world)?;
        world.on_lots(ImpossibleSite, Told::serious(is_found), &chain.dug)?;
    }
    Ok(())
}

fn expires(site: &mut Site, on: Date) {
    site.record.license[0].expiring_date = on.to_string();
}
