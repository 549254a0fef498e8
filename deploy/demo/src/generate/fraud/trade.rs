//! R15 to R18: what crosses borders.

use anyhow::Result;
use jiff::{Span, civil::Date};
use rmd_proto::v1::{CertificateState, ExportDeclaration, ImportDeclaration, Procedure};
use rmd_reconcile::{
    Rule::{CountryBalance, ExportWithoutCertificate, MirrorStatistics, Pairing},
    SubjectKind,
};

use super::{Change, certificates::leaves_on, heavy, tin};
use crate::generate::{
    calendar::plus,
    chain::{Chain, day},
    label::Told,
    mineral::{KG, Mineral, share},
    partner::{PARTNER, Row},
    party::{Role, identifier},
    world::World,
};

/// Exports without a certificate, or with one that nobody issued or that was revoked.
pub(super) fn without_certificate(world: &mut World) -> Result<()> {
    let changes: [Change<Chain>; 4] = [
        (
            |chain| {
                chain.exports[0].certificate_country.clear();
                chain.exports[0].certificate_identifier.clear();
            },
            Told::SERIOUS,
        ),
        (
            |chain| "CD-NOBODY".clone_into(&mut chain.exports[0].certificate_identifier),
            Told::SERIOUS,
        ),
        (|chain| revoke(chain, 0), Told::SERIOUS),
        (|chain| revoke(chain, 1), Told::NOT_SERIOUS),
    ];
    for (change, found) in changes {
        let mut chain = tin(world)?;
        change(&mut chain);
        chain.file(world)?;
        world.on_export(ExportWithoutCertificate, found, &chain.exports[0])?;
    }
    Ok(())
}

/// The certificate is void so many days after the exit.
fn revoke(chain: &mut Chain, after: i64) {
    chain.certificate.state = CertificateState::Revoked.into();
    chain.certificate.void_date = plus(day(&chain.exports[0].exit_date), after).to_string();
}

/// A consignment of some tons from COD to RWA.
fn across(world: &mut World, mass: i64) -> Result<Chain> {
    let mut plan = heavy(world, "CD", Mineral::Tin, (2, mass))?;
    plan.to = "RW";
    Ok(Chain::make(world, &plan))
}

/// What left and what arrived differ, or one of them is missing.
pub(super) fn pairing(world: &mut World) -> Result<()> {
    const TONS: i64 = 4_000 * KG;
    for (mass, ppm, found) in [
        (TONS, 970_000, Told::WARNING),
        (TONS, 970_500, Told::NOT_WARNING),
        (TONS, 904_000, Told::SERIOUS),
        (TONS, 905_500, Told::ONLY_WARNING),
        // A tenth of little is less than fifty kilograms.
        (200 * KG, 880_000, Told::NOT_SERIOUS),
    ] {
        let mut chain = across(world, mass)?;
        chain.imports[0].net_mass_mg = share(chain.exports[0].net_mass_mg, ppm);
        paired(world, &chain, found)?;
    }
    for (ppm, found) in [
        (1_310_000, Told::WARNING),
        (1_300_000, Told::NOT_WARNING),
        (945_000, Told::WARNING),
        (951_000, Told::NOT_WARNING),
    ] {
        let mut chain = across(world, TONS)?;
        let value = chain.exports[0].customs_value_minor.unwrap_or_default();
        chain.imports[0].customs_value_minor = Some(share(value, ppm));
        paired(world, &chain, found)?;
    }
    let mut chain = across(world, TONS)?;
    Mineral::Tantalum.code().clone_into(&mut chain.imports[0].mineral);
    paired(world, &chain, Told::WARNING)?;
    // The entry quotes no certificate: mineral, states, days and mass agree.
    let mut chain = across(world, TONS)?;
    chain.imports[0].certificate_country.clear();
    chain.imports[0].certificate_identifier.clear();
    paired(world, &chain, Told::NOT_WARNING)?;
    for (days, found) in [(61, Told::WARNING), (60, Told::NOT_WARNING)] {
        let mut plan = heavy(world, "CD", Mineral::Tantalum, (2, TONS))?;
        plan.to = "RW";
        let begin = world.calendar.days_ago(days + 40);
        plan.pits.iter_mut().for_each(|pit| pit.day = begin);
        let mut chain = Chain::make(world, &plan);
        leaves_on(&mut chain, world.calendar.days_ago(days));
        chain.imports.clear();
        paired(world, &chain, found)?;
    }
    unsent(world)
}

fn paired(world: &mut World, chain: &Chain, found: Told) -> Result<()> {
    chain.file(world)?;
    world.on_export(Pairing, found, &chain.exports[0])
}

/// Imports of what nobody sent: of a month that is long due, and of the current one.
fn unsent(world: &mut World) -> Result<()> {
    let long_ago = plus(world.calendar.month(3), 4);
    for (entry, is_found) in [(long_ago, true), (world.calendar.as_of, false)] {
        let import = arrived(world, entry);
        let record = rmd_standard::Record::ImportDeclaration(Box::new(import.clone()));
        world.put(&record, entry)?;
        world.on_import(Pairing, Told::serious(is_found), &import)?;
    }
    Ok(())
}

/// Four tons of cassiterite from UGA in RWA, without a certificate.
fn arrived(world: &mut World, entry: Date) -> ImportDeclaration {
    ImportDeclaration {
        country: "RW".to_owned(),
        declaration_number: world.number("RW", 'I'),
        line: 1,
        importer_identifier: identifier("RW", Role::Exporter, 1),
        mineral: Mineral::Tin.code().to_owned(),
        net_mass_mg: 4_000 * KG,
        customs_value_minor: Some(8_000_000),
        customs_value_currency: "USD".to_owned(),
        consignor_country: "UG".to_owned(),
        entry_date: entry.to_string(),
        procedure: Procedure::Normal.into(),
        ..ImportDeclaration::default()
    }
}

/// A partner that imported what nobody exported to it: in one year, and again.
pub(super) fn mirror(world: &mut World) -> Result<()> {
    let year = world.calendar.as_of.year();
    for (country, mineral, before, kilograms, found) in [
        ("UG", Mineral::Gold, 1, 200, Told::WARNING),
        ("UG", Mineral::Gold, 0, 210, Told::SERIOUS),
        ("TZ", Mineral::Gold, 0, 50, Told::NOT_WARNING),
        ("RW", Mineral::Tin, 0, 5_000, Told::NOT_WARNING),
        ("CD", Mineral::Tantalum, 0, 5_001, Told::WARNING),
        // A year between makes them no two in a row.
        ("BI", Mineral::Tin, 2, 6_000, Told::WARNING),
        ("BI", Mineral::Tin, 0, 6_000, Told::ONLY_WARNING),
    ] {
        let (year, hs6) = (year - before, mineral.hs6());
        world.partners.push(Row { partner: PARTNER, country, mineral: hs6, year, kilograms });
        let key = format!("{country}/{}/{hs6}/{year}", PARTNER.0);
        world.label(MirrorStatistics, found, country, (SubjectKind::Mirror, key))?;
    }
    Ok(())
}

/// A state exports more wolframite than it has; no other wolframite is in its books.
pub(super) fn balance(world: &mut World) -> Result<()> {
    for (country, ppm, is_found) in [("UG", 1_052_000, true), ("RW", 1_048_000, false)] {
        let plan = heavy(world, country, Mineral::Tungsten, (4, 500 * KG))?;
        let chain = Chain::make(world, &plan);
        chain.file(world)?;
        let out = chain.exports.iter().filter(|one| one.country == country);
        let out: i64 = out.map(|one: &ExportDeclaration| one.net_mass_mg).sum();
        let metal = i128::from(out) * i128::from(plan.shipped_ppm) * 1_000_000 / i128::from(ppm);
        // What was dug is told so low that the exports are beyond it, or just not.
        let site = &mut world.sites[plan.pits[0].site];
        let mass = i64::try_from(metal / i128::from(site.ppm))?;
        let ppm = site.ppm;
        site.months.clear();
        site.dig(plan.pits[0].day, mass, ppm);
        let trader = identifier(country, Role::Trader, 1);
        let before = world.calendar.month(13);
        world.stocks.change((country, &trader), Mineral::Tungsten, before, (0, ppm));
        let key = format!("{country}/{}", Mineral::Tungsten.hs6());
        let told = Told::serious(is_found);
        world.label(CountryBalance, told, country, (SubjectKind::Balance, key))?;
    }
    Ok(())
}

/// The last day of the month before a day.
pub(super) fn month_end_before(day: Date) -> Date {
    day.first_of_month().saturating_sub(Span::new().days(1))
}
