//! What one verified entry does, decided without the store.
//!
//! Owns the way from an entry to a checked revision. It refuses what cannot be
//! read, what a rule of the standard refuses, and what speaks of another state;
//! every refusal carries findings in English and French.

use rmd_feed::{Body, Defect, StoredEntry, erase};
use rmd_proto::v1::{EntryHeader, Erasure, Op};
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
    /// Its owner had payloads of it erased, which the message names.
    Erased(Box<Erasure>),
}

impl Change {
    /// The record, where there is one.
    pub(crate) const fn released(&self) -> Option<&Released> {
        match self {
            Self::Upsert(released) | Self::Annul(Some(released)) => Some(released),
            Self::Annul(None) | Self::Tombstone | Self::Erased(_) => None,
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
    let order = (entry.op() == Op::Erase).then(|| erase::read(&entry));
    let StoredEntry { mut header, body, .. } = entry;
    if body == Body::Erased && header.op() != Op::Tombstone {
        // The order may come frames later; the record's row says it from now on.
        ERASED.clone_into(&mut header.reason);
    }
    let outcome = match order {
        Some(order) => decide_order(&header, order, owner),
        None => decide(&header, body, owner, context),
    };
    Examined { header, outcome }
}

/// What the row of a record says whose payload was erased before it came.
const ERASED: &str = "erased";

/// An order to erase: read, and of a record that this feed may carry.
fn decide_order(
    header: &EntryHeader,
    order: Result<Erasure, Box<Defect>>,
    owner: &Owner,
) -> Result<Revision, Vec<Finding>> {
    let entity = carried(header, owner)?;
    let order = order.map_err(|defect| vec![rules::order(header, &defect)])?;
    Ok(Revision { entity, change: Change::Erased(Box::new(order)), findings: Vec::new() })
}

/// The record type of an entry that this feed may carry and every store can hold.
fn carried(header: &EntryHeader, owner: &Owner) -> Result<Entity, Vec<Finding>> {
    let entity = Entity::from_name(&header.entity).ok_or_else(|| vec![rules::entity(header)])?;
    if entity.feed() != owner.feed {
        return Err(vec![rules::feed(header, entity)]);
    }
    rules::storable_header(header).map_or(Ok(entity), |finding| Err(vec![finding]))
}

fn decide(
    header: &EntryHeader,
    body: Body,
    owner: &Owner,
    context: &Context,
) -> Result<Revision, Vec<Finding>> {
    let entity = carried(header, owner)?;
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
