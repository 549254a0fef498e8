//! Reads the part of the row state that a batch touches.

use std::collections::HashMap;

use rmd_proto::v1::Op;
use rmd_standard::Entity;
use sqlx::{FromRow, SqliteConnection};

use super::{Fault, RecordState, Refused, Revision, RowState, SourceRow};
use crate::journal::{BATCH_ITEMS_MAX, Error, ids};

/// Finds the number of each key, going on to the next number where another
/// key has it. Ask [`Resolver::wanted`], load, [`Resolver::settle`], repeat.
#[derive(Debug)]
pub(crate) struct Resolver<'k> {
    keys: Vec<&'k str>,
    ids: Vec<i64>,
    open: Vec<usize>,
    taken: HashMap<i64, &'k str>,
}

impl<'k> Resolver<'k> {
    pub(crate) fn new(entity: Entity, keys: Vec<&'k str>) -> Self {
        let ids = keys.iter().map(|key| ids::first(entity, key)).collect();
        Self { open: (0..keys.len()).collect(), ids, keys, taken: HashMap::new() }
    }

    /// Numbers to look up now; none when every key has its number.
    pub(crate) fn wanted(&self) -> Option<Vec<i64>> {
        let wanted: Vec<i64> = self.open.iter().map(|at| self.ids[*at]).collect();
        (!wanted.is_empty()).then_some(wanted)
    }

    /// Takes what the file has under the wanted numbers.
    pub(crate) fn settle<'f>(&mut self, found: impl Fn(i64) -> Option<&'f str>) {
        for at in std::mem::take(&mut self.open) {
            let (id, key) = (self.ids[at], self.keys[at]);
            let holder = found(id).or_else(|| self.taken.get(&id).copied());
            if holder.is_none_or(|holder| holder == key) {
                self.taken.insert(id, key);
            } else {
                self.ids[at] = ids::next(id);
                self.open.push(at);
            }
        }
    }

    /// The number of each key, in the order of the keys.
    pub(crate) fn into_ids(self) -> Vec<i64> {
        self.ids
    }
}

#[derive(Debug, FromRow)]
struct RowOfSource {
    row_id: i64,
    source_key: String,
    record_id: Option<i64>,
    state: String,
}

/// The known ones of these source rows.
pub(crate) async fn load_rows(
    connection: &mut SqliteConnection,
    ids: &[i64],
) -> Result<Vec<SourceRow>, Error> {
    let rows: Vec<RowOfSource> = sqlx::query_as(
        "SELECT r.row_id,
                r.source_key,
                r.record_id,
                r.state
         FROM json_each(?1) j
         CROSS JOIN source_row r ON r.row_id = j.value",
    )
    .bind(json(ids))
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            let state = RowState::parse(&row.state).ok_or(Error::inconsistent(
                "source_row",
                "state",
                row.row_id,
            ))?;
            let (id, source_key, record_id) = (row.row_id, row.source_key, row.record_id);
            Ok(SourceRow { id, source_key, record_id, state })
        })
        .collect()
}

#[derive(Debug, FromRow)]
struct RowOfRecord {
    record_id: i64,
    record_key: String,
    row_id: i64,
    rev: i64,
    seq: i64,
    op: i32,
    content_hash: Vec<u8>,
}

/// The known ones of these records.
pub(crate) async fn load_records(
    connection: &mut SqliteConnection,
    ids: &[i64],
) -> Result<Vec<RecordState>, Error> {
    let rows: Vec<RowOfRecord> = sqlx::query_as(
        "SELECT r.record_id,
                r.record_key,
                r.row_id,
                r.rev,
                r.seq,
                r.op,
                r.content_hash
         FROM json_each(?1) j
         CROSS JOIN record r ON r.record_id = j.value",
    )
    .bind(json(ids))
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            let at = |column| Error::inconsistent("record", column, row.record_id);
            Ok(RecordState {
                id: row.record_id,
                row_id: row.row_id,
                rev: u64::try_from(row.rev).map_err(|_| at("rev"))?,
                seq: u64::try_from(row.seq).map_err(|_| at("seq"))?,
                op: op(row.op, at("op"))?,
                content_hash: row.content_hash,
                key: row.record_key,
            })
        })
        .collect()
}

#[derive(Debug, FromRow)]
struct RowOfQuarantine {
    row_id: i64,
    entity: String,
    source_key: String,
    record_key: Option<String>,
    claim_id: Option<i64>,
    clash: bool,
    findings: String,
    payload: Option<Vec<u8>>,
    op: i32,
    reason: String,
    event_time_us: i64,
    mapping_id: String,
}

/// Rows loaded that ask for one record. A batch can settle as many as it has
/// items; two more outside of it show that the key is contested still. So a mapping
/// that gives a million rows one key costs each batch no more than this.
const CLAIMANTS_MAX: usize = BATCH_ITEMS_MAX + 2;

/// The quarantine entries of these rows, and of the rows that ask for one of
/// these records: all of them, or [`CLAIMANTS_MAX`] with the lowest numbers.
pub(crate) async fn load_refused(
    connection: &mut SqliteConnection,
    rows: &[i64],
    claims: &[i64],
) -> Result<Vec<Refused>, Error> {
    let found: Vec<RowOfQuarantine> = sqlx::query_as(
        "SELECT row_id,
                entity,
                source_key,
                record_key,
                claim_id,
                clash,
                findings,
                payload,
                op,
                reason,
                event_time_us,
                mapping_id
         FROM quarantine
         WHERE row_id IN (SELECT value FROM json_each(?1))
            OR row_id IN (
                SELECT q.row_id
                FROM json_each(?2) j
                CROSS JOIN quarantine q
                WHERE q.row_id IN (
                    SELECT c.row_id
                    FROM quarantine c
                    WHERE c.claim_id = j.value
                    ORDER BY c.row_id
                    LIMIT ?3))",
    )
    .bind(json(rows))
    .bind(json(claims))
    .bind(i64::try_from(CLAIMANTS_MAX).unwrap_or(i64::MAX))
    .fetch_all(connection)
    .await?;
    found.into_iter().map(Refused::try_from).collect()
}

impl TryFrom<RowOfQuarantine> for Refused {
    type Error = Error;

    fn try_from(row: RowOfQuarantine) -> Result<Self, Error> {
        let at = |column| Error::inconsistent("quarantine", column, row.row_id);
        let entity = Entity::from_name(&row.entity).ok_or(at("entity"))?;
        let findings = serde_json::from_str(&row.findings).map_err(|_| at("findings"))?;
        let op = op(row.op, at("op"))?;
        let pending = row.payload.zip(op).map(|(payload, op)| Revision {
            payload,
            op,
            reason: row.reason,
            event_time_us: row.event_time_us,
            mapping_id: row.mapping_id,
        });
        Ok(Self {
            row_id: row.row_id,
            entity,
            source_key: row.source_key,
            record_key: row.record_key,
            claim: row.claim_id,
            fault: if row.clash { Fault::Clash(pending) } else { Fault::Findings },
            findings,
        })
    }
}

/// The op behind its number; 0 is the absence of one.
fn op(number: i32, unreadable: Error) -> Result<Option<Op>, Error> {
    match Op::try_from(number) {
        Ok(Op::Unspecified) => Ok(None),
        Ok(op) => Ok(Some(op)),
        Err(_) => Err(unreadable),
    }
}

/// Numbers as one JSON parameter, in ascending order.
fn json(ids: &[i64]) -> String {
    let mut ids = ids.to_vec();
    ids.sort_unstable();
    ids.dedup();
    serde_json::Value::from(ids).to_string()
}
