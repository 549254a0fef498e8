//! SQLite files.
//!
//! Owns the read-only opening with a busy timeout, and the time limit that
//! SQLite lacks. Refuses to create a file, and to open one as immutable: the
//! ministry's software goes on writing while we read.

use std::str::FromStr as _;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use rmd_standard::Cell;
use sqlx::sqlite::{Sqlite, SqliteConnectOptions, SqliteConnection, SqliteRow, SqliteValueRef};
use sqlx::{
    AssertSqlSafe, ConnectOptions as _, Decode, Executor as _, Row as _, SqlSafeStr as _,
    Statement as _, TypeInfo as _, ValueRef as _,
};

use super::decode::{self, RowBuilder, Unreadable};
use super::{Error, Field, Limits, Rows, Server};

/// Steps of SQLite's machine between two looks at the clock: some tens of microseconds.
const STEPS_PER_LOOK: i32 = 10_000;

/// Until when the running statement may go on.
#[derive(Debug, Clone)]
pub(super) struct Deadline(Arc<Mutex<Instant>>);

impl Deadline {
    pub(super) fn set(&self, until: Instant) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = until;
    }

    fn is_over(&self) -> bool {
        Instant::now() > *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(super) fn options(url: &str, limits: &Limits) -> Result<SqliteConnectOptions, Error> {
    if url.contains("immutable=") {
        return Err(Error::Address { reason: "`immutable` is refused".to_owned() });
    }
    Ok(SqliteConnectOptions::from_str(url)
        .map_err(|error| Error::Address { reason: super::reason(&error) })?
        .read_only(true)
        .create_if_missing(false)
        .immutable(false)
        .busy_timeout(limits.wait)
        .disable_statement_logging())
}

pub(super) async fn connect(
    options: &SqliteConnectOptions,
    limits: &Limits,
) -> Result<(SqliteConnection, Deadline, Server), sqlx::Error> {
    let mut open = options.connect().await?;
    let deadline = Deadline(Arc::new(Mutex::new(Instant::now() + limits.statement)));
    let watched = deadline.clone();
    open.lock_handle().await?.set_progress_handler(STEPS_PER_LOOK, move || !watched.is_over());
    let version = sqlx::query_scalar("SELECT sqlite_version()").fetch_one(&mut open).await?;
    Ok((open, deadline, Server { kind: "sqlite", version }))
}

pub(super) async fn describe(
    open: &mut SqliteConnection,
    sql: AssertSqlSafe<String>,
) -> Result<Vec<Field>, sqlx::Error> {
    let statement = open.prepare(sql.into_sql_str()).await?;
    Ok(decode::fields(statement.columns()))
}

/// Appends a row. SQLite types each value by itself, so the stored type decides,
/// not the declared one.
pub(super) fn decode(row: &SqliteRow, rows: &mut Rows) {
    if rows.fields.is_empty() {
        rows.fields = decode::fields(row.columns());
    }
    let mut builder = RowBuilder::new(row.len(), rows);
    for index in 0..row.len() {
        builder.push(cell(row, index));
    }
    builder.finish(rows);
}

fn cell(row: &SqliteRow, index: usize) -> Result<Cell, Unreadable> {
    let value = row.try_get_raw(index)?;
    if value.is_null() {
        return Ok(Cell::Null);
    }
    let stored = value.type_info().name().to_owned();
    let decoded = match stored.as_str() {
        "INTEGER" => read::<i64>(value).map(Cell::Integer),
        "REAL" => read::<f64>(value).map(Cell::Real),
        "TEXT" => return decode::text(read::<&[u8]>(value)?),
        _ => read::<&[u8]>(value).map(decode::bytes),
    };
    Ok(decoded?)
}

fn read<'r, T: Decode<'r, Sqlite>>(
    value: SqliteValueRef<'r>,
) -> Result<T, sqlx::error::BoxDynError> {
    T::decode(value)
}
