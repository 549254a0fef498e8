//! Frauds, each in records of its own, and beside each what is just inside the limit.
//!
//! A fraud is a consignment, a site or a month that is in order but for one thing. What
//! else follows from that thing is labelled too: a lot of a Red site makes a
//! certificate that leads back to it.

mod certificates;
mod graph;
mod lots;
mod production;
mod settings;
mod sites;
mod status;
mod tags;
mod trade;
mod values;

use anyhow::Result;
use jiff::civil::Date;
use rmd_proto::v1::{ExportDeclaration, GeoPoint, ImportDeclaration, Lot};
use rmd_reconcile::{Rule, SubjectKind};
use rmd_standard::Record;

use super::{
    Frauds,
    calendar::plus,
    chain::{Chain, Pit, Plan},
    label::Told,
    mineral::Mineral,
    place::Place,
    site::Site,
    state::state,
    world::{World, key_of, lot_key},
};

/// Writes frauds of a rule.
type Write = fn(&mut World) -> Result<()>;

/// A change to what is in order, and what is then found.
type Change<T> = (fn(&mut T), Told);
/// The same, with a day or a month that the change is about.
type Dated<T> = (fn(&mut T, Date), Told);

/// Every rule with what is planted for it.
const FRAUDS: [(Rule, Write); 28] = [
    (Rule::OverAllocation, lots::over_allocation),
    (Rule::CombinationBalance, lots::combination),
    (Rule::ProcessingBalance, lots::processing),
    (Rule::TransitWeight, lots::transit),
    (Rule::DuplicateTag, tags::duplicate),
    (Rule::TagOutOfAllocation, tags::allocation),
    (Rule::TagChronology, tags::chronology),
    (Rule::SiteNotEligible, sites::not_eligible),
    (Rule::ContaminatedAncestry, sites::contaminated),
    (Rule::UntraceableShare, certificates::untraceable),
    (Rule::CertificateValidity, certificates::validity),
    (Rule::CertificateReuse, certificates::reuse),
    (Rule::CertificateAgainstLots, certificates::against_lots),
    (Rule::OriginMismatch, certificates::origins),
    (Rule::ExportWithoutCertificate, trade::without_certificate),
    (Rule::Pairing, trade::pairing),
    (Rule::MirrorStatistics, trade::mirror),
    (Rule::CountryBalance, trade::balance),
    (Rule::Capacity, production::capacity),
    (Rule::ProductionSpike, production::spike),
    (Rule::ImpossibleSite, production::impossible),
    (Rule::Outlier, values::outlier),
    (Rule::Route, values::route),
    (Rule::Location, settings::location),
    (Rule::Graph, graph::graph),
    (Rule::Reporting, graph::reporting),
    (Rule::InspectionClock, status::clock),
    (Rule::Exporter, values::exporter),
];

/// Writes all that are wanted.
pub(crate) fn write(world: &mut World, frauds: &Frauds) -> Result<()> {
    let wanted = FRAUDS.iter().filter(|(rule, _)| frauds.holds(*rule));
    wanted.into_iter().try_for_each(|(_, write)| write(world))
}

/// The day on which frauds begin: the tenth of a month well inside the year.
fn begin(world: &World) -> Date {
    plus(world.calendar.month(5), 9)
}

/// A usual consignment of a new site: so many lots, a day apart.
fn usual(world: &mut World, country: &'static str, mineral: Mineral, pits: i64) -> Result<Plan> {
    heavy(world, country, mineral, (pits, mineral.pit_mg()))
}

/// The same, of lots of that mass.
fn heavy(
    world: &mut World,
    country: &'static str,
    mineral: Mineral,
    (pits, mass): (i64, i64),
) -> Result<Plan> {
    let site = world.site(country, mineral)?;
    world.sites[site].ppm = u32::try_from(mineral.pit_ppm())?;
    Ok(from(world, site, (pits, mass)))
}

/// A consignment of a site.
fn from(world: &World, site: usize, (pits, mass): (i64, i64)) -> Plan {
    let begin = begin(world);
    let pits = (0..pits).map(|turn| Pit { site, mass, day: plus(begin, turn) });
    let (country, mineral) = (world.sites[site].country, world.sites[site].mineral);
    Plan::new(country, mineral, pits.collect())
}

/// A usual consignment of cassiterite of COD, of two lots.
fn tin(world: &mut World) -> Result<Chain> {
    let plan = usual(world, "CD", Mineral::Tin, 2)?;
    Ok(Chain::make(world, &plan))
}

/// A site at a point, far from where others are.
fn site_at(world: &mut World, country: &'static str, province: &str, at: GeoPoint) -> Site {
    world.places.keep(at);
    let number = i64::try_from(world.sites.len()).unwrap_or_default() + 1;
    let place = Place { at, province: province.to_owned(), national_id: None, name: None };
    Site::new(state(country), Mineral::Tin, number, &place, world.calendar.as_of)
}

/// A site in the middle of nowhere: no border and no other site is near. Each call gives
/// another, so many tenths of a degree apart.
fn remote(world: &mut World) -> Site {
    let number = i32::try_from(world.sites.len()).unwrap_or_default();
    let (row, column) = (number / 8 % 8, number % 8);
    let at = GeoPoint {
        latitude_e7: -90_000_000 + row * 4_000_000 + number * 10_000,
        longitude_e7: 236_000_000 + column * 4_000_000,
    };
    site_at(world, "CD", "CD-LU", at)
}

impl World {
    fn on_lot(&mut self, rule: Rule, told: impl Into<Told>, lot: &Lot) -> Result<()> {
        let key = lot_key(lot)?;
        self.label(rule, told, &lot.country, (SubjectKind::Lot, key))
    }

    fn on_lots(&mut self, rule: Rule, told: impl Into<Told>, lots: &[Lot]) -> Result<()> {
        let told = told.into();
        lots.iter().try_for_each(|lot| self.on_lot(rule, told, lot))
    }

    fn on_certificate(&mut self, rule: Rule, told: impl Into<Told>, chain: &Chain) -> Result<()> {
        let record = Record::ExportCertificate(Box::new(chain.certificate.clone()));
        let key = key_of(&record)?;
        self.label(rule, told, chain.country, (SubjectKind::Certificate, key))
    }

    fn on_export(
        &mut self,
        rule: Rule,
        told: impl Into<Told>,
        export: &ExportDeclaration,
    ) -> Result<()> {
        let key = key_of(&Record::ExportDeclaration(Box::new(export.clone())))?;
        self.label(rule, told, &export.country, (SubjectKind::Export, key))
    }

    fn on_import(
        &mut self,
        rule: Rule,
        told: impl Into<Told>,
        import: &ImportDeclaration,
    ) -> Result<()> {
        let key = key_of(&Record::ImportDeclaration(Box::new(import.clone())))?;
        self.label(rule, told, &import.country, (SubjectKind::Import, key))
    }

    fn on_site(&mut self, rule: Rule, told: impl Into<Told>, site: &Site) -> Result<()> {
        self.label(rule, told, site.country, (SubjectKind::MineSite, site.key()))
    }
}
