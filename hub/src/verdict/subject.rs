//! The records of one step, as the store has them.
//!
//! Reads, for some keys of one record type of one node, the accepted revision,
//! the refused ones that stand, and what the record names. Decides nothing.

use std::collections::{BTreeMap, HashMap, HashSet};

use rmd_standard::{Entity, Finding, Record};
use sqlx::{AnyConnection, FromRow, Row as _, any::AnyRow};

use super::{
    Error,
    parked::{self, Parked, Waiting},
    reference,
};
use crate::store::{self, bulk};

/// Whose records are judged.
#[derive(Debug, Clone)]
pub(super) struct Whose {
    /// The node, as `COD/cod-mines`.
    pub(super) node_id: String,
    /// Its state, alpha-2.
    pub(super) country: String,
}

/// A revision as a verdict names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Revision {
    pub(super) feed: String,
    pub(super) epoch: i64,
    pub(super) seq: i64,
    pub(super) rev: i64,
    pub(super) received_at_us: i64,
    pub(super) findings: Vec<Finding>,
}

/// The accepted revision of a record.
#[derive(Debug)]
pub(super) struct Accepted {
    pub(super) revision: Revision,
    is_shadow: bool,
    /// The bytes, where it is neither withdrawn nor void.
    payload: Option<Vec<u8>>,
}

/// What is known of one key.
#[derive(Debug, Default)]
pub(super) struct Subject {
    pub(super) accepted: Option<Accepted>,
    /// The newest refused revision that stands.
    pub(super) refused: Option<Revision>,
    /// What the accepted revision names and nobody sent.
    pub(super) missing: Vec<Parked>,
    /// The same as it was noted before.
    pub(super) noted: Vec<Parked>,
}

#[derive(FromRow)]
struct RevisionRow {
    record_key: String,
    node_id: String,
    feed: String,
    epoch: i64,
    seq: i64,
    rev: i64,
    received_at_us: i64,
    findings: String,
}

impl RevisionRow {
    fn revision(self, table: &'static str) -> Result<(String, Revision), store::Error> {
        let findings = crate::regional::findings::read(&self.findings).map_err(|_| {
            let id = format!("{} {} {}", self.node_id, self.feed, self.seq);
            store::Error::Inconsistent { table, column: "findings", id }
        })?;
        let Self { record_key, feed, epoch, seq, rev, received_at_us, .. } = self;
        Ok((record_key, Revision { feed, epoch, seq, rev, received_at_us, findings }))
    }
}

/// Reads everything about these keys. A type that this version does not know has
/// refused revisions alone.
pub(super) async fn load(
    connection: &mut AnyConnection,
    whose: &Whose,
    entity: &str,
    keys: &[&str],
) -> Result<BTreeMap<String, Subject>, Error> {
    let mut subjects: BTreeMap<String, Subject> =
        keys.iter().map(|key| ((*key).to_owned(), Subject::default())).collect();
    refused(connection, whose, entity, keys, &mut subjects).await?;
    let Some(entity) = Entity::from_name(entity) else { return Ok(subjects) };
    accepted(connection, whose, entity, keys, &mut subjects).await?;
    missing(connection, whose, entity, &mut subjects).await?;
    for (key, noted) in parked::of_records(connection, &whose.node_id, entity, keys).await? {
        subjects.entry(key).or_default().noted = noted;
    }
    Ok(subjects)
}

async fn refused(
    connection: &mut AnyConnection,
    whose: &Whose,
    entity: &str,
    keys: &[&str],
    subjects: &mut BTreeMap<String, Subject>,
) -> Result<(), Error> {
    let head = "SELECT record_key, node_id, feed, epoch, seq, rev, received_at_us, findings \
                FROM quarantine";
    let tail = " AND superseded_by_seq IS NULL";
    for row in bulk::select_of_entity(connection, head, entity, keys, tail).await? {
        let row = RevisionRow::from_row(&row)?;
        if row.node_id != whose.node_id {
            continue;
        }
        let (key, revision) = row.revision("quarantine")?;
        let newest = &mut subjects.entry(key).or_default().refused;
        let place = |one: &Revision| (one.epoch, one.seq);
        if newest.as_ref().is_none_or(|known| place(known) < place(&revision)) {
            *newest = Some(revision);
        }
    }
    Ok(())
}

async fn accepted(
    connection: &mut AnyConnection,
    whose: &Whose,
    entity: Entity,
    keys: &[&str],
    subjects: &mut BTreeMap<String, Subject>,
) -> Result<(), Error> {
    let head = "SELECT record_key, node_id, feed, epoch, seq, rev, received_at_us, findings, \
                op, shadow, payload FROM record";
    for row in bulk::select_of_entity(connection, head, entity.name(), keys, "").await? {
        let accepted = read(&row)?;
        let revision = RevisionRow::from_row(&row)?;
        if revision.node_id != whose.node_id {
            continue;
        }
        let (key, mut revision) = revision.revision("record")?;
        // The table keeps them without messages, which follow from the rest.
        revision.findings.iter_mut().for_each(|finding| finding.complete(entity, &key));
        let (is_shadow, payload) = accepted;
        let accepted = Accepted { revision, is_shadow, payload };
        subjects.entry(key).or_default().accepted = Some(accepted);
    }
    Ok(())
}

fn read(row: &AnyRow) -> Result<(bool, Option<Vec<u8>>), sqlx::Error> {
    let op: String = row.try_get("op")?;
    let payload: Option<Vec<u8>> = row.try_get("payload")?;
    let is_shadow = row.try_get::<i64, _>("shadow")? != 0;
    Ok((is_shadow, payload.filter(|_| op == "upsert")))
}

/// Finds out which of the named records never came.
async fn missing(
    connection: &mut AnyConnection,
    whose: &Whose,
    entity: Entity,
    subjects: &mut BTreeMap<String, Subject>,
) -> Result<(), Error> {
    let mut named = HashMap::new();
    for (key, subject) in &*subjects {
        let Some(accepted) = &subject.accepted else { continue };
        let payload = accepted.payload.as_deref();
        // It was read when it was accepted, and by the same function.
        let record = payload.and_then(|payload| Record::decode(entity, payload).ok());
        let references = record.as_ref().map(reference::of).unwrap_or_default();
        let references: Vec<_> = references
            .into_iter()
            // In shadow its own lots stand in no table either, to be found by number.
            .filter(|one| !accepted.is_shadow || one.target.number().is_none())
            .collect();
        if !references.is_empty() {
            named.insert(key.clone(), references);
        }
    }
    let targets = named.values().flatten().map(|reference| &reference.target);
    let present = parked::present(connection, &whose.country, targets).await?;
    let present: HashSet<_> = present.into_iter().cloned().collect();
    for (record_key, references) in named {
        let Some(subject) = subjects.get_mut(&record_key) else { continue };
        let Some(accepted) = &subject.accepted else { continue };
        let waiting = Waiting {
            node_id: &whose.node_id,
            country: &whose.country,
            entity,
            record_key: &record_key,
            since_us: accepted.revision.received_at_us,
        };
        let missing = references.into_iter().filter(|one| !present.contains(&one.target));
        subject.missing = missing.map(|reference| waiting.row(reference)).collect();
        subject.missing.sort_unstable_by(|one, two| one.path.cmp(&two.path));
    }
    Ok(())
}
