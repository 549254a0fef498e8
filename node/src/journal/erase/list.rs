//! What was erased so far, for `erase list`.

use std::path::Path;

use serde::Serialize;
use sqlx::FromRow;

use super::{
    super::{Error, feeds::number, store::Store},
    plan::{BundleFile, bundles},
};

/// One order that was carried out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Listed {
    /// Name of the record type.
    pub(crate) entity: String,
    /// Key of the record.
    pub(crate) record_key: String,
    /// Feed of the entry that erases.
    pub(crate) feed: String,
    /// Its epoch.
    pub(crate) epoch: u32,
    /// Its number.
    pub(crate) seq: i64,
    /// personal-data or court-order.
    pub(crate) ground: String,
    /// SHA-256 of the document, hexadecimal; empty if there was none.
    pub(crate) document_sha256: String,
    /// Who said so; stays here.
    pub(crate) erased_by: String,
    /// Why, in a person's words; stays here.
    pub(crate) reason: String,
    /// When, UTC microseconds.
    pub(crate) erased_at_us: i64,
    /// Epoch, seq and revision of the entries that lost their payload.
    pub(crate) entries: Vec<(u32, u64, u64)>,
    /// When the hub had executed it, by the hub's clock.
    pub(crate) executed_at_us: Option<i64>,
    /// When the file was written anew without it.
    pub(crate) scrubbed_at_us: Option<i64>,
    /// Bundles of before that hold the payloads, to be destroyed by who has them.
    pub(crate) bundles: Vec<BundleFile>,
}

#[derive(Debug, FromRow)]
struct Row {
    entity: String,
    record_key: String,
    feed: String,
    epoch: u32,
    seq: i64,
    ground: String,
    document_sha256: String,
    erased_by: String,
    reason: String,
    erased_at_us: i64,
    entries: String,
    executed_at_us: Option<i64>,
    scrubbed_at_us: Option<i64>,
}

/// Every order, the newest first.
pub(crate) async fn list(store: &Store) -> Result<Vec<Listed>, Error> {
    let mut snapshot = store.readers().begin().await?;
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT entity, record_key, feed, epoch, seq, ground, document_sha256, erased_by, reason,
                erased_at_us, entries, executed_at_us, scrubbed_at_us
         FROM erasure
         ORDER BY erased_at_us DESC, feed, epoch, seq",
    )
    .fetch_all(&mut *snapshot)
    .await?;
    let mut listed = Vec::with_capacity(rows.len());
    for row in rows {
        let entries: Vec<(u32, u64, u64)> = serde_json::from_str(&row.entries)
            .map_err(|_| Error::inconsistent("erasure", "entries", row.seq))?;
        let places: Vec<(u32, u64)> =
            entries.iter().map(|(epoch, seq, _)| (*epoch, *seq)).collect();
        let Row { entity, record_key, feed, epoch, seq, ground, document_sha256, .. } = row;
        listed.push(Listed {
            bundles: bundles(&mut snapshot, &feed, &places, row.erased_at_us).await?,
            entity,
            record_key,
            feed,
            epoch,
            seq,
            ground,
            document_sha256,
            erased_by: row.erased_by,
            reason: row.reason,
            erased_at_us: row.erased_at_us,
            entries,
            executed_at_us: row.executed_at_us,
            scrubbed_at_us: row.scrubbed_at_us.filter(|at| *at > 0),
        });
    }
    Ok(listed)
}

/// Notes a bundle that was written, so that it can be named once it holds what must
/// be erased.
pub(crate) async fn bundle_written(
    store: &Store,
    (feed, epoch): (&str, u32),
    (first_seq, last_seq): (u64, u64),
    file: &Path,
) -> Result<(), Error> {
    // Wherever the command was run.
    let whole = std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
    let mut writing = store.write().await;
    let mut transaction = writing.begin().await?;
    sqlx::query(
        "INSERT OR REPLACE INTO bundle_file (
             feed, epoch, first_seq, last_seq, file, written_at_us)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )
    .bind(feed)
    .bind(epoch)
    .bind(number(first_seq)?)
    .bind(number(last_seq)?)
    .bind(whole.display().to_string())
    .bind(store.now_us())
    .execute(&mut *transaction)
    .await?;
    Ok(transaction.commit().await?)
}
