//! A frame of records that nobody has seen.
//!
//! A first load is nothing but first revisions. What they do depends on no row
//! that is there, so they are decided, and their rows made, without the store;
//! a key that is taken after all stands in the way when they are written, and
//! then the frame is done again with a look. Entries are taken one by one, so
//! that of a whole frame only the rows are in memory.

use std::{
    collections::{HashMap, HashSet},
    hash::{DefaultHasher, Hash as _, Hasher as _},
};

use rmd_feed::StoredEntry;
use rmd_proto::v1::Op;
use rmd_standard::{Context, Entity};

use super::{
    Applied, Batch, Examined, Incoming, Levels, Owner,
    batch::Write,
    examine,
    plan::{self, Last},
};
use crate::{quarantine::Refused, registry::entitlement::Level};

/// What a frame is decided by, beside its entries.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ground<'a> {
    /// Whose entries they are.
    pub(crate) owner: &'a Owner,
    /// How far each record type is applied.
    pub(crate) levels: &'a Levels,
    /// What the rules must know.
    pub(crate) context: &'a Context,
    /// When they came, UTC microseconds.
    pub(crate) received_at_us: i64,
}

/// What the entries of a frame do, with the names of their records, hashed, if every
/// record begins in it; otherwise the entries, in the order of their seq.
pub(crate) fn fresh(
    mut entries: Vec<StoredEntry>,
    ground: Ground<'_>,
) -> Result<(Batch, HashSet<u64>), Vec<StoredEntry>> {
    // A new epoch counts revisions from 1 again, of records that are there.
    // An order to erase changes what is in the ledger.
    let is_order = |entry: &StoredEntry| entry.op() == Op::Erase;
    if ground.owner.epoch != 1 || entries.iter().any(is_order) {
        return Err(entries);
    }
    // In the order of the keys, which is that of the indexes; revisions of one
    // record stand together.
    entries.sort_unstable_by(|one, other| place(one).cmp(&place(other)));
    let begins = |of_key: &[StoredEntry]| of_key.first().is_some_and(|first| first.header.rev == 1);
    if !entries.chunk_by(is_same).all(begins) {
        entries.sort_unstable_by_key(StoredEntry::seq);
        return Err(entries);
    }
    let names = entries.iter().map(name).collect();
    Ok((decide(entries, ground), names))
}

fn decide(entries: Vec<StoredEntry>, ground: Ground<'_>) -> Batch {
    let Ground { owner, levels, context, received_at_us } = ground;
    let count = entries.len() as u64;
    let mut writes: HashMap<Entity, Write> = HashMap::new();
    let (mut refused, mut touched, mut several) = (Vec::new(), Vec::new(), Vec::new());
    let mut entries = entries.into_iter().peekable();
    let mut follows = false;
    while let Some(entry) = entries.next() {
        let is_followed = entries.peek().is_some_and(|next| is_same(&entry, next));
        let is_alone = !follows && !is_followed;
        follows = is_followed;
        let examined = examine(entry, owner, context);
        if !is_alone {
            several.push(examined);
            continue;
        }
        let Examined { header, outcome } = examined;
        match outcome {
            Ok(revision) => {
                let entity = revision.entity;
                let write = writes.entry(entity).or_insert_with(|| {
                    let level = levels.get(&entity).copied().unwrap_or(Level::Off);
                    Write::new(entity, level)
                });
                let key = header.key.clone();
                let last = Last { header, change: revision.change, findings: revision.findings };
                write.add(key, last, None, owner, received_at_us);
            }
            Err(findings) => {
                touched.push(plan::touch(&header));
                refused.push(Refused { header, findings });
            }
        }
    }
    let incoming = Incoming { owner, levels, entries: several, received_at_us };
    let mut batch = plan::decide(incoming, HashMap::new(), writes);
    batch.touched.extend(touched);
    batch.refused.extend(refused);
    batch.applied = Applied { entries: count, refused: batch.refused.len() as u64 };
    batch
}

/// Two records may have one; one record always has the same.
fn name(entry: &StoredEntry) -> u64 {
    let mut hasher = DefaultHasher::new();
    (&entry.header.entity, &entry.header.key).hash(&mut hasher);
    hasher.finish()
}

fn place(entry: &StoredEntry) -> (&str, &str, u64) {
    (&entry.header.entity, &entry.header.key, entry.header.seq)
}

fn is_same(one: &StoredEntry, other: &StoredEntry) -> bool {
    one.header.key == other.header.key && one.header.entity == other.header.entity
}
