//! Passes over a source in which nothing changes.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use rmd_demo::network::Process;
use serde_json::Value;

use super::{
    NODE_MEMORY, float,
    national::{self, Watch},
    process,
    progress::Progress,
    references,
    world::World,
};
use crate::quantity::{Better, Quantity, Spread};

/// An unchanged scan of a million rows may take so long, seconds.
const SECONDS: f64 = 20.0;

/// Passes that are measured.
const PASSES: usize = 3;

/// By comparison, beside the server's own way to write every row out; and what a scan
/// took of the node's processors, seconds.
pub(super) async fn measure(
    world: &World,
    rows: u64,
    progress: &Progress,
) -> Result<(Vec<Quantity>, f64)> {
    progress.step(format!("first load of {rows} lots, to be scanned"));
    national::resize(&mut world.source().await?, rows).await?;
    let expected = national::content(&mut world.source().await?).await?;
    world.fresh_hub().await?;
    world.fresh_node(Watch::Diff)?;
    let mut pair = world.start(&[("RMD_NODE_CAPTURE__INTERVAL", "1s".to_owned())])?;
    let since = pair.node.since;
    world.arrived((rows, Some(&expected)), since, &mut pair, progress).await?;
    let mut node = pair.node_alone()?;
    progress.step(format!("scans of {rows} lots"));
    let (mut scans, mut spent, mut read_out) = (Vec::new(), Vec::new(), Vec::new());
    // The pass in which the last change came is no unchanged one.
    let mut seen = next_pass(world, &mut node.process, passes(world)?.0).await?.0;
    while scans.len() < PASSES {
        let before = process::seconds(node.process.id())?;
        let (finished, took) = next_pass(world, &mut node.process, seen).await?;
        spent.push((process::seconds(node.process.id())? - before) * 1e6 / float(rows));
        scans.push(took.as_secs_f64());
        seen = finished;
    }
    let memory = float(node.process.peak_memory_bytes()?) / 1e6;
    ensure!(node.process.stop()?, "{} did not end well", node.process.name);
    while read_out.len() < PASSES {
        read_out.push(references::read_out(world).await?.as_secs_f64());
    }
    let name = || format!("unchanged scan of {rows} rows by comparison");
    let per_million = [SECONDS * float(rows) / 1e6];
    let limit = ("20 s a million rows", per_million.as_slice());
    let out = ("psql COPY out of the same tables", read_out.as_slice());
    let kept = ("to be kept", [NODE_MEMORY].as_slice());
    let cpu = format!("{}: processor time of a row, the node", name());
    let allowed = ("20 s a million rows, one core", [SECONDS].as_slice());
    let peak = format!("node, peak memory in first load and scans by comparison of {rows} lots");
    let median = Spread::of(&spent).map_or(0.0, |spent| spent.median) * float(rows) / 1e6;
    let quantities = [
        Quantity::new((name(), "s", Better::Lower), &scans, limit),
        Quantity::new((name(), "s", Better::Lower), &scans, out),
        Quantity::new((cpu, "µs", Better::Lower), &spent, allowed),
        Quantity::new((peak, "MB", Better::Lower), &[memory], kept),
    ];
    Ok((quantities.into_iter().flatten().collect(), median))
}

/// When the last pass over the lots ended, and how long it took.
pub(super) fn passes(world: &World) -> Result<(i64, Duration)> {
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
pub(super) async fn next_pass(
    world: &World,
    node: &mut Process,
    seen: i64,
) -> Result<(i64, Duration)> {
    let since = Instant::now();
    loop {
        let (finished, took) = passes(world)?;
        if finished > seen {
            return Ok((finished, took));
        }
        node.check()?;
        ensure!(since.elapsed() < Duration::from_mins(30), "no pass has ended");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}
