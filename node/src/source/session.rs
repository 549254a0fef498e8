//! One read-only connection and its snapshots.
//!
//! Owns the transaction. Refuses to run a query outside one. Invariant: what is
//! read between [`Session::begin`] and [`Session::end`] is one state of the
//! database; a session in which anything failed is dropped, not used again.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use futures_util::TryStreamExt as _;
use jiff::tz::TimeZone;
use sqlx::mysql::MySqlConnection;
use sqlx::postgres::PgConnection;
use sqlx::sqlite::SqliteConnection;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _};

use super::dialect::{Bind, Statement};
use super::sqlite::Deadline;
use super::{Error, Field, Kind, Options, Row, Rows, Server, Source, mysql, postgres, sqlite};

/// Bytes of the rows of one answer whose room is used again: those of a usual page.
const SPARE_BYTES_MAX: usize = 4 << 20;

/// Answers whose rows wait to be used again: those of one page.
const SPARE_MAX: usize = 8;

/// One open connection.
pub(crate) struct Session {
    connection: Connection,
    zone: TimeZone,
    server: Server,
    statement_time: Duration,
    wait: Duration,
    began: Option<Instant>,
    /// Rows whose room is used again.
    spare: Vec<Vec<Row>>,
    /// Whether others can read along on the way.
    is_in_the_clear: bool,
}

enum Connection {
    Sqlite(SqliteConnection, Deadline),
    Postgres(PgConnection),
    MySql(MySqlConnection),
}

impl Session {
    /// Connects, sets the session read-only and asks the server who it is.
    pub(super) async fn open(source: &Source) -> Result<Self, Error> {
        let limits = source.limits();
        let (mut connection, server) = tokio::time::timeout(limits.wait, connect(source))
            .await
            .map_err(|_| Error::Connect { reason: "no answer in time".to_owned() })?
            .map_err(|error| Error::connect(&error))?;
        let is_in_the_clear = source.tls.is_remote && !is_encrypted(&mut connection).await;
        if is_in_the_clear && !source.told.swap(true, Ordering::Relaxed) {
            tracing::warn!("source on another host is read without tls; set source.ca_file");
        }
        Ok(Self {
            connection,
            zone: source.zone.clone(),
            server,
            statement_time: limits.statement,
            wait: limits.wait,
            began: None,
            spare: Vec::new(),
            is_in_the_clear,
        })
    }

    /// Whether the source is on another host and read without TLS.
    pub(crate) const fn is_in_the_clear(&self) -> bool {
        self.is_in_the_clear
    }

    /// Whether TLS is spoken, as the server says.
    #[cfg(test)]
    pub(super) async fn is_encrypted(&mut self) -> bool {
        is_encrypted(&mut self.connection).await
    }

    /// Who answered.
    pub(crate) fn server(&self) -> &Server {
        &self.server
    }

    /// The dialect.
    pub(crate) fn kind(&self) -> Kind {
        match self.connection {
            Connection::Sqlite(..) => Kind::Sqlite,
            Connection::Postgres(_) => Kind::Postgres,
            Connection::MySql(_) => Kind::MySql,
        }
    }

    /// Begins one read-only snapshot.
    pub(crate) async fn begin(&mut self) -> Result<(), Error> {
        debug_assert!(self.began.is_none(), "a snapshot is ended before the next begins");
        self.extend_deadline();
        self.control(match self.kind() {
            Kind::Sqlite => "BEGIN DEFERRED",
            Kind::Postgres => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
            Kind::MySql => "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY",
        })
        .await?;
        self.began = Some(Instant::now());
        tracing::debug!(phase = "source-open", "snapshot begun");
        Ok(())
    }

    /// Ends the snapshot and tells how long it was held.
    pub(crate) async fn end(&mut self) -> Result<Duration, Error> {
        self.control("ROLLBACK").await?;
        Ok(self.began.take().map_or(Duration::ZERO, |began| began.elapsed()))
    }

    /// Runs a query and decodes at most `rows_max` rows; one row more is an error
    /// that the caller reads as "too many for one chunk".
    pub(crate) async fn fetch(
        &mut self,
        statement: &Statement,
        rows_max: usize,
    ) -> Result<Rows, Error> {
        let began = self.began.ok_or_else(|| Error::slow("no snapshot is open"))?;
        // The server's own limit ends a statement; this one also ends a silent network.
        let left = (self.statement_time * 2).saturating_sub(began.elapsed());
        tokio::time::timeout(left, self.fetch_all(statement, rows_max))
            .await
            .map_err(|_| Error::slow("the snapshot lasted too long"))?
    }

    /// Begins or ends a transaction; a network that swallows it is an error.
    async fn control(&mut self, sql: &'static str) -> Result<(), Error> {
        let sql = sqlx::raw_sql(sql);
        let running = async {
            match &mut self.connection {
                Connection::Sqlite(open, _) => open.execute(sql).await.map(drop),
                Connection::Postgres(open) => open.execute(sql).await.map(drop),
                Connection::MySql(open) => open.execute(sql).await.map(drop),
            }
        };
        tokio::time::timeout(self.wait, running)
            .await
            .map_err(|_| Error::Connect { reason: "no answer in time".to_owned() })?
            .map_err(|error| Error::query(&error))
    }

    fn extend_deadline(&self) {
        if let Connection::Sqlite(_, deadline) = &self.connection {
            deadline.set(Instant::now() + self.statement_time);
        }
    }

    /// Gives the room of rows back that nobody needs any more.
    pub(crate) fn reuse(&mut self, rows: Rows) {
        if rows.bytes > SPARE_BYTES_MAX || self.spare.len() >= SPARE_MAX {
            self.spare.clear();
        } else if !rows.rows.is_empty() {
            self.spare.push(rows.rows);
        }
    }

    /// Frees that room, which only large answers one after the other are worth.
    pub(crate) fn forget_spare(&mut self) {
        self.spare = Vec::new();
    }

    async fn fetch_all(&mut self, statement: &Statement, rows_max: usize) -> Result<Rows, Error> {
        let sql = AssertSqlSafe(statement.sql().to_owned());
        let spare = std::mem::take(&mut self.spare);
        let mut rows = Rows { spare, ..Rows::default() };
        match &mut self.connection {
            Connection::Sqlite(open, _) => {
                let mut query = sqlx::query(sql);
                for bind in statement.binds() {
                    query = match bind {
                        Bind::Integer(value) => query.bind(*value),
                        Bind::Real(value) => query.bind(*value),
                        Bind::Text(value) => query.bind(value.clone()),
                    };
                }
                let mut stream = open.fetch(query);
                while let Some(row) = stream.try_next().await.map_err(|e| Error::query(&e))? {
                    sqlite::decode(&row, &mut rows);
                    within(&rows, rows_max)?;
                }
            }
            Connection::Postgres(open) => {
                let mut query = sqlx::query(sql);
                for bind in statement.binds() {
                    query = query.bind(match bind {
                        Bind::Integer(value) => value.to_string(),
                        Bind::Real(value) => value.to_string(),
                        Bind::Text(value) => value.clone(),
                    });
                }
                let mut decoders = Vec::new();
                let mut stream = open.fetch(query);
                while let Some(row) = stream.try_next().await.map_err(|e| Error::query(&e))? {
                    postgres::decode(&row, &mut decoders, &self.zone, &mut rows)?;
                    within(&rows, rows_max)?;
                }
            }
            Connection::MySql(open) => {
                let mut query = sqlx::query(sql);
                for bind in statement.binds() {
                    query = match bind {
                        Bind::Integer(value) => query.bind(*value),
                        Bind::Real(value) => query.bind(*value),
                        Bind::Text(value) => query.bind(value.clone()),
                    };
                }
                let mut decoders = Vec::new();
                let mut stream = open.fetch(query);
                while let Some(row) = stream.try_next().await.map_err(|e| Error::query(&e))? {
                    mysql::decode(&row, &mut decoders, &self.zone, &mut rows)?;
                    within(&rows, rows_max)?;
                }
            }
        }
        self.spare = std::mem::take(&mut rows.spare);
        self.spare.retain(|pool| !pool.is_empty());
        Ok(rows)
    }

    /// The result columns of a statement, without running it.
    pub(crate) async fn describe(&mut self, statement: &Statement) -> Result<Vec<Field>, Error> {
        let sql = AssertSqlSafe(statement.sql().to_owned());
        self.extend_deadline();
        let describing = async {
            match &mut self.connection {
                Connection::Sqlite(open, _) => sqlite::describe(open, sql).await,
                Connection::Postgres(open) => postgres::describe(open, sql).await,
                Connection::MySql(open) => mysql::describe(open, sql).await,
            }
        };
        tokio::time::timeout(self.wait, describing)
            .await
            .map_err(|_| Error::Connect { reason: "no answer in time".to_owned() })?
            .map_err(|error| Error::query(&error))
    }

    /// Closes the connection in good order; a failure to do so harms nobody.
    pub(crate) async fn close(self) {
        let closed = match self.connection {
            Connection::Sqlite(open, _) => open.close().await,
            Connection::Postgres(open) => open.close().await,
            Connection::MySql(open) => open.close().await,
        };
        if let Err(error) = closed {
            tracing::debug!(error = %error, "source connection not closed in good order");
        }
    }
}

/// Connects and sets up the session.
async fn connect(source: &Source) -> Result<(Connection, Server), sqlx::Error> {
    let limits = source.limits();
    match &source.options {
        Options::Sqlite(options) => {
            let (open, deadline, server) = sqlite::connect(options, limits).await?;
            Ok((Connection::Sqlite(open, deadline), server))
        }
        Options::Postgres(options) => {
            let open = source.tls.postgres(options).await?;
            let (open, server) = postgres::set_up(open, limits, &source.zone).await?;
            Ok((Connection::Postgres(open), server))
        }
        Options::MySql(options) => {
            let open = source.tls.mysql(options).await?;
            let (open, server) = mysql::set_up(open, limits).await?;
            Ok((Connection::MySql(open), server))
        }
    }
}

/// Whether the server says that TLS is spoken; where it cannot tell, it is not.
async fn is_encrypted(connection: &mut Connection) -> bool {
    let said: Result<bool, sqlx::Error> = match connection {
        Connection::Sqlite(..) => Ok(false),
        Connection::Postgres(open) => {
            sqlx::query_scalar("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")
                .fetch_one(open)
                .await
        }
        Connection::MySql(open) => {
            let cipher: Result<(String, String), sqlx::Error> =
                sqlx::query_as("SHOW SESSION STATUS LIKE 'Ssl_cipher'").fetch_one(open).await;
            cipher.map(|(_, cipher)| !cipher.is_empty())
        }
    };
    said.unwrap_or(false)
}

impl std::fmt::Debug for Session {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Session").field("server", &self.server).finish_non_exhaustive()
    }
}

fn within(rows: &Rows, rows_max: usize) -> Result<(), Error> {
    if rows.rows.len() <= rows_max {
        return Ok(());
    }
    // As if slow: the remedy is the same, fewer keys at a time.
    Err(Error::slow(&format!("more than {rows_max} rows at once")))
}

/// Whether a server ended a statement because its time was over.
pub(super) fn is_timeout(error: &sqlx::Error) -> bool {
    let sqlx::Error::Database(database) = error else { return false };
    match database.code().as_deref() {
        // PostgreSQL: query_canceled. SQLite: interrupted by the progress handler.
        Some("57014" | "9") => true,
        // MariaDB 1969 and MySQL 3024 give the general state.
        Some("70100" | "HY000") => {
            let message = database.message();
            message.contains("max_statement_time") || message.contains("maximum statement")
        }
        _ => false,
    }
}
