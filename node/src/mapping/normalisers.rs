//! What SQL does badly: a closed set of named functions over one cell.
//!
//! Owns the pipelines of a mapping and the list of what can stand in one. Every
//! normaliser is total: any cell gives a cell or a constant reason why it cannot
//! be read, and never a guess where two readings are possible. An absent cell
//! stays absent, and a value that is already what the normaliser makes passes.

mod day;
mod encoding;
mod listed;
mod number;
mod phone;
mod place;
#[cfg(test)]
mod tests;
mod text;

use std::borrow::Cow;

use rmd_standard::{Cell, Column, Misread};

pub(crate) use self::{
    day::{DateFormats, Epoch, FormatFault},
    encoding::Legacy,
    listed::{LISTED, Listed, of_name},
    number::{Mass, Point, unit_of},
    phone::Phone,
    place::Axis,
    text::{EmptyWords, folded},
};

/// One normaliser with its parameters.
#[derive(Debug, Clone)]
pub(crate) enum Normal {
    /// Blanks of every kind at the ends and between words.
    Whitespace,
    /// Words that mean that there is no value.
    EmptyWords(EmptyWords),
    /// `&eacute;` and `&#233;`.
    HtmlEntities,
    /// Text that was read in another encoding than it was written in.
    LegacyEncoding(Legacy),
    /// Numbers with a decimal comma.
    DecimalComma(Point),
    /// A mass with its unit in the text.
    MassWithUnit(Mass),
    /// Degrees, minutes and seconds.
    DegreesMinutesSeconds(Axis),
    /// Days in the formats of the source.
    Date(DateFormats),
    /// Days as a spreadsheet counts them.
    ExcelSerialDate(Epoch),
    /// Telephone numbers.
    PhoneE164(Phone),
}

/// What one normaliser made of a cell.
type Outcome = Result<Cell, &'static Misread>;

impl Normal {
    /// Its name in a mapping.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Whitespace => "whitespace",
            Self::EmptyWords(_) => "empty_words",
            Self::HtmlEntities => "html_entities",
            Self::LegacyEncoding(_) => "legacy_encoding",
            Self::DecimalComma(_) => "decimal_comma",
            Self::MassWithUnit(_) => "mass_with_unit",
            Self::DegreesMinutesSeconds(_) => "degrees_minutes_seconds",
            Self::Date(_) => "date",
            Self::ExcelSerialDate(_) => "excel_serial_date",
            Self::PhoneE164(_) => "phone_e164",
        }
    }

    /// Reads one cell that is not absent; the word of a unit goes to `unit`.
    fn read(&self, cell: &Cell, unit: &mut Option<&'static str>) -> Outcome {
        match self {
            Self::Whitespace => Ok(text::whitespace(cell)),
            Self::EmptyWords(words) => Ok(words.read(cell)),
            Self::HtmlEntities => Ok(text::html_entities(cell)),
            Self::LegacyEncoding(legacy) => legacy.read(cell),
            Self::DecimalComma(point) => number::decimal_comma(cell, *point),
            Self::MassWithUnit(mass) => mass.read(cell, unit),
            Self::DegreesMinutesSeconds(axis) => place::degrees(cell, *axis),
            Self::Date(formats) => formats.read(cell),
            Self::ExcelSerialDate(epoch) => day::excel(cell, *epoch),
            Self::PhoneE164(phone) => phone.read(cell),
        }
    }
}

/// The normalisers of one column, in the order in which they act.
#[derive(Debug, Clone)]
pub(crate) struct Pipeline {
    /// At least one.
    pub(crate) steps: Vec<Normal>,
    /// The column that takes a unit found in the text.
    pub(crate) unit: Option<Column>,
}

/// What a pipeline made of a cell.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Read {
    /// The value.
    pub(crate) cell: Cell,
    /// The word of the unit that stood in the text.
    pub(crate) unit: Option<&'static str>,
}

/// A cell that a pipeline could not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Unread {
    /// Why not.
    pub(crate) why: &'static Misread,
}

/// What one normaliser did with the cells that had a value.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct StepCount {
    /// Cells that it was given.
    pub(crate) cells: u64,
    /// Of these, cells that it changed.
    pub(crate) changed: u64,
    /// Of these, cells that it read as absent.
    pub(crate) emptied: u64,
    /// Cells that it could not read.
    pub(crate) unread: u64,
}

impl StepCount {
    fn add(&mut self, before: &Cell, after: Option<&Cell>) {
        self.cells += 1;
        match after {
            None => self.unread += 1,
            Some(after) if is_absent(after) => self.emptied += 1,
            Some(after) => self.changed += u64::from(after != before),
        }
    }
}

impl Pipeline {
    /// Runs a cell through all steps, or through those before it became absent.
    pub(crate) fn read(&self, cell: &Cell) -> Result<Read, Unread> {
        self.counted(cell, None)
    }

    /// The same; counts what each step did, one count a step.
    pub(crate) fn counted(
        &self,
        cell: &Cell,
        mut counts: Option<&mut [StepCount]>,
    ) -> Result<Read, Unread> {
        let mut unit = None;
        let mut cell = Cow::Borrowed(cell);
        for (step, normal) in self.steps.iter().enumerate() {
            if is_absent(&cell) {
                break;
            }
            let read = normal.read(&cell, &mut unit);
            if let Some(count) = counts.as_deref_mut().and_then(|counts| counts.get_mut(step)) {
                count.add(&cell, read.as_ref().ok());
            }
            cell = Cow::Owned(read.map_err(|why| Unread { why })?);
        }
        Ok(Read { cell: cell.into_owned(), unit })
    }

    /// The text that bytes mean which are no UTF-8; none if no step knows.
    pub(crate) fn text_of(&self, bytes: &[u8]) -> Option<Cell> {
        self.steps.iter().find_map(|normal| match normal {
            Normal::LegacyEncoding(legacy) => Some(legacy.text_of(bytes)),
            _ => None,
        })
    }
}

/// Whether a cell has no value.
pub(crate) fn is_absent(cell: &Cell) -> bool {
    match cell {
        Cell::Null => true,
        Cell::Text(text) => text.trim().is_empty(),
        _ => false,
    }
}

/// A text that a normaliser looks into; none for a value of another type.
fn text_of(cell: &Cell) -> Option<&str> {
    match cell {
        Cell::Text(text) => Some(text),
        _ => None,
    }
}
