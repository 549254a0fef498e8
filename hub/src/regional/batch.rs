//! What one frame writes, decided and ready.
//!
//! Owns the rows of a frame in the form in which they are written: making them
//! needs no store, so that it is done while another frame is being written.

use rmd_proto::v1::Op;
use rmd_standard::Entity;
use sqlx::AnyConnection;

use super::{
    Applied, Change, Owner, Shown, Standing, Typed, hide, mark_void,
    plan::Last,
    record::{Accepted, Records},
    tally::Tally,
};
use crate::{
    quarantine::{self, Refused, Touched},
    registry::entitlement::Level,
    store::Error,
};

/// What a frame does to the tables.
#[derive(Debug)]
pub(crate) struct Batch {
    pub(super) applied: Applied,
    pub(super) writes: Vec<Write>,
    pub(super) touched: Vec<Touched>,
    pub(super) refused: Vec<Refused>,
}

/// What a frame writes beside the rows of its records: rows that the frames before
/// and after it change too.
#[derive(Debug)]
pub(crate) struct Rest {
    applied: Applied,
    tallies: Vec<(Entity, Tally)>,
    touched: Vec<Touched>,
    refused: Vec<Refused>,
}

impl Batch {
    /// Writes it all, in the caller's transaction.
    pub(crate) async fn write(
        self,
        connection: &mut AnyConnection,
        owner: &Owner,
        received_at_us: i64,
    ) -> Result<Applied, Error> {
        self.write_rows(connection).await?.write(connection, owner, received_at_us).await
    }

    /// Writes the rows of the records, and leaves the rest.
    pub(crate) async fn write_rows(self, connection: &mut AnyConnection) -> Result<Rest, Error> {
        let Self { applied, writes, touched, refused } = self;
        let mut tallies = Vec::with_capacity(writes.len());
        for write in writes {
            tallies.push((write.entity, write.write(connection).await?));
        }
        Ok(Rest { applied, tallies, touched, refused })
    }
}

impl Rest {
    /// Writes it, behind the rows.
    pub(crate) async fn write(
        self,
        connection: &mut AnyConnection,
        owner: &Owner,
        received_at_us: i64,
    ) -> Result<Applied, Error> {
        let Self { applied, tallies, touched, refused } = self;
        for (entity, tally) in tallies {
            tally.write(connection, owner, entity).await?;
        }
        quarantine::record(connection, owner, &touched, &refused, received_at_us).await?;
        Ok(applied)
    }
}

/// Records of which the typed rows are made at once: what was read of more need
/// not be in memory.
const SHOWN_MAX: usize = 256;

/// What a frame does to the records of one type.
#[derive(Debug)]
pub(super) struct Write {
    entity: Entity,
    level: Level,
    records: Records,
    /// Keys of which the typed rows go.
    stale: Vec<String>,
    /// Records whose typed rows are still to be made.
    shown: Vec<Shown>,
    typed: Typed,
    /// Keys and revisions of which the typed rows become void.
    voided: Vec<(String, u64)>,
    tally: Tally,
}

impl Write {
    /// Nothing yet.
    pub(super) fn new(entity: Entity, level: Level) -> Self {
        Self {
            entity,
            level,
            records: Records::new(),
            stale: Vec::new(),
            shown: Vec::new(),
            typed: Typed::default(),
            voided: Vec::new(),
            tally: Tally::default(),
        }
    }

    /// Adds the last accepted revision of a record.
    pub(super) fn add(
        &mut self,
        key: String,
        last: Last,
        standing: Option<&Standing>,
        owner: &Owner,
        received_at_us: i64,
    ) {
        let Last { header, change, findings } = last;
        let (op, level) = (op(&change), self.level);
        let accepted = Accepted {
            header: &header,
            op,
            owner,
            level,
            findings: &findings,
            released: change.released(),
            received_at_us,
        };
        self.records.push(&accepted, standing.is_none());
        self.tally.take(standing, op, level);
        let is_shown = standing.is_some_and(Standing::is_shown);
        match change {
            Change::Annul(None) if is_shown && level == Level::Live => {
                self.voided.push((key, header.rev));
            }
            Change::Upsert(released) | Change::Annul(Some(released)) if level == Level::Live => {
                if is_shown {
                    self.stale.push(key.clone());
                }
                let (rev, is_void) = (header.rev, op == Op::Annul);
                self.shown.push(Shown { key, rev, is_void, record: released.record });
                if self.shown.len() >= SHOWN_MAX {
                    self.make_rows();
                }
            }
            _ if is_shown => self.stale.push(key),
            _ => {}
        }
    }

    fn make_rows(&mut self) {
        self.typed.append(Typed::of(&self.shown));
        self.shown.clear();
    }

    /// All of it is known.
    pub(super) fn finish(mut self) -> Self {
        self.make_rows();
        self
    }

    async fn write(self, connection: &mut AnyConnection) -> Result<Tally, Error> {
        let Self { entity, records, stale, typed, voided, tally, .. } = self;
        records.write(connection).await?;
        let stale: Vec<&str> = stale.iter().map(String::as_str).collect();
        hide(connection, entity, &stale).await?;
        typed.write(connection).await?;
        for (key, rev) in voided {
            mark_void(connection, entity, &key, rev).await?;
        }
        Ok(tally)
    }
}

const fn op(change: &Change) -> Op {
    match change {
        Change::Upsert(_) => Op::Upsert,
        Change::Annul(_) => Op::Annul,
        Change::Tombstone | Change::Erased(_) => Op::Tombstone,
    }
}
