//! Every table as a file of comma-separated values.
//!
//! The same in both languages, because programs read them: codes instead of words,
//! heads that do not change, a point before decimals, days as `2026-10-31`. UTF-8 with
//! a mark at the beginning, by which a spreadsheet program knows the letters; who reads
//! in a spreadsheet program is better served by the workbook.

use crate::{MonthlyReport, table};

/// The mark by which a spreadsheet program takes the file for UTF-8.
pub const MARK: &str = "\u{feff}";

/// A file of the report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Its name, `flows.csv`.
    pub name: String,
    /// Its content.
    pub bytes: Vec<u8>,
}

/// Why there is no file; memory alone is written to, so that none is expected.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A row could not be written.
    #[error("write the rows of {table}")]
    Row {
        /// The table.
        table: &'static str,
        /// The cause.
        #[source]
        error: csv::Error,
    },
    /// The last rows could not be written.
    #[error("write the last rows of {0}")]
    End(&'static str),
}

/// One file a table.
pub fn files(report: &MonthlyReport) -> Result<Vec<File>, Error> {
    table::all(report).iter().map(file).collect()
}

fn file(table: &table::Table) -> Result<File, Error> {
    let name = table.name.code;
    let row = |error| Error::Row { table: name, error };
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(MARK.as_bytes().to_vec());
    writer.write_record(table.columns.iter().map(|column| column.head.code)).map_err(row)?;
    for cells in &table.rows {
        writer.write_record(cells.iter().map(|cell| guarded(&cell.plain()))).map_err(row)?;
    }
    let bytes = writer.into_inner().map_err(|_| Error::End(name))?;
    Ok(File { name: format!("{name}.csv"), bytes })
}

/// A text that a spreadsheet program would take for a formula begins with an apostrophe.
/// Numbers keep their sign.
fn guarded(text: &str) -> String {
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    if is_formula && text.parse::<f64>().is_err() { format!("'{text}") } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn files_read_back_hold_the_tables() {
        let report = sample::realistic();
        let files = files(&report).unwrap();
        let tables = table::all(&report);
        assert_eq!(files.len(), tables.len());
        for (file, table) in files.iter().zip(&tables) {
            let text = std::str::from_utf8(&file.bytes).unwrap().strip_prefix(MARK).unwrap();
            let mut reader = csv::Reader::from_reader(text.as_bytes());
            let heads: Vec<&str> = table.columns.iter().map(|column| column.head.code).collect();
            assert_eq!(reader.headers().unwrap(), heads);
            let read: Vec<Vec<String>> = reader
                .records()
                .map(|record| record.unwrap().iter().map(str::to_owned).collect())
                .collect();
            let written: Vec<Vec<String>> =
                table.rows.iter().map(|row| row.iter().map(table::Cell::plain).collect()).collect();
            assert_eq!(read, written, "{}", file.name);
        }
    }

    #[test]
    fn a_text_is_never_taken_for_a_formula() {
        assert_eq!(guarded("=HYPERLINK(\"x\")"), "'=HYPERLINK(\"x\")");
        assert_eq!(guarded("@SUM(A1)"), "'@SUM(A1)");
        assert_eq!(guarded("-1.5"), "-1.5");
        assert_eq!(guarded("RW-1.9+30.0-1"), "RW-1.9+30.0-1");
    }
}
