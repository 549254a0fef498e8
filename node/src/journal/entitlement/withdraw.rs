//! Withdraws every published record of a record type.
//!
//! Owns the demotion: one tombstone a record, in batches of a block, so that
//! memory stays bounded however many records there are.

use std::collections::HashSet;

use rmd_feed::{BLOCK_ENTRIES_MAX, NewEntry};
use rmd_proto::v1::Op;
use rmd_standard::Entity;
use sqlx::SqliteConnection;

use super::{
    super::{
        Error, Owner, brake,
        feeds::OpenFeed,
        ids,
        state::{RecordState, Revision, load_records, save_records},
        store::Store,
    },
    count,
};

/// Why the tombstones were written.
const REASON: &str = "withdrawn";

/// Appends the tombstones and marks the rows as good but not leaving.
pub(super) async fn withdraw(
    connection: &mut SqliteConnection,
    store: &Store,
    owner: Option<&Owner>,
    entity: Entity,
    progress: &(dyn Fn(u64) + Sync),
) -> Result<u64, Error> {
    let (low, high) = ids::range(entity);
    let (mut after, mut withdrawn) = (low, 0);
    loop {
        let published = published_from(connection, after, high).await?;
        let Some(last) = published.last() else { break };
        after = last.saturating_add(1);
        let owner = owner.ok_or(Error::NotEnrolled)?;
        let records = load_records(connection, &published).await?;
        let mut feed = OpenFeed::open(connection, store, owner, entity.feed()).await?;
        let (records, entries) = end(entity, &feed, records);
        feed.append(connection, owner, &entries).await?;
        let records: Vec<&RecordState> = records.iter().collect();
        save_records(connection, entity, &records, &HashSet::new()).await?;
        withdrawn += entries.len() as u64;
        progress(withdrawn);
    }
    let rows = sqlx::query(
        "UPDATE source_row SET state = 'off'
         WHERE row_id BETWEEN ?1 AND ?2 AND state = 'published'",
    )
    .bind(low)
    .bind(high)
    .execute(&mut *connection)
    .await?;
    // What a row would publish once it is alone may not leave either.
    sqlx::query("UPDATE quarantine SET payload = NULL WHERE row_id BETWEEN ?1 AND ?2")
        .bind(low)
        .bind(high)
        .execute(&mut *connection)
        .await?;
    brake::forget(connection, store.now_us(), entity).await?;
    let delta = |number: u64| super::super::feeds::number(number);
    count(connection, entity, -delta(withdrawn)?, delta(rows.rows_affected())?).await?;
    Ok(withdrawn)
}

async fn published_from(
    connection: &mut SqliteConnection,
    from: i64,
    to: i64,
) -> Result<Vec<i64>, Error> {
    let ids = sqlx::query_scalar(
        "SELECT record_id
         FROM record
         WHERE record_id BETWEEN ?1 AND ?2 AND op IN (?3, ?4)
         ORDER BY record_id
         LIMIT ?5",
    )
    .bind(from)
    .bind(to)
    .bind(Op::Upsert as i32)
    .bind(Op::Annul as i32)
    .bind(i64::try_from(BLOCK_ENTRIES_MAX).unwrap_or(i64::MAX))
    .fetch_all(connection)
    .await?;
    Ok(ids)
}

/// The tombstones of these records, and the records after them.
fn end(
    entity: Entity,
    feed: &OpenFeed,
    records: Vec<RecordState>,
) -> (Vec<RecordState>, Vec<NewEntry>) {
    (feed.size() + 1..)
        .zip(records)
        .map(|(seq, record)| {
            let tombstone = Revision::tombstone(REASON.to_owned(), "");
            tombstone.append_to(entity, record, seq, feed.captured_at_us)
        })
        .unzip()
}
