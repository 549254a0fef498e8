//! The standard's own JSON: read tolerantly, written strictly.
//!
//! Owns the names and shapes of MineSite, ExportCertificate, Lot and what they
//! contain, and of our own record types in the same way. Both directions walk
//! the tables of the model; neither knows a field by itself. Reading accepts
//! the variants that the standard's texts, its older drafts and Rwanda's
//! derivation use, reports every fault at once, and keeps what it does not
//! know as an attribute of a national usage. Writing gives what the standard's
//! schemas accept, if the record is complete.
//!
//! Invariant: what is read, written and read again is the same record, and
//! every member that was there is there again with an equal value.

mod context;
mod extension;
mod name;
mod parse;
mod plan;
mod read;
mod rules;
mod shape;
mod write;

#[cfg(test)]
mod tests;

use std::{fmt, str::FromStr};

use jiff::tz::TimeZone;
use serde_json::Value as Json;

use crate::{Context, Entity, Finding, National, Record, Refusal, Valid};

pub use context::context;
pub use name::name_of;
pub(crate) use plan::{Member, Plan, plans};
pub use read::outcome::located;
pub use rules::rules;
pub(crate) use shape::{Joint, Paid, Shape, Weighed};

/// Which usage specification of the standard a document follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Usage {
    /// The regional standard.
    #[default]
    Icglr,
    /// Rwanda's derivation of it.
    Rwanda,
}

impl fmt::Display for Usage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Icglr => "icglr",
            Self::Rwanda => "rw",
        })
    }
}

/// A usage that does not exist.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("usage {0:?} is unknown; use one of: icglr, rw")]
pub struct UnknownUsage(String);

impl FromStr for Usage {
    type Err = UnknownUsage;

    fn from_str(text: &str) -> Result<Self, UnknownUsage> {
        match text {
            "icglr" => Ok(Self::Icglr),
            "rw" => Ok(Self::Rwanda),
            other => Err(UnknownUsage(other.to_owned())),
        }
    }
}

/// Reads bytes as JSON, within bounds that hold for every document.
///
/// # Errors
/// They are no UTF-8 or no JSON, larger than 4 MiB, nested deeper than 32
/// levels, or an object has a member twice. The finding names the place.
#[expect(clippy::result_large_err, reason = "asked once a document, and seldom refused")]
pub fn parse(bytes: &[u8]) -> Result<Json, Finding> {
    parse::parse(bytes)
}

/// Reads a record, tolerantly.
///
/// A document with a member `withheld` is a regional one and is checked as such.
///
/// # Errors
/// A rule of severity refuse is broken; all findings are given at once, their
/// paths in the names of the standard.
pub fn read(
    entity: Entity,
    json: &Json,
    ctx: &Context,
) -> Result<Valid<Record, National>, Refusal> {
    read::read(entity, json, ctx)
}

/// Writes a record, strictly, as a tree.
pub fn write(record: &Record, usage: Usage, zone: &TimeZone) -> Json {
    let mut bytes = Vec::new();
    write_to(record, usage, zone, &mut bytes);
    // The writer checks what it copies; all else it writes itself.
    serde_json::from_slice(&bytes).unwrap_or_default()
}

/// Writes a record, strictly, straight to bytes.
pub fn write_to(record: &Record, usage: Usage, zone: &TimeZone, out: &mut Vec<u8>) {
    write::to(record, usage, zone, out);
}
