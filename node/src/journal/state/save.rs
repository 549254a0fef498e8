//! Writes what a batch changed in the row state.

use std::collections::HashSet;

use rmd_proto::v1::Op;
use rmd_standard::Entity;
use serde_json::{Value, json};
use sqlx::SqliteConnection;

use super::{
    Fault, RecordState, Refused, RowState, SourceRow,
    bulk::{self, Bulk, MANY},
    place::{self, Numbered},
};
use crate::journal::{Error, ids};

const ROW: &str = "(?,?,?,?,?)";
const ROWS_HEAD: &str =
    "INSERT INTO source_row (row_id, source_key, record_id, state, imprint) VALUES ";
const ROWS_TAIL: &str = " ON CONFLICT (row_id) DO UPDATE SET \
     record_id = excluded.record_id, state = excluded.state, imprint = excluded.imprint";

static ROWS_ONE: [u8; bulk::length(ROWS_HEAD, ROW, 1, ROWS_TAIL)] =
    bulk::text(ROWS_HEAD, ROW, 1, ROWS_TAIL);
static ROWS_MANY: [u8; bulk::length(ROWS_HEAD, ROW, MANY, ROWS_TAIL)] =
    bulk::text(ROWS_HEAD, ROW, MANY, ROWS_TAIL);
static ROWS: Bulk = Bulk { one: bulk::as_text(&ROWS_ONE), many: bulk::as_text(&ROWS_MANY) };

/// Writes source rows, with the places of new ones; a gone one is deleted.
pub(crate) async fn save_rows(
    connection: &mut SqliteConnection,
    entity: Entity,
    rows: &[&SourceRow],
    new: &HashSet<i64>,
) -> Result<(), Error> {
    let (gone, kept): (Vec<&SourceRow>, Vec<&SourceRow>) =
        rows.iter().partition(|row| row.state == RowState::Gone);
    for part in bulk::parts(&kept) {
        let mut query = sqlx::query(ROWS.of(part.len()));
        for row in part {
            query = query.bind(row.id).bind(row.source_key.as_str());
            query = query.bind(row.record_id).bind(row.state.as_str());
            query = query.bind(row.imprint.as_ref().map(<[u8; 24]>::as_slice));
        }
        let written = query.execute(&mut *connection).await?;
        Error::expect_rows("source_row", written.rows_affected(), part.len())?;
    }
    let place = |row: &&SourceRow| (ids::hash(entity, &row.source_key), row.id);
    let places = kept.iter().filter(|row| new.contains(&row.id)).map(place).collect();
    place::save(&mut *connection, Numbered::Rows, places).await?;
    remove_rows(connection, &gone.iter().map(place).collect::<Vec<_>>()).await
}

/// Removes rows that are gone, by the hash of their key and their number.
async fn remove_rows(
    connection: &mut SqliteConnection,
    places: &[(i64, i64)],
) -> Result<(), Error> {
    if places.is_empty() {
        return Ok(());
    }
    let places = json!(places).to_string();
    for statement in [
        "DELETE FROM source_row
         WHERE row_id IN (SELECT value ->> 1 FROM json_each(?1))",
        "DELETE FROM row_place
         WHERE (hash, row_id) IN (SELECT value ->> 0, value ->> 1 FROM json_each(?1))",
        "DELETE FROM row_place_fresh
         WHERE (hash, row_id) IN (SELECT value ->> 0, value ->> 1 FROM json_each(?1))",
    ] {
        sqlx::query(statement).bind(&places).execute(&mut *connection).await?;
    }
    Ok(())
}

const RECORD: &str = "(?,?,?,?,?,?,?)";
const RECORDS_HEAD: &str = "INSERT INTO record \
     (record_id, record_key, row_id, rev, seq, op, content_hash) VALUES ";
const RECORDS_TAIL: &str = " ON CONFLICT (record_id) DO UPDATE SET \
     row_id = excluded.row_id, rev = excluded.rev, seq = excluded.seq, op = excluded.op, \
     content_hash = excluded.content_hash";

static RECORDS_ONE: [u8; bulk::length(RECORDS_HEAD, RECORD, 1, RECORDS_TAIL)] =
    bulk::text(RECORDS_HEAD, RECORD, 1, RECORDS_TAIL);
static RECORDS_MANY: [u8; bulk::length(RECORDS_HEAD, RECORD, MANY, RECORDS_TAIL)] =
    bulk::text(RECORDS_HEAD, RECORD, MANY, RECORDS_TAIL);
static RECORDS: Bulk =
    Bulk { one: bulk::as_text(&RECORDS_ONE), many: bulk::as_text(&RECORDS_MANY) };

/// Writes records, with the places of new ones.
pub(crate) async fn save_records(
    connection: &mut SqliteConnection,
    entity: Entity,
    records: &[&RecordState],
    new: &HashSet<i64>,
) -> Result<(), Error> {
    let at = |id| move |_| Error::inconsistent("record", "seq", id);
    for part in bulk::parts(records) {
        let mut query = sqlx::query(RECORDS.of(part.len()));
        for record in part {
            let rev = i64::try_from(record.rev).map_err(at(record.id))?;
            let seq = i64::try_from(record.seq).map_err(at(record.id))?;
            query = query.bind(record.id).bind(record.key.as_str()).bind(record.row_id);
            query = query.bind(rev).bind(seq).bind(record.op.map_or(0, |op| op as i32));
            query = query.bind(record.content_hash.as_slice());
        }
        let written = query.execute(&mut *connection).await?;
        Error::expect_rows("record", written.rows_affected(), part.len())?;
    }
    let is_new = |record: &&&RecordState| new.contains(&record.id);
    let place = |record: &&RecordState| (ids::hash(entity, &record.key), record.id);
    place::save(connection, Numbered::Records, records.iter().filter(is_new).map(place).collect())
        .await
}

/// Writes quarantine entries and removes those of rows that left it.
pub(crate) async fn save_refused(
    connection: &mut SqliteConnection,
    refused: &[&Refused],
    left: &[i64],
    now_us: i64,
) -> Result<(), Error> {
    let touched: Vec<i64> =
        refused.iter().map(|entry| entry.row_id).chain(left.iter().copied()).collect();
    if touched.is_empty() {
        return Ok(());
    }
    let touched = Value::from(touched).to_string();
    count_refused(&mut *connection, &touched, -1).await?;
    if !left.is_empty() {
        sqlx::query("DELETE FROM quarantine WHERE row_id IN (SELECT value FROM json_each(?1))")
            .bind(Value::from(left.to_vec()).to_string())
            .execute(&mut *connection)
            .await?;
    }
    for entry in refused {
        save_one_refused(&mut *connection, entry, now_us).await?;
    }
    count_refused(connection, &touched, 1).await
}

/// Adds those of these rows that are in quarantine to the counts, or takes them off.
async fn count_refused(
    connection: &mut SqliteConnection,
    row_ids: &str,
    sign: i64,
) -> Result<(), Error> {
    sqlx::query(
        "INSERT INTO refused_count (entity, rule, source_rows)
         SELECT q.entity, '', ?2 * COUNT(*)
         FROM json_each(?1) j
         CROSS JOIN quarantine q
         WHERE q.row_id = j.value
         GROUP BY q.entity
         UNION ALL
         SELECT q.entity, f.value ->> 'rule', ?2 * COUNT(DISTINCT q.row_id)
         FROM json_each(?1) j
         CROSS JOIN quarantine q
         CROSS JOIN json_each(q.findings) f
         WHERE q.row_id = j.value AND f.value ->> 'severity' = 'refuse'
         GROUP BY 1, 2
         ON CONFLICT (entity, rule) DO UPDATE SET
             source_rows = source_rows + excluded.source_rows",
    )
    .bind(row_ids)
    .bind(sign)
    .execute(connection)
    .await?;
    Ok(())
}

async fn save_one_refused(
    connection: &mut SqliteConnection,
    entry: &Refused,
    now_us: i64,
) -> Result<(), Error> {
    let (clash, pending) = match &entry.fault {
        Fault::Findings => (false, None),
        Fault::Clash(pending) => (true, pending.as_ref()),
    };
    let findings = serde_json::to_string(&entry.findings)
        .map_err(|_| Error::inconsistent("quarantine", "findings", entry.row_id))?;
    let written = sqlx::query(
        "INSERT OR REPLACE INTO quarantine (
             row_id, entity, source_key, record_key, claim_id, clash, findings,
             payload, op, reason, event_time_us, mapping_id, refused_at_us)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
    )
    .bind(entry.row_id)
    .bind(entry.entity.name())
    .bind(&entry.source_key)
    .bind(&entry.record_key)
    .bind(entry.claim)
    .bind(clash)
    .bind(findings)
    .bind(pending.map(|revision| revision.payload.as_slice()))
    .bind(pending.map_or(Op::Unspecified, |revision| revision.op) as i32)
    .bind(pending.map_or("", |revision| revision.reason.as_str()))
    .bind(pending.map_or(0, |revision| revision.event_time_us))
    .bind(pending.map_or("", |revision| revision.mapping_id.as_str()))
    .bind(now_us)
    .execute(connection)
    .await?;
    Error::expect_rows("quarantine", written.rows_affected(), 1)
}
