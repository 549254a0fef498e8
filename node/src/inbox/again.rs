//! What an earlier version of this program could not read, read once it can.
//!
//! The frames of the hub are kept as they came, and what could not be read in them is
//! named. A node that is upgraded finds the cases that were sent before it knew what a
//! case is. What came later about a case stays.

use prost::Message as _;
use rmd_feed::{StoredEntry, frame};
use rmd_proto::v1;
use sqlx::SqliteConnection;

use super::{VERDICTS, case};
use crate::journal::{Error, Store};

/// Reads what was left unread, as far as this version can.
pub(super) async fn read(store: &Store) -> Result<(), Error> {
    let any: bool = sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM inbox_unread WHERE feed = ?1 AND entity = ?2)",
    )
    .bind(VERDICTS)
    .bind(case::NOTICE)
    .fetch_one(store.readers())
    .await?;
    if !any {
        return Ok(());
    }
    let now_us = store.now_us();
    let mut writing = store.write().await;
    let mut transaction = writing.begin().await?;
    let unread: Vec<(u32, i64)> = sqlx::query_as(
        "SELECT epoch, seq FROM inbox_unread WHERE feed = ?1 AND entity = ?2 ORDER BY epoch, seq",
    )
    .bind(VERDICTS)
    .bind(case::NOTICE)
    .fetch_all(&mut *transaction)
    .await?;
    for (epoch, seq) in unread {
        let Some(entry) = entry(&mut transaction, epoch, seq).await? else { continue };
        let is_known = case::is_known(&mut transaction, &entry).await?;
        if is_known || case::save(&mut transaction, &entry, now_us).await?.is_none() {
            sqlx::query("DELETE FROM inbox_unread WHERE feed = ?1 AND epoch = ?2 AND seq = ?3")
                .bind(VERDICTS)
                .bind(epoch)
                .bind(seq)
                .execute(&mut *transaction)
                .await?;
        }
    }
    Ok(transaction.commit().await?)
}

/// An entry of the verdicts as it came; none if its frame is not here.
async fn entry(
    connection: &mut SqliteConnection,
    epoch: u32,
    seq: i64,
) -> Result<Option<StoredEntry>, Error> {
    let bytes: Option<Vec<u8>> = sqlx::query_scalar(
        "SELECT frame
         FROM inbox_frame
         WHERE feed = ?1 AND epoch = ?2 AND first_seq <= ?3 AND last_seq >= ?3
         LIMIT 1",
    )
    .bind(VERDICTS)
    .bind(epoch)
    .bind(seq)
    .fetch_optional(connection)
    .await?;
    let Some(bytes) = bytes else { return Ok(None) };
    let frame = v1::Frame::decode(bytes.as_slice())
        .map_err(|_| Error::inconsistent("inbox_frame", "frame", seq))?;
    let entries = frame::open(&frame)?;
    Ok(entries.into_iter().find(|entry| entry.seq() == seq.cast_unsigned()))
}
