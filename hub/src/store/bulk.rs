//! Many rows a statement.
//!
//! Owns how rows and keys are spread over statements with a bounded number of
//! parameters, and is the only place of the hub that builds SQL text: out of
//! the constant names of a [`Table`] and numbered placeholders, never out of
//! data. A full batch is a cached statement; what is left over is not cached.

mod cell;
mod rows;

use std::fmt::Write as _;

use sqlx::{
    Any, AnyConnection, AssertSqlSafe,
    any::{AnyArguments, AnyRow},
    query::Query,
};

pub(crate) use cell::Cell;
pub(crate) use rows::Rows;

use super::Error;

/// Rows or keys in a full statement: 64 rows of the widest table are 4 500
/// parameters, of the 32 766 that SQLite and 65 535 that PostgreSQL allow.
const BATCH: usize = 64;

/// Values in a full question of [`select_in`], which reads a great many rows.
const MANY: usize = 1_024;

/// A table as its rows are written. The names stand in SQL as they are.
#[derive(Debug)]
pub(crate) struct Table {
    /// Name of the table.
    pub(crate) name: &'static str,
    /// Columns of the primary key, separated by commas.
    pub(crate) key: &'static str,
    /// All columns, group after group, in the order of the rows' values.
    pub(crate) columns: &'static [Columns],
}

/// Columns that stand together. A message that is part of another one, such as
/// an address, has the same columns everywhere, under the prefix of its place.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Columns {
    prefix: &'static str,
    /// Separated by commas.
    names: &'static str,
}

impl Columns {
    /// Columns by their names, separated by commas.
    pub(crate) const fn named(names: &'static str) -> Self {
        Self { prefix: "", names }
    }

    /// The same, each name behind a prefix.
    pub(crate) const fn under(prefix: &'static str, names: &'static str) -> Self {
        Self { prefix, names }
    }

    fn each(self) -> impl Iterator<Item = String> {
        self.names.split(',').map(move |name| format!("{}{}", self.prefix, name.trim()))
    }
}

/// A value as the tables of records have it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Value {
    /// TEXT.
    Text(Option<String>),
    /// BIGINT.
    Integer(Option<i64>),
    /// Bytes, as they came.
    Bytes(Option<Vec<u8>>),
}

impl Table {
    fn width(&self) -> usize {
        self.columns.iter().map(|columns| columns.names.split(',').count()).sum()
    }

    fn columns(&self) -> impl Iterator<Item = String> {
        self.columns.iter().flat_map(|columns| columns.each())
    }

    fn is_key(&self, column: &str) -> bool {
        self.key.split(',').any(|key| key.trim() == column)
    }
}

/// Deletes the rows with these record keys; how many there were is not asked.
pub(crate) async fn delete(
    connection: &mut AnyConnection,
    table: &Table,
    keys: &[&str],
) -> Result<u64, Error> {
    let head = format!("DELETE FROM {} WHERE record_key IN (", table.name);
    let mut affected = 0;
    for chunk in keys.chunks(BATCH) {
        let query = with_keys(&head, None, chunk, ")");
        affected += query.execute(&mut *connection).await?.rows_affected();
    }
    Ok(affected)
}

/// Changes rows of a table; `change` ends with its condition.
pub(crate) async fn update(
    connection: &mut AnyConnection,
    table: &Table,
    change: &'static str,
    values: impl IntoIterator<Item = Value>,
) -> Result<u64, Error> {
    let mut query = sqlx::query(AssertSqlSafe(format!("UPDATE {} SET {change}", table.name)));
    for value in values {
        query = bind(query, value);
    }
    Ok(query.execute(connection).await?.rows_affected())
}

/// Rows whose `record_key` is one of these, of one entity. `head` ends before
/// `WHERE`; `tail` is appended.
pub(crate) async fn select_of_entity(
    connection: &mut AnyConnection,
    head: &'static str,
    entity: &str,
    keys: &[&str],
    tail: &'static str,
) -> Result<Vec<AnyRow>, Error> {
    let head = format!("{head} WHERE entity = $1 AND record_key IN (");
    let tail = format!("){tail}");
    let mut rows = Vec::new();
    for chunk in keys.chunks(BATCH) {
        let query = with_keys(&head, Some(entity), chunk, &tail);
        rows.extend(query.fetch_all(&mut *connection).await?);
    }
    Ok(rows)
}

/// Rows whose `record_key` is one of these. `head` ends before `WHERE`; `tail`
/// is appended to each statement.
pub(crate) async fn select_of_keys(
    connection: &mut AnyConnection,
    head: &'static str,
    keys: &[&str],
    tail: &'static str,
) -> Result<Vec<AnyRow>, Error> {
    let head = format!("{head} WHERE record_key IN (");
    let tail = format!("){tail}");
    let mut rows = Vec::new();
    for chunk in keys.chunks(BATCH) {
        let query = with_keys(&head, None, chunk, &tail);
        rows.extend(query.fetch_all(&mut *connection).await?);
    }
    Ok(rows)
}

/// Rows of which a column is one of these values. `head` ends with `IN (`, and `tail`
/// begins with `)`; `first` is `$1` where it is given.
pub(crate) async fn select_in(
    connection: &mut AnyConnection,
    (head, first): (&'static str, Option<&str>),
    values: &[&str],
    tail: &'static str,
) -> Result<Vec<AnyRow>, Error> {
    let mut rows = Vec::new();
    for chunk in values.chunks(MANY) {
        let query = with_keys(head, first, chunk, tail).persistent(chunk.len() == MANY);
        rows.extend(query.fetch_all(&mut *connection).await?);
    }
    Ok(rows)
}

/// The same for a statement that takes rows away; how many went.
pub(crate) async fn delete_in(
    connection: &mut AnyConnection,
    (head, first): (&'static str, Option<&str>),
    values: &[&str],
    tail: &'static str,
) -> Result<u64, Error> {
    let mut affected = 0;
    for chunk in values.chunks(MANY) {
        let query = with_keys(head, first, chunk, tail).persistent(chunk.len() == MANY);
        affected += query.execute(&mut *connection).await?.rows_affected();
    }
    Ok(affected)
}

fn with_keys(
    head: &str,
    first: Option<&str>,
    keys: &[&str],
    tail: &str,
) -> Query<'static, Any, AnyArguments> {
    let mut sql = head.to_owned();
    push_placeholders(&mut sql, 1 + usize::from(first.is_some()), keys.len());
    sql.push_str(tail);
    let mut query = sqlx::query(AssertSqlSafe(sql)).persistent(keys.len() == BATCH);
    for value in first.into_iter().chain(keys.iter().copied()) {
        query = query.bind(value.to_owned());
    }
    query
}

fn push_placeholders(sql: &mut String, first: usize, count: usize) {
    for number in first..first + count {
        let separator = if number == first { "" } else { ", " };
        let _ = write!(sql, "{separator}${number}");
    }
}

fn bind(
    query: Query<'static, Any, AnyArguments>,
    value: Value,
) -> Query<'static, Any, AnyArguments> {
    match value {
        Value::Text(value) => query.bind(value),
        Value::Integer(value) => query.bind(value),
        Value::Bytes(value) => query.bind(value),
    }
}

impl Value {
    /// Text that is never absent.
    pub(crate) fn required(text: impl Into<String>) -> Self {
        Self::Text(Some(text.into()))
    }

    /// A number, or none.
    pub(crate) fn integer(number: impl Into<Option<i64>>) -> Self {
        Self::Integer(number.into())
    }

    /// A number that the standard counts without a sign; what a BIGINT cannot
    /// hold was refused before.
    pub(crate) fn unsigned(number: u64) -> Self {
        Self::Integer(i64::try_from(number).ok())
    }
}
