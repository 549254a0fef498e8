//! Verdicts as rows that the ministry can read.
//!
//! Owns the tables `verdict` and `verdict_finding`. A later entry about a record
//! replaces what the earlier one said; a tombstone takes it away. Words that this
//! version does not know are kept as they came.

mod report;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use prost::Message as _;
use rmd_feed::StoredEntry;
use rmd_proto::v1;
use sqlx::SqliteConnection;

pub(crate) use report::{Counts, State, Verdict, Which, counts, list};

use crate::journal::Error;

/// Entity of a verdict.
const VERDICT: &str = "Verdict";

/// What an entry says.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Told {
    /// The hub finds this on a record.
    Stands(Box<v1::Verdict>),
    /// The hub has nothing to say about a record any more.
    Cleared {
        /// Type of the record.
        entity: String,
        /// Its key.
        record_key: String,
    },
}

impl Told {
    /// Reads an entry; the error says what this version cannot read.
    pub(super) fn read(entry: &StoredEntry) -> Result<Self, String> {
        let key = entry.header.key.as_str();
        match (entry.header.entity.as_str(), entry.op()) {
            // Erased since: it is nobody's to read any more.
            (VERDICT, v1::Op::Upsert) if entry.payload().is_some() => {
                let verdict = v1::Verdict::decode(entry.payload().unwrap_or_default())
                    .map_err(|error| error.to_string())?;
                if key != format!("{}/{}", verdict.entity, verdict.record_key) {
                    return Err(format!("the verdict under {key} is about another record"));
                }
                if verdict.finding.is_empty() {
                    return Err("the verdict has no finding".to_owned());
                }
                Ok(Self::Stands(Box::new(verdict)))
            }
            (VERDICT, _) => {
                let named = key.split_once('/');
                let (entity, record_key) = named.ok_or_else(|| format!("{key} names no record"))?;
                let (entity, record_key) = (entity.to_owned(), record_key.to_owned());
                Ok(Self::Cleared { entity, record_key })
            }
            (entity, op) => Err(format!("{} of {entity} is not known here", op.as_str_name())),
        }
    }

    /// Writes it into the tables.
    pub(super) async fn save(
        &self,
        connection: &mut SqliteConnection,
        entry: &StoredEntry,
        now_us: i64,
    ) -> Result<(), Error> {
        let (entity, record_key) = match self {
            Self::Stands(verdict) => (&verdict.entity, &verdict.record_key),
            Self::Cleared { entity, record_key } => (entity, record_key),
        };
        // Its findings go with it. The first verdict about a record replaces none.
        sqlx::query("DELETE FROM verdict WHERE entity = ?1 AND record_key = ?2")
            .bind(entity)
            .bind(record_key)
            .execute(&mut *connection)
            .await?;
        let Self::Stands(verdict) = self else { return Ok(()) };
        insert(connection, verdict, entry.seq().cast_signed(), now_us).await?;
        for (position, finding) in (0..).zip(&verdict.finding) {
            insert_finding(connection, verdict, position, finding).await?;
        }
        Ok(())
    }
}

async fn insert(
    connection: &mut SqliteConnection,
    verdict: &v1::Verdict,
    verdict_seq: i64,
    now_us: i64,
) -> Result<(), Error> {
    let told = u32::try_from(verdict.finding.len()).unwrap_or(u32::MAX);
    let written = sqlx::query(
        "INSERT INTO verdict (
             entity, record_key, feed, epoch, seq, rev, severity, found,
             raised_at_us, verdict_seq, received_at_us)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
    )
    .bind(&verdict.entity)
    .bind(&verdict.record_key)
    .bind(&verdict.feed)
    .bind(verdict.epoch)
    .bind(verdict.seq.cast_signed())
    .bind(verdict.rev.cast_signed())
    .bind(verdict.finding.first().map_or("", |finding| &finding.severity))
    .bind(verdict.found.max(told))
    .bind(verdict.raised_at_us)
    .bind(verdict_seq)
    .bind(now_us)
    .execute(connection)
    .await?;
    Error::expect_rows("verdict", written.rows_affected(), 1)
}

async fn insert_finding(
    connection: &mut SqliteConnection,
    verdict: &v1::Verdict,
    position: i64,
    finding: &v1::VerdictFinding,
) -> Result<(), Error> {
    let params: BTreeMap<&str, &str> =
        finding.param.iter().map(|param| (param.name.as_str(), param.value.as_str())).collect();
    let written = sqlx::query(
        "INSERT INTO verdict_finding (
             entity, record_key, position, rule, severity, path, value, en, fr, params)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
    )
    .bind(&verdict.entity)
    .bind(&verdict.record_key)
    .bind(position)
    .bind(&finding.rule)
    .bind(&finding.severity)
    .bind(&finding.path)
    .bind(&finding.value)
    .bind(&finding.en)
    .bind(&finding.fr)
    .bind(serde_json::to_string(&params).expect("texts"))
    .execute(connection)
    .await?;
    Error::expect_rows("verdict_finding", written.rows_affected(), 1)
}
