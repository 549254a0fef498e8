//! Writes verdicts into the tables, many rows a statement.
//!
//! Owns the statements: each by itself crosses a thread twice, and a hub that judges a
//! first load tells something of every record. Invariant: of several entries about one
//! record the last one stands.

use std::collections::BTreeMap;

use rmd_proto::v1;
use serde_json::json;
use sqlx::SqliteConnection;

use super::{Told, packed};
use crate::journal::{
    Error,
    bulk::{self, Bulk, MANY},
};

/// Verdicts that are decoded before they are written.
pub(in crate::inbox) const VERDICTS_MAX: usize = 256;

const VERDICT: &str = "(?,?,?,?,?,?,?,?,?,?,?,?)";
const VERDICTS_HEAD: &str = "INSERT INTO verdict (entity, record_key, feed, epoch, seq, rev, \
     severity, found, raised_at_us, verdict_seq, received_at_us, findings) VALUES ";
static VERDICTS_ONE: [u8; bulk::length(VERDICTS_HEAD, VERDICT, 1, "")] =
    bulk::text(VERDICTS_HEAD, VERDICT, 1, "");
static VERDICTS_MANY: [u8; bulk::length(VERDICTS_HEAD, VERDICT, MANY, "")] =
    bulk::text(VERDICTS_HEAD, VERDICT, MANY, "");
static VERDICTS: Bulk =
    Bulk { one: bulk::as_text(&VERDICTS_ONE), many: bulk::as_text(&VERDICTS_MANY) };

/// Writes what entries told, each with its seq.
pub(in crate::inbox) async fn save(
    connection: &mut SqliteConnection,
    told: &[(i64, Told)],
    now_us: i64,
) -> Result<(), Error> {
    if told.is_empty() {
        return Ok(());
    }
    let last: BTreeMap<(&str, &str), (i64, &Told)> =
        told.iter().map(|(seq, told)| (told.about(), (*seq, told))).collect();
    // The first verdict about a record replaces none.
    sqlx::query(
        "DELETE FROM verdict
         WHERE (entity, record_key) IN (SELECT value ->> 0, value ->> 1 FROM json_each(?1))",
    )
    .bind(json!(last.keys().collect::<Vec<_>>()).to_string())
    .execute(&mut *connection)
    .await?;
    let stands = last.values().filter_map(|(seq, told)| match told {
        Told::Stands(verdict) => Some((*seq, &**verdict)),
        Told::Cleared { .. } => None,
    });
    let stands: Vec<(i64, &v1::Verdict)> = stands.collect();
    insert(connection, &stands, now_us).await
}

async fn insert(
    connection: &mut SqliteConnection,
    verdicts: &[(i64, &v1::Verdict)],
    now_us: i64,
) -> Result<(), Error> {
    for part in bulk::parts(verdicts) {
        let mut query = sqlx::query(VERDICTS.of(part.len()));
        for (verdict_seq, verdict) in part {
            let told = u32::try_from(verdict.finding.len()).unwrap_or(u32::MAX);
            let gravest = verdict.finding.first().map_or("", |finding| finding.severity.as_str());
            query = query.bind(&verdict.entity).bind(&verdict.record_key).bind(&verdict.feed);
            query = query.bind(verdict.epoch).bind(verdict.seq.cast_signed());
            query = query.bind(verdict.rev.cast_signed()).bind(gravest);
            query = query.bind(verdict.found.max(told)).bind(verdict.raised_at_us);
            query = query.bind(*verdict_seq).bind(now_us).bind(packed::pack(verdict));
        }
        let written = query.execute(&mut *connection).await?;
        Error::expect_rows("verdict", written.rows_affected(), part.len())?;
    }
    Ok(())
}
