//! Mine-site identifiers: reading, comparing, minting.
//!
//! The hyphen of the published form is both a separator and a minus sign, so
//! one id is spelled `RW-1.9641…`, `RW--1.9641…`, `UG-+0.3476…` or, for a
//! northern site, `UG-0.3476…`. An id is kept as issued and never rewritten;
//! two are compared on [`SiteId::key`], which leaves the signs out because one
//! of the spellings does not carry them. Two sites of one state that mirror
//! each other at the equator, to the metre and with the same number, would
//! share a key: they surface as a key clash, not as a silent merge.

use std::fmt::Write as _;

use rmd_proto::v1::GeoPoint;
use sha2::{Digest as _, Sha256};

/// More digits than any number that a state has issued.
const NUMBER_DIGITS_MAX: usize = 20;

/// A mine-site id, taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SiteId<'a> {
    /// ISO 3166-1 alpha-2 of the issuing state.
    pub country: &'a str,
    /// Degrees of latitude times 10 000, as far as the spelling says.
    pub latitude_e4: Angle,
    /// Degrees of longitude times 10 000, as far as the spelling says.
    pub longitude_e4: Angle,
    /// The last number, without leading zeros.
    pub number: &'a str,
    /// Whether the spelling follows the published regular expression.
    pub published_form: bool,
}

/// An angle whose sign a single hyphen may leave open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Angle {
    /// The size, in ten-thousandths of a degree.
    pub size: u32,
    /// The sign, if the spelling has one beside the separator.
    pub sign: Option<Sign>,
}

/// Which side of the equator or of the meridian of Greenwich.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sign {
    /// North or east.
    Plus,
    /// South or west.
    Minus,
}

impl<'a> SiteId<'a> {
    /// Reads any of the spellings; none if it is no mine-site id.
    ///
    /// Beside the published form this reads `UG+0.3476…`, which cannot be
    /// misunderstood.
    pub fn parse(text: &'a str) -> Option<Self> {
        let country = text.get(..2).filter(|code| crate::country::is_country(code))?;
        let (separated, rest) = match text.get(2..)?.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.get(2..)?),
        };
        let (sign, rest) = sign(rest);
        if !separated && sign.is_none() {
            return None;
        }
        let (latitude, rest) = degrees(rest)?;
        let (longitude_sign, rest) = sign_of_longitude(rest)?;
        let (longitude, rest) = degrees(rest)?;
        let number = rest.strip_prefix('-')?;
        let digits = number.bytes().all(|byte| byte.is_ascii_digit());
        if number.is_empty() || number.len() > NUMBER_DIGITS_MAX || !digits {
            return None;
        }
        let significant = number.trim_start_matches('0');
        Some(Self {
            country,
            latitude_e4: Angle { size: latitude, sign },
            longitude_e4: Angle { size: longitude, sign: longitude_sign },
            number: if significant.is_empty() { "0" } else { significant },
            published_form: separated,
        })
    }

    /// What two spellings of one id have in common; the key of the site's record.
    pub fn key(&self) -> String {
        let mut key = String::with_capacity(48);
        key.push_str(self.country);
        for size in [self.latitude_e4.size, self.longitude_e4.size] {
            // Writing into a String cannot fail.
            let _ = write!(key, "-{}.{:04}", size / 10_000, size % 10_000);
        }
        key.push('-');
        key.push_str(self.number);
        key
    }
}

/// The key of an id in any spelling; none if it is no mine-site id.
pub fn key_of(text: &str) -> Option<String> {
    SiteId::parse(text).map(|id| id.key())
}

/// Whether two spellings name one site; equal text always does.
pub fn same(first: &str, second: &str) -> bool {
    first == second || key_of(first).is_some_and(|key| Some(key) == key_of(second))
}

/// Makes an id for a site that the state has not numbered regionally.
///
/// South is `CC-<lat>`, north `CC-+<lat>`; the last number is the only run of
/// digits of the national id, or else a hash of it, never a counter, so that a
/// rebuilt node mints the same id again.
pub fn mint(country: &str, point: GeoPoint, national_id: &str) -> String {
    let latitude_sign = if point.latitude_e7 < 0 { "" } else { "+" };
    let longitude_sign = if point.longitude_e7 < 0 { '-' } else { '+' };
    let latitude = ten_thousandths(point.latitude_e7);
    let longitude = ten_thousandths(point.longitude_e7);
    format!(
        "{country}-{latitude_sign}{}.{:04}{longitude_sign}{}.{:04}-{}",
        latitude / 10_000,
        latitude % 10_000,
        longitude / 10_000,
        longitude % 10_000,
        last_number(national_id)
    )
}

fn ten_thousandths(degrees_e7: i32) -> u32 {
    (degrees_e7.unsigned_abs() + 500) / 1000
}

fn last_number(national_id: &str) -> String {
    const DIGITS_MAX: usize = 12;
    let mut runs =
        national_id.split(|letter: char| !letter.is_ascii_digit()).filter(|run| !run.is_empty());
    match (runs.next(), runs.next()) {
        (Some(run), None) if run.len() <= DIGITS_MAX => run.to_owned(),
        _ => {
            let digest = Sha256::digest(national_id.as_bytes());
            let head = digest.iter().take(8).fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte));
            format!("{:012}", head % 1_000_000_000_000)
        }
    }
}

fn sign(text: &str) -> (Option<Sign>, &str) {
    if let Some(rest) = text.strip_prefix('+') {
        (Some(Sign::Plus), rest)
    } else if let Some(rest) = text.strip_prefix('-') {
        (Some(Sign::Minus), rest)
    } else {
        (None, text)
    }
}

/// Before the longitude a plus is a sign; a lone hyphen may be the separator.
fn sign_of_longitude(text: &str) -> Option<(Option<Sign>, &str)> {
    let (first, rest) = sign(text);
    match first? {
        Sign::Plus => Some((Some(Sign::Plus), rest)),
        Sign::Minus => Some((None, rest)),
    }
}

/// Digits, a point, exactly four digits.
fn degrees(text: &str) -> Option<(u32, &str)> {
    let point = text.find('.')?;
    let (whole, rest) = (&text[..point], &text[point + 1..]);
    let fraction = rest.get(..4)?;
    let rest = &rest[4..];
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole)
        || whole.len() > 3
        || !digits(fraction)
        || rest.starts_with(|c: char| c.is_ascii_digit())
    {
        return None;
    }
    Some((whole.parse::<u32>().ok()? * 10_000 + fraction.parse::<u32>().ok()?, rest))
}

#[cfg(test)]
mod tests;
