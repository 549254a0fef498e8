//! Notices lose their payload with the records that they name.
//!
//! A notice tells what was measured on the state's own records. Once one of them is
//! erased by its owner, every entry about each case that ever named it goes, in the
//! transaction of the frame; the feed says so afterwards, and the case goes on.

use sqlx::{AnyConnection, Row as _};

use super::{NOTICE, file};
use crate::{
    share::OwnFeed,
    store::{Error, expect_rows},
    verdict,
};

/// Takes what notices to a node said of a record out of its feed and tables.
pub(crate) async fn erase(
    connection: &mut AnyConnection,
    node_id: &str,
    (entity, record_key): (&str, &str),
    ground: &str,
) -> Result<(), Error> {
    let rows = sqlx::query(
        "SELECT n.case_id, n.node_id, n.seq, n.erased
         FROM case_named d
         JOIN case_notice n ON n.case_id = d.case_id AND n.node_id = d.node_id
         WHERE d.entity = $1 AND d.record_key = $2
         ORDER BY n.case_id, n.node_id",
    )
    .bind(entity)
    .bind(record_key)
    .fetch_all(&mut *connection)
    .await?;
    if rows.is_empty() {
        return Ok(());
    }
    // Nothing of it is published meanwhile.
    file::turn(connection).await?;
    let state = node_id.split('/').next().unwrap_or_default();
    for row in rows {
        let (case_id, to): (String, String) = (row.try_get(0)?, row.try_get(1)?);
        // Notices name records of their own state alone; an order is about no other.
        if to.split('/').next() != Some(state) {
            continue;
        }
        let seq = row.try_get::<i64, _>(2)?.unsigned_abs();
        let before: String = row.try_get(3)?;
        let mut erased: Vec<(u64, u64)> = serde_json::from_str(&before).unwrap_or_default();
        let feed = OwnFeed::verdicts(&to);
        erased.extend(verdict::erase_entries(connection, &feed, (NOTICE, &case_id), seq).await?);
        forget(connection, (&case_id, &to), &erased, ground).await?;
    }
    Ok(())
}

async fn forget(
    connection: &mut AnyConnection,
    (case_id, node_id): (&str, &str),
    erased: &[(u64, u64)],
    ground: &str,
) -> Result<(), Error> {
    if erased.is_empty() {
        return Ok(());
    }
    let affected = sqlx::query(
        "UPDATE case_notice SET payload = $1, erased = $2, ground = $3
         WHERE case_id = $4 AND node_id = $5",
    )
    .bind(Vec::<u8>::new())
    .bind(serde_json::json!(erased).to_string())
    .bind(ground)
    .bind(case_id)
    .bind(node_id)
    .execute(&mut *connection)
    .await?
    .rows_affected();
    expect_rows("case_notice", 1, affected)?;
    sqlx::query("DELETE FROM case_named WHERE case_id = $1 AND node_id = $2")
        .bind(case_id)
        .bind(node_id)
        .execute(connection)
        .await?;
    Ok(())
}
