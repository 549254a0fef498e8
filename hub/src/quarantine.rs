//! Entries that were verified but not applied.
//!
//! Owns the hub's quarantine: what was refused, with every finding, until a
//! later revision of the same record takes its place, or until it is applied
//! after all ([`reapply`]). The feed moves on; the bytes stay in the ledger.

pub(crate) mod reapply;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap};

use rmd_proto::v1::EntryHeader;
use rmd_standard::{Finding, Severity};
use serde::Serialize;
use sqlx::{AnyConnection, FromRow, Row as _};

use crate::{
    regional::{self, Owner},
    store::{
        Error,
        bulk::{self, Columns, Rows, Table, Value},
    },
};

static TABLE: Table = Table {
    name: "quarantine",
    key: "node_id, feed, epoch, seq, record_key",
    columns: &[Columns::named(
        "record_key, node_id, feed, epoch, seq, entity, rev, op, rule, findings, \
         captured_at_us, received_at_us, superseded_by_seq",
    )],
};

/// An entry that is not applied, and why.
#[derive(Debug)]
pub(crate) struct Refused {
    /// The entry's header.
    pub(crate) header: EntryHeader,
    /// At least one that refuses.
    pub(crate) findings: Vec<Finding>,
}

/// An entry of a frame, refused or not.
#[derive(Debug)]
pub(crate) struct Touched {
    /// Type of the record, as the owner names it.
    pub(crate) entity: String,
    /// Key of the record.
    pub(crate) key: String,
    /// Its revision.
    pub(crate) rev: u64,
    /// The entry's number.
    pub(crate) seq: u64,
}

/// A quarantined entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Quarantined {
    /// Node that owns the entry.
    pub(crate) node_id: String,
    /// Its feed.
    pub(crate) feed: String,
    /// Its epoch.
    pub(crate) epoch: i64,
    /// Its number in the feed.
    pub(crate) seq: i64,
    /// Type of the record, as the owner names it.
    pub(crate) entity: String,
    /// Key of the record, as the owner names it.
    pub(crate) record_key: String,
    /// Revision of the record.
    pub(crate) rev: i64,
    /// What the entry does.
    pub(crate) op: String,
    /// Rule of the first finding that refuses.
    pub(crate) rule: String,
    /// All findings.
    pub(crate) findings: Vec<Finding>,
    /// When it came, UTC microseconds.
    pub(crate) received_at_us: i64,
}

/// How many entries of a node a rule holds now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, FromRow)]
pub(crate) struct RuleCount {
    /// Node that owns the entries.
    pub(crate) node_id: String,
    /// Their feed.
    pub(crate) feed: String,
    /// Type of the records.
    pub(crate) entity: String,
    /// The rule.
    pub(crate) rule: String,
    /// Entries that stand.
    pub(crate) records: i64,
}

/// Notes what a frame did: earlier refusals of the touched records no longer
/// stand, and the new ones do.
pub(crate) async fn record(
    connection: &mut AnyConnection,
    owner: &Owner,
    touched: &[Touched],
    refused: &[Refused],
    received_at_us: i64,
) -> Result<(), Error> {
    supersede(connection, owner, touched).await?;
    let mut rows = Rows::new(&TABLE);
    // Entries come in the order of their seq.
    let last: HashMap<(&str, &str), u64> = touched
        .iter()
        .map(|entry| ((entry.entity.as_str(), entry.key.as_str()), entry.seq))
        .collect();
    for Refused { header, findings } in refused {
        let last = last.get(&(header.entity.as_str(), header.key.as_str())).copied();
        let later = last.filter(|seq| *seq > header.seq);
        rows.push([
            Value::required(regional::storable_text(&header.key)),
            Value::required(&owner.node_id),
            Value::required(&owner.feed),
            Value::integer(i64::from(owner.epoch)),
            Value::unsigned(header.seq),
            Value::required(regional::storable_text(&header.entity)),
            Value::integer(i64::try_from(header.rev).unwrap_or(i64::MAX)),
            Value::required(regional::op_word(header.op())),
            Value::required(first_rule(findings)),
            Value::required(regional::findings_json(findings)),
            Value::integer(header.captured_at_us),
            Value::integer(received_at_us),
            later.map_or(Value::Integer(None), Value::unsigned),
        ]);
    }
    rows.insert(connection).await
}

/// Earlier refusals of these records give way to their last entry.
async fn supersede(
    connection: &mut AnyConnection,
    owner: &Owner,
    touched: &[Touched],
) -> Result<(), Error> {
    let mut last: BTreeMap<(String, String), u64> = BTreeMap::new();
    // A first revision can have no earlier refusal.
    for entry in touched.iter().filter(|entry| entry.rev > 1) {
        let name = (regional::storable_text(&entry.entity), regional::storable_text(&entry.key));
        last.insert(name, entry.seq);
    }
    let mut of_entity: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (entity, key) in last.keys() {
        of_entity.entry(entity).or_default().push(key);
    }
    for (entity, keys) in of_entity {
        let rows = bulk::select_of_entity(
            connection,
            "SELECT DISTINCT record_key FROM quarantine",
            entity,
            &keys,
            " AND superseded_by_seq IS NULL",
        )
        .await?;
        for row in rows {
            let key: String = row.try_get("record_key")?;
            if let Some(seq) = last.get(&(entity.to_owned(), key.clone())) {
                supersede_one(connection, owner, entity, &key, *seq).await?;
            }
        }
    }
    Ok(())
}

async fn supersede_one(
    connection: &mut AnyConnection,
    owner: &Owner,
    entity: &str,
    key: &str,
    seq: u64,
) -> Result<(), Error> {
    sqlx::query(
        "UPDATE quarantine SET superseded_by_seq = $1 \
         WHERE entity = $2 AND record_key = $3 AND node_id = $4 AND feed = $5 AND epoch = $6 \
         AND superseded_by_seq IS NULL AND seq < $1",
    )
    .bind(i64::try_from(seq).unwrap_or(i64::MAX))
    .bind(entity)
    .bind(key)
    .bind(&owner.node_id)
    .bind(&owner.feed)
    .bind(i64::from(owner.epoch))
    .execute(connection)
    .await?;
    Ok(())
}

fn first_rule(findings: &[Finding]) -> &str {
    findings
        .iter()
        .find(|finding| finding.severity == Severity::Refuse)
        .map_or("HUB-UNKNOWN", |finding| &finding.rule)
}

#[derive(FromRow)]
struct QuarantinedRow {
    node_id: String,
    feed: String,
    epoch: i64,
    seq: i64,
    entity: String,
    record_key: String,
    rev: i64,
    op: String,
    rule: String,
    findings: String,
    received_at_us: i64,
}

impl TryFrom<QuarantinedRow> for Quarantined {
    type Error = Error;

    fn try_from(row: QuarantinedRow) -> Result<Self, Error> {
        let findings = serde_json::from_str(&row.findings).map_err(|_| Error::Inconsistent {
            table: TABLE.name,
            column: "findings",
            id: format!("{} {} {}", row.node_id, row.feed, row.seq),
        })?;
        Ok(Self {
            node_id: row.node_id,
            feed: row.feed,
            epoch: row.epoch,
            seq: row.seq,
            entity: row.entity,
            record_key: row.record_key,
            rev: row.rev,
            op: row.op,
            rule: row.rule,
            findings,
            received_at_us: row.received_at_us,
        })
    }
}

/// What stands of one node.
pub(crate) const OF_NODE: &str =
    "SELECT node_id, feed, epoch, seq, entity, record_key, rev, op, rule, findings, received_at_us
     FROM quarantine
     WHERE superseded_by_seq IS NULL AND node_id = $2
     ORDER BY node_id, feed, epoch, seq
     LIMIT $1";

/// What stands of all nodes.
pub(crate) const OF_ALL: &str =
    "SELECT node_id, feed, epoch, seq, entity, record_key, rev, op, rule, findings, received_at_us
     FROM quarantine
     WHERE superseded_by_seq IS NULL
     ORDER BY node_id, feed, epoch, seq
     LIMIT $1";

/// What stands in quarantine, of one node or of all, oldest first.
pub(crate) async fn list(
    connection: &mut AnyConnection,
    node_id: Option<&str>,
    limit: u32,
) -> Result<Vec<Quarantined>, Error> {
    let query = match node_id {
        Some(node_id) => sqlx::query_as(OF_NODE).bind(i64::from(limit)).bind(node_id),
        None => sqlx::query_as(OF_ALL).bind(i64::from(limit)),
    };
    let rows: Vec<QuarantinedRow> = query.fetch_all(connection).await?;
    rows.into_iter().map(Quarantined::try_from).collect()
}

/// What stands in quarantine, counted.
pub(crate) async fn counts(connection: &mut AnyConnection) -> Result<Vec<RuleCount>, Error> {
    Ok(sqlx::query_as(
        "SELECT node_id, feed, entity, rule, COUNT(*) AS records \
         FROM quarantine \
         WHERE superseded_by_seq IS NULL \
         GROUP BY node_id, feed, entity, rule \
         ORDER BY node_id, feed, entity, rule",
    )
    .fetch_all(connection)
    .await?)
}
