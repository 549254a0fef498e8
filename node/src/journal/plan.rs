//! Decides what a batch does to the journal; pure, without a database.
//!
//! Owns the rules of keys: one source row claims one record, a record with two
//! claimants takes no new revision from either, a row that moved to another
//! key leaves a tombstone behind, and a row that is refused keeps what it had
//! published. Invariant: the decision depends on the rows before and after the
//! batch and never on the order of its items.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use rmd_proto::v1::Op;
use rmd_standard::Finding;

use super::{
    clash,
    entitlement::Level,
    state::{Fault, RecordState, Refused, Revision, RowState, SourceRow},
    world::World,
};

/// One item, with its numbers found and its record released.
#[derive(Debug)]
pub(super) struct Incoming {
    pub(super) row_id: i64,
    pub(super) source_key: String,
    pub(super) found: Found,
}

/// What the normaliser found under a source key.
#[derive(Debug)]
pub(super) enum Found {
    /// A record that may be published under this key.
    Valid { record_id: i64, record_key: String, revision: Revision },
    /// No record; the key only where it could be told.
    Refused { claim: Option<(i64, String)>, findings: Vec<Finding> },
    /// Nothing.
    Gone,
}

/// One revision to append.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Change {
    pub(super) record_id: i64,
    pub(super) revision: Revision,
    /// The record that the row had before, which nobody claims any more.
    pub(super) left: Option<i64>,
}

/// What is to be appended, and the counts of the batch.
#[derive(Debug, Default)]
pub(super) struct Plan {
    /// Tombstones, so that a follower frees a key before it meets its successor.
    pub(super) tombstones: Vec<Change>,
    pub(super) changes: Vec<Change>,
    /// Records that the brake holds and that need nothing of what waits.
    pub(super) settled: Vec<i64>,
    /// Revisions of this batch that the brake holds.
    pub(super) held: u64,
    pub(super) unchanged: u64,
    pub(super) refused: u64,
    pub(super) withheld_by_entitlement: u64,
}

/// Decides about a batch: changes the world but for rev, seq and op of the
/// records that are appended to, which get theirs from the feed.
pub(super) fn decide(world: &mut World, incoming: Vec<Incoming>, mapping_id: &str) -> Plan {
    let mut plan = Plan::default();
    let claims = claims(world, &incoming);
    let in_batch: BTreeSet<i64> = incoming.iter().map(|item| item.row_id).collect();
    for item in incoming {
        judge(world, &mut plan, &claims, item);
    }
    for (record_id, claimants) in &claims {
        for row_id in claimants.keys().filter(|row_id| !in_batch.contains(row_id)) {
            settle_bystander(world, &mut plan, &claims, *row_id, *record_id);
        }
    }
    bury(world, &mut plan, &claims, mapping_id);
    plan
}

/// Parts the items that nothing stands against from the others, of which only the
/// findings are left, by row id: rows that are no record, and rows whose record
/// another row has.
pub(super) fn part(
    world: &World,
    incoming: Vec<Incoming>,
) -> (Vec<Incoming>, HashMap<i64, Vec<Finding>>) {
    let claims = claims(world, &incoming);
    let (mut taken, mut declined) = (Vec::with_capacity(incoming.len()), HashMap::new());
    for item in incoming {
        let findings = match &item.found {
            Found::Refused { findings, .. } => Some(findings.clone()),
            Found::Valid { record_id, record_key, .. } => claims
                .get(record_id)
                .filter(|claimants| claimants.len() > 1)
                .map(|claimants| vec![clash::finding(world.entity, claimants, record_key)]),
            Found::Gone => None,
        };
        match findings {
            Some(findings) => {
                declined.insert(item.row_id, findings);
            }
            None => taken.push(item),
        }
    }
    (taken, declined)
}

/// For each record that the batch touches, the rows that claim it after the
/// batch: row id and source key.
type Claims = BTreeMap<i64, BTreeMap<i64, String>>;

fn claims(world: &World, incoming: &[Incoming]) -> Claims {
    let mut claims: Claims =
        world.touched().iter().map(|record_id| (*record_id, BTreeMap::new())).collect();
    let mut in_batch: BTreeSet<i64> = BTreeSet::new();
    for item in incoming {
        in_batch.insert(item.row_id);
        let held = world.row(item.row_id).and_then(|row| row.record_id);
        let claim = match &item.found {
            Found::Valid { record_id, .. } => Some(*record_id),
            Found::Refused { claim, .. } => claim.as_ref().map(|(id, _)| *id).or(held),
            Found::Gone => None,
        };
        if let Some(claimants) = claim.and_then(|claim| claims.get_mut(&claim)) {
            claimants.insert(item.row_id, item.source_key.clone());
        }
    }
    for entry in world.all_refused().filter(|entry| !in_batch.contains(&entry.row_id)) {
        if let Some(claimants) = entry.claim.and_then(|claim| claims.get_mut(&claim)) {
            claimants.insert(entry.row_id, entry.source_key.clone());
        }
    }
    for (record_id, claimants) in &mut claims {
        let holder = world.record(*record_id).and_then(|record| world.row(record.row_id));
        let holds = |row: &&SourceRow| {
            row.record_id == Some(*record_id)
                && matches!(row.state, RowState::Published | RowState::Off)
                && !in_batch.contains(&row.id)
        };
        if let Some(row) = holder.filter(holds) {
            claimants.insert(row.id, row.source_key.clone());
        }
    }
    claims
}

/// Decides about one item.
fn judge(world: &mut World, plan: &mut Plan, claims: &Claims, item: Incoming) {
    let Incoming { row_id, source_key, found } = item;
    match found {
        Found::Gone => {
            world.absolve(row_id);
            if let Some(row) = world.row(row_id).cloned() {
                world.put_row(SourceRow { record_id: None, state: RowState::Gone, ..row });
            }
        }
        Found::Refused { claim, findings } => {
            plan.refused += 1;
            refuse(world, (row_id, source_key), claim, Fault::Findings, findings);
        }
        Found::Valid { record_id, record_key, revision } => {
            let clashing = claims.get(&record_id).filter(|claimants| claimants.len() > 1);
            if let Some(claimants) = clashing {
                plan.refused += 1;
                let findings = vec![clash::finding(world.entity, claimants, &record_key)];
                // Of what may not leave, not even what waits is kept.
                let pending = Some(revision).filter(|_| world.level != Level::Off);
                let fault = Fault::Clash(pending);
                let claim = Some((record_id, record_key));
                refuse(world, (row_id, source_key), claim, fault, findings);
            } else {
                world.absolve(row_id);
                let (row, record) = ((row_id, source_key), (record_id, record_key));
                publish(world, plan, claims, row, record, revision);
            }
        }
    }
}

/// Puts a row of the batch into quarantine; what it had published stays.
fn refuse(
    world: &mut World,
    (row_id, source_key): (i64, String),
    claim: Option<(i64, String)>,
    fault: Fault,
    findings: Vec<Finding>,
) {
    let held = world.row(row_id).and_then(|row| row.record_id);
    world.put_row(SourceRow {
        id: row_id,
        source_key: source_key.clone(),
        record_id: held,
        state: RowState::Refused,
        imprint: None,
    });
    let (claim, record_key) = claim.map_or((held, None), |(id, key)| (Some(id), Some(key)));
    let entity = world.entity;
    world.put_refused(Refused { row_id, entity, source_key, record_key, claim, fault, findings });
}

/// Decides about a row outside the batch whose key the batch touches.
fn settle_bystander(
    world: &mut World,
    plan: &mut Plan,
    claims: &Claims,
    row_id: i64,
    record_id: i64,
) {
    let Some(claimants) = claims.get(&record_id) else { return };
    let Some(row) = world.row(row_id).cloned() else { return };
    let entry = world.refused(row_id).cloned();
    let record = world.record(record_id);
    let key = entry.as_ref().and_then(|entry| entry.record_key.clone());
    let key = key.or_else(|| record.map(|record| record.key.clone())).unwrap_or_default();
    let is_published = record.is_some_and(RecordState::is_published);
    let fault = entry.map_or(Fault::Clash(None), |entry| entry.fault);
    match (fault, claimants.len()) {
        (Fault::Findings, _) => {}
        (Fault::Clash(Some(revision)), 1) => {
            world.absolve(row_id);
            let (row, record) = ((row_id, row.source_key), (record_id, key));
            publish(world, plan, claims, row, record, revision);
        }
        (Fault::Clash(None), 1) => {
            world.absolve(row_id);
            let is_there = is_published || world.held(record_id).is_some();
            let state = if is_there { RowState::Published } else { RowState::Off };
            world.put_row(SourceRow { state, ..row });
        }
        (fault, _) => {
            let findings = vec![clash::finding(world.entity, claimants, &key)];
            let claim = Some((record_id, key));
            refuse(world, (row_id, row.source_key), claim, fault, findings);
        }
    }
}

/// Publishes what the only claimant of a key has, if it is new and may leave.
fn publish(
    world: &mut World,
    plan: &mut Plan,
    claims: &Claims,
    (row_id, source_key): (i64, String),
    (record_id, record_key): (i64, String),
    revision: Revision,
) {
    let held = world.row(row_id).and_then(|row| row.record_id);
    let left = held.filter(|old| *old != record_id && is_left(claims, *old));
    let revision = with_origin(world, revision, left);
    let is_off = world.level == Level::Off;
    let state = if is_off { RowState::Off } else { RowState::Published };
    let content_hash = revision.content_hash();
    let imprint = world.settled(row_id, &content_hash);
    world.put_row(SourceRow { id: row_id, source_key, record_id: Some(record_id), state, imprint });
    let record = world.record(record_id).cloned();
    let record = record.unwrap_or_else(|| RecordState::new(record_id, record_key, row_id));
    let is_same = record.is_published() && record.content_hash == content_hash;
    world.put_record(RecordState { row_id, ..record });
    if is_off {
        plan.withheld_by_entitlement += 1;
    } else if is_same {
        plan.unchanged += 1;
        plan.settled.extend(world.held(record_id).map(|_| record_id));
    } else {
        plan.changes.push(Change { record_id, revision, left });
    }
}

/// Appends tombstones for records that no row claims and none holds any more.
fn bury(world: &World, plan: &mut Plan, claims: &Claims, mapping_id: &str) {
    for (record_id, _) in claims.iter().filter(|(_, claimants)| claimants.is_empty()) {
        let Some(record) = world.record(*record_id).filter(|record| record.is_published()) else {
            plan.settled.extend(world.held(*record_id).map(|_| *record_id));
            continue;
        };
        let holder = world.row(record.row_id);
        let now = holder.and_then(|row| row.record_id);
        if now == Some(*record_id) {
            continue;
        }
        let successor = now.and_then(|now| world.record(now));
        let reason =
            successor.map_or_else(|| "gone".to_owned(), |new| format!("renamed:{}", new.key));
        plan.tombstones.push(Change {
            record_id: *record_id,
            revision: Revision::tombstone(reason, mapping_id),
            left: None,
        });
    }
}

/// Whether nobody claims a record after the batch.
fn is_left(claims: &Claims, record_id: i64) -> bool {
    claims.get(&record_id).is_some_and(BTreeMap::is_empty)
}

/// Names the record that the row leaves behind, so that each names the other.
fn with_origin(world: &World, revision: Revision, left: Option<i64>) -> Revision {
    match left.and_then(|old| world.record(old)).filter(|old| old.is_published()) {
        Some(old) if revision.op == Op::Upsert => {
            Revision { reason: format!("renames:{}", old.key), ..revision }
        }
        _ => revision,
    }
}
