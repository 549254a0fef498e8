//! A national PostgreSQL with made-up lots, and its mapping.
//!
//! Numbers of lots and of their one to four tags hold 40 bits of a hash each, so
//! that nothing packs better than real numbers would. Every lot names a site and
//! a company that are there, and has what the standard requires.

use anyhow::{Context as _, Result};
use rmd_demo::servers::Postgres;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

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
    /// By triggers that note their keys.
    Triggers,
    /// By the log of the server.
    Log,
}

impl Watch {
    /// The mapping with that mode.
    pub(super) fn mapping(self) -> String {
        let watches = match self {
            Self::Cursor => include_str!("national/cursor.toml"),
            Self::Diff => include_str!("national/diff.toml"),
            Self::Triggers => include_str!("national/triggers.toml"),
            Self::Log => include_str!("national/log.toml"),
        };
        MAPPING.replace("# WATCHES\n", watches)
    }

    /// As the mapping calls it.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Cursor => "cursor",
            Self::Diff => "diff",
            Self::Triggers => "triggers",
            Self::Log => "log",
        }
    }

    /// Whether something of it stands in the national database.
    pub(super) const fn is_installed(self) -> bool {
        matches!(self, Self::Triggers | Self::Log)
    }
}

/// What must stand in the regional view: how much, and a sum over a hash of each row,
/// which is the same only where every value of every row is.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub(super) struct Content {
    lots: i64,
    lots_hashed: String,
    tags: i64,
    tags_hashed: String,
}

/// Makes the database with its sites and companies, and that many lots.
pub(super) async fn create(server: &Postgres, lots: u64) -> Result<()> {
    server.create_database(DATABASE).await?;
    let mut connection = PgConnection::connect(&server.url(DATABASE)).await?;
    for statements in [TABLES, SITES] {
        sqlx::raw_sql(statements).execute(&mut connection).await.context("fill the source")?;
    }
    resize(&mut connection, lots).await?;
    connection.close().await?;
    Ok(())
}

/// Adds or takes away the last lots, so that there are so many.
pub(super) async fn resize(connection: &mut PgConnection, lots: u64) -> Result<()> {
    let last: i64 = sqlx::query_scalar("SELECT COALESCE(MAX(id), 0)::bigint FROM lots")
        .fetch_one(&mut *connection)
        .await?;
    let fewer = [
        format!("DELETE FROM lot_tags WHERE lot_id > {lots}"),
        format!("DELETE FROM lots WHERE id > {lots}"),
        "VACUUM ANALYZE".to_owned(),
    ];
    let more = LOTS.replace("FIRST", &(last + 1).to_string()).replace("LAST", &lots.to_string());
    let more = [more, "VACUUM ANALYZE".to_owned()];
    let lots = i64::try_from(lots)?;
    let statements = if lots < last { fewer.as_slice() } else { more.as_slice() };
    if lots == last {
        return Ok(());
    }
    for statement in statements {
        sqlx::raw_sql(AssertSqlSafe(statement.clone())).execute(&mut *connection).await?;
    }
    Ok(())
}

/// What the source holds, as the regional view would show it.
pub(super) async fn content(connection: &mut PgConnection) -> Result<Content> {
    hashed(
        connection,
        "SELECT l.lot_no, CAST(l.mass_kg * 1000000 AS BIGINT), CAST(l.grade_pct * 10000 AS BIGINT),
                l.sealed_on, l.shipped_on, l.carrier, s.icglr_id, c.registration_no, r.registration_no
         FROM lots l JOIN sites s ON s.id = l.site_id JOIN companies c ON c.id = l.company_id
         LEFT JOIN companies r ON r.id = l.recipient_id",
        "SELECT l.lot_no, t.tag_no, t.issued_on FROM lot_tags t JOIN lots l ON l.id = t.lot_id",
    )
    .await
}

/// What a database of the hub shows.
pub(super) async fn shown(connection: &mut PgConnection) -> Result<Content> {
    hashed(
        connection,
        "SELECT lot_number, mass_mg, concentration_ppm, date_sealed, date_shipped, transport_company,
                mine_site_id, creator_identifier, recipient_identifier
         FROM lot",
        "SELECT l.lot_number, t.identifier, t.issue_date
         FROM lot_tag t JOIN lot l ON l.record_key = t.record_key",
    )
    .await
}

async fn hashed(connection: &mut PgConnection, lots: &str, tags: &str) -> Result<Content> {
    let sums = |rows: &str, name: &str| {
        format!(
            "SELECT COUNT(*) AS {name},
                    COALESCE(SUM(hashtextextended(CAST(r AS TEXT), 0)), 0)::text AS {name}_hashed
             FROM ({rows}) r"
        )
    };
    let sql = format!("SELECT * FROM ({}) l, ({}) t", sums(lots, "lots"), sums(tags, "tags"));
    sqlx::query_as(AssertSqlSafe(sql)).fetch_one(connection).await.context("hash the rows")
}
