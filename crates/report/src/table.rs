//! The report as tables: one source for the workbook and for the text files.
//!
//! A table has the same columns whatever the data. A cell without a value is empty,
//! never a zero; the column beside a mass says why.

mod about;
mod counted;
mod followed;
mod rested;

use jiff::civil::Date;

use crate::{
    Figure, Lang, Month, MonthlyReport,
    words::{self, Word},
};

/// A table of the report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// Name of its file, and what it is called.
    pub name: Word,
    /// Its columns.
    pub columns: Vec<Column>,
    /// Its rows, each with a cell a column.
    pub rows: Vec<Vec<Cell>>,
}

/// A column: its head in files for machines and in both languages, and how wide its
/// cells are, in letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// Its heads.
    pub head: Word,
    /// Letters of a usual cell.
    pub width: u8,
}

/// A value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    /// A text that is the same in every language.
    Text(String),
    /// A text in both languages: English, French.
    Said(String, String),
    /// One of a closed list.
    Coded(Word),
    /// A state, by its alpha-2 code.
    Country(String),
    /// A count.
    Count(i64),
    /// Milligrams, written in kilograms.
    Mass(i64),
    /// A day.
    Day(Date),
    /// A month.
    Month(Month),
    /// No value.
    Nothing,
}

impl Cell {
    pub(crate) fn count(count: u64) -> Self {
        Self::Count(i64::try_from(count).unwrap_or(i64::MAX))
    }

    fn figure(figure: Figure) -> Self {
        match figure {
            Figure::Mg(mg) => Self::Mass(mg),
            Figure::Suppressed | Figure::Unknown => Self::Nothing,
        }
    }

    /// Why a figure is not shown.
    fn remark(figure: Option<Figure>) -> Self {
        figure.and_then(Figure::word).map_or(Self::Nothing, Self::Coded)
    }

    fn day(day: Option<Date>) -> Self {
        day.map_or(Self::Nothing, Self::Day)
    }

    fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// As files for machines have it, in no language.
    pub fn plain(&self) -> String {
        match self {
            Self::Text(text) | Self::Said(text, _) => text.clone(),
            Self::Coded(word) => word.code.to_owned(),
            Self::Country(alpha2) => words::alpha3(alpha2).to_owned(),
            Self::Count(count) => count.to_string(),
            Self::Mass(mg) => kilograms(*mg),
            Self::Day(day) => day.to_string(),
            Self::Month(month) => month.to_string(),
            Self::Nothing => String::new(),
        }
    }
}

/// Every table of a report, in its order.
pub fn all(report: &MonthlyReport) -> Vec<Table> {
    vec![
        about::about(report),
        counted::reporting(report),
        counted::flows(report),
        counted::matching(report),
        counted::finding_counts(report),
        counted::untested(report),
        counted::findings(report),
        followed::cases(report),
        followed::case_steps(report),
        counted::statuses(report),
        followed::changes(report),
        followed::changed(report),
        counted::lapses(report),
        rested::rules(report),
        rested::limits(report),
        rested::feeds(report),
    ]
}

/// The name of a state as a sheet shows it.
pub(crate) fn named(alpha2: &str, lang: Lang) -> String {
    format!("{} · {}", words::alpha3(alpha2), lang.country(alpha2))
}

const fn column(code: &'static str, en: &'static str, fr: &'static str, width: u8) -> Column {
    Column { head: Word { code, en, fr }, width }
}

/// Exact kilograms, with as many decimals as needed.
fn kilograms(mg: i64) -> String {
    let (whole, rest) = (mg.unsigned_abs() / 1_000_000, mg.unsigned_abs() % 1_000_000);
    let sign = if mg < 0 { "-" } else { "" };
    let text = format!("{sign}{whole}.{rest:06}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn kilograms_are_exact() {
        assert_eq!(kilograms(1_234_567), "1.234567");
        assert_eq!(kilograms(-500_000), "-0.5");
        assert_eq!(kilograms(20_000_000), "20");
        assert_eq!(kilograms(0), "0");
    }

    #[test]
    fn every_row_has_a_cell_a_column() {
        let reports = [sample::realistic(), sample::nearly_empty()];
        for table in reports.iter().flat_map(all) {
            for row in &table.rows {
                assert_eq!(row.len(), table.columns.len(), "{}", table.name.code);
            }
        }
    }

    #[test]
    fn what_nobody_reported_is_in_no_row() {
        for table in all(&sample::nearly_empty()) {
            let is_filled = matches!(table.name.code, "about" | "rules" | "limits" | "reporting");
            assert_eq!(!table.rows.is_empty(), is_filled, "{}", table.name.code);
        }
    }
}
