//! Partner statistics of a set, in columns of UN Comtrade, for the rules alone: the hub
//! reads the file itself. What the hub passes over or refuses is passed over here too.

use std::path::Path;

use anyhow::{Context as _, Result};
use isocountry::CountryCode;
use rmd_reconcile::region::MirrorRow;
use rmd_standard::{country, mineral::is_designated};
use rust_decimal::Decimal;

use crate::tell::Often;

/// Milligrams in a kilogram.
const KILOGRAM: i64 = 1_000_000;

/// Yearly imports from members.
pub(crate) fn read(file: &Path) -> Result<Vec<MirrorRow>> {
    let mut reader = csv::ReaderBuilder::new()
        .flexible(true)
        .from_path(file)
        .with_context(|| format!("open {}", file.display()))?;
    let headers = reader.headers()?.clone();
    let find =
        |name: &str| headers.iter().position(|head| head.trim_start_matches('\u{feff}') == name);
    let column = |name: &str| {
        find(name).with_context(|| {
            format!("{} has no column {name}; download it with all columns", file.display())
        })
    };
    let (reporter, partner) = (column("reporterISO")?, column("partnerISO")?);
    let (goods, year, mass) = (column("cmdCode")?, column("refYear")?, column("netWgt")?);
    let (flow, frequency) = (column("flowCode")?, find("freqCode"));
    let (mut rows, mut often) = (Vec::new(), Often::default());
    for row in reader.records() {
        let row = row.with_context(|| format!("read {}", file.display()))?;
        let cell = |at: usize| row.get(at).unwrap_or_default().trim();
        let is_meant = matches!(cell(flow), "M" | "Import" | "Imports")
            && frequency.is_none_or(|at| matches!(cell(at), "A" | "Annual" | ""))
            && is_designated(cell(goods))
            && country::alpha2_of(cell(reporter)).is_none();
        let Some(country) = country::alpha2_of(cell(partner)).filter(|_| is_meant) else {
            continue;
        };
        let line = row.position().map_or(0, csv::Position::line);
        match total(country, [cell(reporter), cell(goods), cell(year), cell(mass)]) {
            Ok(row) => rows.push(row),
            Err(reason) => {
                let name = file.file_name().unwrap_or_default().to_string_lossy();
                often.note(&format!("refused {name}"), &format!("refused: {name}:{line} {reason}"));
            }
        }
    }
    often.finish();
    Ok(rows)
}

fn total(country: &str, [reporter, goods, year, mass]: [&str; 4]) -> Result<MirrorRow, String> {
    let partner = CountryCode::for_alpha3(reporter).map_err(|_| {
        format!(
            "field reporterISO: {reporter:?} is no ISO 3166 alpha-3 code; name the reporter by it"
        )
    })?;
    let year = year.parse().map_err(|_| format!("field refYear: {year:?} is no year"))?;
    let milligrams = mass.parse::<Decimal>().ok().and_then(|kilograms| {
        i128::try_from((kilograms * Decimal::from(KILOGRAM)).round()).ok().filter(|mass| *mass > 0)
    });
    let mass_mg = milligrams.ok_or_else(|| {
        format!("field netWgt: {mass:?} is no mass in kilograms above zero; give it")
    })?;
    Ok(MirrorRow {
        country: country.to_owned(),
        partner: partner.alpha2().to_owned(),
        mineral: goods.to_owned(),
        year,
        mass_mg,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn partners_of_the_whole_world_are_known_and_other_rows_passed_over() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("partner-statistics.csv");
        let text = "\
freqCode,refYear,reporterISO,flowCode,partnerISO,cmdCode,netWgt
A,2025,PRT,M,COD,261590,6000.5
A,2025,USA,M,UGA,710812,200
A,2025,USA,X,UGA,710812,200
M,2025,USA,M,UGA,710812,200
A,2025,RWA,M,UGA,710812,200
A,2025,USA,M,FRA,710812,200
A,2025,USA,M,UGA,270900,200
A,2025,W00,M,UGA,710812,200
A,2025,GBR,M,UGA,710812,
";
        std::fs::write(&file, text).unwrap();
        let rows = read(&file).unwrap();
        let found: Vec<_> =
            rows.iter().map(|row| (&*row.partner, &*row.country, row.mass_mg)).collect();
        assert_eq!(found, [("PT", "CD", 6_000_500_000), ("US", "UG", 200_000_000)]);
    }
}
