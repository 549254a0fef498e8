//! Files that people drop: texts of separated values and workbooks.
//!
//! The reader reads files, so each input becomes one.

use std::{
    fmt::Write as _,
    io::{Cursor, Write as _},
};

use rmd_sheet::{COLUMNS_MAX, Error, Grid, ROWS_MAX, Raw, Row, TEXT_CHARS_MAX};
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

use crate::{Answer, owner::named};

/// What a workbook has beside its sheet.
const PARTS: [(&str, &str); 3] = [
    (
        "_rels/.rels",
        r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#,
    ),
    (
        "xl/workbook.xml",
        r#"<workbook xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="data" sheetId="1" r:id="r1"/></sheets></workbook>"#,
    ),
    (
        "xl/_rels/workbook.xml.rels",
        r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="r2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings" Target="sharedStrings.xml"/></Relationships>"#,
    ),
];

/// A text of separated values, in whatever encoding.
pub fn csv(bytes: &[u8]) -> Answer {
    let mut answer = Answer::Refused;
    for delimiter in *b";,\t" {
        let rows = match texts(bytes, delimiter) {
            Ok(rows) => rows,
            Err(error) => {
                refused(&error);
                continue;
            }
        };
        let again = texts(&written(&rows, delimiter), delimiter);
        assert_eq!(again.expect("it was written"), rows);
        answer = Answer::Taken;
    }
    answer
}

/// A workbook.
pub fn workbook(bytes: &[u8]) -> Answer {
    let file = file(".xlsx", bytes);
    let opened = Grid::open(file.path()).and_then(|mut grid| {
        // A file is read in several passes, which have to see the same.
        let first = all(&mut grid)?;
        assert_eq!(all(&mut grid)?, first);
        Ok(())
    });
    match opened {
        Ok(()) => Answer::Taken,
        Err(error) => refused(&error),
    }
}

/// The XML of a sheet inside an honest archive.
pub fn workbook_inside(bytes: &[u8]) -> Answer {
    workbook(&archive(bytes, b"<sst><si><t>text</t></si></sst>"))
}

/// An archive with one sheet and the texts that sheets share.
pub fn archive(sheet: &[u8], texts: &[u8]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    let fixed = PARTS.iter().map(|(name, text)| (*name, text.as_bytes()));
    let own = [("xl/worksheets/sheet1.xml", sheet), ("xl/sharedStrings.xml", texts)];
    for (name, bytes) in fixed.chain(own) {
        zip.start_file(name, options).expect("the names differ");
        zip.write_all(bytes).expect("memory can be written");
    }
    zip.finish().expect("memory can be written").into_inner()
}

fn file(suffix: &str, bytes: &[u8]) -> tempfile::NamedTempFile {
    let mut file = tempfile::Builder::new().suffix(suffix).tempfile().expect("a file can be made");
    file.write_all(bytes).expect("a small file can be written");
    file
}

/// Every row of a text.
fn texts(bytes: &[u8], delimiter: u8) -> Result<Vec<Vec<Raw>>, Error> {
    let file = file(".csv", bytes);
    let mut grid = Grid::open(file.path())?;
    grid.separate_by(delimiter);
    let (mut rows, mut row, mut found) = (grid.rows("")?, Row::default(), Vec::new());
    while rows.next(&mut row)? {
        assert!(row.number <= ROWS_MAX && row.cells.len() <= COLUMNS_MAX);
        found.push(row.cells.clone());
    }
    Ok(found)
}

/// The rows as a text again: UTF-8 under its mark, every value in quotation marks.
fn written(rows: &[Vec<Raw>], delimiter: u8) -> Vec<u8> {
    let mut text = "\u{feff}".to_owned();
    for row in rows {
        let values = row.iter().map(|cell| match cell {
            Raw::Text(value) => value.replace('"', "\"\""),
            _ => String::new(),
        });
        let values: Vec<String> = values.map(|value| format!("\"{value}\"")).collect();
        let row = if values.is_empty() { "\"\"".to_owned() } else { String::new() };
        text += &row;
        text += &values.join(char::from(delimiter).encode_utf8(&mut [0; 4]));
        text.push('\n');
    }
    text.into_bytes()
}

/// Every cell of every sheet, as text: a number that is none is not equal to itself.
fn all(grid: &mut Grid) -> Result<String, Error> {
    let mut text = String::new();
    for sheet in grid.sheets() {
        let (mut rows, mut row) = (grid.rows(&sheet)?, Row::default());
        while rows.next(&mut row)? {
            assert!(row.number <= ROWS_MAX && row.cells.len() <= COLUMNS_MAX);
            let is_bounded = |cell: &Raw| match cell {
                Raw::Text(value) | Raw::Fault(value) => value.chars().count() <= TEXT_CHARS_MAX + 1,
                _ => true,
            };
            assert!(row.cells.iter().all(is_bounded), "a text without end");
            write!(text, "{row:?}").expect("memory can be written");
        }
    }
    Ok(text)
}

fn refused(error: &Error) -> Answer {
    let text = error.to_string();
    let (english, french) = text.split_once(" / ").expect("both languages");
    named(english, french);
    Answer::Refused
}
