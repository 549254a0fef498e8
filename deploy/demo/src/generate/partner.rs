//! What partners outside the region say that they imported, in columns of UN Comtrade.

use rmd_standard::country;

/// One row: what a partner says it imported from a state in a year.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    /// The partner: alpha-2, alpha-3 and the number of UN M49.
    pub(crate) partner: (&'static str, &'static str, u16),
    /// The member, alpha-2.
    pub(crate) country: &'static str,
    /// HS6.
    pub(crate) mineral: &'static str,
    /// The year.
    pub(crate) year: i16,
    /// Kilograms.
    pub(crate) kilograms: i64,
}

/// Viet Nam: no consignment of a set goes there, so all that it reports is made up.
pub(crate) const PARTNER: (&str, &str, u16) = ("VN", "VNM", 704);

/// The columns that are read, by the names of the download.
const HEADER: &str = "typeCode,freqCode,refYear,period,reporterCode,reporterISO,flowCode,partnerCode,partnerISO,partner2Code,classificationCode,cmdCode,customsCode,motCode,netWgt,cifvalue,primaryValue";

/// The file.
pub(crate) fn file(rows: &[Row]) -> String {
    let line = |row: &Row| {
        let member = country::MEMBERS.iter().find(|one| one.0 == row.country);
        let alpha3 = member.map_or("", |one| one.1);
        let (year, (_, reporter, code), kilograms) = (row.year, row.partner, row.kilograms);
        let (number, value) = (number(row.country), kilograms * 12);
        format!(
            "C,A,{year},{year},{code},{reporter},M,{number},{alpha3},0,HS,{},C00,0,{kilograms},{value},{value}\n",
            row.mineral
        )
    };
    let lines: String = rows.iter().map(line).collect();
    format!("{HEADER}\n{lines}")
}

/// The number of a member in UN M49.
fn number(country: &str) -> u16 {
    match country {
        "AO" => 24,
        "BI" => 108,
        "CF" => 140,
        "CG" => 178,
        "CD" => 180,
        "KE" => 404,
        "RW" => 646,
        "SS" => 728,
        "SD" => 729,
        "TZ" => 834,
        "UG" => 800,
        _ => 894,
    }
}
