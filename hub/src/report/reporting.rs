//! Who reported, out of the reporting calendar.

use rmd_report::{Reported, Reporting, StateReporting};
use sqlx::AnyConnection;

use super::{Error, MONTHS, Occasion, own};
use crate::calendar;

pub(super) async fn read(
    connection: &mut AnyConnection,
    occasion: &Occasion,
) -> Result<Reporting, Error> {
    let months = occasion.month.series(MONTHS);
    let bounds = (own(occasion.month.back(MONTHS - 1)), own(occasion.month));
    let calendar = calendar::read(
        connection,
        calendar::DATED_FEED,
        bounds,
        occasion.day,
        &occasion.parameters,
    )
    .await?;
    let rows = calendar.states.iter().map(|state| StateReporting {
        country: state.country.to_owned(),
        cells: state.months.iter().map(reported).collect(),
    });
    Ok(Reporting { months, rows: rows.collect() })
}

/// A month in which the state did not exchange yet is no month without a report.
fn reported(cell: &calendar::Cell) -> Reported {
    if cell.rewritten.is_some_and(|rewritten| rewritten.changed > 0) {
        return Reported::Rewritten;
    }
    match cell.reported {
        calendar::Reported::OnTime => Reported::OnTime,
        calendar::Reported::Late => Reported::Late,
        calendar::Reported::Missing => Reported::Missing,
        calendar::Reported::Zero => Reported::Zero,
        calendar::Reported::NotDue => Reported::NotDue,
        calendar::Reported::NotOwed | calendar::Reported::NoDataYet => Reported::NoDataYet,
    }
}
