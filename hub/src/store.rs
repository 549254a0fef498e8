//! The regional store: one pool for SQLite and PostgreSQL.
//!
//! Owns the connection, the settings of each store, the migrations and the
//! writer's turn; knows no table. Every query is one text with `$1`
//! placeholders that runs on both, over BIGINT, TEXT and bytes; a yes or no is
//! 1 or 0 (docs/adr, 2026-11-21, one pool for two stores). On SQLite one
//! transaction writes at a time, begun as `BEGIN IMMEDIATE`, and its callers
//! queue in the order they came.

pub(crate) mod bulk;
mod copying;
mod migrations;
mod nodelay;
mod options;
pub(crate) mod question;
mod scrub;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;

use std::{
    ops::{Deref, DerefMut},
    sync::{Arc, Once},
    time::Duration,
};

use sqlx::{Any, AnyConnection, AnyPool, Row as _, any::AnyPoolOptions, pool::PoolConnection};
use tokio::sync::{Mutex, OwnedMutexGuard};

pub(crate) use options::sqlite_url;

/// Connections: one task per node and the pages together stay far below the
/// 100 that PostgreSQL allows by default.
const CONNECTIONS_MAX: u32 = 16;

/// How long a caller waits for a connection before the store counts as unavailable.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(30);

/// Far longer than a frame takes.
const LIMIT_WAITS: &str = "SET LOCAL lock_timeout = '20s'";

/// Steps go through indexes, in the order in which the question names its tables, however
/// little is known of them.
const BY_INDEX: &str = "SELECT set_config('enable_hashjoin', 'off', true),
    set_config('enable_mergejoin', 'off', true), set_config('enable_seqscan', 'off', true),
    set_config('enable_material', 'off', true), set_config('join_collapse_limit', '1', true)";

/// Which store it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Embedded, one file.
    Sqlite,
    /// A server.
    Postgres,
}

impl Kind {
    /// The word in status and logs.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Sqlite => "sqlite",
            Self::Postgres => "postgres",
        }
    }

    /// The store at the other end of a connection.
    fn of(connection: &AnyConnection) -> Self {
        if connection.backend_name() == <sqlx::Sqlite as sqlx::Database>::NAME {
            Self::Sqlite
        } else {
            Self::Postgres
        }
    }
}

/// Why the store cannot do what was asked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The address is neither `sqlite:` nor `postgres://`, or cannot be read.
    #[error("store address must be sqlite:PATH or postgres://USER@HOST/DATABASE")]
    Address(#[source] Option<sqlx::Error>),
    /// No connection.
    #[error("cannot open the {} store", .kind.as_str())]
    Open {
        /// Which store.
        kind: Kind,
        /// What the driver says.
        #[source]
        source: sqlx::Error,
    },
    /// The tables are older than this program.
    #[error(
        "the store lacks {}: run `rmd-hub migrate`\n\
         il manque au dépôt {} : lancez `rmd-hub migrate`",
        .0.join(", "), .0.join(", ")
    )]
    Pending(Vec<String>),
    /// The tables are of a later version, or of another program.
    #[error(
        "the store was written by a later version of rmd-hub, or by another program: it has had \
         migration {found}, this program knows those up to {last}, and not that one as it is there; \
         nothing was changed. Run the version that wrote it, or put back the backup from before the \
         upgrade\n\
         la base a été écrite par une version plus récente de rmd-hub, ou par un autre programme : elle \
         a reçu la migration {found}, ce programme connaît celles jusqu'à {last}, et non celle-là telle \
         qu'elle y est ; rien n'a été changé. Lancez la version qui l'a écrite, ou remettez la \
         sauvegarde d'avant la mise à niveau"
    )]
    Foreign {
        /// Version of the migration that is not known here.
        found: i64,
        /// The last that is.
        last: i64,
    },
    /// A migration failed.
    #[error("cannot migrate the store")]
    Migrate(#[source] sqlx::migrate::MigrateError),
    /// A statement touched another number of rows than it must.
    #[error("{table}: {affected} rows written where {expected} were meant")]
    Affected {
        /// Table that was written.
        table: &'static str,
        /// Rows that had to be written.
        expected: u64,
        /// Rows that were written.
        affected: u64,
    },
    /// A row contradicts what this program writes.
    #[error("{table}.{column} of {id} is inconsistent")]
    Inconsistent {
        /// Table that was read.
        table: &'static str,
        /// Column that was read.
        column: &'static str,
        /// The row.
        id: String,
    },
    /// A statement failed.
    #[error(transparent)]
    Query(#[from] sqlx::Error),
}

impl Error {
    /// Whether a key was in the way of a new row.
    pub(crate) fn is_taken(&self) -> bool {
        matches!(self, Self::Query(sqlx::Error::Database(error)) if error.is_unique_violation())
    }
}

/// The regional store. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Store {
    pool: AnyPool,
    kind: Kind,
    /// The writer's turn within this process; SQLite alone would let writers
    /// poll for the lock, and the unlucky one starve.
    turn: Option<Arc<Mutex<()>>>,
}

/// A transaction that may write. Rolled back when dropped.
#[derive(Debug)]
pub(crate) struct Transaction {
    // Fields drop in this order: the turn passes on after the roll-back was sent.
    inner: sqlx::Transaction<'static, Any>,
    _turn: Option<OwnedMutexGuard<()>>,
}

impl Store {
    /// Opens `sqlite:PATH` (made if absent) or `postgres://USER@HOST/DATABASE`.
    /// The password never stands in the address.
    pub(crate) async fn connect(url: &str, password: Option<&str>) -> Result<Self, Error> {
        install_drivers();
        let (kind, options) = options::parse(url, password)?;
        let pool = AnyPoolOptions::new()
            .max_connections(CONNECTIONS_MAX)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            .after_connect(move |connection, _| Box::pin(options::prepare(kind, connection)))
            .before_acquire(|connection, _| Box::pin(options::is_sound(connection)))
            .connect_with(options)
            .await
            .map_err(|source| Error::Open { kind, source })?;
        let turn = (kind == Kind::Sqlite).then(|| Arc::new(Mutex::new(())));
        Ok(Self { pool, kind, turn })
    }

    /// Which store it is.
    pub(crate) const fn kind(&self) -> Kind {
        self.kind
    }

    /// The version as the store itself says it.
    pub(crate) async fn server_version(&self) -> Result<String, Error> {
        let query = match self.kind {
            Kind::Sqlite => "SELECT sqlite_version()",
            Kind::Postgres => "SELECT current_setting('server_version')",
        };
        let row = sqlx::query(query).fetch_one(&mut *self.acquire().await?).await?;
        Ok(row.try_get(0)?)
    }

    /// Names of the migrations that the store has not had.
    pub(crate) async fn pending(&self) -> Result<Vec<String>, Error> {
        migrations::pending(self.kind, &mut *self.acquire().await?).await
    }

    /// Brings the tables to this program's version.
    pub(crate) async fn migrate(&self) -> Result<(), Error> {
        migrations::run(self.kind, &mut *self.acquire().await?).await
    }

    /// What `run` asks of the tables: SQLite is migrated on start, PostgreSQL
    /// is refused while migrations are pending.
    pub(crate) async fn make_ready(&self) -> Result<(), Error> {
        match self.kind {
            Kind::Sqlite => self.migrate().await,
            Kind::Postgres => {
                let pending = self.pending().await?;
                if pending.is_empty() { Ok(()) } else { Err(Error::Pending(pending)) }
            }
        }
    }

    /// A connection to read with.
    pub(crate) async fn acquire(&self) -> Result<PoolConnection<Any>, Error> {
        Ok(self.pool.acquire().await?)
    }

    /// A transaction to read in: all its questions are answered from one moment,
    /// whatever is written meanwhile. On SQLite the moment is its first question.
    pub(crate) async fn snapshot(&self) -> Result<sqlx::Transaction<'static, Any>, Error> {
        let statement = match self.kind {
            Kind::Sqlite => "BEGIN",
            Kind::Postgres => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        };
        Ok(self.pool.begin_with(statement).await?)
    }

    /// The same for questions that go from row to row. PostgreSQL would read whole tables
    /// for each step of a recursion while it has no statistics of them.
    pub(crate) async fn snapshot_by_index(&self) -> Result<sqlx::Transaction<'static, Any>, Error> {
        let mut snapshot = self.snapshot().await?;
        if self.kind == Kind::Postgres {
            sqlx::query(BY_INDEX).execute(&mut *snapshot).await?;
        }
        Ok(snapshot)
    }

    /// A transaction to write in. Never hold it across the network.
    pub(crate) async fn begin(&self) -> Result<Transaction, Error> {
        let turn = match &self.turn {
            Some(turn) => Some(Arc::clone(turn).lock_owned().await),
            None => None,
        };
        let statement = match self.kind {
            Kind::Sqlite => "BEGIN IMMEDIATE",
            Kind::Postgres => "BEGIN",
        };
        Ok(Transaction { inner: self.pool.begin_with(statement).await?, _turn: turn })
    }

    /// Ends all connections, so that a test leaves none behind.
    #[cfg(test)]
    pub(crate) async fn close(&self) {
        self.pool.close().await;
    }
}

/// Once for the process.
fn install_drivers() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        sqlx::any::install_drivers(&copying::DRIVERS).expect("nobody else installs drivers");
    });
}

impl Transaction {
    /// Fails rather than waits for long for rows that another transaction writes: what
    /// that one waits for, the server cannot always see. On PostgreSQL alone; SQLite
    /// has one writer.
    pub(crate) async fn limit_waits(&mut self) -> Result<(), Error> {
        sqlx::query(LIMIT_WAITS).execute(&mut *self.inner).await?;
        Ok(())
    }

    /// Makes everything durable.
    pub(crate) async fn commit(self) -> Result<(), Error> {
        Ok(self.inner.commit().await?)
    }
}

impl Deref for Transaction {
    type Target = AnyConnection;

    fn deref(&self) -> &AnyConnection {
        &self.inner
    }
}

impl DerefMut for Transaction {
    fn deref_mut(&mut self) -> &mut AnyConnection {
        &mut self.inner
    }
}

/// Fails unless a statement wrote exactly so many rows.
pub(crate) fn expect_rows(table: &'static str, expected: u64, affected: u64) -> Result<(), Error> {
    if affected == expected { Ok(()) } else { Err(Error::Affected { table, expected, affected }) }
}
