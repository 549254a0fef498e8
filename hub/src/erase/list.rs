//! What was executed, for officers, and what its owner does not know yet.

use serde::Serialize;
use sqlx::{AnyConnection, FromRow};

use crate::store::{Error, expect_rows};

/// One executed order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Listed {
    /// Node that owns the record.
    pub(crate) node_id: String,
    /// Feed of the entry that erases.
    pub(crate) feed: String,
    /// Its epoch.
    pub(crate) epoch: i64,
    /// Its number.
    pub(crate) seq: i64,
    /// Type of the record.
    pub(crate) entity: String,
    /// Its key.
    pub(crate) record_key: String,
    /// personal-data or court-order.
    pub(crate) ground: String,
    /// SHA-256 of the document, hexadecimal; empty if there was none.
    pub(crate) document_sha256: String,
    /// Epoch and seq of the entries that it names.
    pub(crate) entries: serde_json::Value,
    /// How many of their payloads were here.
    pub(crate) payloads: i64,
    /// When it was executed, UTC microseconds.
    pub(crate) executed_at_us: i64,
    /// The entry in the node's feed of verdicts that tells it; none yet.
    pub(crate) told_seq: Option<i64>,
    /// When the store was written anew without it; none while that is due.
    pub(crate) scrubbed_at_us: Option<i64>,
}

#[derive(FromRow)]
struct Row {
    node_id: String,
    feed: String,
    epoch: i64,
    seq: i64,
    entity: String,
    record_key: String,
    ground: String,
    document_sha256: String,
    entries: String,
    payloads: i64,
    executed_at_us: i64,
    told_seq: Option<i64>,
    scrubbed_at_us: Option<i64>,
}

/// Executed orders, of one node or of all, the newest first.
pub(crate) async fn list(
    connection: &mut AnyConnection,
    node_id: Option<&str>,
    limit: u32,
) -> Result<Vec<Listed>, Error> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT node_id, feed, epoch, seq, entity, record_key, ground, document_sha256, entries,
                payloads, executed_at_us, told_seq, scrubbed_at_us
         FROM erasure
         WHERE ($1 = '' OR node_id = $1)
         ORDER BY executed_at_us DESC, node_id, feed, epoch, seq
         LIMIT $2",
    )
    .bind(node_id.unwrap_or_default().to_owned())
    .bind(i64::from(limit))
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            let entries = serde_json::from_str(&row.entries).map_err(|_| Error::Inconsistent {
                table: "erasure",
                column: "entries",
                id: format!("{} {} {}", row.node_id, row.feed, row.seq),
            })?;
            Ok(Listed {
                node_id: row.node_id,
                feed: row.feed,
                epoch: row.epoch,
                seq: row.seq,
                entity: row.entity,
                record_key: row.record_key,
                ground: row.ground,
                document_sha256: row.document_sha256,
                entries,
                payloads: row.payloads,
                executed_at_us: row.executed_at_us,
                told_seq: row.told_seq,
                scrubbed_at_us: row.scrubbed_at_us.filter(|at| *at > 0),
            })
        })
        .collect()
}

/// An executed order of which its owner was not told.
#[derive(Debug, FromRow)]
pub(crate) struct Untold {
    pub(crate) node_id: String,
    pub(crate) feed: String,
    pub(crate) epoch: i64,
    pub(crate) seq: i64,
    pub(crate) record_key: String,
    pub(crate) entity: String,
    pub(crate) ground: String,
    pub(crate) document_sha256: String,
    /// JSON list of seq and rev.
    pub(crate) verdicts: String,
    pub(crate) executed_at_us: i64,
}

/// The order of which some owner was not told for the longest time.
pub(crate) async fn untold(connection: &mut AnyConnection) -> Result<Option<Untold>, Error> {
    Ok(sqlx::query_as(
        "SELECT node_id, feed, epoch, seq, record_key, entity, ground, document_sha256, verdicts,
                executed_at_us
         FROM erasure
         WHERE told_seq IS NULL
         ORDER BY executed_at_us, node_id, feed, epoch, seq
         LIMIT 1",
    )
    .fetch_optional(connection)
    .await?)
}

/// Notes in which entry of the feed of verdicts the owner is told.
pub(crate) async fn tell(
    connection: &mut AnyConnection,
    untold: &Untold,
    told_seq: u64,
) -> Result<(), Error> {
    let affected = sqlx::query(
        "UPDATE erasure SET told_seq = $1
         WHERE node_id = $2 AND feed = $3 AND epoch = $4 AND seq = $5 AND record_key = $6",
    )
    .bind(i64::try_from(told_seq).unwrap_or(i64::MAX))
    .bind(&untold.node_id)
    .bind(&untold.feed)
    .bind(untold.epoch)
    .bind(untold.seq)
    .bind(&untold.record_key)
    .execute(connection)
    .await?
    .rows_affected();
    expect_rows("erasure", 1, affected)
}
