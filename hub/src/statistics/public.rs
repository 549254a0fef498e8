//! The public form: what may be told of closed months, edition by edition.
//!
//! An edition of a year's tables is made when one of its months is closed, and kept as
//! it left. What is shown is always the last edition, never the regional view as it is
//! now: whoever asks twice between two closings learns nothing from the difference.

use std::collections::{BTreeMap, BTreeSet};

use rmd_standard::country::MEMBERS;
use serde::Serialize;
use sqlx::AnyConnection;

use super::{
    Error, Figure, Flow,
    disclosure::{self, Cell, Grid, Margin, Mark, Place},
    figure::LEAST,
    shelf::{self, Edition},
};
use crate::calendar::Month;

/// What became of the tables of a year.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Published {
    /// Tables of which a new edition left.
    pub(crate) tables: u64,
    /// Tables whose new edition would have given away a figure: the one before stays.
    pub(crate) kept_back: Vec<Table>,
}

/// A table by its name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Table {
    pub(crate) flow: Flow,
    /// HS6.
    pub(crate) mineral: String,
}

/// The public form of a year.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Public {
    /// `public`.
    pub(crate) form: &'static str,
    /// As `2026`.
    pub(crate) year: String,
    /// A figure behind which stand fewer is suppressed.
    pub(crate) least_contributors: u64,
    /// How uncertain every suppressed figure stays at least, above and below, in parts per
    /// million of it.
    pub(crate) margin_ppm: i64,
    pub(crate) tables: Vec<PublicTable>,
}

/// A public table of one flow of one mineral.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct PublicTable {
    pub(crate) flow: Flow,
    /// HS6.
    pub(crate) mineral: String,
    /// Counts up from 1 with every closing that changed the table.
    pub(crate) edition: i64,
    pub(crate) published_at_us: i64,
    pub(crate) cells: Vec<PublicCell>,
}

/// A public figure; without a state that of the region, without a month that of the year.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct PublicCell {
    /// Alpha-2.
    pub(crate) country: Option<String>,
    /// As `2026-10`.
    pub(crate) month: Option<String>,
    /// Milligrams; none if suppressed.
    pub(crate) mass_mg: Option<i64>,
    /// Milligrams of contained metal; none if suppressed or not known.
    pub(crate) metal_mg: Option<i64>,
    /// There is a figure, and it is not told: it rests on fewer than three, or would let
    /// such a figure be computed.
    pub(crate) suppressed: bool,
}

/// Publishes what the closed months of a year allow. `closed`: its closed months;
/// `figures`: all of theirs, of the last edition of each.
pub(crate) async fn publish(
    connection: &mut AnyConnection,
    year: &str,
    closed: &BTreeSet<Month>,
    figures: &[Figure],
    now_us: i64,
) -> Result<Published, Error> {
    let mut editions = shelf::of_year(connection, year).await?;
    let mut by_table: BTreeMap<(Flow, String), Vec<&Figure>> = BTreeMap::new();
    for figure in figures {
        by_table.entry((figure.flow, figure.mineral.clone())).or_default().push(figure);
    }
    for name in editions.keys() {
        by_table.entry(name.clone()).or_default();
    }
    let mut published = Published::default();
    for ((flow, mineral), figures) in by_table {
        let known = editions.remove(&(flow, mineral.clone())).unwrap_or_default();
        let number = known.last().map_or(1, |last| last.number + 1);
        let grid = grid(year, flow, closed.len() == 12, &figures);
        if known.last().is_some_and(|last| last.grid.is_same(&grid)) {
            continue;
        }
        let mut grids: Vec<Grid> = known.into_iter().map(|edition| edition.grid).collect();
        grids.push(grid);
        if !disclosure::protect(&mut grids, Margin::of(&mineral)) {
            published.kept_back.push(Table { flow, mineral });
            continue;
        }
        let Some(grid) = grids.pop() else { continue };
        let edition = Edition { number, published_at_us: now_us, grid };
        shelf::insert(connection, year, (flow, &mineral), &edition).await?;
        published.tables += 1;
    }
    Ok(published)
}

/// The table before anything is held back.
pub(super) fn grid(year: &str, flow: Flow, is_whole_year: bool, figures: &[&Figure]) -> Grid {
    let states = MEMBERS.iter().map(|member| member.0.to_owned()).collect();
    let months = (1..=12).map(|month| format!("{year}-{month:02}")).collect();
    Grid::new(states, months, figures.iter().copied(), flow.adds_up() && is_whole_year)
}

/// The public form of a year as it left last.
pub(crate) async fn public(connection: &mut AnyConnection, year: &str) -> Result<Public, Error> {
    let editions = shelf::of_year(connection, year).await?;
    let last = editions.into_iter().filter_map(|((flow, mineral), mut editions)| {
        let Edition { number, published_at_us, grid } = editions.pop()?;
        let cells = grid.places().into_iter().filter_map(|place| told(&grid, place)).collect();
        Some(PublicTable { flow, mineral, edition: number, published_at_us, cells })
    });
    Ok(Public {
        form: "public",
        year: year.to_owned(),
        least_contributors: LEAST,
        margin_ppm: i64::try_from(disclosure::MARGIN_PPM).unwrap_or(i64::MAX),
        tables: last.collect(),
    })
}

/// What is told of one place; nothing of one that is empty, or that the table has not.
pub(super) fn told(grid: &Grid, place: Place) -> Option<PublicCell> {
    let cell = grid.at(place);
    let is_suppressed = match cell.mark {
        Mark::Empty | Mark::Withheld => return None,
        Mark::Shown => false,
        Mark::Hidden => true,
    };
    let shown = |amount: fn(&Cell) -> Option<i128>| {
        let amount = amount(cell).filter(|_| !is_suppressed);
        amount.map(|amount| i64::try_from(amount).unwrap_or(i64::MAX))
    };
    Some(PublicCell {
        country: grid.states.get(place.0).cloned(),
        month: grid.months.get(place.1).cloned(),
        mass_mg: shown(|cell| Some(cell.mass)),
        metal_mg: shown(|cell| cell.metal),
        suppressed: is_suppressed,
    })
}
