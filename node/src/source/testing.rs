//! Databases for tests: SQLite files, and private PostgreSQL and MariaDB servers.
//!
//! A server is started at the first test that asks for it, shared by all tests, and
//! ends with their process. Each test gets a database of its own. Nothing listens
//! beyond loopback.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

use jiff::tz::TimeZone;
use rmd_servers::{MariaDb, Postgres, Setup};
use sqlx::mysql::MySqlConnection;
use sqlx::postgres::PgConnection;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, Executor as _};
use tempfile::TempDir;
use tokio::sync::OnceCell;

use super::{Kind, Limits, Source};

static POSTGRES: OnceCell<Postgres> = OnceCell::const_new();
static LOGICAL: OnceCell<Postgres> = OnceCell::const_new();
static MARIADB: OnceCell<MariaDb> = OnceCell::const_new();
static DATABASES: AtomicU32 = AtomicU32::new(0);

/// The administrator of both servers.
const ADMIN: &str = "rmd";

/// A national database of a test.
pub(crate) struct TestDatabase {
    kind: Kind,
    /// Of its server; 0 for a file.
    port: u16,
    /// One that no other test shares.
    _server: Option<Postgres>,
    dir: TempDir,
    name: String,
}

/// A connection of the ministry's own software: it writes.
pub(crate) enum Writer {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
    MySql(MySqlConnection),
}

impl TestDatabase {
    /// An empty database on one of the three kinds of server, with a role
    /// `reader` that may read what is granted to it.
    pub(crate) async fn new(kind: Kind) -> Self {
        let port = match kind {
            Kind::Sqlite => 0,
            Kind::Postgres => POSTGRES.get_or_init(|| postgres(Setup::disposable())).await.port,
            Kind::MySql => MARIADB.get_or_init(mariadb).await.port,
        };
        Self::on(kind, port, None).await
    }

    /// The same on a PostgreSQL server whose log can be decoded.
    pub(crate) async fn logical() -> Self {
        let server = LOGICAL.get_or_init(|| postgres(decodable())).await;
        Self::on(Kind::Postgres, server.port, None).await
    }

    /// The same on a server of its own, whose settings a test may change.
    pub(crate) async fn logical_alone() -> Self {
        let server = postgres(decodable()).await;
        Self::on(Kind::Postgres, server.port, Some(server)).await
    }

    async fn on(kind: Kind, port: u16, server: Option<Postgres>) -> Self {
        let number = DATABASES.fetch_add(1, Ordering::Relaxed);
        let name = format!("test_{number}");
        let dir = tempfile::tempdir().expect("a temporary folder can be made");
        let database = Self { kind, port, _server: server, dir, name };
        match kind {
            Kind::Sqlite => database.writer().await.execute("PRAGMA journal_mode = WAL").await,
            Kind::Postgres => {
                let mut admin = database.admin("postgres").await;
                let name = &database.name;
                admin.execute(&format!("CREATE DATABASE {name}")).await;
                admin.execute(&format!("CREATE ROLE reader_{name} LOGIN")).await;
            }
            Kind::MySql => {
                let mut admin = database.admin("mysql").await;
                let name = &database.name;
                admin.execute(&format!("CREATE DATABASE {name} CHARACTER SET utf8mb4")).await;
                for host in ["127.0.0.1", "localhost"] {
                    let user = format!("'reader_{name}'@'{host}'");
                    admin.execute(&format!("CREATE USER {user}")).await;
                    // Without any right on the database the server refuses the connection.
                    admin.execute(&format!("GRANT SHOW VIEW ON {name}.* TO {user}")).await;
                }
            }
        }
        database
    }

    /// The file of an SQLite database.
    pub(crate) fn file(&self) -> PathBuf {
        self.dir.path().join("national.sqlite")
    }

    /// The address as a ministry would configure it, for the role that reads.
    pub(crate) fn url(&self) -> String {
        self.address(&format!("reader_{}", self.name), &self.name)
    }

    /// The source with the account of the ministry's own database administrator.
    pub(crate) fn admin_source(&self) -> Source {
        let url = self.address(ADMIN, &self.name);
        Source::new(&url, None, TimeZone::UTC, Limits::default()).expect("the address is readable")
    }

    /// The source as the node opens it.
    pub(crate) fn source(&self) -> Source {
        self.source_with(Limits::default())
    }

    /// The source with other limits.
    pub(crate) fn source_with(&self, limits: Limits) -> Source {
        let zone = TimeZone::get("Africa/Lubumbashi").expect("the zone is known");
        Source::new(&self.url(), None, zone, limits).expect("the address is readable")
    }

    /// A connection that may write.
    pub(crate) async fn writer(&self) -> Writer {
        self.admin(&self.name).await
    }

    /// Runs statements as the ministry's software.
    pub(crate) async fn execute(&self, sql: &str) {
        self.writer().await.execute(sql).await;
    }

    /// Runs statements and lets the role `reader` read the tables named.
    pub(crate) async fn create(&self, sql: &str, tables: &[&str]) {
        let mut writer = self.writer().await;
        writer.execute(sql).await;
        for table in tables {
            self.grant(&mut writer, "GRANT SELECT ON", table, "TO").await;
        }
    }

    /// Takes the right to read a table from the role `reader`.
    pub(crate) async fn revoke(&self, table: &str) {
        let mut writer = self.writer().await;
        self.grant(&mut writer, "REVOKE SELECT ON", table, "FROM").await;
    }

    /// Gives the role `reader` a right to a table.
    pub(crate) async fn give(&self, right: &str, table: &str) {
        let mut writer = self.writer().await;
        self.grant(&mut writer, &format!("GRANT {right} ON"), table, "TO").await;
    }

    /// Takes a right to a table from the role `reader`.
    pub(crate) async fn take(&self, right: &str, table: &str) {
        let mut writer = self.writer().await;
        let (name, verb) = (&self.name, format!("REVOKE {right} ON"));
        match self.kind {
            // The one of its two names under which the node connected and was granted.
            Kind::MySql => {
                let user = format!("'reader_{name}'@'127.0.0.1'");
                writer.execute(&format!("{verb} {name}.{table} FROM {user}")).await;
            }
            _ => self.grant(&mut writer, &verb, table, "FROM").await,
        }
    }

    async fn grant(&self, writer: &mut Writer, verb: &str, table: &str, way: &str) {
        let name = &self.name;
        match self.kind {
            Kind::Sqlite => {}
            Kind::Postgres => {
                writer.execute(&format!("{verb} {table} {way} reader_{name}")).await;
            }
            Kind::MySql => {
                for host in ["127.0.0.1", "localhost"] {
                    let sql = format!("{verb} {name}.{table} {way} 'reader_{name}'@'{host}'");
                    writer.execute(&sql).await;
                }
            }
        }
    }

    fn address(&self, user: &str, database: &str) -> String {
        let port = self.port;
        match self.kind {
            Kind::Sqlite => format!("sqlite:{}", self.file().display()),
            Kind::Postgres => format!("postgres://{user}@127.0.0.1:{port}/{database}"),
            Kind::MySql => format!("mysql://{user}@127.0.0.1:{port}/{database}"),
        }
    }

    async fn admin(&self, database: &str) -> Writer {
        let opened = match self.kind {
            Kind::Sqlite => SqliteConnectOptions::new()
                .filename(self.file())
                .create_if_missing(true)
                .connect()
                .await
                .map(Writer::Sqlite),
            Kind::Postgres => {
                let url = self.address(ADMIN, database);
                PgConnection::connect(&url).await.map(Writer::Postgres)
            }
            Kind::MySql => {
                let url = self.address(ADMIN, database);
                MySqlConnection::connect(&url).await.map(Writer::MySql)
            }
        };
        opened.expect("the test's own server accepts a connection")
    }
}

impl Writer {
    /// Runs statements; a transaction stays open until it is committed.
    pub(crate) async fn execute(&mut self, sql: &str) {
        let text = sqlx::raw_sql(AssertSqlSafe(sql.to_owned()));
        let done = match self {
            Self::Sqlite(open) => open.execute(text).await.map(drop),
            Self::Postgres(open) => open.execute(text).await.map(drop),
            Self::MySql(open) => open.execute(text).await.map(drop),
        };
        let shown: String = sql.chars().take(200).collect();
        done.unwrap_or_else(|error| panic!("{shown}: {error}"));
    }
}

/// Settings of a server whose log can be decoded.
fn decodable() -> Setup {
    Setup::disposable().with(&[
        "wal_level=logical",
        "max_slot_wal_keep_size=4GB",
        "max_replication_slots=100",
    ])
}

async fn postgres(setup: Setup) -> Postgres {
    let launched = tokio::task::spawn_blocking(move || Postgres::launch(&setup)).await;
    launched.expect("it does not panic").expect("the server starts")
}

async fn mariadb() -> MariaDb {
    let launched = tokio::task::spawn_blocking(|| MariaDb::launch(&Setup::disposable())).await;
    launched.expect("it does not panic").expect("the server starts")
}
