//! The store of a hub that is measured, and a look into it from outside.

use std::{path::Path, time::Duration};

use anyhow::Result;
use rmd_demo::servers::Postgres;
use sqlx::{
    Connection as _, PgConnection, SqliteConnection,
    sqlite::{SqliteConnectOptions, SqliteJournalMode},
};

use super::{reference, usage};

const DATABASE: &str = "regional";

/// Which store it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Kind {
    Postgres,
    Sqlite,
}

/// A store of its own; a server ends with the value.
#[derive(Debug)]
pub(super) enum Store {
    Postgres(Box<Postgres>),
    Sqlite,
}

/// A connection beside the hub's.
#[derive(Debug)]
pub(super) enum Look {
    Postgres(PgConnection),
    Sqlite(Box<SqliteConnection>),
}

impl Store {
    /// One that is empty.
    pub(super) async fn make(kind: Kind, folder: &Path) -> Result<Self> {
        if kind == Kind::Sqlite {
            return Ok(Self::Sqlite);
        }
        let server = Postgres::start(folder).await?;
        server.create_database(DATABASE).await?;
        Ok(Self::Postgres(Box::new(server)))
    }

    /// What `init` must be told; SQLite is what it takes by itself.
    pub(super) fn arguments(&self, folder: &Path) -> Result<Vec<String>> {
        let Self::Postgres(server) = self else { return Ok(Vec::new()) };
        let password = folder.join("hub.password").display().to_string();
        rmd_runtime::files::write_secret(&password, &server.password)?;
        let url = server.public_url(DATABASE);
        Ok(["--store-url", &url, "--password-file", &password].map(str::to_owned).into())
    }

    /// Once the hub has made its tables.
    pub(super) async fn look(&self, folder: &Path) -> Result<Look> {
        Ok(match self {
            Self::Postgres(server) => {
                Look::Postgres(PgConnection::connect(&server.url(DATABASE)).await?)
            }
            Self::Sqlite => {
                let file = folder.join("hub").join("hub.sqlite");
                let options = SqliteConnectOptions::new().filename(file);
                let options = options.read_only(true).journal_mode(SqliteJournalMode::Wal);
                Look::Sqlite(Box::new(SqliteConnection::connect_with(&options).await?))
            }
        })
    }

    /// How long COPY takes for the same rows; none where there is no COPY.
    pub(super) async fn reference(&self) -> Result<Option<[Duration; 3]>> {
        match self {
            Self::Postgres(server) => reference::measure(server, DATABASE).await.map(Some),
            Self::Sqlite => Ok(None),
        }
    }
}

impl Look {
    /// The number that a question answers, if there is one.
    pub(super) async fn number(&mut self, query: &'static str) -> Result<Option<i64>> {
        Ok(match self {
            Self::Postgres(connection) => {
                sqlx::query_scalar(query).fetch_optional(connection).await?
            }
            Self::Sqlite(connection) => {
                sqlx::query_scalar(query).fetch_optional(&mut **connection).await?
            }
        })
    }

    /// The process that started the server's others.
    pub(super) async fn server(&mut self) -> Result<Option<u32>> {
        match self {
            Self::Postgres(connection) => usage::postmaster(connection).await.map(Some),
            Self::Sqlite(_) => Ok(None),
        }
    }
}
