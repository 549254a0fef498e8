//! Verdicts on their way into the feed of their node.
//!
//! Owns the table `verdict`: the last entry about each record. The bytes decide:
//! what was said already is not said again, and what nobody was told needs no
//! tombstone.

use std::collections::HashMap;

use jiff::Timestamp;
use prost::Message as _;
use rmd_feed::{FeedKey, Log, NewEntry, StoredEntry};
use rmd_proto::v1::{self, Op};
use serde::Serialize;
use sqlx::{AnyConnection, FromRow, Row as _};

use super::{Error, Severity, compose::Composed};
use crate::{
    share::{OwnFeed, log},
    store::{self, bulk},
};

/// Entity of the entries.
pub(super) const ENTITY: &str = "Verdict";

/// The last entry about a record.
#[derive(Debug, Clone, FromRow)]
pub(super) struct Last {
    record_key: String,
    node_id: String,
    rev: i64,
    seq: i64,
    op: String,
    payload: Vec<u8>,
}

/// One record whose verdict changed.
#[derive(Debug)]
pub(super) struct Change {
    pub(super) entity: String,
    pub(super) record_key: String,
    last: Option<Last>,
    /// None clears it.
    now: Option<Composed>,
}

impl Change {
    /// What has to be appended about a record; none if its node knows.
    pub(super) fn between(
        entity: &str,
        record_key: &str,
        last: Option<&Last>,
        now: Option<Composed>,
    ) -> Option<Self> {
        let stands = last.filter(|last| last.op == "upsert");
        let is_same = match (stands, &now) {
            (None, None) => true,
            (Some(last), Some(now)) => last.payload == now.payload,
            _ => false,
        };
        let (entity, record_key) = (entity.to_owned(), record_key.to_owned());
        (!is_same).then(|| Self { entity, record_key, last: last.cloned(), now })
    }

    fn rev(&self) -> u64 {
        self.last.as_ref().map_or(1, |last| last.rev.unsigned_abs() + 1)
    }

    fn entry(&self, now: Timestamp) -> NewEntry {
        let (op, reason) = match self.now {
            Some(_) => (Op::Upsert, ""),
            None => (Op::Tombstone, "answered"),
        };
        NewEntry {
            entity: ENTITY.to_owned(),
            key: format!("{}/{}", self.entity, self.record_key),
            rev: self.rev(),
            op,
            reason: reason.to_owned(),
            event_time_us: self.now.as_ref().map_or(0, |now| now.raised_at_us),
            captured_at_us: now.as_microsecond(),
            mapping_id: String::new(),
            previous_seq: self.last.as_ref().map_or(0, |last| last.seq.unsigned_abs()),
            payload: self.now.as_ref().map(|now| now.payload.clone()).unwrap_or_default(),
        }
    }
}

/// The last entries about these records of a node, by key.
pub(super) async fn last(
    connection: &mut AnyConnection,
    node_id: &str,
    entity: &str,
    keys: &[&str],
) -> Result<HashMap<String, Last>, Error> {
    let head = "SELECT record_key, node_id, rev, seq, op, payload FROM verdict";
    let mut found = HashMap::new();
    for row in bulk::select_of_entity(connection, head, entity, keys, "").await? {
        let last = Last::from_row(&row)?;
        if last.node_id == node_id {
            found.insert(last.record_key.clone(), last);
        }
    }
    Ok(found)
}

/// Who signs, and when.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pen<'a> {
    pub(super) key: &'a FeedKey,
    /// Name of the hub on checkpoints.
    pub(super) hub: &'a str,
    pub(super) now: Timestamp,
}

/// Appends what changed about the records of one node.
pub(super) async fn append(
    connection: &mut AnyConnection,
    pen: Pen<'_>,
    node_id: &str,
    changes: &[Change],
) -> Result<(), Error> {
    if changes.is_empty() {
        return Ok(());
    }
    let feed = OwnFeed::verdicts(node_id);
    log::create(connection, &feed).await?;
    let mut locked = log::lock(connection, &feed, pen.hub).await?;
    let entries: Vec<NewEntry> = changes.iter().map(|change| change.entry(pen.now)).collect();
    let (mut entries, mut changes) = (&entries[..], changes);
    while !entries.is_empty() {
        let fitting = Log::fitting(entries);
        let first = locked.size() + 1;
        log::append(connection, &mut locked, &entries[..fitting], pen.key, pen.now).await?;
        for (seq, change) in (first..).zip(&changes[..fitting]) {
            save(connection, node_id, change, seq, pen.now).await?;
        }
        (entries, changes) = (&entries[fitting..], &changes[fitting..]);
    }
    Ok(())
}

/// Keeps what an entry said that came back after the store was restored: else nobody
/// would take it back once the record is corrected.
pub(crate) async fn keep_again(
    connection: &mut AnyConnection,
    node_id: &str,
    entry: &StoredEntry,
) -> Result<(), store::Error> {
    let header = &entry.header;
    let named = header.key.split_once('/').filter(|_| header.entity == ENTITY);
    let Some((entity, record_key)) = named else { return Ok(()) };
    let payload = entry.payload().unwrap_or_default();
    let said = v1::Verdict::decode(payload).ok().filter(|_| entry.op() == Op::Upsert);
    let word = said.as_ref().and_then(|verdict| verdict.finding.first());
    let now = word.and_then(|finding| Severity::parse(&finding.severity)).map(|severity| {
        Composed { severity, raised_at_us: header.event_time_us, payload: payload.to_vec() }
    });
    let (entity, record_key) = (entity.to_owned(), record_key.to_owned());
    let before = header.rev.saturating_sub(1);
    let last = Last {
        record_key: record_key.clone(),
        node_id: node_id.to_owned(),
        rev: log::signed(before),
        seq: log::signed(header.previous_seq),
        op: String::new(),
        payload: Vec::new(),
    };
    let change = Change { entity, record_key, last: Some(last), now };
    let at = Timestamp::from_microsecond(header.captured_at_us).unwrap_or_default();
    save(connection, node_id, &change, entry.seq(), at).await
}

/// Appends an entry with which the hub erases what it said of a record; its seq. The
/// record has no verdict then.
pub(super) async fn append_order(
    connection: &mut AnyConnection,
    pen: Pen<'_>,
    node_id: &str,
    (entity, record_key): (&str, &str),
    (reason, payload): (String, Vec<u8>),
) -> Result<u64, Error> {
    let last = last(connection, node_id, entity, &[record_key]).await?.remove(record_key);
    let (entity, record_key) = (entity.to_owned(), record_key.to_owned());
    let change = Change { entity, record_key, last, now: None };
    let entry = NewEntry { op: Op::Erase, reason, payload, ..change.entry(pen.now) };
    let feed = OwnFeed::verdicts(node_id);
    log::create(connection, &feed).await?;
    let mut locked = log::lock(connection, &feed, pen.hub).await?;
    log::append(connection, &mut locked, &[entry], pen.key, pen.now).await?;
    save(connection, node_id, &change, locked.size(), pen.now).await?;
    Ok(locked.size())
}

async fn save(
    connection: &mut AnyConnection,
    node_id: &str,
    change: &Change,
    seq: u64,
    now: Timestamp,
) -> Result<(), store::Error> {
    let (op, severity, payload) = match &change.now {
        Some(now) => ("upsert", now.severity.as_str(), now.payload.clone()),
        None => ("tombstone", "", Vec::new()),
    };
    let affected = sqlx::query(
        "INSERT INTO verdict
             (node_id, entity, record_key, rev, seq, op, severity, payload, published_at_us)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
         ON CONFLICT (node_id, entity, record_key) DO UPDATE SET
             rev = excluded.rev,
             seq = excluded.seq,
             op = excluded.op,
             severity = excluded.severity,
             payload = excluded.payload,
             published_at_us = excluded.published_at_us",
    )
    .bind(node_id)
    .bind(&change.entity)
    .bind(&change.record_key)
    .bind(log::signed(change.rev()))
    .bind(log::signed(seq))
    .bind(op)
    .bind(severity)
    .bind(payload)
    .bind(now.as_microsecond())
    .execute(connection)
    .await?
    .rows_affected();
    store::expect_rows("verdict", 1, affected)
}

/// How many records of a node have a verdict that stands, by its gravest finding.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Standing {
    pub(crate) refuse: i64,
    pub(crate) incomplete: i64,
    pub(crate) parked: i64,
}

/// What stands of each node.
pub(crate) async fn standing(
    connection: &mut AnyConnection,
) -> Result<HashMap<String, Standing>, store::Error> {
    let rows = sqlx::query(
        "SELECT node_id, severity, COUNT(*)
         FROM verdict
         WHERE op = 'upsert'
         GROUP BY node_id, severity",
    )
    .fetch_all(connection)
    .await?;
    let mut standing: HashMap<String, Standing> = HashMap::new();
    for row in rows {
        let (node_id, severity): (String, String) = (row.try_get(0)?, row.try_get(1)?);
        let of_node = standing.entry(node_id).or_default();
        match severity.as_str() {
            "refuse" => of_node.refuse = row.try_get(2)?,
            "incomplete" => of_node.incomplete = row.try_get(2)?,
            _ => of_node.parked = row.try_get(2)?,
        }
    }
    Ok(standing)
}
