//! What one verified entry does, decided without the store.
//!
//! Owns the way from an entry to a checked revision. It refuses what cannot be
//! read, what a rule of the standard refuses, and what speaks of another state;
//! every refusal carries findings in English and French.

use rmd_feed::{Body, StoredEntry};
use rmd_proto::v1::{EntryHeader, Op};
use rmd_standard::{Context, Entity, Finding, Record, Valid};

use super::rules;

/// Whose feed it is.
#[derive(Debug, Clone)]
pub(crate) struct Owner {
    /// The node, as `COD/cod-mines`.
    pub(crate) node_id: String,
    /// Its state, ISO 3166-1 alpha-2.
    pub(crate) country: String,
    /// The feed.
    pub(crate) feed: String,
    /// Its epoch.
    pub(crate) epoch: u32,
}

/// An entry after the checks that need no store.
#[derive(Debug)]
pub(crate) struct Examined {
    /// The entry's header.
    pub(crate) header: EntryHeader,
    /// What it does, or every finding of its refusal.
    pub(crate) outcome: Result<Revision, Vec<Finding>>,
}

/// A revision that may be applied.
#[derive(Debug)]
pub(crate) struct Revision {
    /// Type of the record.
    pub(crate) entity: Entity,
    /// What happens to it.
    pub(crate) change: Change,
    /// What the record lacks, without messages.
    pub(crate) findings: Vec<Finding>,
}

/// What a revision does to its record.
#[derive(Debug)]
pub(crate) enum Change {
    /// The record as it now is.
    Upsert(Released),
    /// Declared void; with the record where the entry carries it.
    Annul(Option<Released>),
    /// Gone, withdrawn, or erased.
    Tombstone,
}

impl Change {
    /// The record, where there is one.
    pub(crate) const fn released(&self) -> Option<&Released> {
        match self {
            Self::Upsert(released) | Self::Annul(Some(released)) => Some(released),
            Self::Annul(None) | Self::Tombstone => None,
        }
    }
}

/// A checked record and the bytes from which it was read.
#[derive(Debug)]
pub(crate) struct Released {
    /// The record.
    pub(crate) record: Record,
    /// Its bytes as the entry carries them; nobody encodes them again.
    pub(crate) payload: Vec<u8>,
}

/// Checks one entry of a feed.
pub(crate) fn examine(entry: StoredEntry, owner: &Owner, context: &Context) -> Examined {
    let StoredEntry { header, body, .. } = entry;
    let outcome = decide(&header, body, owner, context);
    Examined { header, outcome }
}

fn decide(
    header: &EntryHeader,
    body: Body,
    owner: &Owner,
    context: &Context,
) -> Result<Revision, Vec<Finding>> {
    let entity = Entity::from_name(&header.entity).ok_or_else(|| vec![rules::entity(header)])?;
    if entity.feed() != owner.feed {
        return Err(vec![rules::feed(header, entity)]);
    }
    if let Some(finding) = rules::storable_header(header) {
        return Err(vec![finding]);
    }
    let payload = match (header.op(), body) {
        (Op::Unspecified | Op::Erase, _) => return Err(vec![rules::op(header)]),
        (Op::Tombstone, _) | (_, Body::Erased) => {
            return Ok(Revision { entity, change: Change::Tombstone, findings: Vec::new() });
        }
        (Op::Annul, Body::Released { payload, .. }) if payload.is_empty() => {
            return Ok(Revision { entity, change: Change::Annul(None), findings: Vec::new() });
        }
        (Op::Upsert | Op::Annul, Body::Released { payload, .. }) => payload,
    };
    let valid = check(header, entity, &payload, owner, context)?;
    let findings = valid.brief();
    let released = Released { record: valid.into_record(), payload };
    let change = match header.op() {
        Op::Annul => Change::Annul(Some(released)),
        _ => Change::Upsert(released),
    };
    Ok(Revision { entity, change, findings })
}

fn check(
    header: &EntryHeader,
    entity: Entity,
    payload: &[u8],
    owner: &Owner,
    context: &Context,
) -> Result<Valid<Record, rmd_standard::Regional>, Vec<Finding>> {
    let record =
        Record::decode(entity, payload).map_err(|error| vec![rules::decode(header, &error)])?;
    if record.country() != owner.country {
        return Err(vec![rules::country(header, record.country(), &owner.country)]);
    }
    if let Some(finding) = rules::storable_record(header, payload, &record) {
        return Err(vec![finding]);
    }
    let valid = Valid::check(record, context).map_err(|refusal| refusal.findings)?;
    if valid.key() == header.key { Ok(valid) } else { Err(vec![rules::key(header, valid.key())]) }
}
