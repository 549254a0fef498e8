//! What stands in the verdicts, for commands. Needs no network.

use std::collections::{BTreeMap, HashMap};

use rmd_standard::Entity;
use serde::Serialize;
use sqlx::FromRow;

use super::packed;
use crate::journal::{Error, Store, newest};

/// One finding as the hub told it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Finding {
    /// The rule.
    pub(crate) rule: String,
    /// refuse, incomplete, parked, or a word of a later version.
    pub(crate) severity: String,
    /// Path of the field.
    pub(crate) path: String,
    /// The value as the record has it.
    pub(crate) value: String,
    /// In English.
    pub(crate) en: String,
    /// In French.
    pub(crate) fr: String,
    /// Parameters of the rule.
    pub(crate) params: BTreeMap<String, String>,
}

/// How a verdict stands to what this node has published.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "lowercase")]
pub(crate) enum State {
    /// It is about the last revision.
    Stands,
    /// A newer revision was published; the hub has not judged it yet.
    Answered {
        /// The newer revision.
        by_rev: u64,
    },
}

/// One verdict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Verdict {
    /// Type of the record.
    pub(crate) entity: String,
    /// Its key.
    pub(crate) record_key: String,
    /// Feed that carries it.
    pub(crate) feed: String,
    /// seq of the revision that the verdict is about.
    pub(crate) seq: i64,
    /// Number of that revision.
    pub(crate) rev: i64,
    /// The gravest finding's.
    pub(crate) severity: String,
    /// How many were found; more than are told where there were too many.
    pub(crate) found: i64,
    /// When that revision reached the hub, UTC microseconds.
    pub(crate) raised_at_us: i64,
    /// When the verdict came here, UTC microseconds.
    pub(crate) received_at_us: i64,
    /// Whether it was answered.
    #[serde(flatten)]
    pub(crate) state: State,
    /// The findings, the gravest first.
    pub(crate) findings: Vec<Finding>,
}

/// Which verdicts are meant; none for all.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Which<'a> {
    /// Of one record type, as the hub names it.
    pub(crate) entity: Option<&'a str>,
    /// With a finding of one rule.
    pub(crate) rule: Option<&'a str>,
    /// About one record.
    pub(crate) record_key: Option<&'a str>,
}

#[derive(Debug, FromRow)]
struct Row {
    entity: String,
    record_key: String,
    feed: String,
    seq: i64,
    rev: i64,
    severity: String,
    found: i64,
    raised_at_us: i64,
    received_at_us: i64,
    findings: String,
}

/// The verdicts, by record type and key.
pub(crate) async fn list(
    store: &Store,
    which: Which<'_>,
    limit: u32,
) -> Result<Vec<Verdict>, Error> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT entity,
                record_key,
                feed,
                seq,
                rev,
                severity,
                found,
                raised_at_us,
                received_at_us,
                findings
         FROM verdict v
         WHERE (?1 IS NULL OR entity = ?1)
           AND (?2 IS NULL OR record_key = ?2)
           AND (?3 IS NULL
                OR (instr(findings, json_quote(?3)) > 0
                    AND EXISTS (
                        SELECT 1 FROM json_each(v.findings) f WHERE f.value ->> 0 = ?3)))
         ORDER BY entity, record_key
         LIMIT ?4",
    )
    .bind(which.entity)
    .bind(which.record_key)
    .bind(which.rule)
    .bind(limit)
    .fetch_all(store.readers())
    .await?;
    let newest = revisions(store, &rows).await?;
    let verdict = |row: Row| {
        let name = (row.entity, row.record_key);
        let rev = newest.get(&name).copied().unwrap_or_default();
        let is_answered = i64::try_from(rev).is_ok_and(|rev| rev > row.rev);
        let findings = packed::unpack(&name.0, &name.1, &row.findings)
            .map_err(|_| Error::inconsistent("verdict", "findings", row.seq))?;
        Ok(Verdict {
            findings,
            state: if is_answered { State::Answered { by_rev: rev } } else { State::Stands },
            entity: name.0,
            record_key: name.1,
            feed: row.feed,
            seq: row.seq,
            rev: row.rev,
            severity: row.severity,
            found: row.found,
            raised_at_us: row.raised_at_us,
            received_at_us: row.received_at_us,
        })
    };
    rows.into_iter().map(verdict).collect()
}

type Name = (String, String);

/// The last revision that this node published of each record.
async fn revisions(store: &Store, rows: &[Row]) -> Result<HashMap<Name, u64>, Error> {
    let mut by_entity: BTreeMap<Entity, Vec<&str>> = BTreeMap::new();
    for row in rows {
        if let Some(entity) = Entity::from_name(&row.entity) {
            by_entity.entry(entity).or_default().push(&row.record_key);
        }
    }
    let mut revisions = HashMap::new();
    for (entity, keys) in by_entity {
        for (key, rev) in newest::revisions(store, entity, &keys).await? {
            revisions.insert((entity.name().to_owned(), key), rev);
        }
    }
    Ok(revisions)
}

/// How many verdicts stand, by their gravest finding.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Counts {
    /// Last seq of the feed of verdicts that was applied.
    pub(crate) cursor: i64,
    /// Records about which there is one.
    pub(crate) records: i64,
    /// The same by severity.
    pub(crate) by_severity: BTreeMap<String, i64>,
}

/// What there is, counted.
pub(crate) async fn counts(store: &Store) -> Result<Counts, Error> {
    let by_severity: Vec<(String, i64)> = sqlx::query_as(
        "SELECT severity, COUNT(*) FROM verdict GROUP BY severity ORDER BY severity",
    )
    .fetch_all(store.readers())
    .await?;
    let cursor: Option<i64> =
        sqlx::query_scalar("SELECT size FROM inbox_feed WHERE feed = 'verdicts'")
            .fetch_optional(store.readers())
            .await?;
    Ok(Counts {
        cursor: cursor.unwrap_or_default(),
        records: by_severity.iter().map(|(_, records)| records).sum(),
        by_severity: by_severity.into_iter().collect(),
    })
}
