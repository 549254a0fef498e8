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

use super::super::{Error, Options, Source};
use super::{SIDE_TABLE, Script, SideRow};

/// How long a delete waits for another writer. A transaction of the ministry may
/// lock an SQLite file for as long as it likes; rows that stay are read once more.
const LOCK_WAIT: Duration = Duration::from_secs(1);

/// Deletes rows of the side table that were seen; connects when it has to.
#[derive(Debug)]
pub(crate) struct Eraser {
    source: Source,
    open: Option<Open>,
}

/// What became of the rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Erased {
    /// None of them is there any more.
    All,
    /// Somebody else has the lock: they are all there, and will be seen again.
    Busy,
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
    pub(crate) async fn erase(&mut self, record: &str, rows: &[SideRow]) -> Result<Erased, Error> {
        if rows.is_empty() {
            return Ok(Erased::All);
        }
        let mut open = match self.open.take() {
            Some(open) => open,
            None => Open::new(&self.source, LOCK_WAIT).await?,
        };
        let erased = match within(self.source.limits().wait, open.erase(record, rows)).await? {
            Ok(()) => Erased::All,
            Err(error) if is_busy(&error) => Erased::Busy,
            Err(error) => return Err(Error::query(&error)),
        };
        // Kept only if nothing failed in it.
        self.open = Some(open);
        Ok(erased)
    }
}

/// Runs a script, with the credentials of an account that may.
pub(crate) async fn run(source: &Source, script: &Script) -> Result<(), ScriptError> {
    let failed = |statement: &str, source| ScriptError { statement: statement.to_owned(), source };
    let first = script.statements.first().map_or("", String::as_str);
    let mut open =
        Open::new(source, source.limits().wait).await.map_err(|error| failed(first, error))?;
    for statement in &script.statements {
        open.execute(statement).await.map_err(|error| failed(statement, Error::query(&error)))?;
    }
    Ok(())
}

impl Open {
    async fn new(source: &Source, lock_wait: Duration) -> Result<Self, Error> {
        let connecting = async {
            Ok::<_, sqlx::Error>(match &source.options {
                Options::Sqlite(options) => {
                    let options = options.as_ref().clone().read_only(false);
                    Self::Sqlite(options.busy_timeout(lock_wait).connect().await?)
                }
                Options::Postgres(options) => Self::Postgres(source.tls.postgres(options).await?),
                Options::MySql(options) => Self::MySql(source.tls.mysql(options).await?),
            })
        };
        let wait = source.limits().wait;
        let mut open = tokio::time::timeout(wait, connecting)
            .await
            .map_err(|_| Error::Connect { reason: "no answer in time".to_owned() })?
            .map_err(|error| Error::connect(&error))?;
        // Inserts of the ministry's software never wait for our deletes.
        let settings = match open {
            Self::Sqlite(_) => return Ok(open),
            Self::Postgres(_) => format!("SET lock_timeout = {}", lock_wait.as_millis()),
            Self::MySql(_) => format!(
                "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED; \
                 SET SESSION innodb_lock_wait_timeout = {}",
                lock_wait.as_secs().max(1)
            ),
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

async fn within<T>(wait: Duration, running: impl Future<Output = T>) -> Result<T, Error> {
    tokio::time::timeout(wait, running)
        .await
        .map_err(|_| Error::Connect { reason: "no answer in time".to_owned() })
}

/// Whether another writer has the lock.
fn is_busy(error: &sqlx::Error) -> bool {
    let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code);
    match code.as_deref() {
        // SQLite: SQLITE_BUSY, SQLITE_LOCKED and their kinds. PostgreSQL: lock_not_available.
        Some("5" | "6" | "261" | "262" | "517" | "55P03") => true,
        Some("HY000") => error.to_string().contains("Lock wait timeout"),
        _ => false,
    }
}
