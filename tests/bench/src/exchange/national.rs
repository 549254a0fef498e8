//! A national PostgreSQL with made-up lots, and its mapping.
//!
//! Numbers of lots and of their one to four tags hold 40 bits of a hash each, so
//! that nothing packs better than real numbers would. Every lot names a site and
//! a company that are there, and has what the standard requires.

use anyhow::{Context as _, Result};
use rmd_demo::servers::Postgres;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, Row as _};

/// Name of the database.
pub(super) const DATABASE: &str = "national";

/// Tables, empty; the two indexes are those that a registry has.
pub(super) const TABLES: &str = include_str!("national/tables.sql");

const SITES: &str = include_str!("national/sites.sql");
const LOTS: &str = include_str!("national/lots.sql");
const MAPPING: &str = include_str!("national/mapping.toml");

/// How the lots are watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Watch {
    /// By their time of change.
    Cursor,
    /// By comparison.
    Diff,
}

impl Watch {
    /// The mapping with that mode.
    pub(super) fn mapping(self) -> String {
        let watches = match self {
            Self::Cursor => include_str!("national/cursor.toml"),
            Self::Diff => include_str!("national/diff.toml"),
        };
        MAPPING.replace("# WATCHES\n", watches)
    }
}

/// What must stand in the regional view.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Content {
    pub(super) lots: i64,
    pub(super) mass_mg: i64,
    pub(super) tags: i64,
}

/// Makes the database with its sites and companies, and that many lots.
pub(super) async fn create(server: &Postgres, lots: u64) -> Result<()> {
    server.create_database(DATABASE).await?;
    let mut connection = PgConnection::connect(&server.url(DATABASE)).await?;
    for statements in [TABLES, SITES] {
        sqlx::raw_sql(statements).execute(&mut connection).await.context("fill the source")?;
    }
    add(&mut connection, 1, lots).await?;
    connection.close().await?;
    Ok(())
}

/// Lots with these numbers.
pub(super) async fn add(connection: &mut PgConnection, first: u64, last: u64) -> Result<()> {
    let statements = LOTS.replace("FIRST", &first.to_string()).replace("LAST", &last.to_string());
    sqlx::raw_sql(AssertSqlSafe(statements)).execute(&mut *connection).await?;
    sqlx::raw_sql("ANALYZE").execute(connection).await?;
    Ok(())
}

/// Keeps only the first lots.
pub(super) async fn keep(connection: &mut PgConnection, lots: u64) -> Result<()> {
    let statements =
        format!("DELETE FROM lot_tags WHERE lot_id > {lots}; DELETE FROM lots WHERE id > {lots}");
    sqlx::raw_sql(AssertSqlSafe(statements)).execute(&mut *connection).await?;
    sqlx::raw_sql("VACUUM ANALYZE").execute(connection).await?;
    Ok(())
}

/// What the source holds.
pub(super) async fn content(connection: &mut PgConnection) -> Result<Content> {
    let row = sqlx::query(
        "SELECT (SELECT COUNT(*) FROM lots) AS lots,
                (SELECT CAST(COALESCE(SUM(mass_kg * 1000000), 0) AS BIGINT) FROM lots) AS mass_mg,
                (SELECT COUNT(*) FROM lot_tags) AS tags",
    )
    .fetch_one(connection)
    .await?;
    Ok(Content { lots: row.try_get(0)?, mass_mg: row.try_get(1)?, tags: row.try_get(2)? })
}
