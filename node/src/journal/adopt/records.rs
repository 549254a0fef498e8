//! The state of records as their entries left it.
//!
//! Revision, seq, op and content hash follow from an entry alone. Which source
//! row it came from does not travel: a record that came back waits for the row
//! that claims it.

use std::collections::{BTreeMap, HashMap};

use rmd_feed::StoredEntry;
use rmd_standard::Entity;
use sqlx::SqliteConnection;

use super::super::{
    Error, Journal, apply,
    entitlement::Level,
    state::{RecordState, Revision},
    world::World,
};

/// In the place of a source row's number: no row has claimed the record yet. In
/// the range of no entity.
pub(super) const NO_ROW: i64 = 0;

/// What a record comes to stand at.
pub(super) enum Stand {
    /// The revision that an entry carries.
    At(Box<StoredEntry>),
    /// Nothing was appended of it.
    Nothing,
}

/// The stand of records by key.
pub(super) type Stands = BTreeMap<String, Stand>;

/// Moves records to the last of these entries each.
pub(super) async fn put_back(
    connection: &mut SqliteConnection,
    journal: &Journal,
    entries: Vec<StoredEntry>,
) -> Result<(), Error> {
    let mut stands: HashMap<Entity, Stands> = HashMap::new();
    for entry in entries {
        // One that a later version writes has no row state here.
        let Some(entity) = Entity::from_name(&entry.header.entity) else { continue };
        let key = entry.header.key.clone();
        stands.entry(entity).or_default().insert(key, Stand::At(Box::new(entry)));
    }
    write(connection, journal, stands).await
}

/// Writes where records stand now, and the counts that follow.
pub(super) async fn write(
    connection: &mut SqliteConnection,
    journal: &Journal,
    stands: HashMap<Entity, Stands>,
) -> Result<(), Error> {
    for (entity, stands) in stands {
        // The level plays no part: nothing is decided here.
        let mut world = World::new(entity, Level::Off);
        let keys: Vec<&str> = stands.keys().map(String::as_str).collect();
        let ids = world.number_records(connection, &keys).await?;
        let mut unclaimed = Vec::new();
        for ((key, stand), id) in stands.into_iter().zip(ids) {
            let known = world.record(id).cloned();
            let record = known.unwrap_or_else(|| RecordState::new(id, key, NO_ROW));
            let is_mapped = matches!(&stand, Stand::At(entry) if is_mapped(entry));
            let record = at(record, stand);
            if is_mapped && record.row_id == NO_ROW && record.is_published() {
                unclaimed.push(id);
            }
            world.put_record(record);
        }
        apply::save(connection, journal, &world).await?;
        let now_us = journal.store().now_us();
        await_rows(connection, entity, &unclaimed, now_us).await?;
    }
    Ok(())
}

fn at(record: RecordState, stand: Stand) -> RecordState {
    let RecordState { id, key, row_id, .. } = record;
    let Stand::At(entry) = stand else { return RecordState::new(id, key, row_id) };
    let header = &entry.header;
    // An erased payload has no hash: whatever the source has is another revision.
    let content_hash = entry.payload().map_or_else(Vec::new, |payload| {
        let revision = Revision {
            payload: payload.to_vec(),
            op: entry.op(),
            reason: header.reason.clone(),
            event_time_us: header.event_time_us,
            mapping_id: String::new(),
        };
        revision.content_hash()
    });
    let (rev, seq, op) = (header.rev, header.seq, Some(entry.op()));
    RecordState { id, key, row_id, rev, seq, op, content_hash }
}

/// Whether capture finds the record's row again: posts and sheets are not read twice.
fn is_mapped(entry: &StoredEntry) -> bool {
    let id = &entry.header.mapping_id;
    !id.is_empty() && *id != crate::api::MAPPING_ID && *id != *crate::sheets::READING_ID
}

/// Notes records of which a row should turn up.
async fn await_rows(
    connection: &mut SqliteConnection,
    entity: Entity,
    records: &[i64],
    now_us: i64,
) -> Result<(), Error> {
    sqlx::query(
        "INSERT OR REPLACE INTO adopted_record (record_id, entity, since_us)
         SELECT value, ?2, ?3 FROM json_each(?1)",
    )
    .bind(serde_json::Value::from(records.to_vec()).to_string())
    .bind(entity.name())
    .bind(now_us)
    .execute(connection)
    .await?;
    Ok(())
}
