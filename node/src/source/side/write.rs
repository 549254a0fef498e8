//! The two ways in which a national database is written, both of them narrow.
//!
//! Owns the connection that deletes rows of the side table which were seen, and
//! the running of a script with the credentials that an operator names. Refuses
//! everything else: reading goes through sessions, which are read-only.

use std::time::Duration;

use rmd_standard::Cell;
use sqlx::mysql::MySqlConnection;
use sqlx::postgres::PgConnection;
use sqlx::sqlite::SqliteConnection;
use sqlx::{AssertSqlSafe, ConnectOptions as _, Executor as _};

use super::super::{Error, Options, Source, reason};
use super::{SIDE_TABLE, Script, SideRow};

/// Deletes rows of the side table that were seen; connects when it has to.
#[derive(Debug)]
pub(crate) struct Eraser {
    source: Source,
    open: Option<Open>,
}

/// A statement of a script that the database refused.
#[derive(Debug, thiserror::Error)]
#[error("the database refuses this statement / la base refuse cette instruction :\n{statement}")]
pub(crate) struct ScriptError {
    /// The statement.
    statement: String,
    /// What the server said.
    #[source]
    source: Error,
}

enum Open {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
    MySql(MySqlConnection),
}

impl std::fmt::Debug for Open {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Open")
    }
}

impl Eraser {
    /// For the account that reads.
    pub(crate) fn new(source: Source) -> Self {
        Self { source, open: None }
    }

    /// Deletes exactly these rows; those that are gone already do no harm.
    pub(crate) async fn erase(&mut self, record: &str, rows: &[SideRow]) -> Result<(), Error> {
        if rows.is_empty() {
            return Ok(());
        }
        let mut open = match self.open.take() {
            Some(open) => open,
            None => Open::new(&self.source).await?,
        };
        let wait = self.source.limits().wait;
        within(wait, open.erase(record, rows)).await?;
        // Kept only if nothing failed in it.
        self.open = Some(open);
        Ok(())
    }
}

/// Runs a script, with the credentials of an account that may.
pub(crate) async fn run(source: &Source, script: &Script) -> Result<(), ScriptError> {
    let failed = |statement: &str, source| ScriptError { statement: statement.to_owned(), source };
    let first = script.statements.first().map_or("", String::as_str);
    let mut open = Open::new(source).await.map_err(|error| failed(first, error))?;
    for statement in &script.statements {
        open.execute(statement).await.map_err(|error| failed(statement, Error::query(&error)))?;
    }
    Ok(())
}

impl Open {
    async fn new(source: &Source) -> Result<Self, Error> {
        let connecting = async {
            Ok::<_, sqlx::Error>(match &source.options {
                Options::Sqlite(options) => {
                    Self::Sqlite(options.as_ref().clone().read_only(false).connect().await?)
                }
                Options::Postgres(options) => Self::Postgres(options.connect().await?),
                Options::MySql(options) => Self::MySql(options.connect().await?),
            })
        };
        let wait = source.limits().wait;
        let mut open = tokio::time::timeout(wait, connecting)
            .await
            .map_err(|_| Error::Connect { reason: "no answer in time".to_owned() })?
            .map_err(|error| Error::Connect { reason: reason(&error) })?;
        let time = wait.as_millis();
        // Inserts of the ministry's software never wait for our deletes.
        let settings = match open {
            Self::Sqlite(_) => return Ok(open),
            Self::Postgres(_) => {
                format!("SET statement_timeout = {time}; SET lock_timeout = {time}")
            }
            Self::MySql(_) => "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED".to_owned(),
        };
        open.execute(&settings).await.map_err(|error| Error::query(&error))?;
        Ok(open)
    }

    async fn execute(&mut self, sql: &str) -> Result<(), sqlx::Error> {
        let sql = sqlx::raw_sql(AssertSqlSafe(sql.to_owned()));
        match self {
            Self::Sqlite(open) => open.execute(sql).await.map(drop),
            Self::Postgres(open) => open.execute(sql).await.map(drop),
            Self::MySql(open) => open.execute(sql).await.map(drop),
        }
    }

    async fn erase(&mut self, record: &str, rows: &[SideRow]) -> Result<(), sqlx::Error> {
        let places = vec!["?"; rows.len()].join(", ");
        let by_token = format!("DELETE FROM {SIDE_TABLE} WHERE token IN ({places})");
        match self {
            Self::Sqlite(open) => {
                let query = sqlx::query(AssertSqlSafe(by_token));
                let query = rows.iter().fold(query, |query, row| query.bind(row.token));
                query.execute(open).await.map(drop)
            }
            Self::MySql(open) => {
                let query = sqlx::query(AssertSqlSafe(by_token));
                let query = rows.iter().fold(query, |query, row| query.bind(row.token));
                query.execute(open).await.map(drop)
            }
            Self::Postgres(open) => {
                let (mut tokens, mut xacts) = (Vec::new(), Vec::new());
                let (mut tables, mut keys) = (Vec::new(), Vec::new());
                for row in rows {
                    tokens.push(row.token);
                    xacts.push(row.xact);
                    tables.push(row.watched.as_str());
                    keys.push(match &row.key {
                        Cell::Text(text) => Some(text.as_str()),
                        _ => None,
                    });
                }
                sqlx::query(ERASE_POSTGRES)
                    .bind(tokens)
                    .bind(xacts)
                    .bind(tables)
                    .bind(keys)
                    .bind(record)
                    .execute(open)
                    .await
                    .map(drop)
            }
        }
    }
}

/// Rows alike in all of these were noted by one transaction, which was seen whole.
const ERASE_POSTGRES: &str = "DELETE FROM rmd_changed AS s \
    USING unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[]) \
        AS seen (token, xact, watched, row_key) \
    WHERE s.record = $5 AND s.token = seen.token AND s.xact = seen.xact \
    AND s.watched = seen.watched AND s.row_key IS NOT DISTINCT FROM seen.row_key";

async fn within<T>(
    wait: Duration,
    running: impl Future<Output = Result<T, sqlx::Error>>,
) -> Result<T, Error> {
    tokio::time::timeout(wait, running)
        .await
        .map_err(|_| Error::Connect { reason: "no answer in time".to_owned() })?
        .map_err(|error| Error::query(&error))
}
