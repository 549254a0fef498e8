//! Notices on their way into the feeds of verdicts.
//!
//! Owns the tables `case_notice` and `case_named`. Every node of the state gets the same
//! bytes; what it has already is not said again.

use jiff::Timestamp;
use prost::Message as _;
use rmd_feed::{FeedKey, NewEntry};
use rmd_proto::v1::{self, Op};
use rmd_standard::country::alpha3_of;
use sqlx::{AnyConnection, FromRow, Row as _};

use super::{Error, NOTICE, around, compose, file::File, finding, reply};
use crate::{
    erase::ground_of,
    registry::{node, standing},
    share::{EPOCH, OwnFeed, log},
    store::expect_rows,
};

/// Who signs, and when.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pen<'a> {
    pub(super) key: &'a FeedKey,
    /// Name of the hub on checkpoints.
    pub(super) hub: &'a str,
    pub(super) now: Timestamp,
}

/// The last entry about a case in the feed of one node.
#[derive(Debug, Clone, Default, FromRow)]
pub(super) struct Last {
    pub(super) rev: i64,
    pub(super) seq: i64,
    pub(super) payload: Vec<u8>,
}

/// The nodes of a state that can be asked.
pub(super) async fn nodes_of(
    connection: &mut AnyConnection,
    country: &str,
) -> Result<Vec<String>, Error> {
    let alpha3 = alpha3_of(country).unwrap_or_default();
    let mut nodes = able(connection).await?;
    nodes.retain(|id| id.split('/').next() == Some(alpha3));
    Ok(nodes)
}

/// The nodes of all states that can be asked.
pub(super) async fn able(connection: &mut AnyConnection) -> Result<Vec<String>, Error> {
    let mut nodes = Vec::new();
    for node in node::all(connection).await? {
        // A suspended node gets it when it comes back, a revoked one never does.
        let standing = standing::of(connection, &node.id).await?;
        if standing.state != standing::State::Revoked {
            nodes.push(node.id);
        }
    }
    Ok(nodes)
}

/// The case whose state is to be told next.
pub(super) async fn next_due(connection: &mut AnyConnection) -> Result<Option<String>, Error> {
    let row =
        sqlx::query("SELECT case_id FROM case_file WHERE is_due = 1 ORDER BY case_id LIMIT 1")
            .fetch_optional(connection)
            .await?;
    Ok(row.map(|row| row.try_get(0)).transpose()?)
}

/// Publishes the notice of a case; to how many nodes.
pub(super) async fn publish(
    connection: &mut AnyConnection,
    pen: Pen<'_>,
    file: &File,
) -> Result<usize, Error> {
    let limit = i64::try_from(compose::FINDINGS_MAX).unwrap_or(i64::MAX);
    let case = (file.case_id.as_str(), file.country.as_str());
    let mut findings = finding::of_case(connection, case, limit).await?;
    around::find(connection, &mut findings, pen.now).await?;
    let answered = reply::keys(connection, &file.case_id, compose::ANSWERED_MAX).await?;
    let notice = compose::compose(file, &findings, answered);
    let payload = notice.encode_to_vec();
    let mut told = 0;
    for node_id in nodes_of(connection, &file.country).await? {
        let last = last(connection, &file.case_id, &node_id).await?;
        if last.payload == payload {
            continue;
        }
        let entry = NewEntry {
            entity: NOTICE.to_owned(),
            key: file.case_id.clone(),
            rev: last.rev.unsigned_abs() + 1,
            op: Op::Upsert,
            reason: String::new(),
            event_time_us: 0,
            captured_at_us: pen.now.as_microsecond(),
            mapping_id: String::new(),
            previous_seq: last.seq.unsigned_abs(),
            payload: payload.clone(),
        };
        let seq = append(connection, pen, &node_id, entry).await?;
        let next = Last { rev: last.rev + 1, seq, payload: payload.clone() };
        save(connection, (&file.case_id, &node_id), &next, pen.now.as_microsecond()).await?;
        // Also of those that it does not list it may tell something.
        let own = findings.iter().flat_map(|one| &one.evidence).filter(|one| one.is_of(case.1));
        let own = own.map(|one| (one.entity.as_str(), one.key.as_str()));
        name(connection, (case.0, &node_id), own).await?;
        told += 1;
    }
    Ok(told)
}

async fn last(connection: &mut AnyConnection, case_id: &str, node_id: &str) -> Result<Last, Error> {
    let last: Option<Last> = sqlx::query_as(
        "SELECT rev, seq, payload FROM case_notice WHERE case_id = $1 AND node_id = $2",
    )
    .bind(case_id)
    .bind(node_id)
    .fetch_optional(connection)
    .await?;
    Ok(last.unwrap_or_default())
}

async fn append(
    connection: &mut AnyConnection,
    pen: Pen<'_>,
    node_id: &str,
    entry: NewEntry,
) -> Result<i64, Error> {
    let feed = OwnFeed::verdicts(node_id);
    log::create(connection, &feed).await?;
    let mut locked = log::lock(connection, &feed, pen.hub).await?;
    log::append(connection, &mut locked, &[entry], pen.key, pen.now).await?;
    Ok(log::signed(locked.size()))
}

/// Keeps what the last entry about a case was.
pub(super) async fn save(
    connection: &mut AnyConnection,
    (case_id, node_id): (&str, &str),
    last: &Last,
    at_us: i64,
) -> Result<(), Error> {
    let affected = sqlx::query(
        "INSERT INTO case_notice
             (case_id, node_id, rev, seq, payload, published_at_us, erased, ground)
         VALUES ($1, $2, $3, $4, $5, $6, '', '')
         ON CONFLICT (case_id, node_id) DO UPDATE SET
             rev = excluded.rev,
             seq = excluded.seq,
             payload = excluded.payload,
             published_at_us = excluded.published_at_us",
    )
    .bind(case_id)
    .bind(node_id)
    .bind(last.rev)
    .bind(last.seq)
    .bind(last.payload.clone())
    .bind(at_us)
    .execute(connection)
    .await?
    .rows_affected();
    Ok(expect_rows("case_notice", 1, affected)?)
}

/// Notes on which records a notice rests, so that it goes when one of them is erased.
pub(super) async fn name(
    connection: &mut AnyConnection,
    (case_id, node_id): (&str, &str),
    records: impl Iterator<Item = (&str, &str)>,
) -> Result<(), Error> {
    for (entity, record_key) in records {
        sqlx::query(
            "INSERT INTO case_named (node_id, entity, record_key, case_id)
             VALUES ($1, $2, $3, $4)
             ON CONFLICT (entity, record_key, node_id, case_id) DO NOTHING",
        )
        .bind(node_id)
        .bind(entity)
        .bind(record_key)
        .bind(case_id)
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}

/// Which node has which entry about a case.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, FromRow)]
pub(crate) struct Noticed {
    /// The node.
    pub(crate) node_id: String,
    /// Revision of the notice.
    pub(crate) rev: i64,
    /// Its seq in the feed of verdicts.
    pub(crate) seq: i64,
    /// When it was published, UTC microseconds.
    pub(crate) published_at_us: i64,
}

/// The notices of a case.
pub(super) async fn of_case(
    connection: &mut AnyConnection,
    case_id: &str,
) -> Result<Vec<Noticed>, Error> {
    Ok(sqlx::query_as(
        "SELECT node_id, rev, seq, published_at_us
         FROM case_notice
         WHERE case_id = $1
         ORDER BY node_id",
    )
    .bind(case_id)
    .fetch_all(connection)
    .await?)
}

/// Notices that lost their payload, of which their node was not told.
#[derive(Debug, FromRow)]
pub(super) struct Untold {
    case_id: String,
    node_id: String,
    rev: i64,
    seq: i64,
    /// JSON list of seq and rev.
    erased: String,
    ground: String,
}

/// One of them.
pub(super) async fn untold(connection: &mut AnyConnection) -> Result<Option<Untold>, Error> {
    Ok(sqlx::query_as(
        "SELECT case_id, node_id, rev, seq, erased, ground
         FROM case_notice
         WHERE erased <> ''
         ORDER BY case_id, node_id
         LIMIT 1",
    )
    .fetch_optional(connection)
    .await?)
}

/// Says in the feed of a node that notices were erased there.
pub(super) async fn append_order(
    connection: &mut AnyConnection,
    pen: Pen<'_>,
    untold: &Untold,
) -> Result<(), Error> {
    let wrong = || Error::Inconsistent {
        table: "case_notice",
        column: "erased",
        id: format!("{} {}", untold.case_id, untold.node_id),
    };
    let erased: Vec<(u64, u64)> = serde_json::from_str(&untold.erased).map_err(|_| wrong())?;
    let named = |(seq, rev)| v1::ErasedEntry { epoch: EPOCH, seq, rev, seal: Vec::new() };
    let message = v1::Erasure {
        ground: ground_of(&untold.ground),
        document_sha256: Vec::new(),
        erased: erased.into_iter().map(named).collect(),
        executed: None,
    };
    let entry = NewEntry {
        entity: NOTICE.to_owned(),
        key: untold.case_id.clone(),
        rev: untold.rev.unsigned_abs() + 1,
        op: Op::Erase,
        reason: format!("erased:{}", untold.ground),
        event_time_us: 0,
        captured_at_us: pen.now.as_microsecond(),
        mapping_id: String::new(),
        previous_seq: untold.seq.unsigned_abs(),
        payload: message.encode_to_vec(),
    };
    let seq = append(connection, pen, &untold.node_id, entry).await?;
    let affected = sqlx::query(
        "UPDATE case_notice SET rev = $1, seq = $2, erased = '', ground = ''
         WHERE case_id = $3 AND node_id = $4",
    )
    .bind(untold.rev + 1)
    .bind(seq)
    .bind(&untold.case_id)
    .bind(&untold.node_id)
    .execute(connection)
    .await?
    .rows_affected();
    Ok(expect_rows("case_notice", 1, affected)?)
}
