//! Verdicts as rows that the ministry can read.
//!
//! Owns the table `verdict`. A later entry about a record
//! replaces what the earlier one said; a tombstone takes it away. Words that this
//! version does not know are kept as they came.

mod packed;
mod report;
mod save;

#[cfg(test)]
mod tests;

use prost::Message as _;
use rmd_feed::StoredEntry;
use rmd_proto::v1;

pub(crate) use report::{Counts, State, Verdict, Which, counts, list};
pub(super) use save::{VERDICTS_MAX, save};

/// Entity of a verdict.
const VERDICT: &str = "Verdict";

/// What an entry says.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Told {
    /// The hub finds this on a record.
    Stands(Box<v1::Verdict>),
    /// The hub has nothing to say about a record any more.
    Cleared {
        /// Type of the record.
        entity: String,
        /// Its key.
        record_key: String,
    },
}

impl Told {
    /// Reads an entry; the error says what this version cannot read.
    pub(super) fn read(entry: &StoredEntry) -> Result<Self, String> {
        let key = entry.header.key.as_str();
        match (entry.header.entity.as_str(), entry.op()) {
            // Erased since: it is nobody's to read any more.
            (VERDICT, v1::Op::Upsert) if entry.payload().is_some() => {
                let verdict = v1::Verdict::decode(entry.payload().unwrap_or_default())
                    .map_err(|error| error.to_string())?;
                if key != format!("{}/{}", verdict.entity, verdict.record_key) {
                    return Err(format!("the verdict under {key} is about another record"));
                }
                if verdict.finding.is_empty() {
                    return Err("the verdict has no finding".to_owned());
                }
                Ok(Self::Stands(Box::new(verdict)))
            }
            (VERDICT, _) => {
                let named = key.split_once('/');
                let (entity, record_key) = named.ok_or_else(|| format!("{key} names no record"))?;
                let (entity, record_key) = (entity.to_owned(), record_key.to_owned());
                Ok(Self::Cleared { entity, record_key })
            }
            (entity, op) => Err(format!("{} of {entity} is not known here", op.as_str_name())),
        }
    }

    /// Type and key of the record that it is about.
    fn about(&self) -> (&str, &str) {
        match self {
            Self::Stands(verdict) => (&verdict.entity, &verdict.record_key),
            Self::Cleared { entity, record_key } => (entity, record_key),
        }
    }
}
