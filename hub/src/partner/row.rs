//! One row: a total that counts, something else, or what cannot be read.

use isocountry::CountryCode;
use rmd_sheet::Row;
use rmd_standard::{country, mineral::is_designated};
use rust_decimal::{Decimal, RoundingStrategy};

use super::{Refused, layout::Layout};

/// Milligrams in a kilogram.
const KILOGRAM: i64 = 1_000_000;

/// What names a total.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    pub(super) country: String,
    pub(super) partner: String,
    pub(super) mineral: String,
    pub(super) year: i64,
}

/// What a row is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Read {
    /// A year's imports of a mineral, in milligrams.
    Total(Key, i64),
    /// Not asked for.
    Other,
    /// Asked for, and not to be read.
    Refused(Refused),
}

impl Layout {
    /// Reads a row.
    pub(super) fn read(&self, row: &Row) -> Read {
        let text = |column: usize| row.cell(column).name();
        let is_import = matches!(&*text(self.flow), "M" | "Import" | "Imports");
        let is_year = self.frequency.is_none_or(|at| matches!(&*text(at), "A" | "Annual" | ""));
        let is_total =
            self.parts.iter().all(|at| matches!(&*text(*at), "" | "0" | "C00" | "-1" | "N/A"));
        let mineral = text(self.goods);
        if !(is_import && is_year && is_total && is_designated(&mineral)) {
            return Read::Other;
        }
        let (reporter, partner) = (text(self.reporter), text(self.partner));
        // A member that reports an import answers by its declarations.
        let Some(member) = country::alpha2_of(&partner) else { return Read::Other };
        if country::alpha2_of(&reporter).is_some() {
            return Read::Other;
        }
        let refused = |field, value: String, (en, fr)| {
            Read::Refused(Refused { row: row.number, field, value, en, fr })
        };
        let Ok(reporter_code) = CountryCode::for_alpha3(&reporter) else {
            return refused("reporterISO", reporter, NO_COUNTRY);
        };
        let Ok(year) = text(self.year).parse::<i16>() else {
            return refused("refYear", text(self.year), NO_YEAR);
        };
        let mass = text(self.mass);
        let Some(mass_mg) = milligrams(&mass) else { return refused("netWgt", mass, NO_MASS) };
        let (country, partner) = (member.to_owned(), reporter_code.alpha2().to_owned());
        Read::Total(Key { country, partner, mineral, year: i64::from(year) }, mass_mg)
    }
}

/// A second row of the same total.
pub(super) fn doubled(row: u32, mass_mg: i64) -> Refused {
    let value = Decimal::new(mass_mg, 6).normalize().to_string();
    let (en, fr) = DOUBLED;
    Refused { row, field: "netWgt", value, en, fr }
}

/// Weights are estimates, so that the nearest milligram is exact enough.
fn milligrams(kilograms: &str) -> Option<i64> {
    let kilograms = kilograms.parse::<Decimal>().ok()?;
    let milligrams = kilograms.checked_mul(Decimal::from(KILOGRAM))?;
    let whole = milligrams.round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero);
    i64::try_from(whole).ok().filter(|mass| *mass > 0)
}

/// English and French.
type Reason = (&'static str, &'static str);

const NO_COUNTRY: Reason = (
    "no ISO 3166 alpha-3 code; name the reporter by its code",
    "pas un code ISO 3166 alpha-3 ; nommez le déclarant par son code",
);
const NO_YEAR: Reason =
    ("not a year; download yearly data", "pas une année ; téléchargez les données annuelles");
const NO_MASS: Reason = (
    "no mass in kilograms above zero; the partner gives none, so nothing is compared",
    "aucune masse en kilogrammes supérieure à zéro ; le partenaire n'en donne pas, rien n'est comparé",
);
const DOUBLED: Reason = (
    "the total stands in an earlier row; leave one of both in the file",
    "le total figure déjà dans une ligne précédente ; n'en laissez qu'une dans le fichier",
);
