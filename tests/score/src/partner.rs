//! Partner statistics of a set, in columns of UN Comtrade, for the rules alone: the hub
//! reads the file itself.

use std::path::Path;

use anyhow::{Context as _, Result};
use rmd_reconcile::region::MirrorRow;
use rmd_standard::country;

/// Milligrams in a kilogram.
const KILOGRAM: i128 = 1_000_000;

/// Yearly imports from members.
pub(crate) fn read(file: &Path) -> Result<Vec<MirrorRow>> {
    let mut reader =
        csv::Reader::from_path(file).with_context(|| format!("open {}", file.display()))?;
    let headers = reader.headers()?.clone();
    let column = |name: &str| {
        let found = headers.iter().position(|header| header == name);
        found.with_context(|| format!("find the column {name} in {}", file.display()))
    };
    let (reporter, partner) = (column("reporterISO")?, column("partnerISO")?);
    let (goods, year, mass) = (column("cmdCode")?, column("refYear")?, column("netWgt")?);
    let mut rows = Vec::new();
    for row in reader.records() {
        let row = row?;
        let cell = |at: usize| row.get(at).unwrap_or_default();
        let Some(country) = country::alpha2_of(cell(partner)) else { continue };
        let reporter = cell(reporter);
        let kilograms: i128 = cell(mass).parse().context("read a weight")?;
        rows.push(MirrorRow {
            country: country.to_owned(),
            partner: alpha2_of(reporter)?.to_owned(),
            mineral: cell(goods).to_owned(),
            year: cell(year).parse().context("read a year")?,
            mass_mg: kilograms * KILOGRAM,
        });
    }
    Ok(rows)
}

/// The partners that trade in the minerals, alpha-2.
fn alpha2_of(alpha3: &str) -> Result<&'static str> {
    const PARTNERS: [(&str, &str); 8] = [
        ("VNM", "VN"),
        ("CHN", "CN"),
        ("ARE", "AE"),
        ("MYS", "MY"),
        ("THA", "TH"),
        ("BEL", "BE"),
        ("IND", "IN"),
        ("KAZ", "KZ"),
    ];
    let found = PARTNERS.iter().find(|one| one.0 == alpha3);
    found.map(|one| one.1).with_context(|| format!("the partner {alpha3} is not known"))
}
