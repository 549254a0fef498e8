//! One refused entry as its row: what stands, and what took its place.

use sqlx::{AnyConnection, FromRow, Row as _};

use super::Error;
use crate::{
    store::{self, expect_rows},
    verdict,
};

/// One refused entry that stands.
#[derive(Debug, Clone, FromRow)]
pub(super) struct Row {
    pub(super) node_id: String,
    pub(super) feed: String,
    pub(super) epoch: i64,
    pub(super) seq: i64,
    pub(super) entity: String,
    pub(super) record_key: String,
    pub(super) rev: i64,
    pub(super) op: String,
    pub(super) rule: String,
    pub(super) findings: String,
    pub(super) captured_at_us: i64,
    pub(super) received_at_us: i64,
}

impl Row {
    pub(super) fn inconsistent(&self, column: &'static str) -> store::Error {
        let id = format!("{} {} {}", self.node_id, self.feed, self.seq);
        store::Error::Inconsistent { table: "quarantine", column, id }
    }
}

/// Whether a newer revision of the record came, accepted or not.
pub(super) async fn is_outdated(
    connection: &mut AnyConnection,
    row: &Row,
) -> Result<bool, store::Error> {
    let accepted = sqlx::query(
        "SELECT seq FROM record
         WHERE entity = $1 AND record_key = $2 AND node_id = $3
           AND (epoch > $4 OR (epoch = $4 AND seq > $5))",
    );
    let refused = sqlx::query(
        "SELECT seq FROM quarantine
         WHERE entity = $1 AND record_key = $2 AND node_id = $3
           AND (epoch > $4 OR (epoch = $4 AND seq > $5))",
    );
    for newer in [accepted, refused] {
        let newer = newer
            .bind(&row.entity)
            .bind(&row.record_key)
            .bind(&row.node_id)
            .bind(row.epoch)
            .bind(row.seq)
            .fetch_optional(&mut *connection)
            .await?;
        if newer.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

pub(super) async fn stands(
    connection: &mut AnyConnection,
    row: &Row,
) -> Result<bool, store::Error> {
    Ok(refusing(connection, row).await?.is_some())
}

/// The rule under which an entry stands in quarantine; none if it does not.
pub(super) async fn refusing(
    connection: &mut AnyConnection,
    row: &Row,
) -> Result<Option<String>, store::Error> {
    let standing = sqlx::query(
        "SELECT rule FROM quarantine
         WHERE node_id = $1 AND feed = $2 AND epoch = $3 AND seq = $4
           AND superseded_by_seq IS NULL",
    )
    .bind(&row.node_id)
    .bind(&row.feed)
    .bind(row.epoch)
    .bind(row.seq)
    .fetch_optional(connection)
    .await?;
    Ok(standing.map(|row| row.try_get(0)).transpose()?)
}

pub(super) async fn delete(connection: &mut AnyConnection, row: &Row) -> Result<(), store::Error> {
    let affected = sqlx::query(
        "DELETE FROM quarantine
         WHERE node_id = $1 AND feed = $2 AND epoch = $3 AND seq = $4 AND record_key = $5",
    )
    .bind(&row.node_id)
    .bind(&row.feed)
    .bind(row.epoch)
    .bind(row.seq)
    .bind(&row.record_key)
    .execute(connection)
    .await?
    .rows_affected();
    expect_rows("quarantine", 1, affected)
}

/// Writes the row again as history: the entry itself took its place.
pub(super) async fn keep_as_applied(
    connection: &mut AnyConnection,
    row: &Row,
) -> Result<(), store::Error> {
    let affected = sqlx::query(
        "INSERT INTO quarantine
             (record_key, node_id, feed, epoch, seq, entity, rev, op, rule, findings,
              captured_at_us, received_at_us, superseded_by_seq)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $5)",
    )
    .bind(&row.record_key)
    .bind(&row.node_id)
    .bind(&row.feed)
    .bind(row.epoch)
    .bind(row.seq)
    .bind(&row.entity)
    .bind(row.rev)
    .bind(&row.op)
    .bind(&row.rule)
    .bind(&row.findings)
    .bind(row.captured_at_us)
    .bind(row.received_at_us)
    .execute(connection)
    .await?
    .rows_affected();
    expect_rows("quarantine", 1, affected)
}

/// Today's rules refuse it for another reason.
pub(super) async fn renew(
    connection: &mut AnyConnection,
    row: &Row,
    rule: &str,
    findings: &str,
) -> Result<(), Error> {
    let affected = sqlx::query(
        "UPDATE quarantine SET rule = $1, findings = $2
         WHERE node_id = $3 AND feed = $4 AND epoch = $5 AND seq = $6 AND record_key = $7",
    )
    .bind(rule)
    .bind(findings)
    .bind(&row.node_id)
    .bind(&row.feed)
    .bind(row.epoch)
    .bind(row.seq)
    .bind(&row.record_key)
    .execute(&mut *connection)
    .await?
    .rows_affected();
    expect_rows("quarantine", 1, affected)?;
    Ok(verdict::due(connection, &row.node_id, &row.entity, &row.record_key).await?)
}
