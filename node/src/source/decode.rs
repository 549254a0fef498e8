//! What the decoders of the three drivers share.
//!
//! Owns the text form of days, times and instants. An instant is written in the
//! mapping's zone with its offset, so that both the instant and the local day
//! can be read from it. Never rounds: microseconds are kept.

use std::fmt::Write as _;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use rmd_standard::Cell;
use rust_decimal::Decimal;

use super::{Field, Row, Rows};

/// Collects one row out of its decoded values, in the room of an earlier row of as many.
pub(super) struct RowBuilder {
    row: Row,
    /// Cells that have their value.
    filled: usize,
}

impl RowBuilder {
    pub(super) fn new(columns: usize, rows: &mut Rows) -> Self {
        let fits =
            |pool: &&mut Vec<Row>| pool.last().is_some_and(|row: &Row| row.cells.len() == columns);
        let spare = rows.spare.iter_mut().find(fits).and_then(Vec::pop);
        let mut row = spare.unwrap_or_else(|| Row {
            cells: Vec::with_capacity(columns),
            faults: Vec::new(),
            bytes: Vec::new(),
        });
        row.faults.clear();
        row.bytes.clear();
        Self { row, filled: 0 }
    }

    pub(super) fn push(&mut self, decoded: Result<Cell, Unreadable>) {
        let index = self.filled;
        let cell = decoded.unwrap_or_else(|unreadable| {
            self.row.bytes.extend(unreadable.bytes.map(|bytes| (index, bytes)));
            self.row.faults.push((index, unreadable.fault));
            Cell::Null
        });
        match self.row.cells.get_mut(index) {
            Some(spare) => *spare = cell,
            None => self.row.cells.push(cell),
        }
        self.filled += 1;
    }

    /// The same for a text, which is most of what registers hold.
    pub(super) fn push_text(&mut self, bytes: &[u8]) {
        match (self.row.cells.get_mut(self.filled), std::str::from_utf8(bytes)) {
            (Some(Cell::Text(spare)), Ok(given)) => {
                spare.clear();
                spare.push_str(given);
                self.filled += 1;
            }
            _ => self.push(text(bytes)),
        }
    }

    pub(super) fn finish(self, rows: &mut Rows) {
        let text = |cell: &Cell| if let Cell::Text(text) = cell { text.len() } else { 0 };
        let texts: usize = self.row.cells.iter().map(text).sum();
        rows.bytes += size_of::<Row>() + self.row.cells.len() * size_of::<Cell>() + texts;
        rows.rows.push(self.row);
    }
}

/// A value that could not be read.
#[derive(Debug)]
pub(super) struct Unreadable {
    fault: String,
    /// The bytes of a text that is no UTF-8.
    bytes: Option<Vec<u8>>,
}

impl<E: std::fmt::Display> From<E> for Unreadable {
    fn from(error: E) -> Self {
        Self { fault: error.to_string(), bytes: None }
    }
}

/// A text; one that is no UTF-8 keeps its bytes.
pub(super) fn text(bytes: &[u8]) -> Result<Cell, Unreadable> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(Cell::Text(text.to_owned())),
        Err(error) => Err(Unreadable { fault: error.to_string(), bytes: Some(bytes.to_owned()) }),
    }
}

/// The result columns of a driver's row.
pub(super) fn fields<C: sqlx::Column>(columns: &[C]) -> Vec<Field> {
    columns
        .iter()
        .map(|column| Field {
            name: column.name().to_owned(),
            type_name: sqlx::TypeInfo::name(column.type_info()).to_owned(),
        })
        .collect()
}

/// An ISO day.
pub(super) fn day(date: time::Date) -> Cell {
    Cell::Text(day_text(date))
}

/// An ISO time of day, with a fraction where there is one.
pub(super) fn time_of_day(time: time::Time) -> Cell {
    let mut text = String::with_capacity(15);
    push_time(&mut text, time);
    Cell::Text(text)
}

/// A zone-less ISO date and time.
pub(super) fn local(value: time::PrimitiveDateTime) -> Cell {
    let mut text = String::with_capacity(26);
    push_day(&mut text, value.date());
    text.push('T');
    push_time(&mut text, value.time());
    Cell::Text(text)
}

/// An instant as ISO date and time with the offset of the mapping's zone.
pub(super) fn instant(value: time::OffsetDateTime, zone: &TimeZone) -> Result<Cell, String> {
    let timestamp = i64::try_from(value.unix_timestamp_nanos() / 1000)
        .ok()
        .and_then(|micros| Timestamp::from_microsecond(micros).ok())
        .ok_or_else(|| "the instant is beyond the years that a record holds".to_owned())?;
    let offset = zone.to_offset(timestamp);
    Ok(Cell::Text(timestamp.display_with_offset(offset).to_string()))
}

/// A whole number, as a decimal where it is beyond 64 bits with a sign.
pub(super) fn unsigned(value: u64) -> Cell {
    i64::try_from(value).map_or_else(|_| Cell::Decimal(Decimal::from(value)), Cell::Integer)
}

/// Bytes as hexadecimal text: the way in which hashes are written.
pub(super) fn bytes(value: &[u8]) -> Cell {
    Cell::Text(hex::encode(value))
}

fn day_text(date: time::Date) -> String {
    let mut text = String::with_capacity(10);
    push_day(&mut text, date);
    text
}

fn push_day(text: &mut String, date: time::Date) {
    match u32::try_from(date.year()) {
        Ok(year) => {
            push_two(text, year / 100);
            push_two(text, year % 100);
        }
        // Writing to a string cannot fail.
        Err(_) => {
            let _ = write!(text, "{:04}", date.year());
        }
    }
    text.push('-');
    push_two(text, u8::from(date.month()).into());
    text.push('-');
    push_two(text, date.day().into());
}

fn push_time(text: &mut String, time: time::Time) {
    let (hour, minute, second, micro) = time.as_hms_micro();
    push_two(text, hour.into());
    text.push(':');
    push_two(text, minute.into());
    text.push(':');
    push_two(text, second.into());
    if micro != 0 {
        // Writing to a string cannot fail.
        let _ = write!(text, ".{micro:06}");
    }
}

/// A number below 100 in two digits: the formatter takes longer than all else here.
fn push_two(text: &mut String, number: u32) {
    for digit in [number / 10 % 10, number % 10] {
        text.push(char::from_digit(digit, 10).unwrap_or('0'));
    }
}
