//! Rows of a workbook, cell by cell.
//!
//! Formulas give the result that was stored with them. Holds the texts of the
//! workbook and one row. An error of the spreadsheet that the reader does not
//! know by name is a cell like that of any other error.

use std::{
    collections::HashMap,
    fmt,
    fs::File,
    io::BufReader,
    path::{Path, PathBuf},
};

use calamine::{DataRef, Reader as _, Xlsx, XlsxCellReader, XlsxError};

use super::{Raw, Row, TEXT_CHARS_MAX};
use crate::Error;

/// Days between the two epochs of spreadsheets.
const DAYS_TO_1904: f64 = 1462.0;

/// An open workbook.
pub(crate) struct XlsxFile {
    path: PathBuf,
    workbook: Xlsx<BufReader<File>>,
    strange: HashMap<String, Strange>,
}

/// Where errors stand that the reader does not know: how many cells come before
/// each, and its row and column from 0.
type Strange = HashMap<u64, (u32, u32)>;

impl fmt::Debug for XlsxFile {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("XlsxFile").finish_non_exhaustive()
    }
}

impl XlsxFile {
    pub(super) fn open(path: &Path) -> Result<Self, Error> {
        let path = path.to_owned();
        Ok(Self { workbook: workbook(&path)?, path, strange: HashMap::new() })
    }

    pub(super) fn sheets(&self) -> Vec<String> {
        self.workbook.sheet_names()
    }

    pub(super) fn is_1904(&self) -> bool {
        self.workbook.has_1904_epoch()
    }

    pub(super) fn rows(&mut self, sheet: &str) -> Result<XlsxRows<'_>, Error> {
        let is_1904 = self.is_1904();
        let cells = self.workbook.worksheet_cells_reader(sheet)?;
        let percent = cells.styles().iter().map(|style| {
            style.number_format.as_ref().is_some_and(|format| format.format_code.contains('%'))
        });
        let percent = percent.collect();
        Ok(XlsxRows {
            cells,
            count: 0,
            place: (&self.path, sheet.to_owned()),
            strange: &mut self.strange,
            percent,
            is_1904,
            next: None,
            is_done: false,
        })
    }
}

fn workbook(path: &Path) -> Result<Xlsx<BufReader<File>>, Error> {
    let file = File::open(path).map_err(|source| Error::File { path: path.to_owned(), source })?;
    Ok(Xlsx::new(BufReader::new(file))?)
}

/// Finds the errors that the reader does not know. It stops at each without a word
/// of its place, but goes on when asked again, and gives the places of all cells
/// when it is asked for formulas alone.
fn strange(path: &Path, sheet: &str) -> Result<Strange, Error> {
    let mut workbook = workbook(path)?;
    let (mut counts, mut count) = (Vec::new(), 0);
    let mut cells = workbook.worksheet_cells_reader(sheet)?;
    loop {
        match cells.next_cell() {
            Ok(Some(_)) => {}
            Ok(None) => break,
            Err(XlsxError::CellError(_)) => counts.push(count),
            Err(error) => return Err(error.into()),
        }
        count += 1;
    }
    drop(cells);
    let mut places = workbook.worksheet_cells_reader(sheet)?;
    let (mut found, mut wanted) = (Strange::new(), counts.into_iter().peekable());
    let mut count = 0;
    while wanted.peek().is_some() {
        let Some(cell) = places.next_formula()? else { break };
        if wanted.next_if_eq(&count).is_some() {
            found.insert(count, cell.get_position());
        }
        count += 1;
    }
    Ok(found)
}

/// The rows of one sheet.
pub(crate) struct XlsxRows<'w> {
    cells: XlsxCellReader<'w, BufReader<File>>,
    /// Cells that came so far, empty ones included.
    count: u64,
    place: (&'w Path, String),
    strange: &'w mut HashMap<String, Strange>,
    /// Which styles show a percentage.
    percent: Vec<bool>,
    is_1904: bool,
    /// The first cell of the next row.
    next: Option<(u32, usize, Raw)>,
    is_done: bool,
}

impl XlsxRows<'_> {
    pub(super) fn next(&mut self, row: &mut Row) -> Result<bool, Error> {
        let first = match self.next.take() {
            Some(first) => Some(first),
            None => self.cell()?,
        };
        let Some((number, column, raw)) = first else { return Ok(false) };
        row.number = number;
        row.put(column, raw)?;
        while let Some((number, column, raw)) = self.cell()? {
            if number != row.number {
                self.next = Some((number, column, raw));
                break;
            }
            row.put(column, raw)?;
        }
        Ok(true)
    }

    /// The next cell that holds something: row from 1, column from 0.
    fn cell(&mut self) -> Result<Option<(u32, usize, Raw)>, Error> {
        if self.is_done {
            return Ok(None);
        }
        loop {
            let cell = self.cells.next_cell_with_style_id();
            self.count += 1;
            let (cell, style) = match cell {
                Ok(Some(cell)) => cell,
                Ok(None) => break,
                Err(XlsxError::CellError(error)) => {
                    let (row, column) = self.place_of_strange()?;
                    let raw = Raw::Fault(cut(&error));
                    return Ok(Some((row.saturating_add(1), column as usize, raw)));
                }
                Err(error) => return Err(error.into()),
            };
            let is_percent = self.percent.get(style).copied().unwrap_or(false);
            let shift = if self.is_1904 { DAYS_TO_1904 } else { 0.0 };
            let raw = raw(cell.get_value(), is_percent, shift);
            let (row, column) = cell.get_position();
            if raw != Raw::Empty {
                return Ok(Some((row.saturating_add(1), column as usize, raw)));
            }
        }
        self.is_done = true;
        Ok(None)
    }

    /// Where the error stands that was just read.
    fn place_of_strange(&mut self) -> Result<(u32, u32), Error> {
        let (path, sheet) = &self.place;
        if !self.strange.contains_key(sheet) {
            self.strange.insert(sheet.clone(), strange(path, sheet)?);
        }
        let place = self.strange[sheet].get(&(self.count - 1)).copied();
        place.ok_or_else(|| Error::Broken { what: "a cell · une cellule".to_owned() })
    }
}

fn raw(value: &DataRef<'_>, is_percent: bool, shift: f64) -> Raw {
    match value {
        DataRef::Empty => Raw::Empty,
        #[expect(clippy::cast_precision_loss, reason = "the format stores 15 digits")]
        DataRef::Int(number) => Raw::Number(*number as f64),
        DataRef::Float(number) if is_percent => Raw::Percent(*number),
        DataRef::Float(number) => Raw::Number(*number),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => {
            Raw::Text(cut(text))
        }
        DataRef::SharedString(text) => Raw::Text(cut(text)),
        DataRef::Bool(truth) => Raw::Bool(*truth),
        DataRef::DateTime(stamp) => Raw::Stamp(stamp.as_f64() + shift),
        DataRef::Error(error) => Raw::Fault(error.to_string()),
    }
}

/// A text of at most one letter more than is allowed, so that it shows as too long.
fn cut(text: &str) -> String {
    if text.len() <= TEXT_CHARS_MAX {
        return text.to_owned();
    }
    text.chars().take(TEXT_CHARS_MAX + 1).collect()
}
