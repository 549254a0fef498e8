//! What PostgreSQL's own means take for the same rows.
//!
//! Each goes from the national server to the regional one, into tables with the
//! same keys and indexes, commits waiting for the disk: those of a subscription do so
//! only when told. Rows that did not arrive are a failure, as with ours.

use std::{
    process::Stdio,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};
use rmd_demo::servers::Postgres;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use tokio::process::Command;

use super::{
    national,
    world::{REGIONAL, World},
};

/// Where the reference puts its rows, on the regional server.
const SCRATCH: &str = "scratch";

/// Where the hub's own rows lie on the national server, to be copied from there.
const PUBLISHED: &str = "published";

/// The national tables that hold the lots.
const NATIONAL_TABLES: [&str; 2] = ["lots", "lot_tags"];

/// The regional tables that hold the lots.
const REGIONAL_TABLES: [&str; 2] = ["lot", "lot_tag"];

/// `psql COPY out | COPY in` of the national tables, one after the other.
pub(super) async fn copied(world: &World) -> Result<Duration> {
    scratch(world, national::TABLES).await?;
    let since = Instant::now();
    let (from, to) = ((&*world.national, national::DATABASE), (&*world.regional, SCRATCH));
    for table in NATIONAL_TABLES {
        copy(from, to, table).await?;
    }
    let took = since.elapsed();
    same_rows(world, national::DATABASE, &NATIONAL_TABLES).await?;
    Ok(took)
}

/// How long the national server takes to read and write out every lot and tag.
pub(super) async fn read_out(world: &World) -> Result<Duration> {
    let since = Instant::now();
    for table in NATIONAL_TABLES {
        let mut out = psql(&world.national, national::DATABASE, &format!("COPY {table} TO STDOUT"));
        ensure!(out.stdout(Stdio::null()).status().await?.success(), "COPY of {table} failed");
    }
    Ok(since.elapsed())
}

/// The initial copy of logical replication, of the national tables.
pub(super) async fn replicated(world: &World) -> Result<Duration> {
    scratch(world, national::TABLES).await?;
    replicate(world, national::DATABASE, &NATIONAL_TABLES).await
}

/// Puts the hub's own lots, as they stand in its tables, where they can be
/// replicated from.
pub(super) async fn publish_regional(world: &World) -> Result<()> {
    world.national.create_database(PUBLISHED).await?;
    let mut published = PgConnection::connect(&world.national.url(PUBLISHED)).await?;
    execute(&mut published, &schema(world).await?).await?;
    for table in REGIONAL_TABLES {
        copy((&*world.regional, REGIONAL), (&*world.national, PUBLISHED), table).await?;
    }
    execute(&mut published, "VACUUM ANALYZE").await?;
    published.close().await?;
    Ok(())
}

/// The initial copy of logical replication, of the hub's own lots into its own tables.
pub(super) async fn replicated_regional(world: &World) -> Result<Duration> {
    scratch(world, &schema(world).await?).await?;
    replicate(world, PUBLISHED, &REGIONAL_TABLES).await
}

/// The hub's tables of lots with their keys and indexes.
async fn schema(world: &World) -> Result<String> {
    let mut dump = Command::new(world.regional.program("pg_dump"));
    dump.args(["--schema-only", "--no-owner", "--no-comments", "--dbname"]);
    dump.arg(world.regional.public_url(REGIONAL)).env("PGPASSWORD", &world.regional.password);
    dump.args(REGIONAL_TABLES.iter().flat_map(|table| ["--table", table]));
    let output = dump.kill_on_drop(true).output().await.context("run pg_dump")?;
    ensure!(output.status.success(), "pg_dump: {}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout)?;
    // Commands of psql itself are not SQL.
    Ok(text.lines().filter(|line| !line.starts_with('\\')).collect::<Vec<_>>().join("\n"))
}

async fn replicate(world: &World, database: &str, tables: &[&str]) -> Result<Duration> {
    let mut source = PgConnection::connect(&world.national.url(database)).await?;
    execute(&mut source, "DROP PUBLICATION IF EXISTS lots").await?;
    execute(&mut source, &format!("CREATE PUBLICATION lots FOR TABLE {}", tables.join(", ")))
        .await?;
    let mut target = PgConnection::connect(&world.regional.url(SCRATCH)).await?;
    let address = format!(
        "host=127.0.0.1 port={} user=rmd password={} dbname={database}",
        world.national.port, world.national.password
    );
    let since = Instant::now();
    let subscribe = format!(
        "CREATE SUBSCRIPTION lots CONNECTION '{address}' PUBLICATION lots \
         WITH (synchronous_commit = on)"
    );
    execute(&mut target, &subscribe).await?;
    loop {
        let (ready, all): (i64, i64) = sqlx::query_as(
            "SELECT COUNT(*) FILTER (WHERE srsubstate IN ('r', 's')), COUNT(*)
             FROM pg_subscription_rel",
        )
        .fetch_one(&mut target)
        .await?;
        if ready == all && all > 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let took = since.elapsed();
    same_rows(world, database, tables).await?;
    execute(&mut target, "DROP SUBSCRIPTION lots").await?;
    execute(&mut source, "DROP PUBLICATION lots").await?;
    Ok(took)
}

/// Fails unless the reference has brought every row.
async fn same_rows(world: &World, database: &str, tables: &[&str]) -> Result<()> {
    let mut source = PgConnection::connect(&world.national.url(database)).await?;
    let mut target = PgConnection::connect(&world.regional.url(SCRATCH)).await?;
    for table in tables {
        let count = format!("SELECT COUNT(*) FROM {table}");
        let there: i64 =
            sqlx::query_scalar(AssertSqlSafe(count.clone())).fetch_one(&mut source).await?;
        let here: i64 = sqlx::query_scalar(AssertSqlSafe(count)).fetch_one(&mut target).await?;
        ensure!(there == here && here > 0, "the reference has {here} of {there} rows of {table}");
    }
    Ok(())
}

/// An empty database with these tables on the regional server.
async fn scratch(world: &World, tables: &str) -> Result<()> {
    let mut server = PgConnection::connect(&world.regional.url("postgres")).await?;
    execute(&mut server, &format!("DROP DATABASE IF EXISTS {SCRATCH} WITH (FORCE)")).await?;
    execute(&mut server, &format!("CREATE DATABASE {SCRATCH}")).await?;
    execute(&mut server, "CHECKPOINT").await?;
    server.close().await?;
    let mut target = PgConnection::connect(&world.regional.url(SCRATCH)).await?;
    execute(&mut target, tables).await?;
    target.close().await?;
    world.regional.audit(SCRATCH).await
}

/// One table out of one database into another, in one transaction.
async fn copy(from: (&Postgres, &str), to: (&Postgres, &str), table: &str) -> Result<()> {
    let (out, into) = (format!("COPY {table} TO STDOUT"), format!("COPY {table} FROM STDIN"));
    let mut source = psql(from.0, from.1, &out).stdout(Stdio::piped()).spawn()?;
    let rows: Stdio = source.stdout.take().context("read from psql")?.try_into()?;
    let target = psql(to.0, to.1, &into).stdin(rows).status().await?;
    ensure!(source.wait().await?.success() && target.success(), "COPY of {table} failed");
    Ok(())
}

fn psql(server: &Postgres, database: &str, sql: &str) -> Command {
    let mut command = Command::new(server.program("psql"));
    command.args(["--no-psqlrc", "--quiet", "--command", sql, "--dbname"]);
    command.arg(server.public_url(database)).env("PGPASSWORD", &server.password);
    command.kill_on_drop(true);
    command
}

async fn execute(connection: &mut PgConnection, statements: &str) -> Result<()> {
    sqlx::raw_sql(AssertSqlSafe(statements.to_owned())).execute(connection).await?;
    Ok(())
}
