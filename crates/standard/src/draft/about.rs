//! What a column is, for those who write and check mappings.
//!
//! Owns the question which values fit an alias and whether they may leave the
//! state, and the findings about cells that no normaliser of a mapping could
//! read. Judges no value itself.

use super::{Column, Draft, column::Role, trail_of};
use crate::{
    code::{self, List},
    finding::{Ground, Issue},
    model::{Class, Fault, Form, shortened},
};

/// Which values fit a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// Any text.
    Text,
    /// ISO 3166-1 alpha-2, or a word of `[codes.country]`.
    Country,
    /// A code of a mineral, or a word of `[codes.mineral]`.
    Mineral,
    /// A word of a closed code list.
    Code(&'static List),
    /// A day.
    Date,
    /// A time of day.
    Time,
    /// A month.
    Month,
    /// A day with a time.
    Instant,
    /// A mass, with its unit in a column of its own.
    Mass,
    /// An amount, with its currency in a column of its own.
    Money,
    /// ISO 4217.
    Currency,
    /// A number.
    Number,
    /// Degrees of latitude or longitude, at most so many.
    Degrees(i32),
    /// E.164.
    Phone,
    /// name@host.
    Email,
    /// Text in a form of its own: an id, a subdivision, a polygon.
    Formed,
}

/// Why a cell could not be read on its way to the draft: constant texts, without
/// the field and the value, which the finding adds.
#[derive(Debug, PartialEq, Eq)]
pub struct Misread {
    /// Id of the rule.
    pub rule: &'static str,
    /// What is wrong, and the remedy, in English, without a full stop.
    pub en: [&'static str; 2],
    /// The same in French.
    pub fr: [&'static str; 2],
}

impl Column {
    /// Which values fit.
    pub fn shape(self) -> Shape {
        match self.role() {
            Role::Plain(spec) => of_form(spec.form),
            Role::Mass => Shape::Mass,
            Role::Money => Shape::Money,
            Role::Moment => Shape::Instant,
            Role::MomentDay => Shape::Date,
            Role::MomentTime => Shape::Time,
            Role::Unit => Shape::Code(&code::UNIT_OF_MEASUREMENT),
            _ if self.alias().ends_with("latitude") => Shape::Degrees(90),
            _ if self.alias().ends_with("longitude") => Shape::Degrees(180),
            _ => Shape::Text,
        }
    }

    /// The path of its field as findings write it, without indexes.
    pub fn field_path(self) -> String {
        let list = self.list().into_iter();
        list.chain(self.names().iter().copied()).collect::<Vec<_>>().join(".")
    }

    /// Whether its values stay in the state.
    pub fn is_national(self) -> bool {
        self.field().1.class == Class::National
    }
}

impl Draft {
    /// Notes that the cell of a column could not be read; the field stays absent.
    /// The finding weighs what an unreadable value of the field weighs.
    pub fn misread(&mut self, column: Column, why: &'static Misread, value: &str) {
        if column.entity() != self.record.entity() {
            return;
        }
        if let Some(list) = column.list_field()
            && self.open.is_none_or(|(open, _)| open != list)
        {
            self.open(list);
        }
        let trail = trail_of(column, self.index_of(column));
        let spec = column.field().1;
        self.issues.push(Issue {
            ground: Ground::Reading(why, spec),
            severity: spec.form.severity(Fault::Unreadable),
            trail,
            value: shortened(value.trim()),
        });
    }
}

fn of_form(form: Form) -> Shape {
    match form {
        Form::Country | Form::Origin => Shape::Country,
        Form::Mineral => Shape::Mineral,
        Form::Code(list) => Shape::Code(list),
        Form::Date => Shape::Date,
        Form::Time => Shape::Time,
        Form::Month => Shape::Month,
        Form::Instant => Shape::Instant,
        Form::Mass => Shape::Mass,
        Form::Money => Shape::Money,
        Form::Currency => Shape::Currency,
        Form::Concentration | Form::Count | Form::LineNumber | Form::Altitude => Shape::Number,
        Form::Degrees { max } => Shape::Degrees(max),
        Form::Phone => Shape::Phone,
        Form::Email => Shape::Email,
        Form::Text { .. } => Shape::Text,
        _ => Shape::Formed,
    }
}
