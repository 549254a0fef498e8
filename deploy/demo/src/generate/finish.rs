//! What is written last, because it follows from all the rest: sites, exporters,
//! production, stocks, months that were closed, statistics of partners.

use anyhow::Result;
use jiff::{Span, civil::Date};
use rmd_proto::v1::{CertificationStatus, ExporterStatus, ProductionDeclaration, ReportingPeriod};
use rmd_standard::Record;

use super::{
    calendar::{at, month_of, plus},
    partner,
    party::{EXPORTERS, Role, party},
    world::World,
};

/// Writes all of it.
pub(crate) fn write(world: &mut World) -> Result<()> {
    sites(world)?;
    exporters(world)?;
    production(world)?;
    let stocks: Vec<_> = world.stocks.declarations(world.calendar).collect();
    for stock in stocks {
        let month = first_of(&stock.period);
        world.put(&Record::StockDeclaration(Box::new(stock)), month)?;
    }
    periods(world)?;
    if !world.partners.is_empty() {
        world.output.beside("partner-statistics.csv", &partner::file(&world.partners))?;
    }
    world.output.finish()
}

fn first_of(period: &str) -> Date {
    format!("{period}-01").parse().unwrap_or_default()
}

fn sites(world: &mut World) -> Result<()> {
    for place in 0..world.sites.len() {
        let record = world.sites[place].finished();
        world.output.put(&Record::MineSite(Box::new(record)))?;
    }
    Ok(())
}

/// An exporter in good standing.
pub(crate) fn exporter(country: &'static str, number: i64, as_of: Date) -> ExporterStatus {
    ExporterStatus {
        country: country.to_owned(),
        exporter: Some(party(country, Role::Exporter, number)),
        certification_status: CertificationStatus::Green.into(),
        certification_status_since: plus(as_of, -900).to_string(),
        license_id: format!("{country}X{number:05}"),
        license_expiring_date: plus(as_of, 800).to_string(),
        last_audit_date: plus(as_of, -500).to_string(),
        ..ExporterStatus::default()
    }
}

fn exporters(world: &mut World) -> Result<()> {
    for country in world.codes.clone() {
        for number in 1..=EXPORTERS {
            let usual = exporter(country, number, world.calendar.as_of);
            world.output.put(&Record::ExporterStatus(Box::new(usual)))?;
        }
    }
    for status in std::mem::take(&mut world.exporters).into_values() {
        world.output.put(&Record::ExporterStatus(Box::new(status)))?;
    }
    Ok(())
}

fn production(world: &mut World) -> Result<()> {
    for place in 0..world.sites.len() {
        let site = &world.sites[place];
        let declared: Vec<(Date, ProductionDeclaration)> = site
            .months
            .iter()
            .filter(|(month, _)| **month < world.calendar.month(0))
            .map(|(month, dug)| {
                let ppm = dug.metal.checked_div(i128::from(dug.mass)).unwrap_or_default();
                let declared = ProductionDeclaration {
                    country: site.country.to_owned(),
                    mine_site_id: site.id().to_owned(),
                    mineral: site.mineral.code().to_owned(),
                    period: month_of(*month),
                    mass_mg: Some(dug.mass),
                    concentration_ppm: Some(u32::try_from(ppm).unwrap_or_default()),
                    analyte: site.mineral.analyte().into(),
                    workers_declared: dug.workers,
                    ..ProductionDeclaration::default()
                };
                (*month, declared)
            })
            .collect();
        for (month, one) in declared {
            world.put(&Record::ProductionDeclaration(Box::new(one)), month)?;
        }
    }
    Ok(())
}

/// Both feeds of every month, closed on the tenth of the next.
fn periods(world: &mut World) -> Result<()> {
    let by_month = std::mem::take(&mut world.by_month);
    for country in world.codes.clone() {
        for month in world.calendar.months() {
            let sites = world.sites.iter().filter(|site| site.country == country).count() as u64;
            close(world, (country, month), ("master-data", sites))?;
            let counted = by_month.get(&(country.to_owned(), month)).copied().unwrap_or_default();
            if !world.owed.contains(&(country, month)) {
                close(world, (country, month), ("transactions", counted))?;
            }
        }
    }
    Ok(())
}

fn close(
    world: &mut World,
    (country, month): (&'static str, Date),
    (feed, count): (&str, u64),
) -> Result<()> {
    let tenth = plus(month.saturating_add(Span::new().months(1)), 9);
    world.output.put(&Record::ReportingPeriod(Box::new(ReportingPeriod {
        country: country.to_owned(),
        period: month_of(month),
        feed: feed.to_owned(),
        record_count: Some(count),
        closed_at_us: at(tenth, 12, 0),
        ..ReportingPeriod::default()
    })))
}
