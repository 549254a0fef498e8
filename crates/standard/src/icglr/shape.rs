//! How a field stands in the standard's JSON, decided from its row of the table.
//!
//! A handful of fields have a shape that their form alone does not give; they
//! are named here once, and neither the reader, the writer nor the schema
//! knows any field by itself.

use serde_json::Value as Json;

use crate::{
    code::{self, List},
    model::{Form, Part, Value},
};

/// How a field is written.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Shape {
    /// A string, as it is.
    Text,
    /// A string without blanks around it: codes, dates, identifiers of the standard.
    Word,
    /// `hhmmss`, in Rwanda `hh:mm:ss`.
    Time,
    /// A GeoJSON object.
    Polygon,
    /// A code as the standard's integer.
    Number(&'static List),
    /// A code as a word.
    Name(&'static List),
    /// TNE or KGM; grams are written as kilograms.
    Unit,
    /// A whole number.
    Integer,
    /// A number of so many decimals, exact.
    Decimal(u32),
    /// A measured number of so many decimals, rounded to the nearest.
    Measured(u32),
    /// A mass in the unit that stands beside it.
    Mass(Weighed),
    /// An amount; the index is that of its currency.
    Money(Paid, usize),
    /// An instant, RFC 3339.
    Instant,
    /// An instant as day, local time and RFC 3339.
    Registered,
    /// An array of strings.
    Words,
    /// An array of the standard's integers.
    Numbers(&'static List),
    /// Several strings in one.
    Joined(Joint),
    /// The first as a string, the others in a list of ours.
    Phones,
    /// An object.
    Part,
    /// An Address; older documents have a string.
    Locality,
    /// An array of objects.
    Parts,
    /// The first as an object, the others in an array of ours.
    Tags,
    /// An array of objects; a bare string is a lot number.
    Inputs,
    /// The currency of an amount, written with the amount.
    Currency,
    /// Attributes of a national usage: each stands at its own place.
    Extensions,
}

impl Shape {
    /// Whether an empty object or array says that there is none: not where a list is
    /// meant and one object alone is read for it, because that one is there.
    pub(super) const fn may_be(self, value: &Json) -> bool {
        match value {
            Json::Object(_) => {
                matches!(self, Self::Part | Self::Locality | Self::Tags | Self::Polygon)
            }
            Json::Array(_) => matches!(
                self,
                Self::Words
                    | Self::Numbers(_)
                    | Self::Joined(_)
                    | Self::Phones
                    | Self::Parts
                    | Self::Tags
                    | Self::Inputs
            ),
            _ => true,
        }
    }
}

/// Which unit a mass is written in.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Weighed {
    /// That of this field of the same message.
    Here(usize),
    /// That of the record.
    Record,
    /// Kilograms, with the unit beside them.
    Stated,
}

/// How an amount is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Paid {
    /// `USD 85000.00`; a bare number is in US dollars.
    Joined,
    /// A number, with its currency in a member of its own.
    Plain,
    /// A number, as `Plain`; Rwanda's `price` is in US dollars.
    Price,
}

/// What separates the strings in one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Joint {
    /// Semicolons alone: a lot number may hold anything else.
    Semicolon,
    /// Origins: semicolons, commas or blanks, and `0` for an unknown one.
    Origin,
}

/// The shape of the field with that index.
pub(super) fn of(part: &mut dyn Part, index: usize) -> Shape {
    let spec = part.spec(index);
    match (spec.name, spec.form) {
        ("registered_at_us", _) => Shape::Registered,
        ("local_geographic_designation", _) => Shape::Locality,
        ("tag", Form::List) => Shape::Tags,
        ("input_lot", Form::List) => Shape::Inputs,
        ("extension", Form::List) => Shape::Extensions,
        ("customs_value_currency", _) => Shape::Currency,
        (_, Form::List) => Shape::Parts,
        (_, Form::Part) => Shape::Part,
        (_, Form::Mass | Form::MassOrZero) => Shape::Mass(weighed(part)),
        (name, Form::Money) => money(part, name),
        (_, Form::Code(list)) => code_shape(list, &part.value(index)),
        (_, form) => plain(form, &part.value(index)),
    }
}

fn plain(form: Form, value: &Value<'_>) -> Shape {
    match form {
        Form::Text { .. } if matches!(value, Value::Texts(_)) => Shape::Joined(Joint::Semicolon),
        Form::Origin => Shape::Joined(Joint::Origin),
        Form::Phone => Shape::Phones,
        Form::Time => Shape::Time,
        Form::Polygon => Shape::Polygon,
        Form::Instant | Form::Moment => Shape::Instant,
        Form::Concentration => Shape::Decimal(4),
        Form::Thousandths => Shape::Decimal(3),
        Form::Degrees { .. } => Shape::Measured(7),
        Form::Altitude => Shape::Measured(2),
        Form::Count | Form::LineNumber | Form::Level => Shape::Integer,
        Form::Text { .. } | Form::Json => Shape::Text,
        _ if matches!(value, Value::Texts(_)) => Shape::Words,
        _ => Shape::Word,
    }
}

fn code_shape(list: &'static List, value: &Value<'_>) -> Shape {
    let counted = list.codes.iter().all(|code| code.standard.is_some());
    match value {
        Value::Codes(_) => Shape::Numbers(list),
        _ if list.name == code::UNIT_OF_MEASUREMENT.name => Shape::Unit,
        _ if counted => Shape::Number(list),
        _ => Shape::Name(list),
    }
}

fn weighed(part: &dyn Part) -> Weighed {
    let unit = |index: &usize| matches!(part.spec(*index).form, Form::Code(list) if list.name == code::UNIT_OF_MEASUREMENT.name);
    match (0..part.len()).find(unit) {
        Some(index) => Weighed::Here(index),
        None if part.code() == "MD12-INPUT" => Weighed::Record,
        None => Weighed::Stated,
    }
}

fn money(part: &dyn Part, name: &str) -> Shape {
    let currency = (0..part.len()).find(|index| matches!(part.spec(*index).form, Form::Currency));
    let currency = currency.expect("an amount has its currency beside it, which a test reads");
    let paid = match name {
        "customs_value_minor" => Paid::Joined,
        "price_per_kg_minor" => Paid::Price,
        _ => Paid::Plain,
    };
    Shape::Money(paid, currency)
}
