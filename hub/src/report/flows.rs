//! Flows: for the Secretariat as they are, for everybody as their public tables left.
//!
//! Figures of a closed month are those that were frozen, whatever was declared since.

use std::collections::{BTreeMap, BTreeSet};

use rmd_report::{Edition, Figure, Flow, FlowCell, Flows, Month};
use rmd_standard::mineral::{DESIGNATED, hs6};
use sqlx::AnyConnection;

use super::{Error, MONTHS, Occasion, own};
use crate::{
    calendar::closing,
    statistics::{self, figure, public::PublicTable},
};

/// The flows of the months up to that of the report; none where nobody declared any.
pub(super) async fn read(
    connection: &mut AnyConnection,
    occasion: &Occasion,
) -> Result<Option<Flows>, Error> {
    let months = occasion.month.series(MONTHS);
    let cells = match occasion.edition {
        Edition::Full => full(connection, occasion).await?,
        Edition::Public => public(connection, &months).await?,
    };
    let mut minerals: Vec<String> =
        DESIGNATED.iter().filter_map(|mineral| hs6(mineral.1)).collect();
    let others: BTreeSet<&String> =
        cells.iter().map(|cell| &cell.mineral).filter(|code| !minerals.contains(code)).collect();
    let others: Vec<String> = others.into_iter().cloned().collect();
    minerals.extend(others);
    Ok((!cells.is_empty()).then_some(Flows { months, minerals, cells }))
}

async fn full(connection: &mut AnyConnection, occasion: &Occasion) -> Result<Vec<FlowCell>, Error> {
    let bounds = (own(occasion.month.back(MONTHS - 1)), own(occasion.month));
    let mut figures = figure::between(connection, bounds.0, bounds.1).await?;
    for closing in closing::list(connection).await? {
        if (bounds.0..=bounds.1).contains(&closing.month) {
            let month = closing.month.to_string();
            figures.retain(|figure| figure.month != month);
            figures.extend(closing.figures);
        }
    }
    figures.sort();
    Ok(figures.into_iter().filter_map(cell).collect())
}

fn cell(figure: statistics::Figure) -> Option<FlowCell> {
    Some(FlowCell {
        flow: flow(figure.flow),
        country: Some(figure.country),
        mineral: figure.mineral,
        month: figure.month.parse().ok()?,
        mass: Figure::Mg(figure.mass_mg),
        metal: figure.metal_mg.map_or(Figure::Unknown, Figure::Mg),
    })
}

async fn public(connection: &mut AnyConnection, months: &[Month]) -> Result<Vec<FlowCell>, Error> {
    let years: BTreeSet<i16> = months.iter().map(|month| month.year()).collect();
    let mut cells = BTreeMap::new();
    for year in years {
        let public = statistics::public(connection, &format!("{year:04}")).await?;
        let told = public.tables.iter().flat_map(told);
        for cell in told.filter(|cell| months.contains(&cell.month)) {
            let place = (cell.country.clone(), cell.flow, cell.mineral.clone(), cell.month);
            cells.insert(place, cell);
        }
    }
    Ok(cells.into_values().collect())
}

/// The cells of a public table; those of the year as a whole are in no report.
fn told(table: &PublicTable) -> impl Iterator<Item = FlowCell> {
    table.cells.iter().filter_map(|told| {
        let month = told.month.as_deref()?.parse().ok()?;
        let figure = |mg: Option<i64>| match (told.suppressed, mg) {
            (true, _) => Figure::Suppressed,
            (false, Some(mg)) => Figure::Mg(mg),
            (false, None) => Figure::Unknown,
        };
        Some(FlowCell {
            flow: flow(table.flow),
            mass: figure(told.mass_mg),
            metal: figure(told.metal_mg),
            country: told.country.clone(),
            mineral: table.mineral.clone(),
            month,
        })
    })
}

const fn flow(flow: statistics::Flow) -> Flow {
    match flow {
        statistics::Flow::Production => Flow::Production,
        statistics::Flow::Export => Flow::Export,
        statistics::Flow::Import => Flow::Import,
        statistics::Flow::Stock => Flow::Stock,
    }
}
