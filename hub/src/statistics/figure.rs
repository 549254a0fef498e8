//! The figures: sums over the typed tables.
//!
//! The same records count as in the balance of a state: those that are not void, goods
//! that stay or leave for good (procedure other than transit), a mineral that has an HS
//! code. Production and stocks have a month of their own; a declaration counts in the
//! month in which the goods crossed the border. Metal is mass times concentration,
//! rounded down for each record; exports and imports take the concentration of the
//! certificate that they quote. If one concentration is unknown there is no metal.
//!
//! Behind a figure stand the exporters of its exports, the importers of its imports, the
//! parties of its stocks; of its production the owners of the sites, or the sites where
//! no owner is known. Whom a record does not name does not count.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::TryStreamExt as _;
use rmd_standard::mineral;
use serde::{Deserialize, Serialize};
use sqlx::{AnyConnection, FromRow};

use super::Error;
use crate::calendar::Month;

/// Fewer than so many behind a figure: it is not public.
pub(crate) const LEAST: u64 = 3;

/// What a figure measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Flow {
    /// Declared production.
    Production,
    /// Declared exports.
    Export,
    /// Declared imports.
    Import,
    /// Stocks at the end of the month.
    Stock,
}

impl Flow {
    /// Every one.
    pub(crate) const ALL: [Self; 4] = [Self::Production, Self::Export, Self::Import, Self::Stock];

    /// The word in tables and JSON.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Production => "production",
            Self::Export => "export",
            Self::Import => "import",
            Self::Stock => "stock",
        }
    }

    /// The word for a person, in both languages.
    pub(crate) const fn words(self) -> &'static str {
        match self {
            Self::Production => "production",
            Self::Export => "exports · exportations",
            Self::Import => "imports · importations",
            Self::Stock => "stocks",
        }
    }

    /// The flow of that word.
    pub(crate) fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|flow| flow.as_str() == word)
    }

    /// Whether months can be added up: stocks cannot.
    pub(crate) const fn adds_up(self) -> bool {
        !matches!(self, Self::Stock)
    }

    /// One row a record: country, mineral, month, who is behind it, mass, concentration.
    const fn query(self) -> &'static str {
        match self {
            Self::Production => {
                "SELECT d.country, d.mineral, d.period AS month, \
                 COALESCE(s.owner_identifier, d.mine_site_key, d.mine_site_id) AS contributor, \
                 d.mass_mg, d.concentration_ppm \
                 FROM production_declaration d \
                 LEFT JOIN mine_site s ON s.record_key = d.mine_site_key \
                 WHERE d.void = 0 AND d.mass_mg IS NOT NULL AND d.period >= $1 AND d.period < $2"
            }
            Self::Export => {
                "SELECT d.country, d.mineral, SUBSTR(d.exit_date, 1, 7) AS month, \
                 d.exporter_identifier AS contributor, d.net_mass_mg AS mass_mg, \
                 c.concentration_ppm \
                 FROM export_declaration d \
                 LEFT JOIN export_certificate c ON c.record_key = \
                 COALESCE(d.certificate_country, d.country) || '/' || \
                 REPLACE(REPLACE(d.certificate_identifier, '%', '%25'), '/', '%2F') \
                 WHERE d.void = 0 AND COALESCE(d.procedure, '') <> 'transit' \
                 AND d.exit_date >= $1 AND d.exit_date < $2"
            }
            Self::Import => {
                "SELECT d.country, d.mineral, SUBSTR(d.entry_date, 1, 7) AS month, \
                 d.importer_identifier AS contributor, d.net_mass_mg AS mass_mg, \
                 c.concentration_ppm \
                 FROM import_declaration d \
                 LEFT JOIN export_certificate c ON c.record_key = \
                 COALESCE(d.certificate_country, d.consignor_country) || '/' || \
                 REPLACE(REPLACE(d.certificate_identifier, '%', '%25'), '/', '%2F') \
                 WHERE d.void = 0 AND COALESCE(d.procedure, '') <> 'transit' \
                 AND d.entry_date >= $1 AND d.entry_date < $2"
            }
            Self::Stock => {
                "SELECT d.country, d.mineral, d.period AS month, \
                 d.party_identifier AS contributor, d.closing_mass_mg AS mass_mg, \
                 d.concentration_ppm \
                 FROM stock_declaration d \
                 WHERE d.void = 0 AND d.closing_mass_mg IS NOT NULL \
                 AND d.period >= $1 AND d.period < $2"
            }
        }
    }
}

/// One figure: a flow of a mineral in a state and a month.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(crate) struct Figure {
    /// Alpha-2.
    pub(crate) country: String,
    pub(crate) flow: Flow,
    /// HS6.
    pub(crate) mineral: String,
    /// As `2026-10`.
    pub(crate) month: String,
    /// Milligrams; the greatest number there is, if it is more.
    pub(crate) mass_mg: i64,
    /// Milligrams of contained metal; none if a concentration is unknown.
    pub(crate) metal_mg: Option<i64>,
    /// Records that were summed.
    pub(crate) records: u64,
    /// How many stand behind it.
    pub(crate) contributors: u64,
    /// Who, where they are fewer than [`LEAST`].
    pub(crate) few: Vec<String>,
}

/// A record as it counts.
#[derive(Debug, FromRow)]
pub(crate) struct Counted {
    /// Alpha-2.
    pub(crate) country: String,
    /// Any code of it; without an HS code the record does not count.
    pub(crate) mineral: Option<String>,
    /// As `2026-10`.
    pub(crate) month: String,
    pub(crate) contributor: Option<String>,
    pub(crate) mass_mg: Option<i64>,
    pub(crate) concentration_ppm: Option<i64>,
}

/// Sums of one flow.
#[derive(Default)]
pub(crate) struct Sums(BTreeMap<(String, String, String), Sum>);

impl Sums {
    /// Adds a record.
    pub(crate) fn add(&mut self, counted: Counted) {
        let Some(hs6) = counted.mineral.as_deref().and_then(mineral::hs6) else { return };
        let key = (counted.country.clone(), hs6, counted.month.clone());
        self.0.entry(key).or_default().add(counted);
    }

    /// The figures, in the order of state, mineral and month.
    pub(crate) fn figures(self, flow: Flow) -> impl Iterator<Item = Figure> {
        self.0.into_iter().map(move |(key, sum)| sum.figure(flow, key))
    }
}

#[derive(Default)]
struct Sum {
    mass_mg: i128,
    metal_mg: i128,
    unknown: u64,
    records: u64,
    contributors: BTreeSet<String>,
}

impl Sum {
    fn add(&mut self, row: Counted) {
        let mass = i128::from(row.mass_mg.unwrap_or(0));
        self.mass_mg += mass;
        self.records += 1;
        match row.concentration_ppm {
            Some(ppm) => self.metal_mg += mass * i128::from(ppm) / 1_000_000,
            None => self.unknown += 1,
        }
        self.contributors.extend(row.contributor);
    }

    fn figure(self, flow: Flow, (country, mineral, month): (String, String, String)) -> Figure {
        let contributors = self.contributors.len() as u64;
        let few = Some(self.contributors).filter(|_| contributors < LEAST).unwrap_or_default();
        Figure {
            country,
            flow,
            mineral,
            month,
            mass_mg: i64::try_from(self.mass_mg).unwrap_or(i64::MAX),
            metal_mg: (self.unknown == 0).then(|| i64::try_from(self.metal_mg).unwrap_or(i64::MAX)),
            records: self.records,
            contributors,
            few: few.into_iter().collect(),
        }
    }
}

/// Every figure of these months, both included, by state, flow, mineral and month. Reads
/// record by record, so that memory grows with the figures alone.
pub(crate) async fn between(
    connection: &mut AnyConnection,
    first: Month,
    last: Month,
) -> Result<Vec<Figure>, Error> {
    let mut figures = Vec::new();
    for flow in Flow::ALL {
        let mut sums = Sums::default();
        let mut rows = sqlx::query_as::<_, Counted>(flow.query())
            .bind(first.to_string())
            .bind(last.next().to_string())
            .fetch(&mut *connection);
        while let Some(row) = rows.try_next().await? {
            sums.add(row);
        }
        figures.extend(sums.figures(flow));
    }
    figures.sort();
    Ok(figures)
}
