//! The tables that describe the messages of the standard, field by field.
//!
//! Each table row names a field, says what a value must look like, whether it
//! is required, who may see it, and how to reach it: a function pointer
//! straight into the generated message. Checks, releases, drafts, JSON and the
//! list of rules all read these tables; none of them knows a field by itself.
//!
//! Invariant: every field of every message has exactly one row, in the order of
//! the .proto text; a test compares the two.

mod declaration;
mod field;
mod form;
mod lot;
mod mine_site;
mod party;
mod trade;
mod trail;
mod value;

pub(crate) use field::{Class, Field, Message, Part, Rule, RuleText, Spec};
pub(crate) use form::{Fault, Form, day, local_time, shortened};
pub(crate) use trail::Trail;
pub(crate) use value::{Items, Slot, Value};

use crate::Record;

/// Elements of one list of a record. A container holds some 400 bags, each with
/// a tag; what is longer is no list but an attack or a wrong join.
pub(crate) const ELEMENTS_MAX: usize = 4096;

/// The message of a record as a described part.
pub(crate) fn part_of(record: &mut Record) -> &mut dyn Part {
    match record {
        Record::MineSite(message) => message.as_mut(),
        Record::ExporterStatus(message) => message.as_mut(),
        Record::Lot(message) => message.as_mut(),
        Record::ExportCertificate(message) => message.as_mut(),
        Record::ExportDeclaration(message) => message.as_mut(),
        Record::ImportDeclaration(message) => message.as_mut(),
        Record::ProductionDeclaration(message) => message.as_mut(),
        Record::StockDeclaration(message) => message.as_mut(),
        Record::ReportingPeriod(message) => message.as_mut(),
        Record::Audit(message) => message.as_mut(),
        Record::Incident(message) => message.as_mut(),
    }
}

/// The number of the field of that name.
pub(crate) fn number_of(part: &dyn Part, name: &str) -> usize {
    let number = (0..part.len()).find(|index| part.spec(*index).name == name);
    number.expect("the name is a row of the table, which a test reads")
}

#[cfg(test)]
mod tests;
