//! The hub says that it has executed an order.
//!
//! It does so in the feed of verdicts, with an entry that erases what it said of the
//! record there. The frames of that feed lie here as they came: they lose the same
//! payloads.

use rmd_feed::{StoredEntry, erase};
use sqlx::SqliteConnection;

use super::{
    super::{Error, feeds::number},
    clear::pack_verdicts,
};

/// Takes an entry of the hub that erases; the frame that brought it is in the table.
pub(crate) async fn told(
    connection: &mut SqliteConnection,
    entry: &StoredEntry,
) -> Result<(), Error> {
    let key = &entry.header.key;
    if pack_verdicts(connection, key).await? > 0 {
        // What the file held of them lies in free pages now.
        sqlx::query(
            "UPDATE erasure SET scrubbed_at_us = NULL WHERE entity || '/' || record_key = ?1",
        )
        .bind(key)
        .execute(&mut *connection)
        .await?;
    }
    let Ok(order) = erase::read(entry) else { return Ok(()) };
    let Some(executed) = order.executed else { return Ok(()) };
    sqlx::query(
        "UPDATE erasure SET executed_at_us = ?4
         WHERE feed = ?1 AND epoch = ?2 AND seq = ?3 AND executed_at_us IS NULL",
    )
    .bind(&executed.feed)
    .bind(executed.epoch)
    .bind(number(executed.seq)?)
    .bind(executed.executed_at_us)
    .execute(connection)
    .await?;
    Ok(())
}
