//! What of a batch flows and what waits; pure, without a database.
//!
//! Owns the rules: a batch is judged as a whole and never by the order of its
//! items; what waits already is replaced; a record that a row moved to waits
//! with the one that the row left. Refuses to hold what nobody has published.

use std::collections::BTreeSet;

use rmd_proto::v1::Op;

use super::{
    super::{
        entitlement::Standing,
        plan::{Change, Plan},
        state::RecordState,
        world::World,
    },
    Held,
    count::Counting,
    limit::{Kind, Limits, Tally},
};

/// The changes of a batch by what they are.
#[derive(Debug, Default)]
pub(super) struct Parts {
    /// Held records that are, or will never be, as they are published.
    settled: Vec<i64>,
    /// Revisions of records that wait already.
    again: Vec<Change>,
    tombstones: Vec<Change>,
    /// In the order of the plan, with what they are.
    rest: Vec<(Rest, Change)>,
}

/// What a revision with a payload is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rest {
    /// Of a published record.
    Change,
    /// Of a record that nobody has.
    Addition,
}

/// What waits and what flows.
#[derive(Debug, Default)]
pub(super) struct Verdict {
    pub(super) settled: Vec<i64>,
    pub(super) again: Vec<Change>,
    /// With the trip to which they belong.
    pub(super) held: Vec<(Waits, Change)>,
    pub(super) tombstones: Vec<Change>,
    pub(super) changes: Vec<Change>,
    /// What a trip that begins now has seen: of deletions and of changes.
    pub(super) seen: [Option<Seen>; 2],
}

/// The trip in which a revision waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Waits {
    /// The open trip of its record type and this kind.
    Open(Kind),
    /// One that holds another record of the same row.
    With(i64),
}

/// What made the brake trip.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Seen {
    pub(super) counted: i64,
    pub(super) allowed: i64,
    pub(super) base: i64,
    /// The type would have no record any more.
    pub(super) emptied: bool,
}

/// The number of additions, if a batch has nothing else.
pub(super) fn only_additions(world: &World, plan: &Plan) -> Option<i64> {
    let is_new = |change: &Change| !is_published(world, change.record_id);
    let is_plain = world.holds_nothing()
        && plan.settled.is_empty()
        && plan.tombstones.is_empty()
        && plan.changes.iter().all(is_new);
    is_plain.then(|| number(plan.changes.len()))
}

/// Takes the changes of a plan apart.
pub(super) fn part(world: &World, plan: &mut Plan) -> Parts {
    let mut parts = Parts { settled: std::mem::take(&mut plan.settled), ..Parts::default() };
    let all = std::mem::take(&mut plan.tombstones).into_iter();
    for change in all.chain(std::mem::take(&mut plan.changes)) {
        let id = change.record_id;
        if world.held(id).is_some() {
            parts.again.push(change);
        } else if change.revision.op == Op::Tombstone {
            parts.tombstones.push(change);
        } else if is_published(world, id) {
            parts.rest.push((Rest::Change, change));
        } else {
            parts.rest.push((Rest::Addition, change));
        }
    }
    parts
}

impl Parts {
    /// Every record whose count may move.
    pub(super) fn ids(&self) -> Vec<i64> {
        let rest = self.rest.iter().filter(|(what, _)| *what == Rest::Change);
        let changes = self.again.iter().chain(&self.tombstones).chain(rest.map(|(_, c)| c));
        changes.map(|change| change.record_id).chain(self.settled.iter().copied()).collect()
    }
}

/// Counts a batch and decides what of it waits.
pub(super) fn judge(
    world: &World,
    standing: &Standing,
    limits: Limits,
    counting: &mut Counting,
    parts: Parts,
    is_counted: bool,
) -> Verdict {
    let Parts { settled, again, tombstones, rest } = parts;
    let mut verdict = Verdict::default();
    let mut waiting = standing.held_deletes;
    for id in &settled {
        counting.forget(*id);
        waiting -= i64::from(is_held_tombstone(world, *id));
    }
    for change in &again {
        let is_tombstone = change.revision.op == Op::Tombstone;
        counting.recast(change.record_id, kind_of(change));
        waiting += i64::from(is_tombstone) - i64::from(is_held_tombstone(world, change.record_id));
    }
    if is_counted {
        let (mut changes, mut added) = (Vec::new(), 0);
        for (what, change) in &rest {
            match what {
                Rest::Change => changes.push(change),
                Rest::Addition => added += 1,
            }
        }
        for change in tombstones.iter().chain(changes.iter().copied()) {
            counting.count(change.record_id, kind_of(change));
        }
        let totals = counting.totals();
        let totals = Tally { added: totals.added + added, ..totals };
        let base = totals.base(standing.published + added);
        let seen = |kind, emptied| {
            let (counted, allowed) = (totals.of(kind), limits.of(kind).allowed(base));
            (counted > allowed || emptied).then_some(Seen { counted, allowed, base, emptied })
        };
        let left = standing.published - waiting - number(tombstones.len()) + added;
        if !tombstones.is_empty() {
            verdict.seen[0] = seen(Kind::Delete, left <= 0);
        }
        if !changes.is_empty() {
            verdict.seen[1] = seen(Kind::Change, false);
        }
    }
    (verdict.settled, verdict.again) = (settled, again);
    sort_out(world, &mut verdict, tombstones, rest);
    counting.flowed(flowed(world, &verdict));
    verdict
}

/// Puts each revision among what waits or what flows.
fn sort_out(
    world: &World,
    verdict: &mut Verdict,
    tombstones: Vec<Change>,
    rest: Vec<(Rest, Change)>,
) {
    let [holds_deletes, holds_changes] = verdict.seen.map(|seen| seen.is_some());
    let mut buried = BTreeSet::new();
    for change in tombstones {
        if holds_deletes {
            buried.insert(change.record_id);
            verdict.held.push((Waits::Open(Kind::Delete), change));
        } else {
            verdict.tombstones.push(change);
        }
    }
    for (what, change) in rest {
        // A follower would have the same thing under two keys.
        let is_moved = change.left.is_some_and(|left| buried.contains(&left));
        let with = change.left.and_then(|left| world.held(left)).map(|held| held.trip_id);
        match with {
            _ if is_moved => verdict.held.push((Waits::Open(Kind::Delete), change)),
            Some(trip_id) => verdict.held.push((Waits::With(trip_id), change)),
            None if holds_changes && what == Rest::Change => {
                verdict.held.push((Waits::Open(Kind::Change), change));
            }
            None => verdict.changes.push(change),
        }
    }
}

/// How the number of published records moves.
fn flowed(world: &World, verdict: &Verdict) -> Tally {
    let is_new = |change: &&Change| !is_published(world, change.record_id);
    let added = number(verdict.changes.iter().filter(is_new).count());
    Tally { added, ended: number(verdict.tombstones.len()), ..Tally::default() }
}

fn kind_of(change: &Change) -> Kind {
    if change.revision.op == Op::Tombstone { Kind::Delete } else { Kind::Change }
}

fn is_published(world: &World, record_id: i64) -> bool {
    world.record(record_id).is_some_and(RecordState::is_published)
}

fn is_held_tombstone(world: &World, record_id: i64) -> bool {
    world.held(record_id).is_some_and(|held: &Held| held.is_tombstone)
}

/// Changes of a batch are few.
fn number(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
