//! Findings forget what they measured on a record that its owner erased.
//!
//! Rule, subject, days and history stay, with the keys of records, which hold nothing of
//! persons. The measures go, and the digest of the record's bytes: without salt, it would
//! tell whoever guesses them. Runs in the transaction that carries out the order.

use sqlx::{AnyConnection, Row as _};

use super::finding::Evidence;
use crate::store::{Error, expect_rows};

/// Where evidence is kept: the table, and how it is found and written by its key as text.
struct Kept {
    table: &'static str,
    find: &'static str,
    write: &'static str,
}

const KEPT: [Kept; 2] = [
    Kept {
        table: "finding",
        find: "SELECT finding_id, evidence FROM finding WHERE evidence LIKE $1 ESCAPE '!'",
        write: "UPDATE finding SET measures = '[]', evidence = $1 WHERE finding_id = $2",
    },
    Kept {
        table: "finding_event",
        find: "SELECT CAST(event_id AS TEXT), evidence
               FROM finding_event
               WHERE evidence LIKE $1 ESCAPE '!'",
        write: "UPDATE finding_event SET measures = '[]', evidence = $1
                WHERE event_id = CAST($2 AS BIGINT)",
    },
];

/// Takes what was measured on a record out of findings and their history.
pub(crate) async fn erase(
    connection: &mut AnyConnection,
    entity: &str,
    record_key: &str,
) -> Result<(), Error> {
    // A step that read before it would write the same again.
    let affected = sqlx::query("UPDATE reconcile_turn SET steps = steps + 1 WHERE turn_id = 1")
        .execute(&mut *connection)
        .await?
        .rows_affected();
    expect_rows("reconcile_turn", 1, affected)?;
    for kept in KEPT {
        let rows =
            sqlx::query(kept.find).bind(pattern(record_key)).fetch_all(&mut *connection).await?;
        for row in rows {
            let (id, evidence): (String, String) = (row.try_get(0)?, row.try_get(1)?);
            let Some(evidence) = without(&evidence, entity, record_key) else { continue };
            let written =
                sqlx::query(kept.write).bind(evidence).bind(id).execute(&mut *connection).await?;
            expect_rows(kept.table, 1, written.rows_affected())?;
        }
    }
    Ok(())
}

/// What evidence that names the key looks like, and some that does not.
fn pattern(record_key: &str) -> String {
    let quoted = serde_json::Value::from(record_key).to_string();
    let plain = quoted.replace('!', "!!").replace('%', "!%").replace('_', "!_");
    format!("%\"key\":{plain}%")
}

/// The evidence without the digests of a record; none if it does not name it.
fn without(evidence: &str, entity: &str, record_key: &str) -> Option<String> {
    let mut list: Vec<Evidence> = serde_json::from_str(evidence).ok()?;
    let mut is_named = false;
    for one in list.iter_mut().filter(|one| one.entity == entity && one.key == record_key) {
        one.digest.clear();
        is_named = true;
    }
    is_named.then(|| serde_json::json!(list).to_string())
}
