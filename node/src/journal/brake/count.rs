//! What was counted in the window, and how a batch moves it.
//!
//! Owns the tables `brake_hour` and `brake_counted`. Invariant: `deletes` and
//! `changes` of an hour are the numbers of records that `brake_counted` has in
//! it. A clock that was set back does not lengthen the window: hours that lie
//! ahead of it are counted as the current one.

use std::collections::{BTreeMap, HashMap};

use serde_json::{Value, json};
use sqlx::{FromRow, SqliteConnection};

use super::{
    super::{Error, ids},
    limit::{Kind, Place, Tally},
};

/// The counts of one record type around a batch.
#[derive(Debug)]
pub(super) struct Counting {
    place: Place,
    totals: Tally,
    /// Where the records of the batch count.
    counted: HashMap<i64, (i64, Kind)>,
    moved: BTreeMap<i64, Tally>,
    /// Records that count elsewhere now, or nowhere.
    altered: BTreeMap<i64, Option<(i64, Kind)>>,
}

#[derive(Debug, FromRow)]
struct RowOfHour {
    hour: i64,
    added: i64,
    ended: i64,
    deletes: i64,
    changes: i64,
}

impl Counting {
    /// Reads the window, and where these records count in it.
    pub(super) async fn load(
        connection: &mut SqliteConnection,
        place: Place,
        records: &[i64],
    ) -> Result<Self, Error> {
        let mut rows: Vec<RowOfHour> = hours(connection, place).await?;
        if rows.iter().any(|row| row.hour > place.hour) {
            redate(connection, place).await?;
            rows = hours(connection, place).await?;
        }
        if rows.iter().any(|row| row.hour < place.oldest()) {
            forget_before(connection, place).await?;
        }
        let mut totals = Tally::default();
        for row in rows.iter().filter(|row| row.hour >= place.oldest()) {
            let RowOfHour { added, ended, deletes, changes, .. } = *row;
            totals.join(&Tally { added, ended, deletes, changes });
        }
        let counted = counted(connection, place, records).await?;
        Ok(Self { place, totals, counted, moved: BTreeMap::new(), altered: BTreeMap::new() })
    }

    /// The counts of the window.
    pub(super) const fn totals(&self) -> Tally {
        self.totals
    }

    /// Counts a record now, and no more where it counted before.
    pub(super) fn count(&mut self, record_id: i64, kind: Kind) {
        let hour = self.place.hour;
        if self.counted.get(&record_id) != Some(&(hour, kind)) {
            self.forget(record_id);
            self.set(record_id, hour, kind);
        }
    }

    /// Counts a record as something else, in the hour in which it counts.
    pub(super) fn recast(&mut self, record_id: i64, kind: Kind) {
        if let Some((hour, before)) = self.counted.get(&record_id).copied()
            && before != kind
        {
            self.forget(record_id);
            self.set(record_id, hour, kind);
        }
    }

    /// Does not count a record any more.
    pub(super) fn forget(&mut self, record_id: i64) {
        if let Some((hour, kind)) = self.counted.remove(&record_id) {
            self.moved.entry(hour).or_default().raise(kind, -1);
            self.totals.raise(kind, -1);
            self.altered.insert(record_id, None);
        }
    }

    fn set(&mut self, record_id: i64, hour: i64, kind: Kind) {
        self.moved.entry(hour).or_default().raise(kind, 1);
        self.totals.raise(kind, 1);
        self.counted.insert(record_id, (hour, kind));
        self.altered.insert(record_id, Some((hour, kind)));
    }

    /// Notes records that come to be published or cease to be.
    pub(super) fn flowed(&mut self, tally: Tally) {
        self.moved.entry(self.place.hour).or_default().join(&tally);
        self.totals.join(&tally);
    }

    /// Writes what has moved.
    pub(super) async fn save(self, connection: &mut SqliteConnection) -> Result<(), Error> {
        let mut put = Vec::new();
        let mut gone = Vec::new();
        for (record_id, counted) in &self.altered {
            match counted {
                Some((hour, kind)) => put.push(json!([record_id, hour, kind.as_str()])),
                None => gone.push(*record_id),
            }
        }
        put_counted(connection, put).await?;
        remove_counted(connection, gone).await?;
        let moved = self.moved.iter().filter(|(_, tally)| **tally != Tally::default());
        let moved = moved.map(|(hour, tally)| {
            json!([hour, tally.added, tally.ended, tally.deletes, tally.changes])
        });
        move_hours(connection, self.place, moved.collect()).await
    }
}

/// Notes records that come to be published and nothing else. The hours that are
/// too old are removed with the first of each hour.
pub(super) async fn add(
    connection: &mut SqliteConnection,
    place: Place,
    added: i64,
) -> Result<(), Error> {
    let now: i64 = sqlx::query_scalar(
        "INSERT INTO brake_hour (entity, hour, added, ended, deletes, changes)
         VALUES (?1, ?2, ?3, 0, 0, 0)
         ON CONFLICT (entity, hour) DO UPDATE SET added = added + excluded.added
         RETURNING added",
    )
    .bind(place.entity.name())
    .bind(place.hour)
    .bind(added)
    .fetch_one(&mut *connection)
    .await?;
    if now == added {
        forget_before(connection, place).await?;
    }
    Ok(())
}

/// Removes everything that was counted of a record type.
pub(super) async fn clear(connection: &mut SqliteConnection, place: Place) -> Result<(), Error> {
    let (low, high) = ids::range(place.entity);
    sqlx::query("DELETE FROM brake_hour WHERE entity = ?1")
        .bind(place.entity.name())
        .execute(&mut *connection)
        .await?;
    sqlx::query("DELETE FROM brake_counted WHERE record_id BETWEEN ?1 AND ?2")
        .bind(low)
        .bind(high)
        .execute(connection)
        .await?;
    Ok(())
}

async fn hours(connection: &mut SqliteConnection, place: Place) -> Result<Vec<RowOfHour>, Error> {
    Ok(sqlx::query_as(
        "SELECT hour,
                added,
                ended,
                deletes,
                changes
         FROM brake_hour
         WHERE entity = ?1",
    )
    .bind(place.entity.name())
    .fetch_all(connection)
    .await?)
}

async fn counted(
    connection: &mut SqliteConnection,
    place: Place,
    records: &[i64],
) -> Result<HashMap<i64, (i64, Kind)>, Error> {
    if records.is_empty() {
        return Ok(HashMap::new());
    }
    let rows: Vec<(i64, i64, String)> = sqlx::query_as(
        "SELECT c.record_id,
                c.hour,
                c.kind
         FROM json_each(?1) j
         CROSS JOIN brake_counted c ON c.record_id = j.value
         WHERE c.hour >= ?2",
    )
    .bind(Value::from(records.to_vec()).to_string())
    .bind(place.oldest())
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|(record_id, hour, kind)| {
            let kind = Kind::parse(&kind);
            let kind = kind.ok_or(Error::inconsistent("brake_counted", "kind", record_id))?;
            Ok((record_id, (hour, kind)))
        })
        .collect()
}

/// Moves what lies ahead of the clock to the current hour.
async fn redate(connection: &mut SqliteConnection, place: Place) -> Result<(), Error> {
    let (low, high) = ids::range(place.entity);
    sqlx::query(
        "INSERT INTO brake_hour (entity, hour, added, ended, deletes, changes)
         SELECT entity, ?2, SUM(added), SUM(ended), SUM(deletes), SUM(changes)
         FROM brake_hour
         WHERE entity = ?1 AND hour >= ?2
         GROUP BY entity
         ON CONFLICT (entity, hour) DO UPDATE SET
             added = excluded.added,
             ended = excluded.ended,
             deletes = excluded.deletes,
             changes = excluded.changes",
    )
    .bind(place.entity.name())
    .bind(place.hour)
    .execute(&mut *connection)
    .await?;
    sqlx::query("DELETE FROM brake_hour WHERE entity = ?1 AND hour > ?2")
        .bind(place.entity.name())
        .bind(place.hour)
        .execute(&mut *connection)
        .await?;
    sqlx::query(
        "UPDATE brake_counted SET hour = ?3
         WHERE record_id BETWEEN ?1 AND ?2 AND hour > ?3",
    )
    .bind(low)
    .bind(high)
    .bind(place.hour)
    .execute(connection)
    .await?;
    Ok(())
}

async fn forget_before(connection: &mut SqliteConnection, place: Place) -> Result<(), Error> {
    let (low, high) = ids::range(place.entity);
    sqlx::query("DELETE FROM brake_hour WHERE entity = ?1 AND hour < ?2")
        .bind(place.entity.name())
        .bind(place.oldest())
        .execute(&mut *connection)
        .await?;
    sqlx::query("DELETE FROM brake_counted WHERE record_id BETWEEN ?1 AND ?2 AND hour < ?3")
        .bind(low)
        .bind(high)
        .bind(place.oldest())
        .execute(connection)
        .await?;
    Ok(())
}

async fn put_counted(connection: &mut SqliteConnection, put: Vec<Value>) -> Result<(), Error> {
    if put.is_empty() {
        return Ok(());
    }
    let given = put.len();
    let written = sqlx::query(
        "INSERT INTO brake_counted (record_id, hour, kind)
         SELECT j.value ->> 0, j.value ->> 1, j.value ->> 2
         FROM json_each(?1) j
         WHERE true
         ON CONFLICT (record_id) DO UPDATE SET hour = excluded.hour, kind = excluded.kind",
    )
    .bind(Value::Array(put).to_string())
    .execute(connection)
    .await?;
    Error::expect_rows("brake_counted", written.rows_affected(), given)
}

async fn remove_counted(connection: &mut SqliteConnection, gone: Vec<i64>) -> Result<(), Error> {
    if gone.is_empty() {
        return Ok(());
    }
    let given = gone.len();
    let removed = sqlx::query(
        "DELETE FROM brake_counted WHERE record_id IN (SELECT value FROM json_each(?1))",
    )
    .bind(Value::from(gone).to_string())
    .execute(connection)
    .await?;
    Error::expect_rows("brake_counted", removed.rows_affected(), given)
}

async fn move_hours(
    connection: &mut SqliteConnection,
    place: Place,
    moved: Vec<Value>,
) -> Result<(), Error> {
    if moved.is_empty() {
        return Ok(());
    }
    let given = moved.len();
    let written = sqlx::query(
        "INSERT INTO brake_hour (entity, hour, added, ended, deletes, changes)
         SELECT ?2, j.value ->> 0, j.value ->> 1, j.value ->> 2, j.value ->> 3, j.value ->> 4
         FROM json_each(?1) j
         WHERE true
         ON CONFLICT (entity, hour) DO UPDATE SET
             added = added + excluded.added,
             ended = ended + excluded.ended,
             deletes = deletes + excluded.deletes,
             changes = changes + excluded.changes",
    )
    .bind(Value::Array(moved).to_string())
    .bind(place.entity.name())
    .execute(connection)
    .await?;
    Error::expect_rows("brake_hour", written.rows_affected(), given)
}
