//! Reads any query of any of the three engines as text.
//!
//! The statements go over the simple protocol, in which PostgreSQL and MariaDB
//! write every value as text; SQLite turns any value into text when asked.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, bail};
use sqlx::{AssertSqlSafe, Column as _, ColumnIndex, Connection as _, Decode};

/// A row: column to value; `None` is NULL.
pub(super) type Row = BTreeMap<String, Option<String>>;

/// Every row of a query.
pub(super) async fn read(url: &str, query: &str) -> Result<Vec<Row>> {
    let query = sqlx::raw_sql(AssertSqlSafe(query.to_owned()));
    match url.split(':').next() {
        Some("sqlite") => {
            let mut connection =
                sqlx::SqliteConnection::connect(url).await.context("open SQLite")?;
            texts(&query.fetch_all(&mut connection).await?)
        }
        Some("postgres") => {
            let mut connection =
                sqlx::PgConnection::connect(url).await.context("open PostgreSQL")?;
            texts(&query.fetch_all(&mut connection).await?)
        }
        Some("mysql") => {
            let mut connection =
                sqlx::MySqlConnection::connect(url).await.context("open MariaDB")?;
            // The queries are written for all engines: double quotes name columns.
            sqlx::raw_sql("SET SESSION sql_mode = CONCAT(@@sql_mode, ',ANSI_QUOTES')")
                .execute(&mut connection)
                .await?;
            texts(&query.fetch_all(&mut connection).await?)
        }
        _ => bail!("no engine for {}", url.split('@').next_back().unwrap_or_default()),
    }
}

fn texts<R>(rows: &[R]) -> Result<Vec<Row>>
where
    R: sqlx::Row,
    usize: ColumnIndex<R>,
    for<'r> Option<String>: Decode<'r, R::Database>,
{
    rows.iter()
        .map(|row| {
            row.columns()
                .iter()
                .map(|column| {
                    let value: Option<String> = row
                        .try_get_unchecked(column.ordinal())
                        .with_context(|| format!("read column {}", column.name()))?;
                    Ok((column.name().to_owned(), value))
                })
                .collect()
        })
        .collect()
}
