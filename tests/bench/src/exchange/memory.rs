//! The peaks with many lots: first load, reconciling all of them, and unchanged scan, on
//! servers of its own.

use anyhow::{Context as _, Result, ensure};
use rmd_demo::binaries::Binaries;

use super::{
    HUB_MEMORY, NODE_MEMORY, float,
    national::{self, Watch},
    progress::Progress,
    scan::{next_pass, passes},
    world::World,
};
use crate::quantity::{Better, Quantity};

/// One first load by comparison, one run of all rules over it, and one pass that finds
/// nothing.
pub(super) async fn measure(
    rows: u64,
    binaries: Binaries,
    progress: &Progress,
) -> Result<Vec<Quantity>> {
    let folder = tempfile::tempdir().context("make a folder")?;
    let world = World::create(folder.path(), (rows, binaries), progress).await?;
    let expected = national::content(&mut world.source().await?).await?;
    progress.step(format!("memory: first load of {rows} lots"));
    world.fresh_hub().await?;
    world.fresh_node(Watch::Diff)?;
    let mut pair = world.start(&[("RMD_NODE_CAPTURE__INTERVAL", "1s".to_owned())])?;
    let since = pair.node.since;
    let (took, _) = world.arrived((rows, Some(&expected)), since, &mut pair, progress).await?;
    let loaded = float(pair.node.process.peak_memory_bytes()?) / 1e6;
    let hub = float(pair.hub.process.peak_memory_bytes()?) / 1e6;
    progress.step(format!("memory: {rows} lots reconciled"));
    world.reconciled(rows, &mut pair, progress).await?;
    let judged = float(pair.hub.process.peak_memory_bytes()?) / 1e6;
    let mut node = pair.node_alone()?;
    progress.step(format!("memory: scan of {rows} lots"));
    // The pass in which the last change came is no unchanged one.
    let seen = next_pass(&world, &mut node.process, passes(&world)?.0).await?.0;
    let (_, scan) = next_pass(&world, &mut node.process, seen).await?;
    let scanned = float(node.process.peak_memory_bytes()?) / 1e6;
    ensure!(node.process.stop()?, "{} did not end well", node.process.name);
    let node = ("to be kept", [NODE_MEMORY].as_slice());
    let of_hub = ("to be kept", [HUB_MEMORY].as_slice());
    let limit = [20.0 * float(rows) / 1e6];
    let limit = ("20 s a million rows", limit.as_slice());
    let aim = ("half of 90 000 lots/s", [45_000.0].as_slice());
    let load = format!("first load of {rows} lots by comparison, source to regional view");
    let rate = crate::report::rate(rows, took);
    let scan_name = format!("unchanged scan of {rows} rows by comparison");
    let name = |who: &str, when: &str| format!("{who}, peak memory {when} {rows} lots");
    Ok([
        Quantity::new((name("node", "in the first load of"), "MB", Better::Lower), &[loaded], node),
        Quantity::new((name("hub", "in the first load of"), "MB", Better::Lower), &[hub], of_hub),
        Quantity::new(
            (name("hub", "once it has reconciled"), "MB", Better::Lower),
            &[judged],
            of_hub,
        ),
        Quantity::new((name("node", "after a scan of"), "MB", Better::Lower), &[scanned], node),
        Quantity::new((load, "lots/s", Better::Higher), &[rate], aim),
        Quantity::new((scan_name, "s", Better::Lower), &[scan.as_secs_f64()], limit),
    ]
    .into_iter()
    .flatten()
    .collect())
}
