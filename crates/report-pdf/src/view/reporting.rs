//! The calendar: a sign and a colour a cell, either of which is enough.

use rmd_report::{Reported, Reporting as Part};
use serde::Serialize;

use super::{Pen, capital};

/// The calendar.
#[derive(Debug, Serialize)]
pub(super) struct Reporting {
    intro: String,
    sum: Option<String>,
    /// Year and its number of months.
    years: Vec<(String, usize)>,
    /// First letters of the months.
    months: Vec<String>,
    rows: Vec<Row>,
    legend: Vec<(Cell, String)>,
    /// How many states reported each month.
    counts: Vec<String>,
}

#[derive(Debug, Serialize)]
struct Row {
    name: String,
    cells: Vec<Cell>,
}

/// Sign and name of a colour.
#[derive(Debug, Serialize)]
struct Cell(&'static str, &'static str);

pub(super) fn of(pen: Pen<'_>, part: &Part) -> Reporting {
    let Pen { report, lang, prose } = pen;
    let deadline = match (lang.code(), report.method.deadline_day) {
        ("fr", 1) => "1er".to_owned(),
        (_, day) => day.to_string(),
    };
    // The last months, if there are more than a page has room for.
    let first = part.months.len().saturating_sub(Part::MONTHS_MOST);
    let months = &part.months[first..];
    let mut years: Vec<(String, usize)> = Vec::new();
    for month in months {
        let year = month.year().to_string();
        match years.last_mut().filter(|last| last.0 == year) {
            Some(last) => last.1 += 1,
            None => years.push((year, 1)),
        }
    }
    let cell = |reported: Reported| Cell(reported.letter(lang), reported.word().code);
    let row = |row: &rmd_report::StateReporting| Row {
        name: lang.country(&row.country).to_owned(),
        cells: row.cells.iter().skip(first).copied().map(cell).collect(),
    };
    let counted = |month| {
        let silent = part.count(month, Reported::NoDataYet);
        let counted: usize = Reported::COUNTED.into_iter().map(|one| part.count(month, one)).sum();
        if silent == part.rows.len() { "–".to_owned() } else { counted.to_string() }
    };
    Reporting {
        intro: pen.say(prose.reporting_intro, &[("deadline", &deadline)]),
        sum: sum(pen, part),
        years,
        months: months.iter().map(|month| initial(lang.month_name(*month))).collect(),
        rows: part.rows.iter().map(row).collect(),
        legend: Reported::ALL
            .into_iter()
            .map(|one| (cell(one), lang.set(one.word().of(lang))))
            .collect(),
        counts: months.iter().copied().map(counted).collect(),
    }
}

/// How the states stand in the month of the report; none where it is not in the calendar.
fn sum(pen: Pen<'_>, part: &Part) -> Option<String> {
    let month = pen.report.month;
    let parts = Reported::ALL.into_iter().filter_map(|one| {
        let count = part.count(month, one);
        (count > 0).then(|| format!("{} {count}", one.word().of(pen.lang)))
    });
    let parts: Vec<String> = parts.collect();
    let name = capital(&pen.lang.month(month));
    let values = [("month", name.as_str()), ("parts", &parts.join(", "))];
    (!parts.is_empty()).then(|| pen.say(pen.prose.reporting_sum, &values))
}

fn initial(name: &str) -> String {
    name.chars().take(1).flat_map(char::to_uppercase).collect()
}
