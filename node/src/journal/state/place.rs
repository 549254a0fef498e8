//! Numbers of rows and of records, and where they lie by the hash of their key.
//!
//! Owns the tables `numbering`, `row_place` and `record_place` with their fresh
//! parts. Invariant: each known row and record has its place, written in the
//! transaction that wrote it; a place may name a number of another key, so keys
//! are compared.

use rmd_standard::Entity;
use sqlx::SqliteConnection;

use super::bulk::{self, Bulk, MANY};
use crate::journal::{Error, feeds::number, ids};

/// Fresh places are moved when there are more of them than this, and more than a
/// share of all: fewer would cost a page each.
const FRESH_MIN: i64 = 8_192;

/// Most fresh places, so that their own table stays small.
const FRESH_MAX: i64 = 65_536;

/// The share of fresh places: one in so many.
const FRESH_SHARE: i64 = 16;

/// What is numbered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Numbered {
    /// Source rows.
    Rows,
    /// Records.
    Records,
}

impl Numbered {
    const fn word(self) -> &'static str {
        match self {
            Self::Rows => "row",
            Self::Records => "record",
        }
    }
}

/// So many new numbers of an entity, rising.
pub(crate) async fn allocate(
    connection: &mut SqliteConnection,
    numbered: Numbered,
    entity: Entity,
    count: usize,
) -> Result<Vec<i64>, Error> {
    loop {
        let wanted = number(count as u64)?;
        let next: i64 = sqlx::query_scalar(
            "UPDATE numbering SET next = next + ?2 WHERE kind = ?1 RETURNING next",
        )
        .bind(numbered.word())
        .bind(wanted)
        .fetch_one(&mut *connection)
        .await?;
        let first = u64::try_from(next - wanted)
            .map_err(|_| Error::inconsistent("numbering", "next", next))?;
        let ids: Vec<i64> =
            (first..).take(count).map(|number| ids::numbered(entity, number)).collect();
        // A file from before has hashes for numbers; one of them may lie here.
        if !is_taken(connection, numbered, &ids).await? {
            return Ok(ids);
        }
    }
}

async fn is_taken(
    connection: &mut SqliteConnection,
    numbered: Numbered,
    ids: &[i64],
) -> Result<bool, Error> {
    let sql = match numbered {
        Numbered::Rows => "SELECT EXISTS (SELECT 1 FROM source_row WHERE row_id BETWEEN ?1 AND ?2)",
        Numbered::Records => {
            "SELECT EXISTS (SELECT 1 FROM record WHERE record_id BETWEEN ?1 AND ?2)"
        }
    };
    let (first, last) = (ids.first().copied(), ids.last().copied());
    Ok(sqlx::query_scalar(sql).bind(first).bind(last).fetch_one(connection).await?)
}

const PLACE: &str = "(?,?)";
const ROWS_HEAD: &str = "INSERT INTO row_place_fresh (hash, row_id) VALUES ";
const RECORDS_HEAD: &str = "INSERT INTO record_place_fresh (hash, record_id) VALUES ";

static ROWS_ONE: [u8; bulk::length(ROWS_HEAD, PLACE, 1, "")] = bulk::text(ROWS_HEAD, PLACE, 1, "");
static ROWS_MANY: [u8; bulk::length(ROWS_HEAD, PLACE, MANY, "")] =
    bulk::text(ROWS_HEAD, PLACE, MANY, "");
static RECORDS_ONE: [u8; bulk::length(RECORDS_HEAD, PLACE, 1, "")] =
    bulk::text(RECORDS_HEAD, PLACE, 1, "");
static RECORDS_MANY: [u8; bulk::length(RECORDS_HEAD, PLACE, MANY, "")] =
    bulk::text(RECORDS_HEAD, PLACE, MANY, "");

static ROWS: Bulk = Bulk { one: bulk::as_text(&ROWS_ONE), many: bulk::as_text(&ROWS_MANY) };
static RECORDS: Bulk =
    Bulk { one: bulk::as_text(&RECORDS_ONE), many: bulk::as_text(&RECORDS_MANY) };

/// Writes the places of new rows or records: the hash of each key, and its number.
pub(crate) async fn save(
    connection: &mut SqliteConnection,
    numbered: Numbered,
    mut places: Vec<(i64, i64)>,
) -> Result<(), Error> {
    if places.is_empty() {
        return Ok(());
    }
    places.sort_unstable();
    let (table, statements) = match numbered {
        Numbered::Rows => ("row_place_fresh", ROWS),
        Numbered::Records => ("record_place_fresh", RECORDS),
    };
    for part in bulk::parts(&places) {
        let mut query = sqlx::query(statements.of(part.len()));
        for (hash, id) in part {
            query = query.bind(*hash).bind(*id);
        }
        let written = query.execute(&mut *connection).await?;
        Error::expect_rows(table, written.rows_affected(), part.len())?;
    }
    settle(connection, numbered, number(places.len() as u64)?).await
}

/// Counts what is fresh, and moves it when that is enough.
async fn settle(
    connection: &mut SqliteConnection,
    numbered: Numbered,
    added: i64,
) -> Result<(), Error> {
    let (next, fresh): (i64, i64) = sqlx::query_as(
        "UPDATE numbering SET fresh = fresh + ?2 WHERE kind = ?1 RETURNING next, fresh",
    )
    .bind(numbered.word())
    .bind(added)
    .fetch_one(&mut *connection)
    .await?;
    if fresh <= (next / FRESH_SHARE).clamp(FRESH_MIN, FRESH_MAX) {
        return Ok(());
    }
    // One that is there already is counted below. Without IGNORE each page that is touched
    // would be kept in memory, to undo the statement by itself.
    let (copy, clear) = match numbered {
        Numbered::Rows => (
            "INSERT OR IGNORE INTO row_place (hash, row_id)
             SELECT hash, row_id FROM row_place_fresh ORDER BY hash, row_id",
            "DELETE FROM row_place_fresh",
        ),
        Numbered::Records => (
            "INSERT OR IGNORE INTO record_place (hash, record_id)
             SELECT hash, record_id FROM record_place_fresh ORDER BY hash, record_id",
            "DELETE FROM record_place_fresh",
        ),
    };
    let moved = sqlx::query(copy).execute(&mut *connection).await?;
    let cleared = sqlx::query(clear).execute(&mut *connection).await?;
    let given = usize::try_from(cleared.rows_affected()).unwrap_or(usize::MAX);
    Error::expect_rows("place", moved.rows_affected(), given)?;
    sqlx::query("UPDATE numbering SET fresh = 0 WHERE kind = ?1")
        .bind(numbered.word())
        .execute(connection)
        .await?;
    Ok(())
}
