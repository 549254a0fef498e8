//! The report as a workbook: one sheet a table, for people who go on computing.
//!
//! Numbers are numbers and days are days. Two rows of heads, English and French, stay
//! in view; words are those of the language that was asked for. Texts are never
//! formulas. The same data give the same bytes.

use rust_xlsxwriter::{
    Color, DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, Workbook, Worksheet,
    XlsxError,
};

use jiff::civil::Date;

use crate::{
    Lang, MonthlyReport,
    table::{self, Cell, Table},
    words,
};

/// Rows of heads.
const HEAD_ROWS: u32 = 2;
/// A4.
const PAPER: u8 = 9;

/// Why there is no workbook.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A cell, or the file, could not be written.
    #[error("write the workbook")]
    Write(#[from] XlsxError),
    /// More rows or columns than a sheet has.
    #[error(
        "the table {0} is too large for a sheet; its csv file holds it all · la table {0} est trop grande pour une feuille ; son fichier csv contient tout"
    )]
    TooLarge(&'static str),
}

/// The workbook of a report, its words in a language.
pub fn workbook(report: &MonthlyReport, lang: Lang) -> Result<Vec<u8>, Error> {
    let mut workbook = Workbook::new();
    let day = excel_day(report.evaluated_on)?;
    let title = format!("{} · {}", report.network, lang.month(report.month));
    workbook.set_properties(&DocProperties::new().set_title(title).set_creation_datetime(&day));
    let looks = Looks::new();
    for table in table::all(report) {
        let sheet = workbook.add_worksheet().set_name(table.name.of(lang))?;
        write(sheet, &table, lang, &looks)?;
    }
    Ok(workbook.save_to_buffer()?)
}

fn write(sheet: &mut Worksheet, table: &Table, lang: Lang, looks: &Looks) -> Result<(), Error> {
    let too_large = || Error::TooLarge(table.name.code);
    let last_column =
        u16::try_from(table.columns.len().saturating_sub(1)).map_err(|_| too_large())?;
    for (place, column) in (0_u16..).zip(&table.columns) {
        sheet.write_string_with_format(0, place, column.head.en, &looks.head)?;
        sheet.write_string_with_format(1, place, column.head.fr, &looks.head_below)?;
        sheet.set_column_width(place, f64::from(column.width))?;
    }
    for (place, row) in (HEAD_ROWS..).zip(&table.rows) {
        for (column, cell) in (0_u16..).zip(row) {
            put(sheet, (place, column), cell, lang, looks)?;
        }
    }
    if table.rows.is_empty() {
        sheet.write_string_with_format(HEAD_ROWS, 0, words::NO_DATA.of(lang), &looks.soft)?;
    }
    let rows = u32::try_from(table.rows.len().max(1)).map_err(|_| too_large())?;
    sheet.autofilter(1, 0, rows + 1, last_column)?;
    sheet.set_freeze_panes(HEAD_ROWS, 0)?;
    sheet.set_landscape().set_paper_size(PAPER).set_print_fit_to_pages(1, 0);
    sheet.set_repeat_rows(0, 1)?;
    Ok(())
}

fn put(
    sheet: &mut Worksheet,
    (row, column): (u32, u16),
    cell: &Cell,
    lang: Lang,
    looks: &Looks,
) -> Result<(), Error> {
    match cell {
        Cell::Text(text) => sheet.write_string_with_format(row, column, text, &looks.text)?,
        Cell::Said(en, fr) => {
            let text = lang.set(lang.pick(en, fr));
            sheet.write_string_with_format(row, column, text, &looks.text)?
        }
        Cell::Coded(word) => {
            sheet.write_string_with_format(row, column, word.of(lang), &looks.text)?
        }
        Cell::Country(alpha2) => {
            let name = table::named(alpha2, lang);
            sheet.write_string_with_format(row, column, name, &looks.text)?
        }
        Cell::Count(count) => {
            sheet.write_number_with_format(row, column, exact(*count), &looks.count)?
        }
        Cell::Mass(mg) => {
            let kilograms = exact(*mg) / 1_000_000.0;
            sheet.write_number_with_format(row, column, kilograms, &looks.mass)?
        }
        Cell::Day(day) => {
            sheet.write_datetime_with_format(row, column, excel_day(*day)?, &looks.day)?
        }
        Cell::Month(month) => {
            let day = excel_day(month.first_day())?;
            sheet.write_datetime_with_format(row, column, day, &looks.month)?
        }
        Cell::Nothing => sheet,
    };
    Ok(())
}

/// A cell of a sheet is a floating-point number: exact up to nine thousand tonnes, and
/// to its sixteenth digit beyond.
#[expect(clippy::cast_precision_loss, reason = "a cell of a sheet is a floating-point number")]
fn exact(number: i64) -> f64 {
    number as f64
}

fn excel_day(day: Date) -> Result<ExcelDateTime, XlsxError> {
    let (year, month) = (day.year().unsigned_abs(), day.month().unsigned_abs());
    ExcelDateTime::from_ymd(year, month, day.day().unsigned_abs())
}

struct Looks {
    head: Format,
    head_below: Format,
    text: Format,
    soft: Format,
    count: Format,
    mass: Format,
    day: Format,
    month: Format,
}

impl Looks {
    fn new() -> Self {
        let head = Format::new()
            .set_bold()
            .set_text_wrap()
            .set_align(FormatAlign::Top)
            .set_background_color(Color::RGB(0x00E2_EEF9))
            .set_font_color(Color::RGB(0x001D_2529));
        Self {
            head_below: head.clone().set_italic().set_border_bottom(FormatBorder::Thin),
            head,
            text: Format::new().set_align(FormatAlign::Top),
            soft: Format::new().set_italic().set_font_color(Color::RGB(0x0055_626A)),
            count: Format::new().set_num_format("#,##0").set_align(FormatAlign::Top),
            mass: Format::new().set_num_format("#,##0.000").set_align(FormatAlign::Top),
            day: Format::new().set_num_format("yyyy-mm-dd").set_align(FormatAlign::Top),
            month: Format::new().set_num_format("yyyy-mm").set_align(FormatAlign::Top),
        }
    }
}

#[cfg(test)]
mod tests;
