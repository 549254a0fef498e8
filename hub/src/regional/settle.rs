//! Records that must be built again from the ledger.
//!
//! When the level in force of a record type changes, records that were pulled
//! under the old level are moved: into the typed tables, built again, or out of
//! them. Records that came before the hub kept their bytes are built again as
//! well. Owns that and nothing else. It goes in batches, each its own
//! transaction, and may be interrupted and repeated.

use std::collections::BTreeMap;

use prost::Message as _;
use rmd_feed::{StoredEntry, frame};
use rmd_proto::v1;
use rmd_standard::{Context, Entity};
use sqlx::{AnyConnection, FromRow};

use super::{Levels, Owner, Shown, Typed, examine, hide, plan, record, tally};
use crate::{
    ledger,
    registry::entitlement::Level,
    standing,
    store::{Error, Store},
};

/// Records in one transaction: about as much work as a frame.
const BATCH: i64 = 256;

/// Run at the begin of each stream, whatever the size of the table.
pub(crate) const MISPLACED: &str = "SELECT record_key, seq \
     FROM record \
     WHERE node_id = $1 AND feed = $2 AND epoch = $3 AND seq > $4 AND entity = $5 \
     AND shadow = $6 \
     ORDER BY seq \
     LIMIT $7";

/// Run there too: an index holds just these records, and after once there are none.
pub(crate) const UNREAD: &str = "SELECT record_key, seq \
     FROM record \
     WHERE node_id = $1 AND feed = $2 AND epoch = $3 AND seq > $4 AND entity = $5 \
     AND payload IS NULL AND op = 'upsert' \
     ORDER BY seq \
     LIMIT $6";

#[derive(FromRow)]
struct Row {
    record_key: String,
    seq: i64,
}

/// Moves every record of a feed to where its level in force wants it, and reads
/// those of which the bytes are missing. Returns how many were touched.
pub(crate) async fn settle(
    store: &Store,
    owner: &Owner,
    levels: &Levels,
    context: &Context,
) -> Result<u64, Error> {
    let mut moved = 0;
    for (&entity, &level) in levels {
        let mut after = 0;
        loop {
            let mut transaction = store.begin().await?;
            let rows = misplaced(&mut transaction, owner, entity, level, after).await?;
            let Some(last) = rows.last() else { break };
            after = last.seq;
            let keys = keys(&rows);
            let shown = tally::shown(&mut transaction, entity, &keys).await?;
            moved += if level == Level::Live {
                rebuild(&mut transaction, owner, (entity, level), &rows, context).await?
            } else {
                withdraw(&mut transaction, entity, &keys).await?
            };
            tally::moved(&mut transaction, owner, entity, &keys, shown).await?;
            hand_to_standing(&mut transaction, entity, &keys).await?;
            transaction.commit().await?;
        }
        after = 0;
        loop {
            let mut transaction = store.begin().await?;
            let rows = unread(&mut transaction, owner, entity, after).await?;
            let Some(last) = rows.last() else { break };
            after = last.seq;
            let keys = keys(&rows);
            let shown = tally::shown(&mut transaction, entity, &keys).await?;
            moved += rebuild(&mut transaction, owner, (entity, level), &rows, context).await?;
            tally::moved(&mut transaction, owner, entity, &keys, shown).await?;
            transaction.commit().await?;
        }
    }
    Ok(moved)
}

/// Has the statuses that follow from records be told anew.
async fn hand_to_standing(
    connection: &mut AnyConnection,
    entity: Entity,
    keys: &[&str],
) -> Result<(), Error> {
    if standing::intake::is_read(entity.name()) {
        for key in keys {
            standing::due(connection, entity.name(), key).await?;
        }
    }
    Ok(())
}

async fn misplaced(
    connection: &mut AnyConnection,
    owner: &Owner,
    entity: Entity,
    level: Level,
    after: i64,
) -> Result<Vec<Row>, Error> {
    Ok(sqlx::query_as(MISPLACED)
        .bind(&owner.node_id)
        .bind(&owner.feed)
        .bind(i64::from(owner.epoch))
        .bind(after)
        .bind(entity.name())
        .bind(i64::from(level == Level::Live))
        .bind(BATCH)
        .fetch_all(connection)
        .await?)
}

async fn unread(
    connection: &mut AnyConnection,
    owner: &Owner,
    entity: Entity,
    after: i64,
) -> Result<Vec<Row>, Error> {
    Ok(sqlx::query_as(UNREAD)
        .bind(&owner.node_id)
        .bind(&owner.feed)
        .bind(i64::from(owner.epoch))
        .bind(after)
        .bind(entity.name())
        .bind(BATCH)
        .fetch_all(connection)
        .await?)
}

async fn withdraw(
    connection: &mut AnyConnection,
    entity: Entity,
    keys: &[&str],
) -> Result<u64, Error> {
    hide(connection, entity, keys).await?;
    for key in keys {
        record::place(connection, entity, key, Level::Shadow, None).await?;
    }
    Ok(keys.len() as u64)
}

fn keys(rows: &[Row]) -> Vec<&str> {
    rows.iter().map(|row| row.record_key.as_str()).collect()
}

/// Reads records again out of the ledger and shows them, where the level allows
/// it. A record that today's rules refuse stays as it is.
async fn rebuild(
    connection: &mut AnyConnection,
    owner: &Owner,
    (entity, level): (Entity, Level),
    rows: &[Row],
    context: &Context,
) -> Result<u64, Error> {
    let mut entries = BTreeMap::new();
    let mut rebuilt: Vec<Shown> = Vec::new();
    let mut settled = Vec::new();
    for row in rows {
        let seq = row.seq.unsigned_abs();
        if !entries.contains_key(&seq) {
            entries = load(connection, owner, seq).await?;
        }
        let Some(entry) = entries.remove(&seq) else { continue };
        let examined = examine(entry, owner, context);
        if let Ok(revision) = examined.outcome {
            let key = row.record_key.as_str();
            let payload = revision.change.released().map(|released| released.payload.clone());
            record::place(connection, entity, key, level, payload).await?;
            settled.push(key);
            rebuilt.extend(plan::shown(&examined.header, revision.change));
        }
    }
    if level == Level::Live {
        hide(connection, entity, &settled).await?;
        Typed::of(&rebuilt).write(connection).await?;
    }
    Ok(settled.len() as u64)
}

/// The entries of the frame that holds a seq.
async fn load(
    connection: &mut AnyConnection,
    owner: &Owner,
    seq: u64,
) -> Result<BTreeMap<u64, StoredEntry>, Error> {
    let wrong = || Error::Inconsistent {
        table: "ledger",
        column: "frame",
        id: format!("{} {} {seq}", owner.node_id, owner.feed),
    };
    let stored = ledger::holding(connection, owner, seq).await?.ok_or_else(wrong)?;
    let frame = v1::Frame::decode(stored.frame.as_slice()).map_err(|_| wrong())?;
    let entries = frame::open(&frame).map_err(|_| wrong())?;
    Ok(entries.into_iter().map(|entry| (entry.seq(), entry)).collect())
}
