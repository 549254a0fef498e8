//! Rows of a text of separated values.
//!
//! Splits with buffers of a fixed size: a quotation mark that is never closed
//! ends the reading, not the memory.

use std::path::{Path, PathBuf};

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};
use encoding_rs::Encoding;

use super::{COLUMNS_MAX, Raw, Row, text};
use crate::Error;

/// Bytes of one row; five hundred columns of two thousand letters.
const ROW_BYTES_MAX: usize = 1 << 20;

/// The signs that separate values, the likeliest first.
pub(crate) const DELIMITERS: [u8; 4] = *b";,\t|";

/// An open text.
#[derive(Debug)]
pub(crate) struct CsvFile {
    path: PathBuf,
    encoding: &'static Encoding,
    pub(super) delimiter: u8,
}

impl CsvFile {
    pub(super) fn open(path: &Path) -> Result<Self, Error> {
        let found =
            text::detect(path).map_err(|source| Error::File { path: path.to_owned(), source })?;
        let encoding =
            found.ok_or_else(|| Error::Format { found: "binary · binaire".to_owned() })?;
        Ok(Self { path: path.to_owned(), encoding, delimiter: DELIMITERS[0] })
    }

    pub(super) fn rows(&self) -> Result<CsvRows, Error> {
        let of = |source| Error::File { path: self.path.clone(), source };
        let text = text::Decoded::open(&self.path, self.encoding).map_err(of)?;
        let reader = ReaderBuilder::new().delimiter(self.delimiter).build();
        Ok(CsvRows {
            path: self.path.clone(),
            text,
            reader,
            input: Vec::new(),
            at: 0,
            output: vec![0; ROW_BYTES_MAX],
            ends: vec![0; COLUMNS_MAX + 1],
            number: 0,
        })
    }
}

/// The rows of a text.
pub(crate) struct CsvRows {
    path: PathBuf,
    text: text::Decoded,
    reader: Reader,
    input: Vec<u8>,
    at: usize,
    output: Vec<u8>,
    ends: Vec<usize>,
    number: u32,
}

impl CsvRows {
    pub(super) fn next(&mut self, row: &mut Row) -> Result<bool, Error> {
        let Some(count) = self.record()? else { return Ok(false) };
        self.number += 1;
        row.number = self.number;
        let mut start = 0;
        for (column, end) in self.ends[..count].iter().enumerate() {
            let bytes = &self.output[start..*end];
            start = *end;
            if !bytes.is_empty() {
                row.put(column, Raw::Text(String::from_utf8_lossy(bytes).into_owned()))?;
            }
        }
        // Excel's own way to name the separator is no row of values.
        if self.number == 1 && row.cell(0).name().to_lowercase().starts_with("sep=") {
            row.cells.clear();
        }
        Ok(true)
    }

    /// The next record into the buffers; how many values it has.
    fn record(&mut self) -> Result<Option<usize>, Error> {
        let (mut written, mut ended) = (0, 0);
        let mut is_over = false;
        loop {
            if self.at == self.input.len() && !is_over {
                let of = |source| Error::File { path: self.path.clone(), source };
                self.text.fill(&mut self.input).map_err(of)?;
                self.at = 0;
                is_over = self.input.is_empty();
            }
            let (result, read, wrote, ends) = self.reader.read_record(
                &self.input[self.at..],
                &mut self.output[written..],
                &mut self.ends[ended..],
            );
            self.at += read;
            written += wrote;
            ended += ends;
            match result {
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::Record => return Ok(Some(ended)),
                ReadRecordResult::End => return Ok(None),
                ReadRecordResult::OutputFull => {
                    return Err(Error::Endless { row: self.number + 1 });
                }
                ReadRecordResult::OutputEndsFull => {
                    let (found, most) = (ended as u64, COLUMNS_MAX as u64);
                    return Err(Error::TooLarge { what: "columns · colonnes", found, most });
                }
            }
        }
    }
}
