//! What a national value must look like in the regional view, by the unit at
//! the end of the column's name. Written for the comparison alone.

use anyhow::{Context as _, Result};
use jiff::{civil::DateTime, tz};
use rust_decimal::{Decimal, RoundingStrategy, prelude::ToPrimitive as _};

use super::{rows::Row, tables::alpha2};

/// Columns that are whole numbers without a unit in their name.
const COUNTS: [&str; 5] = ["workers_declared", "line", "record_count", "tag_count", "level"];

/// Brings a row of the witness into the regional form.
pub(super) fn of_source(row: &mut Row, country: &str) -> Result<()> {
    let position =
        [row.get("latitude_e7").cloned().flatten(), row.get("longitude_e7").cloned().flatten()];
    let national_id = row.get("national_id").cloned().flatten();
    for (column, value) in row.iter_mut() {
        let Some(text) = value.as_deref().map(str::trim) else { continue };
        *value = match text {
            "" => None,
            "minted" => {
                let [Some(latitude), Some(longitude)] = &position else { continue };
                Some(minted(
                    country,
                    latitude,
                    longitude,
                    national_id.as_deref().unwrap_or_default(),
                )?)
            }
            text if text.starts_with("minted:") => {
                let parts: Vec<&str> = text.split(':').collect();
                Some(minted(country, parts[1], parts[2], parts[3])?)
            }
            text => Some(
                converted(column, text, country)
                    .with_context(|| format!("read {column} = {text:?}"))?,
            ),
        };
    }
    Ok(())
}

/// Leaves a regional row as it is, but for the empty text, which is no value.
pub(super) fn of_region(row: &mut Row) {
    for value in row.values_mut() {
        if value.as_deref() == Some("") {
            *value = None;
        }
    }
}

fn converted(column: &str, text: &str, country: &str) -> Result<String> {
    if column.ends_with("_us") {
        return instant(text, country);
    }
    let scale = if column.ends_with("_e7") { 10_000_000 } else { 1 };
    let whole =
        ["_e7", "_e3", "_cm", "_mg", "_ppm", "_minor"].iter().any(|unit| column.ends_with(unit));
    if whole || COUNTS.contains(&column) {
        let number = Decimal::from_str_exact(text).or_else(|_| Decimal::from_scientific(text))?;
        let rounded = (number * Decimal::from(scale))
            .round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero);
        return Ok(rounded.to_i64().context("fit a whole number")?.to_string());
    }
    if column == "mineral" {
        // Two national words may mean one code, which a record holds once.
        let mut codes: Vec<&str> = Vec::new();
        for code in text.split(';') {
            if !codes.contains(&code) {
                codes.push(code);
            }
        }
        return Ok(codes.join(";"));
    }
    Ok(text.to_owned())
}

/// A local time of the state, in microseconds of UTC.
fn instant(text: &str, country: &str) -> Result<String> {
    // Kinshasa's east and Kigali are two hours ahead of UTC, Kampala three.
    let hours = if country == "UGA" { 3 } else { 2 };
    let local: DateTime = text.parse()?;
    Ok(local.to_zoned(tz::offset(hours).to_time_zone())?.timestamp().as_microsecond().to_string())
}

/// The regional id of a site whose state has none for it: country, point to
/// four places, and the number in the national id.
fn minted(country: &str, latitude: &str, longitude: &str, national_id: &str) -> Result<String> {
    // First to what the standard keeps of a degree, then to what the id shows.
    let degrees = |text: &str| -> Result<Decimal> {
        let away = RoundingStrategy::MidpointAwayFromZero;
        Ok(Decimal::from_str_exact(text)?
            .round_dp_with_strategy(7, away)
            .round_dp_with_strategy(4, away))
    };
    let (latitude, longitude) = (degrees(latitude)?, degrees(longitude)?);
    let signed = |value: Decimal| {
        format!("{}{:.4}", if value.is_sign_negative() { "-" } else { "+" }, value.abs())
    };
    let north = if latitude.is_sign_negative() { "" } else { "-" };
    let digits: String = national_id.chars().filter(char::is_ascii_digit).collect();
    Ok(format!("{}{north}{}{}-{digits}", alpha2(country)?, signed(latitude), signed(longitude)))
}
