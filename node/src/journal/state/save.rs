//! Writes what a batch changed in the row state.

use rmd_proto::v1::Op;
use serde_json::{Value, json};
use sqlx::SqliteConnection;

use super::{Fault, RecordState, Refused, RowState, SourceRow};
use crate::journal::Error;

/// Writes source rows; a gone one is deleted, unless the next number is in
/// use: then it stays as a mark, so that the search for that one goes on.
pub(crate) async fn save_rows(
    connection: &mut SqliteConnection,
    rows: &[&SourceRow],
) -> Result<(), Error> {
    let (gone, kept): (Vec<&SourceRow>, Vec<&SourceRow>) =
        rows.iter().partition(|row| row.state == RowState::Gone);
    if !kept.is_empty() {
        let text = lines(kept.iter().map(|row: &&SourceRow| {
            json!([row.id, row.source_key, row.record_id, row.state.as_str()])
        }));
        let written = sqlx::query(
            "INSERT INTO source_row (row_id, source_key, record_id, state)
             SELECT j.value ->> 0, j.value ->> 1, j.value ->> 2, j.value ->> 3
             FROM json_each(?1) j
             WHERE true
             ON CONFLICT (row_id) DO UPDATE SET
                 record_id = excluded.record_id,
                 state = excluded.state",
        )
        .bind(text)
        .execute(&mut *connection)
        .await?;
        Error::expect_rows("source_row", written.rows_affected(), kept.len())?;
    }
    if gone.is_empty() {
        return Ok(());
    }
    let ids = Value::from(gone.iter().map(|row| row.id).collect::<Vec<_>>()).to_string();
    sqlx::query(
        "UPDATE source_row SET state = 'gone', record_id = NULL
         WHERE row_id IN (SELECT value FROM json_each(?1))",
    )
    .bind(&ids)
    .execute(&mut *connection)
    .await?;
    sqlx::query(
        "DELETE FROM source_row
         WHERE row_id IN (SELECT value FROM json_each(?1))
           AND NOT EXISTS (SELECT 1 FROM source_row n WHERE n.row_id = source_row.row_id + 1)",
    )
    .bind(&ids)
    .execute(connection)
    .await?;
    Ok(())
}

/// Writes records.
pub(crate) async fn save_records(
    connection: &mut SqliteConnection,
    records: &[&RecordState],
) -> Result<(), Error> {
    if records.is_empty() {
        return Ok(());
    }
    let text = lines(records.iter().map(|record| {
        let op = record.op.map_or(0, |op| op as i32);
        let hash = hex::encode(&record.content_hash);
        json!([record.id, record.key, record.row_id, record.rev, record.seq, op, hash])
    }));
    let written = sqlx::query(
        "INSERT INTO record (record_id, record_key, row_id, rev, seq, op, content_hash)
         SELECT j.value ->> 0, j.value ->> 1, j.value ->> 2, j.value ->> 3, j.value ->> 4,
                j.value ->> 5, unhex(j.value ->> 6)
         FROM json_each(?1) j
         WHERE true
         ON CONFLICT (record_id) DO UPDATE SET
             row_id = excluded.row_id,
             rev = excluded.rev,
             seq = excluded.seq,
             op = excluded.op,
             content_hash = excluded.content_hash",
    )
    .bind(text)
    .execute(connection)
    .await?;
    Error::expect_rows("record", written.rows_affected(), records.len())
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

/// Rows as one JSON parameter.
fn lines(rows: impl Iterator<Item = Value>) -> String {
    Value::Array(rows.collect()).to_string()
}
