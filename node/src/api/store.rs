//! The file `api.sqlite`: one writer and a few readers.
//!
//! Owns how the file is made (0600, because it holds names and phones), opened
//! and migrated. Invariant: a transaction of [`Store::write`] is on disk when it
//! is committed; one of [`Store::write_soft`] need not be, and may only repeat
//! what can be done again from what is.

mod fresh;

use std::{path::Path, sync::Arc, time::Duration};

use rmd_runtime::clock::SharedClock;
use sqlx::{
    Connection as _, Sqlite, SqliteConnection, SqlitePool, Transaction,
    migrate::Migrator,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use tokio::sync::{Mutex, MutexGuard};

use super::{Error, strides::Strides};
use crate::journal;

/// Readers at once; more than processors only wait for each other.
const READERS_MAX: u32 = 4;

/// How long a writer waits for another process: a command on tokens takes milliseconds.
const BUSY_TIMEOUT: Duration = Duration::from_secs(30);

/// Pages of the WAL that are written back together: the same index pages change with
/// every post, so that later is less.
const CHECKPOINT_PAGES: &str = "4000";

/// The tables.
static MIGRATIONS: Migrator = sqlx::migrate!("./migrations-api");

/// The file of the API; clones share it.
#[derive(Debug, Clone)]
pub(crate) struct Store {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    writer: Mutex<SqliteConnection>,
    options: SqliteConnectOptions,
    readers: SqlitePool,
    strides: Strides,
    clock: SharedClock,
}

impl Store {
    /// Opens or creates the file and brings its tables up to date.
    pub(crate) async fn open(path: &Path, clock: SharedClock) -> Result<Self, Error> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            // Else each statement of many rows writes its way back to a file.
            .pragma("temp_store", "MEMORY")
            .pragma("wal_autocheckpoint", CHECKPOINT_PAGES)
            .foreign_keys(true)
            .busy_timeout(BUSY_TIMEOUT);
        fresh::ensure(path, &options).await?;
        let mut writer = SqliteConnection::connect_with(&options).await?;
        // A command may open the file while the node does: new tables are looked for
        // and made in one turn to write.
        let mut turn = writer.begin_with("BEGIN IMMEDIATE").await?;
        let migrated = MIGRATIONS.run(&mut *turn).await;
        migrated.map_err(|error| journal::Error::migrating("api.sqlite", error))?;
        turn.commit().await?;
        let readers = SqlitePoolOptions::new()
            .max_connections(READERS_MAX)
            .connect_with(options.clone().pragma("query_only", "ON"))
            .await?;
        Ok(Self {
            inner: Arc::new(Inner {
                writer: Mutex::new(writer),
                options,
                readers,
                strides: Strides::default(),
                clock,
            }),
        })
    }

    /// The connections that only read.
    pub(super) fn readers(&self) -> &SqlitePool {
        &self.inner.readers
    }

    /// Where far pages begin.
    pub(super) fn strides(&self) -> &Strides {
        &self.inner.strides
    }

    /// The node's instant in UTC microseconds, as rows carry it.
    pub(super) fn now_us(&self) -> i64 {
        self.inner.clock.now().as_microsecond()
    }

    /// The clock of the node.
    pub(super) fn clock(&self) -> &SharedClock {
        &self.inner.clock
    }

    /// The turn to write what must be on disk when it is committed.
    pub(super) async fn write(&self) -> Result<Writing<'_>, Error> {
        self.turn("PRAGMA synchronous = FULL").await
    }

    /// The turn to write what a crash may take back.
    pub(super) async fn write_soft(&self) -> Result<Writing<'_>, Error> {
        self.turn("PRAGMA synchronous = NORMAL").await
    }

    async fn turn(&self, pragma: &'static str) -> Result<Writing<'_>, Error> {
        let mut connection = self.inner.writer.lock().await;
        journal::Store::heal(&mut connection, &self.inner.options).await?;
        sqlx::query(pragma).execute(&mut *connection).await?;
        Ok(Writing { connection })
    }
}

/// The turn to write; begin one transaction with it.
#[derive(Debug)]
pub(super) struct Writing<'a> {
    connection: MutexGuard<'a, SqliteConnection>,
}

impl Writing<'_> {
    /// Begins a transaction that may write from its first statement.
    pub(super) async fn begin(&mut self) -> Result<Transaction<'_, Sqlite>, Error> {
        Ok(self.connection.begin_with("BEGIN IMMEDIATE").await?)
    }
}
