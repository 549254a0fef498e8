//! What was produced, exported, imported and kept, by state, mineral and month.
//!
//! Masses are milligrams. A cell that is absent has no data yet; a cell that rests on
//! too few parties is suppressed in public, and so is whatever would give it away.

use serde::{Deserialize, Serialize};

use crate::Month;

/// Every known cell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flows {
    /// The months that are covered, the earliest first; the last is that of the report.
    pub months: Vec<Month>,
    /// The minerals (HS6), in the order in which they are shown.
    pub minerals: Vec<String>,
    /// The cells that are known; no two of the same flow, state, mineral and month.
    pub cells: Vec<FlowCell>,
}

impl Flows {
    /// The cell, if somebody reported it; of the whole region where no state is given.
    pub fn cell(
        &self,
        flow: Flow,
        country: Option<&str>,
        mineral: &str,
        month: Month,
    ) -> Option<&FlowCell> {
        self.cells.iter().find(|cell| {
            cell.flow == flow
                && cell.country.as_deref() == country
                && cell.mineral == mineral
                && cell.month == month
        })
    }

    /// A figure over the region: as it is given, else the sum of what may be shown.
    /// None where no state reported.
    pub fn total(
        &self,
        flow: Flow,
        mineral: &str,
        month: Month,
        figure: fn(&FlowCell) -> Figure,
    ) -> Option<Total> {
        if let Some(cell) = self.cell(flow, None, mineral, month) {
            return Some(Total::default().with(figure(cell)));
        }
        let of_month = self
            .cells
            .iter()
            .filter(|cell| cell.flow == flow && cell.mineral == mineral && cell.month == month);
        let figures: Vec<Figure> = of_month.map(figure).collect();
        let sum = || figures.iter().fold(Total::default(), |total, figure| total.with(*figure));
        (!figures.is_empty()).then(sum)
    }
}

/// A sum of what may be shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Total {
    /// Milligrams.
    pub mg: i64,
    /// How many figures it could show.
    pub shown: usize,
    /// Whether there is more to it that is not shown.
    pub is_partial: bool,
    /// Whether something of it is suppressed, and not only unknown.
    pub is_suppressed: bool,
}

impl Total {
    /// With another figure.
    #[must_use]
    fn with(self, figure: Figure) -> Self {
        match figure {
            Figure::Mg(mg) => {
                Self { mg: self.mg.saturating_add(mg), shown: self.shown + 1, ..self }
            }
            Figure::Suppressed => Self { is_partial: true, is_suppressed: true, ..self },
            Figure::Unknown => Self { is_partial: true, ..self },
        }
    }
}

/// What moves, or is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Flow {
    /// Declared by sites in the month.
    Production,
    /// Declared at the exit from the state.
    Export,
    /// Declared at the entry into the state.
    Import,
    /// Held at the end of the month.
    Stock,
}

impl Flow {
    /// All, in the order of tables.
    pub const ALL: [Self; 4] = [Self::Production, Self::Export, Self::Import, Self::Stock];
}

/// One figure of one state, mineral and month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FlowCell {
    /// What moves.
    pub flow: Flow,
    /// Alpha-2; the whole region if none.
    pub country: Option<String>,
    /// HS6.
    pub mineral: String,
    /// The month.
    pub month: Month,
    /// Gross mass.
    pub mass: Figure,
    /// Mass of the metal or oxide in it.
    pub metal: Figure,
}

/// A mass, or why there is none to be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Figure {
    /// Milligrams; zero where zero was reported.
    Mg(i64),
    /// Too few parties stand behind it, or it would give away such a figure. In public
    /// editions alone.
    Suppressed,
    /// Something of it was reported and something needed for it was not: a
    /// concentration, for example.
    Unknown,
}
