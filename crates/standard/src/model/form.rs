//! What a value must look like.
//!
//! Absence is not judged here; only a value that is there can be wrong.

mod shape;
mod text;

use super::Value;
use crate::{Severity, code, country, mineral, site_id, unit};

pub(crate) use shape::{day, local_time};

/// What a value must look like.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Form {
    /// Free text of at most so many bytes, of one line or with line ends and tabs.
    Text { max: usize, one_line: bool },
    /// ISO 3166-1 alpha-2.
    Country,
    /// ISO 3166-1 alpha-2 or UNKNOWN.
    Origin,
    /// ISO 3166-2.
    Subdivision,
    /// YYYY-MM-DD.
    Date,
    /// hh:mm:ss, with or without a zone.
    Time,
    /// YYYY-MM.
    Month,
    /// A closed code list.
    Code(&'static code::List),
    /// HS or IMA code of a mineral.
    Mineral,
    /// Milligrams, above zero.
    Mass,
    /// Milligrams, where zero is a declaration.
    MassOrZero,
    /// Minor units, zero or more.
    Money,
    /// ISO 4217.
    Currency,
    /// Parts per million.
    Concentration,
    /// Zero or more.
    Count,
    /// A decimal count in thousandths, zero or more.
    Thousandths,
    /// One or more.
    LineNumber,
    /// Gravity, 1 to 3.
    Level,
    /// UTC microseconds.
    Instant,
    /// UTC microseconds of an event that rules compare to the minute: a bare day is none.
    Moment,
    /// Ten-millionths of a degree.
    Degrees { max: i32 },
    /// Centimetres above the sea.
    Altitude,
    /// GeoJSON Polygon.
    Polygon,
    /// A mine-site id that names the record.
    SiteId,
    /// A mine-site id that names another record.
    SiteReference,
    /// E.164.
    Phone,
    /// name@host.
    Email,
    /// JSON text.
    Json,
    /// Name of a feed.
    Feed,
    /// An embedded message.
    Part,
    /// A list of embedded messages.
    List,
}

/// What can be wrong with one field.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Fault {
    /// It is not there.
    Missing,
    /// It cannot be read.
    Unreadable,
    /// It is not in its list.
    Unlisted,
    /// It is beyond its limits.
    OutOfRange,
    /// It has more digits than the unit of the standard.
    TooPrecise,
    /// It is a mass or an amount without its unit.
    NoUnit,
    /// A national value stands in a regional record.
    National,
}

impl Fault {
    /// The end of the rule id.
    pub(crate) const fn suffix(self) -> &'static str {
        match self {
            Self::Missing => "REQUIRED",
            Self::Unreadable => "FORM",
            Self::Unlisted => "LIST",
            Self::OutOfRange => "RANGE",
            Self::TooPrecise => "PRECISION",
            Self::NoUnit => "UNIT",
            Self::National => "NATIONAL",
        }
    }
}

impl Form {
    /// At most 64 characters; bytes allow for accents.
    pub(crate) const IDENTIFIER_BYTES_MAX: usize = 128;
    /// An identifier: it stands in keys, logs and tables, so it is one line.
    pub(crate) const IDENTIFIER: Self =
        Self::Text { max: Self::IDENTIFIER_BYTES_MAX, one_line: true };
    /// A name or a line of an address; national systems do break them.
    pub(crate) const LINE: Self = Self::Text { max: 512, one_line: false };
    /// Text that may have several sentences; reports themselves are never embedded.
    pub(crate) const PROSE: Self = Self::Text { max: 8192, one_line: false };

    /// The faults that a value of this form can have.
    pub(crate) const fn faults(self) -> &'static [Fault] {
        match self {
            Self::Text { .. }
            | Self::Polygon
            | Self::Count
            | Self::LineNumber
            | Self::Level
            | Self::Instant
            | Self::Moment
            | Self::Degrees { .. }
            | Self::Altitude => &[Fault::Unreadable, Fault::OutOfRange],
            Self::List => &[Fault::OutOfRange],
            Self::Country
            | Self::Origin
            | Self::Code(_)
            | Self::Currency
            | Self::Feed
            | Self::Mineral => &[Fault::Unlisted],
            Self::Subdivision
            | Self::Date
            | Self::Time
            | Self::Month
            | Self::Phone
            | Self::Email
            | Self::Json
            | Self::SiteId
            | Self::SiteReference => &[Fault::Unreadable],
            Self::Mass | Self::MassOrZero | Self::Money => {
                &[Fault::Unreadable, Fault::OutOfRange, Fault::TooPrecise, Fault::NoUnit]
            }
            Self::Concentration | Self::Thousandths => {
                &[Fault::Unreadable, Fault::OutOfRange, Fault::TooPrecise]
            }
            Self::Part => &[],
        }
    }

    /// How heavy a bad value of this form weighs.
    ///
    /// What identifies, places or counts a record must be readable. How to
    /// reach a person, which site a lot quotes, at what minute a bag was
    /// received, or what a state adds of its own leaves the record usable.
    pub(crate) const fn severity(self, fault: Fault) -> Severity {
        match (self, fault) {
            (
                Self::Subdivision
                | Self::Time
                | Self::Moment
                | Self::Phone
                | Self::Email
                | Self::Json
                | Self::SiteReference,
                _,
            )
            | (Self::Money, Fault::NoUnit) => Severity::Incomplete,
            _ => Severity::Refuse,
        }
    }

    /// What is wrong with the value, and the value as text.
    pub(crate) fn check(&self, value: &Value<'_>) -> Option<(Fault, String)> {
        match value {
            Value::Text(text) if text.is_empty() => None,
            Value::Text(text) => self.check_text(text).map(|fault| (fault, shortened(text))),
            Value::Texts(texts) => texts.iter().find_map(|text| {
                let fault =
                    if text.is_empty() { Some(Fault::Unreadable) } else { self.check_text(text) };
                fault.map(|fault| (fault, shortened(text)))
            }),
            Value::Code(code) => (**code != 0).then(|| self.check_code(**code)).flatten(),
            Value::Codes(codes) => codes.iter().find_map(|code| self.check_code(*code)),
            Value::Degrees(degrees) => self.check_number(i128::from(**degrees)),
            Value::Height(height) => height.and_then(|value| self.check_number(i128::from(value))),
            Value::Whole(whole) => {
                (**whole != 0).then(|| self.check_number(i128::from(**whole))).flatten()
            }
            Value::MaybeWhole(whole) => {
                whole.and_then(|value| self.check_number(i128::from(value)))
            }
            Value::MaybeSmall(small) => {
                small.and_then(|value| self.check_number(i128::from(value)))
            }
            Value::Small(small) => {
                (**small != 0).then(|| self.check_number(i128::from(**small))).flatten()
            }
            Value::MaybeCount(_) | Value::Part(_) | Value::List(_) => None,
        }
    }

    fn check_text(&self, text: &str) -> Option<Fault> {
        let readable = match self {
            Self::Text { max, one_line } => {
                if text.len() > *max {
                    return Some(Fault::OutOfRange);
                }
                shape::is_printable(text, *one_line)
            }
            Self::Country => return (!country::is_country(text)).then_some(Fault::Unlisted),
            Self::Origin => {
                let known = text == "UNKNOWN" || country::is_country(text);
                return (!known).then_some(Fault::Unlisted);
            }
            Self::Mineral => return (!mineral::is_mineral(text)).then_some(Fault::Unlisted),
            Self::Currency => return unit::currency(text).is_none().then_some(Fault::Unlisted),
            Self::Feed => {
                let known = matches!(text, "master-data" | "transactions");
                return (!known).then_some(Fault::Unlisted);
            }
            Self::Subdivision => shape::is_subdivision(text),
            Self::Date => shape::day(text).is_some(),
            Self::Time => shape::is_time(text),
            Self::Month => shape::is_month(text),
            Self::SiteId | Self::SiteReference => site_id::SiteId::parse(text).is_some(),
            Self::Phone => shape::is_phone(text),
            Self::Email => shape::is_email(text),
            Self::Json => shape::is_json(text),
            Self::Polygon => return shape::polygon_fault(text),
            _ => true,
        };
        (!readable).then_some(Fault::Unreadable)
    }

    fn check_code(&self, number: i32) -> Option<(Fault, String)> {
        let Self::Code(list) = self else { return None };
        list.word_of(number).is_none().then(|| (Fault::Unlisted, number.to_string()))
    }

    fn check_number(&self, number: i128) -> Option<(Fault, String)> {
        let (low, high) = match self {
            Self::Mass | Self::Instant | Self::Moment => (1, i128::MAX),
            Self::Level => (1, 3),
            Self::MassOrZero | Self::Money => (0, i128::MAX),
            Self::Concentration => (0, 1_000_000),
            Self::Degrees { max } => {
                (-i128::from(*max) * 10_000_000, i128::from(*max) * 10_000_000)
            }
            // The regional standard allows -100 m to 6000 m.
            Self::Altitude => (-10_000, 600_000),
            _ => return None,
        };
        (number < low || number > high).then(|| (Fault::OutOfRange, number.to_string()))
    }
}

/// A value as findings carry it: long text is cut, because findings travel.
pub(crate) fn shortened(text: &str) -> String {
    const VALUE_CHARS_MAX: usize = 80;
    match text.char_indices().nth(VALUE_CHARS_MAX) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
