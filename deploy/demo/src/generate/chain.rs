//! One consignment, from the pits to the border and beyond it.
//!
//! pit → trader (the same number, another hand) → combined → processed by the
//! exporter → certificate → export → import. A plan says what goes in; out of it
//! come records that are in order among themselves. Frauds change the plan, or the
//! records.

mod lots;
mod papers;

use anyhow::Result;
use jiff::civil::Date;
use rmd_proto::v1::{
    ExportCertificate, ExportDeclaration, ImportDeclaration, InputLot, Lot, Procedure,
};
use rmd_standard::Record;

use super::{
    mineral::Mineral,
    world::{World, day_of},
};

pub(crate) use lots::{input, lot};

/// One lot to be dug.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pit {
    /// Its site, by its place among the sites.
    pub(crate) site: usize,
    /// Milligrams.
    pub(crate) mass: i64,
    /// The day.
    pub(crate) day: Date,
}

/// What goes into a consignment.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    /// The state, alpha-2.
    pub(crate) country: &'static str,
    /// The mineral.
    pub(crate) mineral: Mineral,
    /// What is dug for it.
    pub(crate) pits: Vec<Pit>,
    /// A lot that came over the border and goes in too.
    pub(crate) arrival: Option<Arrival>,
    /// What of a pit's lot the trader receives, in parts per million.
    pub(crate) passed_ppm: i64,
    /// What of the bought lots the combined one weighs, in parts per million.
    pub(crate) combined_ppm: i64,
    /// What of the metal is left after processing, in parts per million.
    pub(crate) recovery_ppm: i64,
    /// What is shipped against what went in, where that decides instead of the metal.
    pub(crate) gain_ppm: Option<i64>,
    /// Concentration of what is shipped.
    pub(crate) shipped_ppm: u32,
    /// Worth against what is usual, in parts per million.
    pub(crate) worth_ppm: i64,
    /// The destination, alpha-2.
    pub(crate) to: &'static str,
    /// Number of the trader.
    pub(crate) trader: i64,
    /// Number of the exporter.
    pub(crate) exporter: i64,
}

impl Plan {
    /// What is usual.
    pub(crate) fn new(country: &'static str, mineral: Mineral, pits: Vec<Pit>) -> Self {
        Self {
            country,
            mineral,
            pits,
            arrival: None,
            passed_ppm: 998_500,
            combined_ppm: 999_000,
            recovery_ppm: 950_000,
            gain_ppm: None,
            shipped_ppm: mineral.shipped_ppm(),
            worth_ppm: 1_000_000,
            to: if mineral == Mineral::Gold { "AE" } else { "CN" },
            trader: 1,
            exporter: 1,
        }
    }
}

/// A lot that comes over a border.
#[derive(Debug, Clone)]
pub(crate) struct Arrival {
    /// How the importer's lot names it.
    pub(crate) from: InputLot,
    /// Milligrams that arrived.
    pub(crate) mass: i64,
    /// Parts per million.
    pub(crate) ppm: u32,
    /// The day of entry.
    pub(crate) day: Date,
    /// Where it was dug.
    pub(crate) origins: Vec<String>,
}

/// The records of a consignment.
#[derive(Debug, Clone)]
pub(crate) struct Chain {
    /// Its mineral.
    pub(crate) mineral: Mineral,
    /// Its state.
    pub(crate) country: &'static str,
    /// Lots out of the pits.
    pub(crate) dug: Vec<Lot>,
    /// The same in the hands of the trader.
    pub(crate) bought: Vec<Lot>,
    /// All of them in one.
    pub(crate) combined: Lot,
    /// The lot that came over the border.
    pub(crate) imported: Option<Lot>,
    /// What is shipped.
    pub(crate) shipped: Lot,
    /// Its certificate.
    pub(crate) certificate: ExportCertificate,
    /// Declarations of its exit, and of transits.
    pub(crate) exports: Vec<ExportDeclaration>,
    /// Declarations of its entry, and into transits.
    pub(crate) imports: Vec<ImportDeclaration>,
    /// Whatever a fraud adds.
    pub(crate) more: Vec<Lot>,
}

impl Chain {
    /// Makes the records of a plan.
    pub(crate) fn make(world: &mut World, plan: &Plan) -> Self {
        let dug: Vec<Lot> = plan.pits.iter().map(|pit| lots::dug(world, plan, *pit)).collect();
        let bought: Vec<Lot> = dug.iter().map(|one| lots::bought(world, plan, one)).collect();
        let combined = lots::combined(world, plan, &bought);
        let imported = plan.arrival.as_ref().map(|one| lots::imported(world, plan, one));
        let shipped = lots::shipped(world, plan, &combined, imported.as_ref());
        let mut chain = Self {
            mineral: plan.mineral,
            country: plan.country,
            dug,
            bought,
            combined,
            imported,
            shipped,
            certificate: ExportCertificate::default(),
            exports: Vec::new(),
            imports: Vec::new(),
            more: Vec::new(),
        };
        papers::write(world, plan, &mut chain);
        chain
    }

    /// What arrives in another state, if it has arrived.
    pub(crate) fn arrival(&self, world: &World) -> Option<Arrival> {
        let entry = self.imports.iter().find(|one| one.procedure() == Procedure::Normal)?;
        let day: Date = entry.entry_date.parse().ok()?;
        let lot = &self.shipped;
        world.calendar.has_come(day).then(|| Arrival {
            from: InputLot { country: self.country.to_owned(), ..input(lot) },
            mass: entry.net_mass_mg,
            ppm: lot.concentration_ppm.unwrap_or_default(),
            day,
            origins: self.certificate.mineral_origin.clone(),
        })
    }

    /// Writes all records that have come to be.
    pub(crate) fn file(&self, world: &mut World) -> Result<()> {
        let issued = day(&self.certificate.date_of_issuance);
        let is_issued = world.calendar.has_come(issued);
        let before = self.dug.iter().chain(&self.bought).chain([&self.combined]);
        for lot in before.chain(&self.imported).chain(&self.more) {
            world.put_lot(lot)?;
        }
        let mut shipped = self.shipped.clone();
        if !is_issued {
            shipped.export_certificate_id.clear();
        }
        world.put_lot(&shipped)?;
        if !self.certificate.identifier.is_empty() {
            let certificate = Record::ExportCertificate(Box::new(self.certificate.clone()));
            world.put(&certificate, issued)?;
        }
        for export in &self.exports {
            let record = Record::ExportDeclaration(Box::new(export.clone()));
            world.put(&record, day(&export.exit_date))?;
        }
        for import in &self.imports {
            let record = Record::ImportDeclaration(Box::new(import.clone()));
            world.put(&record, day(&import.entry_date))?;
        }
        Ok(())
    }

    /// Writes into the books what the trader and the exporter hold on the way.
    pub(crate) fn book(&self, world: &mut World) {
        let (mineral, country) = (self.mineral, self.country);
        let held = |lot: &Lot| (lot.mass_mg, lot.concentration_ppm.unwrap_or_default());
        let given = |lot: &Lot| (-lot.mass_mg, lot.concentration_ppm.unwrap_or_default());
        let creator =
            |lot: &Lot| lot.creator.as_ref().map_or("", |one| &*one.identifier).to_owned();
        let (trader, exporter) = (creator(&self.combined), creator(&self.shipped));
        let processed = day_of(self.shipped.registered_at_us);
        for lot in &self.dug {
            let dug = day_of(lot.registered_at_us);
            world.stocks.change((country, &trader), mineral, dug, held(lot));
            world.stocks.change((country, &trader), mineral, processed, given(lot));
        }
        if let Some(lot) = &self.imported {
            let entered = day_of(lot.registered_at_us);
            world.stocks.change((country, &exporter), mineral, entered, held(lot));
            world.stocks.change((country, &exporter), mineral, processed, given(lot));
        }
        world.stocks.change((country, &exporter), mineral, processed, held(&self.shipped));
        if let Some(export) = self.exports.first() {
            let exit = day(&export.exit_date);
            world.stocks.change((country, &exporter), mineral, exit, given(&self.shipped));
        }
    }
}

/// A day as it is written.
pub(crate) fn day(text: &str) -> Date {
    text.parse().unwrap_or_default()
}
