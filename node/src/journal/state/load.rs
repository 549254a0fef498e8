//! Reads the part of the row state that a batch touches.

use rmd_proto::v1::Op;
use rmd_standard::Entity;
use serde::Deserialize;
use sqlx::{FromRow, SqliteConnection};

use super::{Fault, RecordState, Refused, Revision, RowState, Settled, SourceRow};
use crate::journal::{BATCH_ITEMS_MAX, Error};

/// A source row as the file tells it; one text holds all rows of an answer, since
/// each row of its own would cross a thread.
#[derive(Debug, Deserialize)]
struct RowOfSource(i64, String, Option<i64>, String, Option<String>);

/// The known source rows under these hashes of keys, and others of the same hash.
pub(crate) async fn find_rows(
    connection: &mut SqliteConnection,
    hashes: &[i64],
) -> Result<Vec<SourceRow>, Error> {
    let rows: String = sqlx::query_scalar(
        "SELECT json_group_array(json_array(
                    r.row_id, r.source_key, r.record_id, r.state, hex(r.imprint)))
         FROM (SELECT p.row_id
               FROM json_each(?1) j
               CROSS JOIN row_place p ON p.hash = j.value
               UNION ALL
               SELECT p.row_id
               FROM json_each(?1) j
               CROSS JOIN row_place_fresh p ON p.hash = j.value) p
         CROSS JOIN source_row r ON r.row_id = p.row_id",
    )
    .bind(json(hashes))
    .fetch_one(connection)
    .await?;
    source_rows(&rows)
}

/// The known ones of these source rows.
pub(crate) async fn load_rows(
    connection: &mut SqliteConnection,
    ids: &[i64],
) -> Result<Vec<SourceRow>, Error> {
    let rows: String = sqlx::query_scalar(
        "SELECT json_group_array(json_array(
                    r.row_id, r.source_key, r.record_id, r.state, hex(r.imprint)))
         FROM json_each(?1) j
         CROSS JOIN source_row r ON r.row_id = j.value",
    )
    .bind(json(ids))
    .fetch_one(connection)
    .await?;
    source_rows(&rows)
}

fn source_rows(text: &str) -> Result<Vec<SourceRow>, Error> {
    let rows: Vec<RowOfSource> = serde_json::from_str(text)
        .map_err(|_| Error::inconsistent("source_row", "source_key", 0))?;
    rows.into_iter()
        .map(|RowOfSource(id, source_key, record_id, state, imprint)| {
            let state =
                RowState::parse(&state).ok_or(Error::inconsistent("source_row", "state", id))?;
            // What cannot be read is no imprint: the row is mapped again.
            let imprint = imprint.and_then(|digits| {
                let mut settled = Settled::default();
                hex::decode_to_slice(digits, &mut settled).ok().map(|()| settled)
            });
            Ok(SourceRow { id, source_key, record_id, state, imprint })
        })
        .collect()
}

/// A record as the file tells it: number, key, row, revision, seq, op, hash.
#[derive(Debug, Deserialize)]
struct RowOfRecord(i64, String, i64, u64, u64, i32, String);

/// The known records under these hashes of keys, and others of the same hash.
pub(crate) async fn find_records(
    connection: &mut SqliteConnection,
    hashes: &[i64],
) -> Result<Vec<RecordState>, Error> {
    let records: String = sqlx::query_scalar(
        "SELECT json_group_array(json_array(
                    r.record_id, r.record_key, r.row_id, r.rev, r.seq, r.op, hex(r.content_hash)))
         FROM (SELECT p.record_id
               FROM json_each(?1) j
               CROSS JOIN record_place p ON p.hash = j.value
               UNION ALL
               SELECT p.record_id
               FROM json_each(?1) j
               CROSS JOIN record_place_fresh p ON p.hash = j.value) p
         CROSS JOIN record r ON r.record_id = p.record_id",
    )
    .bind(json(hashes))
    .fetch_one(connection)
    .await?;
    records_of(&records)
}

/// The known ones of these records.
pub(crate) async fn load_records(
    connection: &mut SqliteConnection,
    ids: &[i64],
) -> Result<Vec<RecordState>, Error> {
    let records: String = sqlx::query_scalar(
        "SELECT json_group_array(json_array(
                    r.record_id, r.record_key, r.row_id, r.rev, r.seq, r.op, hex(r.content_hash)))
         FROM json_each(?1) j
         CROSS JOIN record r ON r.record_id = j.value",
    )
    .bind(json(ids))
    .fetch_one(connection)
    .await?;
    records_of(&records)
}

fn records_of(text: &str) -> Result<Vec<RecordState>, Error> {
    let records: Vec<RowOfRecord> =
        serde_json::from_str(text).map_err(|_| Error::inconsistent("record", "record_key", 0))?;
    records
        .into_iter()
        .map(|RowOfRecord(id, key, row_id, rev, seq, number, hash)| {
            let at = |column| Error::inconsistent("record", column, id);
            let op = op(number, at("op"))?;
            let content_hash = hex::decode(hash).map_err(|_| at("content_hash"))?;
            Ok(RecordState { id, key, row_id, rev, seq, op, content_hash })
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
pub(crate) fn json(ids: &[i64]) -> String {
    let mut ids = ids.to_vec();
    ids.sort_unstable();
    ids.dedup();
    serde_json::Value::from(ids).to_string()
}
