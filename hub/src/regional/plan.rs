//! One frame into the tables.
//!
//! Owns the order of things: revisions are taken in the order of their seq, the
//! last accepted one of each key is written, the others only count; what is
//! refused goes to quarantine and holds up nothing. What is decided is a
//! [`Batch`]; it is written inside the caller's transaction, beside the cursor.

use std::collections::{HashMap, hash_map::Entry};

use rmd_proto::v1::EntryHeader;
use rmd_standard::{Entity, Finding};
use sqlx::AnyConnection;

use super::{
    Batch, Change, Examined, Levels, Owner, Revision, Shown, Standing, batch::Write, record, rules,
};
use crate::{
    erase::{self, Order},
    quarantine::{Refused, Touched},
    registry::entitlement::Level,
    store::Error,
};

/// Verified entries on their way into the tables.
#[derive(Debug)]
pub(crate) struct Incoming<'a> {
    /// Whose they are.
    pub(crate) owner: &'a Owner,
    /// How far each record type is applied.
    pub(crate) levels: &'a Levels,
    /// The entries, in the order of their seq.
    pub(crate) entries: Vec<Examined>,
    /// When they came, UTC microseconds.
    pub(crate) received_at_us: i64,
}

/// What became of the entries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Applied {
    /// Entries taken.
    pub(crate) entries: u64,
    /// Of these, entries that went to quarantine.
    pub(crate) refused: u64,
}

/// The last accepted revision of one key.
pub(super) struct Last {
    pub(super) header: EntryHeader,
    pub(super) change: Change,
    pub(super) findings: Vec<Finding>,
}

/// The entries of one record type, decided.
#[derive(Default)]
pub(super) struct Decided {
    standings: HashMap<String, Standing>,
    last: HashMap<String, Last>,
}

/// Writes the entries into the tables.
pub(crate) async fn apply(
    connection: &mut AnyConnection,
    incoming: Incoming<'_>,
) -> Result<Applied, Error> {
    let decided = load(connection, &incoming.entries).await?;
    let (owner, received_at_us) = (incoming.owner, incoming.received_at_us);
    let orders: Vec<Order> = incoming.entries.iter().filter_map(order).collect();
    let batch = decide(incoming, decided, HashMap::new());
    let applied = batch.write(connection, owner, received_at_us).await?;
    erase::execute(connection, owner, &orders, received_at_us).await?;
    Ok(applied)
}

/// The order to erase that an entry carries. Whoever holds the record's key now, the
/// owner of the feed may have its own entries erased.
fn order(examined: &Examined) -> Option<Order> {
    let Examined { header, outcome: Ok(Revision { change: Change::Erased(message), .. }) } =
        examined
    else {
        return None;
    };
    let (entity, record_key) = (header.entity.clone(), header.key.clone());
    Some(Order { entity, record_key, seq: header.seq, message: (**message).clone() })
}

/// Decides what entries do, by where their records stand; what is written of some
/// types may have been begun.
pub(super) fn decide(
    incoming: Incoming<'_>,
    mut decided: HashMap<Entity, Decided>,
    mut writes: HashMap<Entity, Write>,
) -> Batch {
    let Incoming { owner, levels, entries, received_at_us } = incoming;
    let count = entries.len() as u64;
    let mut refused = Vec::new();
    let mut touched = Vec::new();
    let has_refused = entries.iter().any(|entry| entry.outcome.is_err());
    for Examined { header, outcome } in entries {
        // What no earlier refusal and none of this frame can concern is left out.
        let has_earlier = header.rev > 1 || has_refused;
        touched.extend(has_earlier.then(|| touch(&header)));
        let refusal = match outcome {
            Ok(revision) => {
                let of_entity = decided.entry(revision.entity).or_default();
                of_entity.take(header, revision, owner).err().map(|refusal| *refusal)
            }
            Err(findings) => Some(Refused { header, findings }),
        };
        if let Some(refusal) = refusal {
            touched.extend((!has_earlier).then(|| touch(&refusal.header)));
            refused.push(refusal);
        }
    }
    let applied = Applied { entries: count, refused: refused.len() as u64 };
    for (entity, Decided { standings, last }) in decided {
        let level = levels.get(&entity).copied().unwrap_or(Level::Off);
        let write = writes.entry(entity).or_insert_with(|| Write::new(entity, level));
        let mut last: Vec<(String, Last)> = last.into_iter().collect();
        // In the order of the keys, which is that of the indexes.
        last.sort_unstable_by(|one, other| one.0.cmp(&other.0));
        for (key, last) in last {
            let standing = standings.get(&key);
            write.add(key, last, standing, owner, received_at_us);
        }
    }
    let writes = writes.into_values().map(Write::finish).collect();
    Batch { applied, writes, touched, refused }
}

/// An entry, as quarantine asks for it.
pub(super) fn touch(header: &EntryHeader) -> Touched {
    Touched {
        entity: header.entity.clone(),
        key: header.key.clone(),
        rev: header.rev,
        seq: header.seq,
    }
}

/// Where the records of the entries stand now.
async fn load(
    connection: &mut AnyConnection,
    entries: &[Examined],
) -> Result<HashMap<Entity, Decided>, Error> {
    let mut keys: HashMap<Entity, Vec<&str>> = HashMap::new();
    for Examined { header, outcome } in entries {
        if let Ok(revision) = outcome {
            keys.entry(revision.entity).or_default().push(&header.key);
        }
    }
    let mut decided = HashMap::new();
    for (entity, mut keys) in keys {
        keys.sort_unstable();
        keys.dedup();
        let standings = record::standings(connection, entity, &keys).await?;
        decided.insert(entity, Decided { standings, last: HashMap::new() });
    }
    Ok(decided)
}

impl Decided {
    /// Takes the next revision of a key, or says why not.
    fn take(
        &mut self,
        header: EntryHeader,
        revision: Revision,
        owner: &Owner,
    ) -> Result<(), Box<Refused>> {
        let standing = self.standings.get(&header.key);
        if let Some(standing) = standing
            && standing.node_id != owner.node_id
            && !(standing.is_tombstone && standing.country == owner.country)
        {
            // Of another state only the country is told.
            let is_own = standing.country == owner.country;
            let holder = if is_own { &standing.node_id } else { &standing.country };
            let findings = vec![rules::owner(&header, holder)];
            return Err(Box::new(Refused { header, findings }));
        }
        let known = match (self.last.get(&header.key), standing) {
            (Some(last), _) => last.header.rev,
            (None, Some(standing))
                if standing.node_id == owner.node_id && standing.epoch == owner.epoch =>
            {
                standing.rev
            }
            _ => 0,
        };
        if header.rev <= known {
            let findings = vec![rules::rev(&header, known)];
            return Err(Box::new(Refused { header, findings }));
        }
        let Revision { change, findings, .. } = revision;
        match self.last.entry(header.key.clone()) {
            Entry::Vacant(vacant) => drop(vacant.insert(Last { header, change, findings })),
            Entry::Occupied(mut occupied) => {
                let before = occupied.get_mut();
                let earlier = std::mem::replace(&mut before.change, Change::Tombstone);
                before.change = merge(earlier, change);
                before.header = header;
                before.findings = findings;
            }
        }
        Ok(())
    }
}

/// An annulment without a record voids the one that came just before it.
fn merge(earlier: Change, later: Change) -> Change {
    match (earlier, later) {
        (Change::Upsert(released) | Change::Annul(Some(released)), Change::Annul(None)) => {
            Change::Annul(Some(released))
        }
        (_, later) => later,
    }
}

/// The paths of a record as its row keeps them; used where a row is rebuilt.
pub(super) fn shown(header: &EntryHeader, change: Change) -> Option<Shown> {
    let (released, is_void) = match change {
        Change::Upsert(released) => (released, false),
        Change::Annul(Some(released)) => (released, true),
        Change::Annul(None) | Change::Tombstone | Change::Erased(_) => return None,
    };
    Some(Shown { key: header.key.clone(), rev: header.rev, is_void, record: released.record })
}
