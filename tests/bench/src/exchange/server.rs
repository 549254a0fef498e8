//! A PostgreSQL server of the measurement: as durable as it is shipped, and gone with
//! the value.
//!
//! Both servers have the same settings. [`Server::audit`] refuses to measure where
//! one of them, or one of its databases, would not wait for the disk.

use std::{fs, ops::Deref, path::Path};

use anyhow::{Result, ensure};
use rmd_demo::servers::Postgres;
use sqlx::{Connection as _, PgConnection};

use super::process;

/// Settings of both: room in memory, and the log that logical replication needs, kept no
/// longer than a ministry would. Its workers start anew at once, not after five seconds:
/// the reference is not made to wait.
const SETTINGS: [&str; 5] = [
    "wal_level=logical",
    "max_wal_size=4GB",
    "shared_buffers=512MB",
    "max_slot_wal_keep_size=4GB",
    "wal_retrieve_retry_interval=100ms",
];

/// What must hold, so that a commit that was answered is on the disk.
const DURABLE: [&str; 3] = ["fsync", "synchronous_commit", "full_page_writes"];

/// A running server.
#[derive(Debug)]
pub(super) struct Server {
    postgres: Postgres,
    /// The process that started its others.
    pub(super) id: u32,
}

impl Server {
    pub(super) async fn start(folder: &Path) -> Result<Self> {
        fs::create_dir_all(folder)?;
        let postgres = Postgres::start_with(folder, &SETTINGS).await?;
        let mut connection = PgConnection::connect(&postgres.url("postgres")).await?;
        let own: i32 =
            sqlx::query_scalar("SELECT pg_backend_pid()").fetch_one(&mut connection).await?;
        let id = process::parent(own.unsigned_abs())?;
        connection.close().await?;
        Ok(Self { postgres, id })
    }

    /// Fails unless every commit in the database waits for the disk and every table is
    /// one that a crash leaves whole.
    pub(super) async fn audit(&self, database: &str) -> Result<()> {
        let mut connection = PgConnection::connect(&self.url(database)).await?;
        let unlike: Vec<String> = sqlx::query_scalar(
            "SELECT name || ' = ' || setting FROM pg_settings
             WHERE name = ANY($1) AND setting <> 'on'
             UNION ALL SELECT 'set apart: ' || array_to_string(setconfig, ', ') FROM pg_db_role_setting
             UNION ALL SELECT 'unlogged: ' || relname FROM pg_class WHERE relpersistence = 'u'",
        )
        .bind(DURABLE.map(str::to_owned).to_vec())
        .fetch_all(&mut connection)
        .await?;
        ensure!(unlike.is_empty(), "{database} is not as durable as the other: {unlike:?}");
        connection.close().await?;
        Ok(())
    }
}

impl Deref for Server {
    type Target = Postgres;

    fn deref(&self) -> &Postgres {
        &self.postgres
    }
}
