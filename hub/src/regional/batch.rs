//! What one frame writes, decided and ready.
//!
//! Owns the rows of a frame in the form in which they are written: making them
//! needs no store, so that it is done while another frame is being written.

use rmd_proto::v1::Op;
use rmd_standard::Entity;
use sqlx::AnyConnection;

use super::{
    Applied, Change, Owner, Shown, Standing, Typed, hide, mark_void,
    plan::{Decided, Last},
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

impl Batch {
    /// Writes it all, in the caller's transaction.
    pub(crate) async fn write(
        self,
        connection: &mut AnyConnection,
        owner: &Owner,
        received_at_us: i64,
    ) -> Result<Applied, Error> {
        let Self { applied, writes, touched, refused } = self;
        for write in writes {
            write.write(connection, owner).await?;
        }
        quarantine::record(connection, owner, &touched, &refused, received_at_us).await?;
        Ok(applied)
    }
}

/// What a frame does to the records of one type.
#[derive(Debug)]
pub(super) struct Write {
    entity: Entity,
    records: Records,
    /// Keys of which the typed rows go.
    stale: Vec<String>,
    typed: Typed,
    /// Keys and revisions of which the typed rows become void.
    voided: Vec<(String, u64)>,
    tally: Tally,
}

impl Write {
    pub(super) fn make(
        entity: Entity,
        decided: Decided,
        owner: &Owner,
        level: Level,
        received_at_us: i64,
    ) -> Self {
        let Decided { standings, last } = decided;
        let mut records = Records::new();
        let mut tally = Tally::default();
        let (mut stale, mut shown, mut voided) = (Vec::new(), Vec::new(), Vec::new());
        let mut last: Vec<(String, Last)> = last.into_iter().collect();
        // In the order of the keys, which is that of the indexes.
        last.sort_unstable_by(|one, other| one.0.cmp(&other.0));
        for (key, Last { header, change, findings }) in last {
            let op = op(&change);
            let accepted = Accepted {
                header: &header,
                op,
                owner,
                level,
                findings: &findings,
                released: change.released(),
                received_at_us,
            };
            let standing = standings.get(&key);
            records.push(&accepted, standing.is_none());
            tally.take(standing, op, level);
            let is_shown = standing.is_some_and(Standing::is_shown);
            match change {
                Change::Annul(None) if is_shown && level == Level::Live => {
                    voided.push((key, header.rev));
                }
                Change::Upsert(released) | Change::Annul(Some(released))
                    if level == Level::Live =>
                {
                    if is_shown {
                        stale.push(key.clone());
                    }
                    let (rev, is_void) = (header.rev, op == Op::Annul);
                    shown.push(Shown { key, rev, is_void, record: released.record });
                }
                _ if is_shown => stale.push(key),
                _ => {}
            }
        }
        Self { entity, records, stale, typed: Typed::of(&shown), voided, tally }
    }

    async fn write(self, connection: &mut AnyConnection, owner: &Owner) -> Result<(), Error> {
        let Self { entity, records, stale, typed, voided, tally } = self;
        records.write(connection).await?;
        let stale: Vec<&str> = stale.iter().map(String::as_str).collect();
        hide(connection, entity, &stale).await?;
        typed.write(connection).await?;
        for (key, rev) in voided {
            mark_void(connection, entity, &key, rev).await?;
        }
        tally.write(connection, owner, entity).await
    }
}

const fn op(change: &Change) -> Op {
    match change {
        Change::Upsert(_) => Op::Upsert,
        Change::Annul(_) => Op::Annul,
        Change::Tombstone => Op::Tombstone,
    }
}
