//! A file as rows of cells, whatever its format.
//!
//! Owns the bounds: rows, columns, the length of a text. Gives one row at a
//! time and never holds the file. Invariant: the same file gives the same rows
//! each time it is read, because a file is read in several passes.

mod archive;
mod csv;
mod text;
mod xlsx;

use std::{fmt, fs::File, io::Read as _, path::Path};

use self::{
    csv::{CsvFile, CsvRows},
    xlsx::{XlsxFile, XlsxRows},
};
use crate::Error;

/// Bytes of a file; beyond this a national system should post or be mapped.
pub const FILE_BYTES_MAX: u64 = 200 << 20;

/// Rows of a sheet, nearly what a spreadsheet program holds.
pub const ROWS_MAX: u32 = 1_000_000;

/// Columns of a sheet; the widest record type has fewer than a hundred.
pub const COLUMNS_MAX: usize = 500;

/// Letters of a cell, what a spreadsheet program holds.
pub const TEXT_CHARS_MAX: usize = 32_767;

/// One cell as the file has it.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Raw {
    /// Nothing.
    #[default]
    Empty,
    /// Text.
    Text(String),
    /// A number, or the last result of a formula.
    Number(f64),
    /// A number that is shown as a percentage.
    Percent(f64),
    /// Days since 1899-12-30, shown as a date or a time.
    Stamp(f64),
    /// A truth value.
    Bool(bool),
    /// An error such as `#N/A`.
    Fault(String),
}

impl Raw {
    /// Whether there is nothing to read.
    pub fn is_blank(&self) -> bool {
        match self {
            Self::Empty => true,
            Self::Text(text) => text.trim().is_empty(),
            _ => false,
        }
    }

    /// The cell as text that names something: a header, a key.
    pub fn name(&self) -> String {
        match self {
            Self::Text(text) | Self::Fault(text) => text.trim().to_owned(),
            Self::Number(number) | Self::Percent(number) | Self::Stamp(number) => {
                number.to_string()
            }
            Self::Bool(truth) => truth.to_string(),
            Self::Empty => String::new(),
        }
    }
}

/// One row.
#[derive(Debug, Default)]
pub struct Row {
    /// Counted from 1, as spreadsheets show it.
    pub number: u32,
    /// Cells from the first column on; what is beyond is empty.
    pub cells: Vec<Raw>,
}

impl Row {
    /// The cell of a column.
    pub fn cell(&self, column: usize) -> &Raw {
        const EMPTY: &Raw = &Raw::Empty;
        self.cells.get(column).unwrap_or(EMPTY)
    }

    /// Puts a cell into its column.
    fn put(&mut self, column: usize, raw: Raw) -> Result<(), Error> {
        if raw == Raw::Empty {
            return Ok(());
        }
        if column >= COLUMNS_MAX {
            let (found, most) = (column as u64 + 1, COLUMNS_MAX as u64);
            return Err(Error::TooLarge { what: "columns · colonnes", found, most });
        }
        if self.cells.len() <= column {
            self.cells.resize(column + 1, Raw::Empty);
        }
        self.cells[column] = raw;
        Ok(())
    }
}

/// A file that can be read, as often as one likes.
#[derive(Debug)]
pub struct Grid(Format);

#[derive(Debug)]
enum Format {
    Xlsx(Box<XlsxFile>),
    /// Its only sheet has the name of the file.
    Csv(CsvFile),
}

/// The rows of one sheet.
pub struct Rows<'g>(Source<'g>);

enum Source<'g> {
    Xlsx(Box<XlsxRows<'g>>),
    Csv(Box<CsvRows>),
}

/// What a file is, by its first bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Content {
    Zip,
    Ole,
    Text,
}

impl Grid {
    /// Opens a file after its bounds were looked at.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let of = |source| Error::File { path: path.to_owned(), source };
        let mut file = File::open(path).map_err(of)?;
        let bytes = file.metadata().map_err(of)?.len();
        if bytes > FILE_BYTES_MAX {
            let (found, most) = (bytes, FILE_BYTES_MAX);
            return Err(Error::TooLarge { what: "bytes · octets", found, most });
        }
        let mut head = Vec::with_capacity(8);
        file.by_ref().take(8).read_to_end(&mut head).map_err(of)?;
        let content = match head.as_slice() {
            [b'P', b'K', 3 | 5, ..] => Content::Zip,
            [0xd0, 0xcf, 0x11, 0xe0, ..] => Content::Ole,
            _ => Content::Text,
        };
        let extension = path.extension().unwrap_or_default().to_string_lossy().to_lowercase();
        match (extension.as_str(), content) {
            ("xlsx", Content::Zip) => {
                archive::check(path)?;
                Ok(Self(Format::Xlsx(Box::new(XlsxFile::open(path)?))))
            }
            ("xlsx", Content::Ole) => Err(Error::Encrypted),
            ("xlsm" | "xltm", _) => Err(Error::Macros),
            ("csv" | "txt" | "tsv", Content::Text) => Ok(Self(Format::Csv(CsvFile::open(path)?))),
            ("xlsx", Content::Text) => {
                Err(Error::Extension { extension, found: "text · du texte" })
            }
            ("csv" | "txt" | "tsv", _) => {
                Err(Error::Extension { extension, found: "a workbook · un classeur" })
            }
            _ => Err(Error::Format { found: format!(".{extension}") }),
        }
    }

    /// The names of the sheets, in their order.
    pub fn sheets(&self) -> Vec<String> {
        match &self.0 {
            Format::Xlsx(file) => file.sheets(),
            Format::Csv(_) => vec![String::new()],
        }
    }

    /// The rows of a sheet, from the first one.
    pub fn rows(&mut self, sheet: &str) -> Result<Rows<'_>, Error> {
        Ok(Rows(match &mut self.0 {
            Format::Xlsx(file) => Source::Xlsx(Box::new(file.rows(sheet)?)),
            Format::Csv(file) => Source::Csv(Box::new(file.rows()?)),
        }))
    }

    /// Whether days are counted from 1904 on.
    pub fn is_1904(&self) -> bool {
        match &self.0 {
            Format::Xlsx(file) => file.is_1904(),
            Format::Csv(_) => false,
        }
    }

    /// Separates the values of a text by another sign; nothing for a workbook.
    pub fn separate_by(&mut self, delimiter: u8) {
        if let Format::Csv(file) = &mut self.0 {
            file.delimiter = delimiter;
        }
    }

    /// The sign between the values of a text.
    pub fn delimiter(&self) -> Option<u8> {
        match &self.0 {
            Format::Xlsx(_) => None,
            Format::Csv(file) => Some(file.delimiter),
        }
    }
}

impl fmt::Debug for Rows<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Rows").finish_non_exhaustive()
    }
}

impl Rows<'_> {
    /// Reads the next row that has a cell; false at the end.
    pub fn next(&mut self, row: &mut Row) -> Result<bool, Error> {
        row.cells.clear();
        let before = row.number;
        let found = match &mut self.0 {
            Source::Xlsx(rows) => rows.next(row)?,
            Source::Csv(rows) => rows.next(row)?,
        };
        if found && row.number <= before {
            return Err(Error::Broken { what: format!("row · ligne {}", row.number) });
        }
        if found && row.number > ROWS_MAX {
            let (found, most) = (u64::from(row.number), u64::from(ROWS_MAX));
            return Err(Error::TooLarge { what: "rows · lignes", found, most });
        }
        Ok(found)
    }
}
