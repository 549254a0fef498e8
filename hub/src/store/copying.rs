//! PostgreSQL behind the pool for two stores, with COPY.
//!
//! `sqlx::Any` can run every statement of the hub but `COPY … FROM STDIN`, which
//! takes rows several times as fast as any statement does. So the pool is given
//! a driver of ours: a connection of sqlx's own, to which everything is handed
//! on as it is; a statement that begins with `COPY` is run as such, with the one
//! value that is bound to it as its data. It runs on the same connection as all
//! other statements and so in the same transaction.
//!
//! Whoever waits may go away in the midst of it. After most statements the driver finds its
//! way again; after two it does not, and such a connection is closed instead of used again:
//! a COPY that has not ended, and a `BEGIN` that the server may have carried out without the
//! driver counting it.
//!
//! Invariant: nothing but [`copy`] makes such a statement.

mod database;

use futures_util::{
    future::{self, BoxFuture, FutureExt as _},
    stream::{self, BoxStream, StreamExt as _, TryStreamExt as _},
};
use sqlx::{
    AnyConnection, AssertSqlSafe, Connection as _, Either, PgConnection,
    any::{AnyArguments, AnyConnectOptions, AnyQueryResult, AnyRow, AnyStatement, AnyTypeInfo},
    postgres::PgConnectOptions,
};
use sqlx_core::{
    any::{Any, AnyConnectionBackend, AnyValueKind, driver::AnyDriver},
    connection::ConnectOptions as _,
    describe::Describe,
    migrate::Migrate,
    sql_str::SqlStr,
};

use self::database::Copying;
use super::Error;

/// How every statement begins that [`copy`] makes.
const COPY: &str = "COPY ";

/// Bytes that are sent at once: the driver keeps a buffer as large as that.
const PIECE_BYTES: usize = 256 << 10;

/// The drivers of the hub's stores.
pub(super) static DRIVERS: [AnyDriver; 2] =
    [AnyDriver::without_migrate::<Copying>(), AnyDriver::without_migrate::<sqlx::Sqlite>()];

/// Copies rows in PostgreSQL's binary format; returns how many there were.
/// `target` is a table with its columns, out of constant names.
pub(super) async fn copy(
    connection: &mut AnyConnection,
    target: &str,
    data: Vec<u8>,
) -> Result<u64, Error> {
    let sql = format!("{COPY}{target} FROM STDIN WITH (FORMAT binary)");
    let query = sqlx::query(AssertSqlSafe(sql)).bind(data);
    Ok(query.execute(connection).await?.rows_affected())
}

/// A connection of sqlx's own, and what it was left in the midst of, if anything: then it
/// is good for nothing.
#[derive(Debug)]
pub(crate) struct Connection {
    own: PgConnection,
    amid: Option<&'static str>,
}

impl Connection {
    async fn open(options: &AnyConnectOptions) -> sqlx::Result<Self> {
        let mut own = PgConnectOptions::from_url(&options.database_url)?;
        let settings = &options.log_settings;
        own = own.log_statements(settings.statements_level);
        own = own
            .log_slow_statements(settings.slow_statements_level, settings.slow_statements_duration);
        let own = PgConnection::connect_with(&own).await?;
        Ok(Self { own, amid: None })
    }

    fn check(&self) -> sqlx::Result<()> {
        match self.amid {
            None => Ok(()),
            Some(what) => {
                Err(sqlx::Error::Protocol(format!("the connection was left in a {what}")))
            }
        }
    }

    async fn begin(&mut self, statement: Option<SqlStr>) -> sqlx::Result<()> {
        self.check()?;
        self.amid = Some("BEGIN");
        let begun = AnyConnectionBackend::begin(&mut self.own, statement).await;
        self.amid = None;
        begun
    }

    async fn copy(
        &mut self,
        sql: SqlStr,
        arguments: Option<AnyArguments>,
    ) -> sqlx::Result<AnyQueryResult> {
        let values = arguments.map(|arguments| arguments.values.0).unwrap_or_default();
        let [AnyValueKind::Blob(data)] = values.as_slice() else {
            return Err(sqlx::Error::Protocol("COPY takes one value, its data".to_owned()));
        };
        self.check()?;
        self.amid = Some("COPY");
        let mut copy = self.own.copy_in_raw(sql.as_str()).await.inspect_err(|_| {
            // The statement was refused, and the server waits for the next one.
            self.amid = None;
        })?;
        for piece in data.chunks(PIECE_BYTES) {
            copy.send(piece).await?;
        }
        let finished = copy.finish().await;
        self.amid = None;
        let rows_affected = finished?;
        Ok(AnyQueryResult { rows_affected, last_insert_id: None })
    }
}

impl AnyConnectionBackend for Connection {
    fn name(&self) -> &str {
        AnyConnectionBackend::name(&self.own)
    }

    fn close(self: Box<Self>) -> BoxFuture<'static, sqlx::Result<()>> {
        AnyConnectionBackend::close(Box::new(self.own))
    }

    fn close_hard(self: Box<Self>) -> BoxFuture<'static, sqlx::Result<()>> {
        AnyConnectionBackend::close_hard(Box::new(self.own))
    }

    fn ping(&mut self) -> BoxFuture<'_, sqlx::Result<()>> {
        if let Err(error) = self.check() {
            return future::ready(Err(error)).boxed();
        }
        AnyConnectionBackend::ping(&mut self.own)
    }

    fn begin(&mut self, statement: Option<SqlStr>) -> BoxFuture<'_, sqlx::Result<()>> {
        Self::begin(self, statement).boxed()
    }

    fn commit(&mut self) -> BoxFuture<'_, sqlx::Result<()>> {
        if let Err(error) = self.check() {
            return future::ready(Err(error)).boxed();
        }
        AnyConnectionBackend::commit(&mut self.own)
    }

    fn rollback(&mut self) -> BoxFuture<'_, sqlx::Result<()>> {
        if let Err(error) = self.check() {
            return future::ready(Err(error)).boxed();
        }
        AnyConnectionBackend::rollback(&mut self.own)
    }

    fn start_rollback(&mut self) {
        if self.amid.is_none() {
            AnyConnectionBackend::start_rollback(&mut self.own);
        }
    }

    fn get_transaction_depth(&self) -> usize {
        AnyConnectionBackend::get_transaction_depth(&self.own)
    }

    fn shrink_buffers(&mut self) {
        AnyConnectionBackend::shrink_buffers(&mut self.own);
    }

    fn flush(&mut self) -> BoxFuture<'_, sqlx::Result<()>> {
        if let Err(error) = self.check() {
            return future::ready(Err(error)).boxed();
        }
        AnyConnectionBackend::flush(&mut self.own)
    }

    fn should_flush(&self) -> bool {
        AnyConnectionBackend::should_flush(&self.own)
    }

    fn as_migrate(&mut self) -> sqlx::Result<&mut (dyn Migrate + Send + 'static)> {
        AnyConnectionBackend::as_migrate(&mut self.own)
    }

    fn fetch_many(
        &mut self,
        query: SqlStr,
        persistent: bool,
        arguments: Option<AnyArguments>,
    ) -> BoxStream<'_, sqlx::Result<Either<AnyQueryResult, AnyRow>>> {
        if query.as_str().starts_with(COPY) {
            return stream::once(self.copy(query, arguments)).map_ok(Either::Left).boxed();
        }
        if let Err(error) = self.check() {
            return stream::once(future::ready(Err(error))).boxed();
        }
        AnyConnectionBackend::fetch_many(&mut self.own, query, persistent, arguments)
    }

    fn fetch_optional(
        &mut self,
        query: SqlStr,
        persistent: bool,
        arguments: Option<AnyArguments>,
    ) -> BoxFuture<'_, sqlx::Result<Option<AnyRow>>> {
        if let Err(error) = self.check() {
            return future::ready(Err(error)).boxed();
        }
        AnyConnectionBackend::fetch_optional(&mut self.own, query, persistent, arguments)
    }

    fn prepare_with<'c, 'q: 'c>(
        &'c mut self,
        sql: SqlStr,
        parameters: &[AnyTypeInfo],
    ) -> BoxFuture<'c, sqlx::Result<AnyStatement>> {
        AnyConnectionBackend::prepare_with(&mut self.own, sql, parameters)
    }

    fn describe(&mut self, sql: SqlStr) -> BoxFuture<'_, sqlx::Result<Describe<Any>>> {
        AnyConnectionBackend::describe(&mut self.own, sql)
    }
}

#[cfg(test)]
mod tests;
