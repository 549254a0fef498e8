//! Pages of records, found by their terms.
//!
//! Owns the statements that read. A page is cut out of the index of terms, and
//! only the records on it are read; they come in the order in which they came to
//! the node, so that a new record never moves the pages before it. A total of
//! one filter is a stored count; only a range, or two filters at once, is
//! counted, over the rarest of them. Invariant: page and total are of one
//! snapshot.

use futures_util::TryStreamExt as _;
use rmd_standard::{Entity, Record};
use serde_json::json;
use sqlx::{FromRow, SqliteConnection};

use super::{Error, store::Store, terms::Asked};

/// One page, and how many records there are on all.
pub(super) async fn page(
    store: &Store,
    asked: &Asked,
    offset: i64,
    limit: u32,
) -> Result<(Vec<Record>, u64), Error> {
    if asked.nothing {
        return Ok((Vec::new(), 0));
    }
    let mut snapshot = store.readers().begin().await?;
    let Some(way) = Way::choose(&mut snapshot, asked).await? else {
        return Ok((Vec::new(), 0));
    };
    let total = way.total(&mut snapshot).await?;
    let mut records = Vec::new();
    if i64::try_from(total).is_ok_and(|total| offset < total) {
        let (from, offset) = way.seek(store, &mut snapshot, offset).await?;
        let rows = way.statement(from, offset, i64::from(limit)).fetch_all(&mut *snapshot).await?;
        records = rows.iter().map(|row| row.record(asked.entity)).collect::<Result<_, _>>()?;
    }
    // Nothing was written: the end of a snapshot cannot fail in a way that matters.
    snapshot.rollback().await?;
    Ok((records, total))
}

/// Hands over every record that is asked for, one after the other.
pub(super) async fn each(
    store: &Store,
    asked: &Asked,
    mut take: impl FnMut(Record),
) -> Result<(), Error> {
    let mut snapshot = store.readers().begin().await?;
    let Some(way) = Way::choose(&mut snapshot, asked).await? else { return Ok(()) };
    let mut rows = way.statement(i64::MIN, 0, i64::MAX).fetch(&mut *snapshot);
    while let Some(row) = rows.try_next().await? {
        take(row.record(asked.entity)?);
    }
    Ok(())
}

/// The record of a key.
pub(super) async fn of_key(
    store: &Store,
    entity: Entity,
    key: &str,
) -> Result<Option<Record>, Error> {
    let row: Option<RowOfPayload> =
        sqlx::query_as("SELECT payload FROM record WHERE entity = ?1 AND record_key = ?2")
            .bind(entity.name())
            .bind(key)
            .fetch_optional(store.readers())
            .await?;
    row.map(|row| row.record(entity)).transpose()
}

/// The stored count of each of these terms.
pub(super) async fn counts(store: &Store, terms: &[String]) -> Result<Vec<(String, u64)>, Error> {
    let mut reader = store.readers().acquire().await?;
    let counts = counts_in(&mut reader, terms).await?;
    Ok(counts.into_iter().map(|count| (count.term, count.records)).collect())
}

#[derive(Debug, Clone)]
struct Count {
    term: String,
    records: u64,
    moves: i64,
}

async fn counts_in(
    connection: &mut SqliteConnection,
    terms: &[String],
) -> Result<Vec<Count>, Error> {
    let rows: Vec<(String, i64, i64)> = sqlx::query_as(
        "SELECT c.term,
                c.records,
                c.moves
         FROM json_each(?1) j
         CROSS JOIN term_count c ON c.term = j.value",
    )
    .bind(json!(terms).to_string())
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|(term, records, moves)| {
            let records = u64::try_from(records)
                .map_err(|_| Error::Inconsistent { table: "term_count", column: "records" })?;
            Ok(Count { term, records, moves })
        })
        .collect()
}

#[derive(Debug, FromRow)]
struct RowOfPayload {
    payload: Vec<u8>,
}

impl RowOfPayload {
    fn record(&self, entity: Entity) -> Result<Record, Error> {
        Record::decode(entity, &self.payload)
            .map_err(|_| Error::Inconsistent { table: "record", column: "payload" })
    }
}

type Payloads<'q> =
    sqlx::query::QueryAs<'q, sqlx::Sqlite, RowOfPayload, sqlx::sqlite::SqliteArguments>;

/// How the records of a query are found.
#[derive(Debug)]
struct Way {
    /// The term whose index is walked.
    by: Count,
    /// The terms that they must have as well, as JSON; none if there is no other.
    others: Option<String>,
    /// The range of `at`.
    range: Option<(i64, i64)>,
}

impl Way {
    /// By the range if there is one, else by the rarest term; none if a term has
    /// no record at all.
    async fn choose(
        connection: &mut SqliteConnection,
        asked: &Asked,
    ) -> Result<Option<Self>, Error> {
        let base = asked.entity.name().to_owned();
        let terms: Vec<String> = asked.values.iter().cloned().chain([base.clone()]).collect();
        let counts = counts_in(connection, &terms).await?;
        if counts.len() < terms.len() || counts.iter().any(|count| count.records == 0) {
            return Ok(None);
        }
        // Only the term of the type carries what a range is over.
        let may_walk = |count: &&Count| asked.range.is_none() || count.term == base;
        let walked = counts.into_iter().filter(|count| may_walk(&count));
        let Some(by) = walked.min_by_key(|count| (count.records, count.term == base)) else {
            return Ok(None);
        };
        let others: Vec<&String> = asked.values.iter().filter(|other| **other != by.term).collect();
        let others = (!others.is_empty()).then(|| json!(others).to_string());
        Ok(Some(Self { by, others, range: asked.range }))
    }

    async fn total(&self, connection: &mut SqliteConnection) -> Result<u64, Error> {
        let counted: i64 = match (&self.range, &self.others) {
            (None, None) => return Ok(self.by.records),
            (None, Some(others)) => {
                sqlx::query_scalar(
                    "SELECT COUNT(*)
                     FROM term t
                     WHERE t.term = ?1
                       AND NOT EXISTS (
                           SELECT 1
                           FROM json_each(?2) j
                           WHERE NOT EXISTS (
                               SELECT 1 FROM term o
                               WHERE o.term = j.value AND o.record_id = t.record_id))",
                )
                .bind(&self.by.term)
                .bind(others)
                .fetch_one(connection)
                .await?
            }
            (Some((from, before)), others) => {
                sqlx::query_scalar(
                    "SELECT COUNT(*)
                     FROM term t INDEXED BY term_at
                     WHERE t.term = ?1
                       AND t.at >= ?3
                       AND t.at < ?4
                       AND NOT EXISTS (
                           SELECT 1
                           FROM json_each(?2) j
                           WHERE NOT EXISTS (
                               SELECT 1 FROM term o
                               WHERE o.term = j.value AND o.record_id = t.record_id))",
                )
                .bind(&self.by.term)
                .bind(others.as_deref().unwrap_or("[]"))
                .bind(from)
                .bind(before)
                .fetch_one(connection)
                .await?
            }
        };
        u64::try_from(counted).map_err(|_| Error::Inconsistent { table: "term", column: "term" })
    }

    /// From which record id on to read, and how many records to skip there.
    async fn seek(
        &self,
        store: &Store,
        snapshot: &mut SqliteConnection,
        offset: i64,
    ) -> Result<(i64, i64), Error> {
        if self.others.is_some() || self.range.is_some() {
            return Ok((i64::MIN, offset));
        }
        store.strides().seek(snapshot, (&self.by.term, self.by.moves), offset).await
    }

    fn statement(&self, from_id: i64, offset: i64, limit: i64) -> Payloads<'_> {
        match (&self.range, &self.others) {
            (None, None) => sqlx::query_as(
                "SELECT r.payload
                 FROM (SELECT t.record_id
                       FROM term t
                       WHERE t.term = ?1 AND t.record_id >= ?4
                       ORDER BY t.record_id
                       LIMIT ?3 OFFSET ?2) p
                 CROSS JOIN record r ON r.record_id = p.record_id
                 ORDER BY p.record_id",
            )
            .bind(&self.by.term)
            .bind(offset)
            .bind(limit)
            .bind(from_id),
            (None, Some(others)) => sqlx::query_as(
                "SELECT r.payload
                 FROM (SELECT t.record_id
                       FROM term t
                       WHERE t.term = ?1
                         AND NOT EXISTS (
                             SELECT 1
                             FROM json_each(?4) j
                             WHERE NOT EXISTS (
                                 SELECT 1 FROM term o
                                 WHERE o.term = j.value AND o.record_id = t.record_id))
                       ORDER BY t.record_id
                       LIMIT ?3 OFFSET ?2) p
                 CROSS JOIN record r ON r.record_id = p.record_id
                 ORDER BY p.record_id",
            )
            .bind(&self.by.term)
            .bind(offset)
            .bind(limit)
            .bind(others),
            (Some((from, before)), others) => sqlx::query_as(
                "SELECT r.payload
                 FROM (SELECT t.record_id
                       FROM term t INDEXED BY term_at
                       WHERE t.term = ?1
                         AND t.at >= ?5
                         AND t.at < ?6
                         AND NOT EXISTS (
                             SELECT 1
                             FROM json_each(?4) j
                             WHERE NOT EXISTS (
                                 SELECT 1 FROM term o
                                 WHERE o.term = j.value AND o.record_id = t.record_id))
                       ORDER BY t.record_id
                       LIMIT ?3 OFFSET ?2) p
                 CROSS JOIN record r ON r.record_id = p.record_id
                 ORDER BY p.record_id",
            )
            .bind(&self.by.term)
            .bind(offset)
            .bind(limit)
            .bind(others.as_deref().unwrap_or("[]"))
            .bind(from)
            .bind(before),
        }
    }
}
