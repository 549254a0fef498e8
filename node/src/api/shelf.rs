//! The records of the API as rows, with their terms and counts.
//!
//! Owns the tables `record`, `term` and `term_count`. Many rows travel as one
//! JSON parameter, so that the SQL text is constant for any number of them.
//! Invariant: terms and counts follow from the payloads and from nothing else;
//! they are written in the transaction that writes those. A record that was
//! posted is never overwritten by the form in which it was published.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use rmd_standard::{Entity, Record};
use serde_json::{Value, json};
use sqlx::{FromRow, SqliteConnection, SqlitePool};

use super::{
    Error, Store,
    terms::{self, Terms},
};

/// Where a record of the API came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    /// Somebody posted it; it is complete.
    Posted,
    /// The node published it of a row of the national database.
    Published,
}

impl Origin {
    /// The word in the table.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Posted => "posted",
            Self::Published => "published",
        }
    }

    fn parse(word: &str) -> Option<Self> {
        [Self::Posted, Self::Published].into_iter().find(|origin| origin.as_str() == word)
    }
}

/// One record to be put on the shelf.
#[derive(Debug)]
pub(super) struct Put {
    pub(super) key: String,
    pub(super) payload: Vec<u8>,
    pub(super) terms: Terms,
    pub(super) annulled: bool,
}

/// One record as it stands there.
#[derive(Debug)]
pub(super) struct Standing {
    record_id: i64,
    pub(super) origin: Origin,
    pub(super) payload: Vec<u8>,
}

#[derive(Debug, FromRow)]
struct RowOfRecord {
    record_id: i64,
    record_key: String,
    origin: String,
    payload: Vec<u8>,
}

/// The known ones of these records, by key.
pub(super) async fn standing(
    connection: &mut SqliteConnection,
    entity: Entity,
    keys: &[&str],
) -> Result<HashMap<String, Standing>, Error> {
    let rows: Vec<RowOfRecord> = sqlx::query_as(
        "SELECT r.record_id,
                r.record_key,
                r.origin,
                r.payload
         FROM json_each(?2) j
         CROSS JOIN record r ON r.entity = ?1 AND r.record_key = j.value",
    )
    .bind(entity.name())
    .bind(json!(keys).to_string())
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            let origin = Origin::parse(&row.origin)
                .ok_or(Error::Inconsistent { table: "record", column: "origin" })?;
            let (record_id, payload) = (row.record_id, row.payload);
            Ok((row.record_key, Standing { record_id, origin, payload }))
        })
        .collect()
}

/// Puts records of one type, each key at most once.
pub(super) async fn put(
    connection: &mut SqliteConnection,
    entity: Entity,
    origin: Origin,
    now_us: i64,
    records: &[Put],
) -> Result<(), Error> {
    let keys: Vec<&str> = records.iter().map(|record| record.key.as_str()).collect();
    let known = standing(connection, entity, &keys).await?;
    let mut next = next_id(connection).await?;
    let mut change = Change::default();
    let mut rows = Rows::default();
    for Put { key, payload, terms, annulled } in records {
        let known = known.get(key);
        if origin == Origin::Published && known.is_some_and(|k| k.origin == Origin::Posted) {
            continue;
        }
        let record_id = known.map_or(next, |known| known.record_id);
        if let Some(known) = known {
            change.leave(entity, known);
        } else {
            change.fresh.insert(record_id);
            next += 1;
        }
        change.join(record_id, origin, terms);
        let place = rows.payloads.push(payload);
        rows.lines.push(json!([record_id, key, i64::from(*annulled), place.0, place.1]));
    }
    write(connection, entity, origin, now_us, rows).await?;
    change.save(connection).await
}

/// Those of the keys whose record was posted.
pub(super) async fn posted(
    readers: &SqlitePool,
    entity: Entity,
    keys: &[&str],
) -> Result<HashSet<String>, Error> {
    let posted: Vec<String> = sqlx::query_scalar(
        "SELECT r.record_key
         FROM json_each(?2) j
         CROSS JOIN record r ON r.entity = ?1 AND r.record_key = j.value
         WHERE r.origin = 'posted'",
    )
    .bind(entity.name())
    .bind(json!(keys).to_string())
    .fetch_all(readers)
    .await?;
    Ok(posted.into_iter().collect())
}

/// Takes published records of one type away; posted ones stay.
pub(super) async fn remove_published(
    connection: &mut SqliteConnection,
    entity: Entity,
    keys: &[&str],
) -> Result<(), Error> {
    let mut change = Change::default();
    let mut ids = Vec::new();
    for known in standing(connection, entity, keys).await?.into_values() {
        if known.origin == Origin::Published {
            change.leave(entity, &known);
            ids.push(known.record_id);
        }
    }
    if ids.is_empty() {
        return Ok(());
    }
    let removed =
        sqlx::query("DELETE FROM record WHERE record_id IN (SELECT value FROM json_each(?1))")
            .bind(json!(ids).to_string())
            .execute(&mut *connection)
            .await?;
    Error::expect_rows("record", removed.rows_affected(), ids.len())?;
    change.save(connection).await
}

/// Takes a record away that was erased, in a transaction of its own.
pub(crate) async fn forget(
    store: &Store,
    entity: Entity,
    key: &str,
    erased_at_us: i64,
) -> Result<(), Error> {
    let mut writing = store.write().await?;
    let mut transaction = writing.begin().await?;
    erase(&mut transaction, entity, key, erased_at_us).await?;
    Ok(transaction.commit().await?)
}

/// Takes a record away that was erased, however it came; one that was posted after
/// that instant stays.
pub(super) async fn erase(
    connection: &mut SqliteConnection,
    entity: Entity,
    key: &str,
    erased_at_us: i64,
) -> Result<(), Error> {
    let known = standing(connection, entity, &[key]).await?.into_values().next();
    let Some(known) = known else { return Ok(()) };
    let removed = sqlx::query("DELETE FROM record WHERE record_id = ?1 AND changed_at_us <= ?2")
        .bind(known.record_id)
        .bind(erased_at_us)
        .execute(&mut *connection)
        .await?;
    if removed.rows_affected() == 0 {
        return Ok(());
    }
    let mut change = Change::default();
    change.leave(entity, &known);
    change.save(connection).await
}

/// Rows of `record` on their way.
#[derive(Debug, Default)]
struct Rows {
    lines: Vec<Value>,
    payloads: Payloads,
}

/// Payloads as one blob, out of which a statement cuts each: no text of bytes is
/// made and read again.
#[derive(Debug, Default)]
pub(super) struct Payloads {
    pub(super) bytes: Vec<u8>,
}

impl Payloads {
    /// Adds a payload: where `substr` finds it, and its length.
    pub(super) fn push(&mut self, payload: &[u8]) -> (usize, usize) {
        let place = (self.bytes.len() + 1, payload.len());
        self.bytes.extend_from_slice(payload);
        place
    }
}

async fn next_id(connection: &mut SqliteConnection) -> Result<i64, Error> {
    let last: Option<i64> =
        sqlx::query_scalar("SELECT MAX(record_id) FROM record").fetch_one(connection).await?;
    Ok(last.unwrap_or(0) + 1)
}

async fn write(
    connection: &mut SqliteConnection,
    entity: Entity,
    origin: Origin,
    now_us: i64,
    rows: Rows,
) -> Result<(), Error> {
    let given = rows.lines.len();
    if given == 0 {
        return Ok(());
    }
    let written = sqlx::query(
        "INSERT INTO record (
             record_id, entity, record_key, origin, annulled, payload, changed_at_us)
         SELECT j.value ->> 0, ?2, j.value ->> 1, ?3, j.value ->> 2,
                substr(?5, j.value ->> 3, j.value ->> 4), ?4
         FROM json_each(?1) j
         WHERE true
         ON CONFLICT (record_id) DO UPDATE SET
             origin = excluded.origin,
             annulled = excluded.annulled,
             payload = excluded.payload,
             changed_at_us = excluded.changed_at_us",
    )
    .bind(Value::Array(rows.lines).to_string())
    .bind(entity.name())
    .bind(origin.as_str())
    .bind(now_us)
    .bind(rows.payloads.bytes)
    .execute(connection)
    .await?;
    Error::expect_rows("record", written.rows_affected(), given)
}

/// What changes of terms and counts.
#[derive(Debug, Default)]
struct Change {
    joined: BTreeMap<(String, i64), Option<i64>>,
    left: BTreeMap<(String, i64), Option<i64>>,
    /// Ids that are new, and so behind all others.
    fresh: BTreeSet<i64>,
    origins: BTreeMap<String, i64>,
}

impl Change {
    /// The record has these terms from now on.
    fn join(&mut self, record_id: i64, origin: Origin, terms: &Terms) {
        *self.origins.entry(origin_word(terms.base, origin)).or_default() += 1;
        self.joined.insert((terms.base.to_owned(), record_id), terms.at);
        let values = terms.values.iter().cloned();
        self.joined.extend(values.map(|value| ((value, record_id), None)));
    }

    /// The record has the terms of what stood there no more.
    fn leave(&mut self, entity: Entity, known: &Standing) {
        // What cannot be decoded was never put.
        let Ok(record) = Record::decode(entity, &known.payload) else { return };
        let terms = terms::of(&record);
        *self.origins.entry(origin_word(terms.base, known.origin)).or_default() -= 1;
        self.left.insert((terms.base.to_owned(), known.record_id), terms.at);
        self.left.extend(terms.values.into_iter().map(|value| ((value, known.record_id), None)));
    }

    /// The change of the count of each term, and how often it moved.
    fn counts(&self) -> BTreeMap<&str, (i64, i64)> {
        let mut counts: BTreeMap<&str, (i64, i64)> = BTreeMap::new();
        for (word, by) in &self.origins {
            counts.entry(word).or_default().0 += by;
        }
        for (term, id) in self.joined.keys().filter(|place| !self.left.contains_key(*place)) {
            let (records, moves) = counts.entry(term).or_default();
            *records += 1;
            *moves += i64::from(!self.fresh.contains(id));
        }
        for (term, _) in self.left.keys().filter(|place| !self.joined.contains_key(*place)) {
            let (records, moves) = counts.entry(term).or_default();
            *records -= 1;
            *moves += 1;
        }
        counts
    }

    async fn save(self, connection: &mut SqliteConnection) -> Result<(), Error> {
        let left = self.left.keys().filter(|place| !self.joined.contains_key(*place));
        delete_terms(connection, left.map(|(term, id)| json!([term, id])).collect()).await?;
        let joined = self.joined.iter().filter(|(place, at)| self.left.get(*place) != Some(*at));
        let joined = joined.map(|((term, id), at)| json!([term, id, at]));
        insert_terms(connection, joined.collect()).await?;
        let counts = self.counts();
        let counts = counts.iter().filter(|(_, change)| **change != (0, 0));
        let counts = counts.map(|(term, (records, moves))| json!([term, records, moves]));
        add_counts(connection, counts.collect()).await
    }
}

async fn delete_terms(connection: &mut SqliteConnection, left: Vec<Value>) -> Result<(), Error> {
    if left.is_empty() {
        return Ok(());
    }
    let given = left.len();
    let deleted = sqlx::query(
        "DELETE FROM term
         WHERE (term, record_id) IN (
             SELECT j.value ->> 0, j.value ->> 1 FROM json_each(?1) j)",
    )
    .bind(Value::Array(left).to_string())
    .execute(connection)
    .await?;
    Error::expect_rows("term", deleted.rows_affected(), given)
}

async fn insert_terms(connection: &mut SqliteConnection, joined: Vec<Value>) -> Result<(), Error> {
    if joined.is_empty() {
        return Ok(());
    }
    let given = joined.len();
    let written = sqlx::query(
        "INSERT INTO term (term, record_id, at)
         SELECT j.value ->> 0, j.value ->> 1, j.value ->> 2
         FROM json_each(?1) j
         WHERE true
         ON CONFLICT (term, record_id) DO UPDATE SET at = excluded.at",
    )
    .bind(Value::Array(joined).to_string())
    .execute(connection)
    .await?;
    Error::expect_rows("term", written.rows_affected(), given)
}

async fn add_counts(connection: &mut SqliteConnection, counts: Vec<Value>) -> Result<(), Error> {
    if counts.is_empty() {
        return Ok(());
    }
    let given = counts.len();
    let written = sqlx::query(
        "INSERT INTO term_count (term, records, moves)
         SELECT j.value ->> 0, j.value ->> 1, j.value ->> 2
         FROM json_each(?1) j
         WHERE true
         ON CONFLICT (term) DO UPDATE SET
             records = records + excluded.records,
             moves = moves + excluded.moves",
    )
    .bind(Value::Array(counts).to_string())
    .execute(connection)
    .await?;
    Error::expect_rows("term_count", written.rows_affected(), given)
}

/// The count of the records of a type that came in one way; no record has the term.
pub(super) fn origin_word(base: &str, origin: Origin) -> String {
    terms::word(base, "origin", origin.as_str())
}
