//! One frame into the tables.
//!
//! Owns the order of things: revisions are taken in the order of their seq, the
//! last accepted one of each key is written, the others only count; what is
//! refused goes to quarantine and holds up nothing. Runs inside the caller's
//! transaction, beside the cursor.

use std::collections::{HashMap, hash_map::Entry};

use rmd_proto::v1::{EntryHeader, Op};
use rmd_standard::{Entity, Finding};
use sqlx::AnyConnection;

use super::{
    Change, Examined, Levels, Owner, Revision, Shown, Standing, hide, mark_void,
    record::{self, Accepted, Records},
    rules, show,
    tally::Tally,
};
use crate::{
    quarantine::{self, Refused, Touched},
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
struct Last {
    header: EntryHeader,
    change: Change,
    findings: Vec<Finding>,
}

/// The entries of one record type, decided.
#[derive(Default)]
struct Decided {
    standings: HashMap<String, Standing>,
    last: HashMap<String, Last>,
}

/// Writes the entries into the tables.
pub(crate) async fn apply(
    connection: &mut AnyConnection,
    incoming: Incoming<'_>,
) -> Result<Applied, Error> {
    let Incoming { owner, levels, entries, received_at_us } = incoming;
    let count = entries.len() as u64;
    let mut decided = load(connection, &entries).await?;
    let mut refused = Vec::new();
    let mut touched = Vec::with_capacity(entries.len());
    for Examined { header, outcome } in entries {
        touched.push(Touched {
            entity: header.entity.clone(),
            key: header.key.clone(),
            rev: header.rev,
            seq: header.seq,
        });
        match outcome {
            Ok(revision) => {
                let of_entity = decided.entry(revision.entity).or_default();
                if let Err(refusal) = of_entity.take(header, revision, owner) {
                    refused.push(*refusal);
                }
            }
            Err(findings) => refused.push(Refused { header, findings }),
        }
    }
    for (entity, of_entity) in decided {
        let level = levels.get(&entity).copied().unwrap_or(Level::Off);
        write(connection, entity, of_entity, owner, level, received_at_us).await?;
    }
    let applied = Applied { entries: count, refused: refused.len() as u64 };
    quarantine::record(connection, owner, &touched, &refused, received_at_us).await?;
    Ok(applied)
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
            let findings = vec![rules::owner(&header, &standing.node_id)];
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

async fn write(
    connection: &mut AnyConnection,
    entity: Entity,
    decided: Decided,
    owner: &Owner,
    level: Level,
    received_at_us: i64,
) -> Result<(), Error> {
    let Decided { standings, last } = decided;
    let mut records = Records::new();
    let mut tally = Tally::default();
    let mut stale = Vec::new();
    let mut shown = Vec::new();
    let mut voided = Vec::new();
    for (key, Last { header, change, findings }) in last {
        let op = match &change {
            Change::Upsert(_) => Op::Upsert,
            Change::Annul(_) => Op::Annul,
            Change::Tombstone => Op::Tombstone,
        };
        records.push(&Accepted {
            header: &header,
            op,
            owner,
            level,
            findings: &findings,
            released: change.released(),
            received_at_us,
        });
        tally.take(standings.get(&key), op, level);
        let is_shown = standings.get(&key).is_some_and(Standing::is_shown);
        match change {
            Change::Annul(None) if is_shown && level == Level::Live => {
                voided.push((key, header.rev));
            }
            Change::Upsert(released) | Change::Annul(Some(released)) if level == Level::Live => {
                shown.push(Shown {
                    key: key.clone(),
                    rev: header.rev,
                    is_void: op == Op::Annul,
                    record: released.record,
                });
                if is_shown || header.rev > 1 {
                    stale.push(key);
                }
            }
            _ => stale.push(key),
        }
    }
    records.write(connection).await?;
    let stale: Vec<&str> = stale.iter().map(String::as_str).collect();
    hide(connection, entity, &stale).await?;
    show(connection, &shown).await?;
    for (key, rev) in voided {
        mark_void(connection, entity, &key, rev).await?;
    }
    tally.write(connection, owner, entity).await
}

/// The paths of a record as its row keeps them; used where a row is rebuilt.
pub(super) fn shown(header: &EntryHeader, change: Change) -> Option<Shown> {
    let (released, is_void) = match change {
        Change::Upsert(released) => (released, false),
        Change::Annul(Some(released)) => (released, true),
        Change::Annul(None) | Change::Tombstone => return None,
    };
    Some(Shown { key: header.key.clone(), rev: header.rev, is_void, record: released.record })
}
