//! COPY of the rows that the hub wrote, from table to table.

use std::time::{Duration, Instant};

use anyhow::Result;
use futures_util::StreamExt as _;
use rmd_demo::servers::Postgres;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

/// What a lot is made of, and what keeps it provable.
const TABLES: [&str; 4] = ["lot", "lot_tag", "record", "ledger"];

/// How long the first, the first two, and all tables take, with the keys and
/// indexes that ours have; each in a transaction of its own.
pub(super) async fn measure(server: &Postgres, database: &str) -> Result<[Duration; 3]> {
    let mut source = PgConnection::connect(&server.url(database)).await?;
    let mut target = PgConnection::connect(&server.url(database)).await?;
    execute(&mut target, "CREATE SCHEMA reference").await?;
    let mut sums = Vec::new();
    let mut sum = Duration::ZERO;
    for table in TABLES {
        let make = format!("CREATE TABLE reference.{table} (LIKE public.{table} INCLUDING ALL)");
        execute(&mut target, &make).await?;
        execute(&mut target, "CHECKPOINT").await?;
        let begun = Instant::now();
        let mut rows = source.copy_out_raw(&format!("COPY public.{table} TO STDOUT")).await?;
        let mut copy = target.copy_in_raw(&format!("COPY reference.{table} FROM STDIN")).await?;
        while let Some(chunk) = rows.next().await {
            copy.send(chunk?).await?;
        }
        copy.finish().await?;
        drop(rows);
        sum += begun.elapsed();
        sums.push(sum);
    }
    Ok([sums[0], sums[1], sums[3]])
}

async fn execute(connection: &mut PgConnection, statement: &str) -> Result<()> {
    sqlx::raw_sql(AssertSqlSafe(statement.to_owned())).execute(connection).await?;
    Ok(())
}
