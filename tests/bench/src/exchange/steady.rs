//! After the first load: what changes cost, what an unchanged source costs, and
//! how long a change is on its way.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use rmd_demo::network::Process;
use serde_json::Value;
use sqlx::{AssertSqlSafe, PgConnection};

use super::{float, national, national::Watch, process::Used, stop, world::World};
use crate::{
    cli::ExchangeSettings,
    quantity::{Better, Quantity},
};

/// Rows that change at once: a tenth of the fewest, which the brake lets pass.
const CHANGES: u64 = 1_000;
/// Changes of one row, each on its own.
const SINGLES: usize = 40;
/// An unchanged scan of a million rows may take so long, seconds.
const SCAN_SECONDS: f64 = 20.0;

/// Measures with tables of several sizes; the largest first.
pub(super) async fn measure(
    world: &World,
    settings: &ExchangeSettings,
    read_out: &[f64],
) -> Result<Vec<Quantity>> {
    let mut quantities = Vec::new();
    quantities.extend(unchanged(world, settings.rows, read_out).await?);
    let sizes = [settings.rows, settings.rows / 10, settings.rows / 100];
    let sizes: Vec<u64> = sizes.into_iter().filter(|rows| *rows >= CHANGES * 10).collect();
    let mut costs = Vec::with_capacity(sizes.len());
    for size in &sizes {
        national::keep(&mut world.source().await?, *size).await?;
        costs.push((*size, changes(world, *size).await?));
    }
    let (least, reference) = *costs.last().context("at least 10 000 rows are needed")?;
    for (size, seconds) in costs {
        let name = format!("{CHANGES} changes among {size} rows, processor time of the node");
        let fewest = [reference];
        let against = ("the same among the fewest rows", fewest.as_slice());
        quantities.extend(Quantity::new((name, "s", Better::Lower), &[seconds], against));
    }
    quantities.extend(latency(world, least).await?);
    Ok(quantities)
}

/// Passes over a source in which nothing changes, by comparison.
async fn unchanged(world: &World, rows: u64, read_out: &[f64]) -> Result<Vec<Quantity>> {
    world.fresh_hub().await?;
    world.fresh_node(Watch::Diff)?;
    let mut hub = world.start_hub(&[])?;
    let mut node = world.start_node(&[("RMD_NODE_CAPTURE__INTERVAL", "1s".to_owned())])?;
    world.applied(rows, node.since, &mut [&mut hub.process, &mut node.process]).await?;
    let mut scans = Vec::new();
    let mut seen = passes(world)?.0;
    while scans.len() < 3 {
        let (finished, took) = next_pass(world, &mut node.process, seen).await?;
        scans.push(took.as_secs_f64());
        seen = finished;
    }
    let memory = float(node.process.peak_memory_bytes()?) / 1e6;
    stop([hub, node])?;
    let name = format!("unchanged scan of {rows} rows by comparison");
    let per_million = SCAN_SECONDS * float(rows) / 1e6;
    Ok([
        Quantity::new(
            (name.clone(), "s", Better::Lower),
            &scans,
            ("20 s a million rows", &[per_million]),
        ),
        Quantity::new(
            (name, "s", Better::Lower),
            &scans,
            ("psql COPY out of the same tables", read_out),
        ),
        Quantity::new(
            (format!("node, peak memory over scans of {rows} rows"), "MB", Better::Lower),
            &[memory],
            ("to be kept", &[64.0]),
        ),
    ]
    .into_iter()
    .flatten()
    .collect())
}

/// Changes some rows of a table of that size; what the node used until the hub had them.
async fn changes(world: &World, rows: u64) -> Result<f64> {
    world.fresh_hub().await?;
    world.fresh_node(Watch::Cursor)?;
    let mut hub = world.start_hub(&[])?;
    let mut node = world.start_node(&[])?;
    let processes = &mut [&mut hub.process, &mut node.process];
    world.applied(rows, node.since, processes).await?;
    let mut source = world.source().await?;
    let before = Used::by(&node.process)?;
    let since = Instant::now();
    let every = rows / CHANGES;
    update(&mut source, &format!("id % {every} = 0 AND id <= {}", every * CHANGES)).await?;
    let processes = &mut [&mut hub.process, &mut node.process];
    world.applied(rows + CHANGES, since, processes).await?;
    let cpu = Used::by(&node.process)?.seconds - before.seconds;
    world.compare().await?;
    stop([hub, node])?;
    Ok(cpu)
}

/// Single changes, from their commit to the regional view, with Follow open.
async fn latency(world: &World, rows: u64) -> Result<Vec<Quantity>> {
    world.fresh_hub().await?;
    world.fresh_node(Watch::Cursor)?;
    let mut hub = world.start_hub(&[])?;
    let mut node = world.start_node(&[("RMD_NODE_CAPTURE__INTERVAL", "500ms".to_owned())])?;
    world.applied(rows, node.since, &mut [&mut hub.process, &mut node.process]).await?;
    let mut source = world.source().await?;
    let mut times = Vec::with_capacity(SINGLES);
    for change in 1..=SINGLES as u64 {
        update(&mut source, &format!("id = {change}")).await?;
        let since = Instant::now();
        let processes = &mut [&mut hub.process, &mut node.process];
        times.push(world.applied(rows + change, since, processes).await?.as_secs_f64());
    }
    stop([hub, node])?;
    times.sort_by(f64::total_cmp);
    let at = |hundredth: usize| times[(times.len() * hundredth / 100).min(times.len() - 1)];
    let name =
        |which: &str| format!("a committed change in the regional view, by change times, {which}");
    Ok([
        Quantity::new((name("median"), "s", Better::Lower), &[at(50)], ("to be reached", &[1.0])),
        Quantity::new(
            (name("99 of 100"), "s", Better::Lower),
            &[at(99)],
            ("to be reached", &[3.0]),
        ),
    ]
    .into_iter()
    .flatten()
    .collect())
}

async fn update(source: &mut PgConnection, condition: &str) -> Result<()> {
    let sql = format!(
        "UPDATE lots SET mass_kg = mass_kg + 0.001, updated_at = clock_timestamp() WHERE {condition}"
    );
    let changed = sqlx::raw_sql(AssertSqlSafe(sql)).execute(source).await?.rows_affected();
    ensure!(changed > 0, "no row changed");
    Ok(())
}

/// When the last pass over the lots ended, and how long it took.
fn passes(world: &World) -> Result<(i64, Duration)> {
    let status = world.node(&["status"])?;
    let pass = status["capture"]
        .as_array()
        .into_iter()
        .flatten()
        .find(|pass| pass["entity"] == "Lot")
        .context("find the passes over the lots")?;
    let time = |name: &str| pass[name].as_i64().unwrap_or_default();
    ensure!(pass["last_error"] == Value::Null, "a pass failed: {}", pass["last_error"]);
    let (begun, ended) = (time("last_started_us"), time("last_finished_us"));
    let took = u64::try_from(ended - begun).unwrap_or_default();
    Ok((if ended >= begun { ended } else { 0 }, Duration::from_micros(took)))
}

/// Waits for a pass that ends after `seen`.
async fn next_pass(world: &World, node: &mut Process, seen: i64) -> Result<(i64, Duration)> {
    let since = Instant::now();
    loop {
        let (finished, took) = passes(world)?;
        if finished > seen {
            return Ok((finished, took));
        }
        node.check()?;
        ensure!(since.elapsed() < Duration::from_mins(10), "no pass has ended");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}
