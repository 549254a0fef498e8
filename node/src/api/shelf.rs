//! The records of the API as rows, with their terms and counts.
//!
//! Owns the tables `record`, `term` and `term_count`. Many rows travel as one
//! JSON parameter, so that the SQL text is constant for any number of them.
//! Invariant: terms and counts follow from the payloads and from nothing else;
//! they are written in the transaction that writes those. A record that was
//! posted is never overwritten by the form in which it was published.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use rmd_standard::{Entity, Record};
use serde_json::{Value, json};
use sqlx::{FromRow, SqliteConnection};

use super::{
    Error,
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
    records: Vec<Put>,
) -> Result<(), Error> {
    let keys: Vec<&str> = records.iter().map(|record| record.key.as_str()).collect();
    let known = standing(connection, entity, &keys).await?;
    let mut next = next_id(connection).await?;
    let mut change = Change::default();
    let mut rows = Vec::with_capacity(records.len());
    for Put { key, payload, terms, annulled } in records {
        let known = known.get(&key);
        if origin == Origin::Published && known.is_some_and(|k| k.origin == Origin::Posted) {
            continue;
        }
        let record_id = known.map_or(next, |known| known.record_id);
        next += i64::from(known.is_none());
        if let Some(known) = known {
            change.leave(entity, known);
        }
        change.join(record_id, origin, &terms);
        let payload = hex::encode(payload);
        rows.push(json!([record_id, key, payload, i64::from(annulled)]));
    }
    write(connection, entity, origin, now_us, rows).await?;
    change.save(connection).await
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
    rows: Vec<Value>,
) -> Result<(), Error> {
    if rows.is_empty() {
        return Ok(());
    }
    let given = rows.len();
    let written = sqlx::query(
        "INSERT INTO record (
             record_id, entity, record_key, origin, annulled, payload, changed_at_us)
         SELECT j.value ->> 0, ?2, j.value ->> 1, ?3, j.value ->> 3, unhex(j.value ->> 2), ?4
         FROM json_each(?1) j
         WHERE true
         ON CONFLICT (record_id) DO UPDATE SET
             origin = excluded.origin,
             annulled = excluded.annulled,
             payload = excluded.payload,
             changed_at_us = excluded.changed_at_us",
    )
    .bind(Value::Array(rows).to_string())
    .bind(entity.name())
    .bind(origin.as_str())
    .bind(now_us)
    .execute(connection)
    .await?;
    Error::expect_rows("record", written.rows_affected(), given)
}

/// What changes of terms and counts.
#[derive(Debug, Default)]
struct Change {
    joined: BTreeMap<(String, i64), Option<i64>>,
    left: BTreeSet<(String, i64)>,
    counts: BTreeMap<String, i64>,
}

impl Change {
    /// The record has these terms from now on.
    fn join(&mut self, record_id: i64, origin: Origin, terms: &Terms) {
        self.count(origin_word(terms.base, origin), 1);
        self.count(terms.base.to_owned(), 1);
        self.joined.insert((terms.base.to_owned(), record_id), terms.at);
        for value in &terms.values {
            self.count(value.clone(), 1);
            self.joined.insert((value.clone(), record_id), None);
        }
    }

    /// The record has the terms of what stood there no more.
    fn leave(&mut self, entity: Entity, known: &Standing) {
        // What cannot be decoded was never put.
        let Ok(record) = Record::decode(entity, &known.payload) else { return };
        let terms = terms::of(&record);
        self.count(origin_word(terms.base, known.origin), -1);
        for term in terms.values.into_iter().chain([terms.base.to_owned()]) {
            self.count(term.clone(), -1);
            self.left.insert((term, known.record_id));
        }
    }

    fn count(&mut self, term: String, by: i64) {
        *self.counts.entry(term).or_default() += by;
    }

    async fn save(self, connection: &mut SqliteConnection) -> Result<(), Error> {
        let left = self.left.iter().filter(|place| !self.joined.contains_key(*place));
        let left: Vec<Value> = left.map(|(term, id)| json!([term, id])).collect();
        if !left.is_empty() {
            sqlx::query(
                "DELETE FROM term
                 WHERE (term, record_id) IN (
                     SELECT j.value ->> 0, j.value ->> 1 FROM json_each(?1) j)",
            )
            .bind(Value::Array(left).to_string())
            .execute(&mut *connection)
            .await?;
        }
        let joined: Vec<Value> =
            self.joined.iter().map(|((term, id), at)| json!([term, id, at])).collect();
        if !joined.is_empty() {
            sqlx::query(
                "INSERT INTO term (term, record_id, at)
                 SELECT j.value ->> 0, j.value ->> 1, j.value ->> 2
                 FROM json_each(?1) j
                 WHERE true
                 ON CONFLICT (term, record_id) DO UPDATE SET at = excluded.at",
            )
            .bind(Value::Array(joined).to_string())
            .execute(&mut *connection)
            .await?;
        }
        let counts: Vec<Value> = self
            .counts
            .iter()
            .filter(|(_, by)| **by != 0)
            .map(|(term, by)| json!([term, by]))
            .collect();
        if !counts.is_empty() {
            sqlx::query(
                "INSERT INTO term_count (term, records)
                 SELECT j.value ->> 0, j.value ->> 1
                 FROM json_each(?1) j
                 WHERE true
                 ON CONFLICT (term) DO UPDATE SET records = records + excluded.records",
            )
            .bind(Value::Array(counts).to_string())
            .execute(connection)
            .await?;
        }
        Ok(())
    }
}

/// The count of the records of a type that came in one way; no record has the term.
pub(super) fn origin_word(base: &str, origin: Origin) -> String {
    terms::word(base, "origin", origin.as_str())
}
