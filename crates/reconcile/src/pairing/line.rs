//! What a line of a declaration is paired by.

use jiff::{Span, civil::Date};
use rmd_proto::v1::{ExportDeclaration, ImportDeclaration};
use rmd_standard::mineral;

use super::{Export, Import};
use crate::{
    Context, Parameter,
    amount::{self, MILLION},
    view::nature,
};

/// Which way goods crossed a border.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Direction {
    /// Out of the state that declares.
    Export,
    /// Into it.
    Import,
}

impl Direction {
    /// The word in texts.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Export => "export",
            Self::Import => "import",
        }
    }

    /// The direction that a word names.
    pub fn of(word: &str) -> Option<Self> {
        [Self::Export, Self::Import].into_iter().find(|one| one.as_str() == word)
    }
}

/// What a line tells of a shipment, beside its certificate.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Traded {
    /// Which way it went.
    pub direction: Direction,
    /// HS6.
    pub mineral: String,
    /// The state that it left, alpha-2.
    pub from: String,
    /// The state that it entered, alpha-2.
    pub to: String,
    /// Day of exit or of entry.
    pub day: Date,
    /// Milligrams.
    pub mass_mg: i64,
}

/// Lines that may be the other side of one: those of a direction, a mineral and two
/// states, with days and masses within these, both ends inside.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Near {
    /// Direction of the lines.
    pub direction: Direction,
    /// HS6.
    pub mineral: String,
    /// The state that the goods left, alpha-2.
    pub from: String,
    /// The state that they entered, alpha-2.
    pub to: String,
    /// Days of exit or of entry.
    pub days: (Date, Date),
    /// Milligrams.
    pub masses_mg: (i64, i64),
}

impl Near {
    /// Whether a line is one of them.
    pub fn holds(&self, told: &Traded) -> bool {
        self.direction == told.direction
            && self.mineral == told.mineral
            && self.from == told.from
            && self.to == told.to
            && (self.days.0..=self.days.1).contains(&told.day)
            && (self.masses_mg.0..=self.masses_mg.1).contains(&told.mass_mg)
    }
}

impl Traded {
    /// What a line of an export of a state tells, if it tells mineral and day.
    pub fn of_export(country: &str, line: &ExportDeclaration) -> Option<Self> {
        Some(Self {
            direction: Direction::Export,
            mineral: mineral::hs6(&line.mineral)?,
            from: country.to_owned(),
            to: line.destination_country.clone(),
            day: nature::day(&line.exit_date)?,
            mass_mg: line.net_mass_mg,
        })
    }

    /// What a line of an import of a state tells, if it tells mineral and day.
    pub fn of_import(country: &str, line: &ImportDeclaration) -> Option<Self> {
        Some(Self {
            direction: Direction::Import,
            mineral: mineral::hs6(&line.mineral)?,
            from: line.consignor_country.clone(),
            to: country.to_owned(),
            day: nature::day(&line.entry_date)?,
            mass_mg: line.net_mass_mg,
        })
    }

    /// Where the other side of the line may be.
    pub fn near(&self, context: &Context) -> Near {
        let limit = |parameter| context.limit(parameter, &self.from, &self.mineral);
        let days = |parameter| Span::new().days(limit(parameter).clamp(0, 3_650));
        let (before, after) = (days(Parameter::PairDaysBefore), days(Parameter::PairDaysAfter));
        let mass = i128::from(self.mass_mg.max(0));
        let (ppm, million) = (i128::from(limit(Parameter::PairMass)), i128::from(MILLION));
        let (direction, days, masses) = match self.direction {
            Direction::Export => (
                Direction::Import,
                (self.day.saturating_sub(before), self.day.saturating_add(after)),
                (mass * (million - ppm).max(0) / million, mass * (million + ppm) / million + 1),
            ),
            Direction::Import => (
                Direction::Export,
                (self.day.saturating_sub(after), self.day.saturating_add(before)),
                (
                    mass * million / (million + ppm),
                    (mass * million)
                        .checked_div(million - ppm)
                        .filter(|_| ppm < million)
                        .map_or(i128::from(i64::MAX), |most| most + 1),
                ),
            ),
        };
        let whole = |mass: i128| i64::try_from(mass).unwrap_or(i64::MAX);
        Near {
            direction,
            mineral: self.mineral.clone(),
            from: self.from.clone(),
            to: self.to.clone(),
            days,
            masses_mg: (whole(masses.0), whole(masses.1)),
        }
    }

    /// Whether an export and an import may be one shipment by days and masses.
    pub(super) fn is_near(&self, import: &Self, context: &Context) -> bool {
        let limit = context.limit(Parameter::PairMass, &self.from, &self.mineral);
        let (out, into) = (i128::from(self.mass_mg), i128::from(import.mass_mg));
        let (first, last) = self.near(context).days;
        (first..=last).contains(&import.day) && !amount::deviates(out, into, out, limit)
    }
}

/// The certificate that an export quotes; of its own state where none is told.
pub(super) fn paper_of_export(export: &Export) -> Option<(&str, &str)> {
    let record = &export.record;
    paper(&record.certificate_country, export.country(), &record.certificate_identifier)
}

/// The certificate that an import quotes; of the consignor's state where none is told.
pub(super) fn paper_of_import(import: &Import) -> Option<(&str, &str)> {
    let record = &import.record;
    let usual = &record.consignor_country;
    paper(&record.certificate_country, usual, &record.certificate_identifier)
}

fn paper<'a>(stated: &'a str, usual: &'a str, identifier: &'a str) -> Option<(&'a str, &'a str)> {
    let country = if stated.is_empty() { usual } else { stated };
    (!identifier.is_empty()).then_some((country, identifier))
}
