//! The SQLite file of the node: one writer and a few readers.
//!
//! Owns how the file is opened (WAL, synchronous=FULL, foreign keys) and the
//! migrations. Refuses a second writer inside the process; other processes
//! wait for their turn at `BEGIN IMMEDIATE`. Invariant: every write of the
//! node goes through [`Store::write`], and what a writer remembers between two
//! transactions is checked against the file at the start of the next.

use std::{
    path::Path,
    sync::{
        Arc, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use rmd_runtime::clock::SharedClock;
use sqlx::{
    Connection as _, Sqlite, SqliteConnection, SqlitePool, Transaction,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use tokio::{
    sync::{Mutex, MutexGuard},
    time::Instant,
};

use super::{Error, feeds::Logs};

/// Readers at once: each serves one stream or one command for a moment.
const READERS_MAX: u32 = 4;

/// A batch that appends so many entries is one of many.
const LOAD_MIN: u64 = 256;

/// How long the hub is kept waiting for such a pause.
const GIVE_WAY_MAX: Duration = Duration::from_secs(3);

/// How long a writer waits for another process: the longest transaction of
/// ours is a demotion, some tens of seconds for a million records.
const BUSY_TIMEOUT: Duration = Duration::from_mins(2);

/// Pages in the write-ahead log before they go into the file: 32 MiB.
const WAL_PAGES: &str = "8192";

/// Memory of the writer for pages, in KiB below zero: places of keys are looked up all
/// over their table, of which twice as much would hold little more.
const WRITER_CACHE: &str = "-4096";

/// The same of each reader: what it serves it reads once.
const READER_CACHE: &str = "-512";

/// The file of the node; clones share it.
#[derive(Debug, Clone)]
pub(crate) struct Store {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    writer: Mutex<SqliteConnection>,
    options: SqliteConnectOptions,
    readers: SqlitePool,
    clock: SharedClock,
    /// No sound clock is before it.
    not_before_us: AtomicI64,
    logs: Logs,
    /// When capture wrote a batch for the last time.
    captured: std::sync::Mutex<Option<Instant>>,
    /// When the last batch was written, if it was one of many entries.
    loaded: std::sync::Mutex<Option<Instant>>,
}

impl Store {
    /// Capture that has written nothing for so long has a pause.
    pub(crate) const CAPTURE_REST: Duration = Duration::from_millis(250);

    /// Opens or creates the file and brings its tables up to date.
    pub(crate) async fn open(path: &Path, clock: SharedClock) -> Result<Self, Error> {
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            // Else each statement of many rows writes its way back to a file.
            .pragma("temp_store", "MEMORY")
            // A page that several batches write is copied into the file once for all.
            .pragma("wal_autocheckpoint", WAL_PAGES)
            .foreign_keys(true)
            .busy_timeout(BUSY_TIMEOUT);
        let writing = options.clone().pragma("cache_size", WRITER_CACHE);
        let mut writer = SqliteConnection::connect_with(&writing).await?;
        let migrated = sqlx::migrate!().run(&mut writer).await;
        migrated.map_err(|error| Error::migrating("node.sqlite", error))?;
        let readers = SqlitePoolOptions::new()
            .max_connections(READERS_MAX)
            .connect_with(
                options
                    .clone()
                    .create_if_missing(false)
                    .pragma("cache_size", READER_CACHE)
                    .pragma("query_only", "ON"),
            )
            .await?;
        let store = Self {
            inner: Arc::new(Inner {
                writer: Mutex::new(writer),
                options,
                readers,
                clock,
                not_before_us: AtomicI64::new(i64::MIN),
                logs: Logs::default(),
                captured: std::sync::Mutex::default(),
                loaded: std::sync::Mutex::default(),
            }),
        };
        super::entitlement::seed(&store).await?;
        Ok(store)
    }

    /// The connections that only read.
    pub(crate) fn readers(&self) -> &SqlitePool {
        &self.inner.readers
    }

    /// The logs as the last transaction of this process left them.
    pub(super) fn logs(&self) -> &Logs {
        &self.inner.logs
    }

    /// The clock of the node.
    pub(crate) fn clock(&self) -> &SharedClock {
        &self.inner.clock
    }

    /// The node's instant in UTC microseconds, as rows carry it.
    pub(crate) fn now_us(&self) -> i64 {
        self.inner.clock.now().as_microsecond()
    }

    /// Appends nothing under a clock before this instant, UTC microseconds.
    pub(crate) fn not_before(&self, us: i64) {
        self.inner.not_before_us.store(us, Ordering::Relaxed);
    }

    /// The instant before which no sound clock is.
    pub(super) fn not_before_us(&self) -> i64 {
        self.inner.not_before_us.load(Ordering::Relaxed)
    }

    /// Replaces a connection whose last transaction the file ended by itself, as SQLite
    /// does where the disk is full: the driver goes on counting that transaction, its
    /// roll-back fails, and the connection would never begin another one.
    pub(crate) async fn heal(
        connection: &mut SqliteConnection,
        options: &SqliteConnectOptions,
    ) -> sqlx::Result<()> {
        if !connection.is_in_transaction() {
            return Ok(());
        }
        // The roll-back of a dropped transaction may only be on its way.
        connection.ping().await?;
        if connection.is_in_transaction() {
            *connection = SqliteConnection::connect_with(options).await?;
        }
        Ok(())
    }

    /// Notes that capture has written a batch.
    pub(super) fn captured(&self) {
        let mut captured = self.inner.captured.lock().unwrap_or_else(PoisonError::into_inner);
        *captured = Some(Instant::now());
    }

    /// Notes that a batch of so many entries was written.
    pub(super) fn appended(&self, entries: u64) {
        let mut loaded = self.inner.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        *loaded = (entries >= LOAD_MIN).then(Instant::now);
    }

    /// Until when the next batch of a load is to be expected; none where none is, or
    /// where it is late.
    pub(crate) fn loads_until(&self) -> Option<Instant> {
        let loaded = *self.inner.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        loaded.map(|loaded| loaded + Self::CAPTURE_REST).filter(|until| Instant::now() < *until)
    }

    /// Waits while capture writes one batch after the other, for a moment: the turns to
    /// write are in order, and a frame of the hub takes as long as several batches.
    pub(crate) async fn give_way(&self) {
        let until = Instant::now() + GIVE_WAY_MAX;
        loop {
            let captured = *self.inner.captured.lock().unwrap_or_else(PoisonError::into_inner);
            let rested = captured.map(|captured| captured + Self::CAPTURE_REST);
            let Some(rested) = rested.filter(|rested| Instant::now() < until.min(*rested)) else {
                return;
            };
            tokio::time::sleep_until(rested.min(until)).await;
        }
    }

    /// The writer, once nobody else in this process writes.
    pub(crate) async fn write(&self) -> Writing<'_> {
        Writing { connection: self.inner.writer.lock().await, options: &self.inner.options }
    }
}

/// The turn to write; begin one transaction with it.
#[derive(Debug)]
pub(crate) struct Writing<'a> {
    connection: MutexGuard<'a, SqliteConnection>,
    options: &'a SqliteConnectOptions,
}

impl Writing<'_> {
    /// Begins a transaction that may write from its first statement, so that
    /// what it reads cannot change under it.
    pub(crate) async fn begin(&mut self) -> Result<Transaction<'_, Sqlite>, Error> {
        Store::heal(&mut self.connection, self.options).await?;
        Ok(self.connection.begin_with("BEGIN IMMEDIATE").await?)
    }
}

#[cfg(test)]
mod tests {
    use rmd_runtime::clock::SystemClock;

    use super::*;

    // SQLite rolls a transaction back by itself when it finds the disk full.
    #[tokio::test]
    async fn a_transaction_that_the_file_ended_by_itself_stops_no_later_one() {
        let folder = tempfile::tempdir().unwrap();
        let clock = SystemClock::shared(None);
        let store = Store::open(&folder.path().join("node.sqlite"), clock).await.unwrap();
        let mut writing = store.write().await;
        for _ in 0..2 {
            let mut ended = writing.begin().await.unwrap();
            sqlx::query("ROLLBACK").execute(&mut *ended).await.unwrap();
            drop(ended);
        }
        let mut later = writing.begin().await.unwrap();
        sqlx::query("CREATE TABLE later (id INTEGER)").execute(&mut *later).await.unwrap();
        later.commit().await.unwrap();
        drop(writing);
        let count: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM later")
            .fetch_one(store.readers())
            .await
            .unwrap();
        assert_eq!(count, 0);
    }
}
