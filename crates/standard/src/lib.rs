//! What a record of the regional standard must be.
//!
//! Owns the code lists, identifiers, units, rules, sharing classes and the
//! status clock of the standard. The record itself is the generated protobuf
//! message of `rmd-proto`; here it is built out of national columns
//! ([`Draft`]), checked ([`Valid`]), stripped of what stays national
//! ([`Valid::release`]) and shown ([`Record::to_json`]).
//!
//! Pure: no network, no database, no clock. The day of evaluation and the zone
//! of the source come in through [`Context`].
//!
//! Invariant: a [`Valid`] exists only for a record that passed every rule of
//! severity refuse in the profile that its type names.

pub mod code;
pub mod country;
pub mod effective;
pub mod icglr;
pub mod mineral;
pub mod rules;
pub mod schema;
pub mod site_id;

mod check;
mod code_lists;
mod draft;
mod entity;
mod finding;
mod json;
mod key;
mod model;
mod record;
mod release;
#[cfg(test)]
mod sample;
mod unit;
mod valid;

pub use code_lists::{CodeListError, CodeLists};
pub use draft::{Cell, Column, Draft, Misread, Shape, aliases, column};
pub use entity::Entity;
pub use finding::{Finding, Refusal, Severity};
pub use record::Record;
pub use valid::{Context, National, Profile, Regional, Valid};
