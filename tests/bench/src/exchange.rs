//! The exchange: a national database to the regional view, beside PostgreSQL's
//! own means for the same rows.
//!
//! Everything runs in one go on servers of its own. What has a reference is
//! measured in turns, reference and ours, and where ours has arrived every row of
//! the regional view is compared with the source: a wrong answer is a failure, not a
//! figure.

mod changes;
mod json;
mod latency;
mod memory;
mod national;
mod process;
mod progress;
mod references;
mod scan;
mod server;
mod turns;
mod wire;
mod world;

use anyhow::{Context as _, Result};
use rmd_demo::binaries::Binaries;

use self::{progress::Progress, turns::Turns, world::World};
use crate::{
    cli::{ExchangeSettings, Phase},
    quantity::Quantity,
};

/// Peaks that are to be kept, MB.
const NODE_MEMORY: f64 = 64.0;
const HUB_MEMORY: f64 = 256.0;

/// Measures everything that was asked for.
pub(crate) async fn measure(settings: &ExchangeSettings) -> Result<Vec<Quantity>> {
    let progress = Progress::new(steps(settings))?;
    progress.step("building what is measured");
    let binaries = settings.binaries()?;
    let mut quantities = Vec::new();
    if settings.is_more_than_memory() {
        quantities.extend(with_lots(settings, binaries.clone(), &progress).await?);
    }
    if settings.has(Phase::Memory) {
        quantities.extend(memory::measure(settings.memory_rows(), binaries, &progress).await?);
    }
    Ok(quantities)
}

/// What is measured with the common number of lots, on the same servers.
async fn with_lots(
    settings: &ExchangeSettings,
    binaries: Binaries,
    progress: &Progress,
) -> Result<Vec<Quantity>> {
    let folder = tempfile::tempdir().context("make a folder")?;
    let world = World::create(folder.path(), (settings.rows, binaries), progress).await?;
    let mut quantities = Turns::take(&world, settings, progress).await?.quantities(settings);
    let mut scan = None;
    if settings.has(Phase::Scan) {
        let (of_scan, seconds) = scan::measure(&world, settings.rows, progress).await?;
        quantities.extend(of_scan);
        scan = Some(seconds);
    }
    if settings.has(Phase::Changes) {
        quantities.extend(changes::measure(&world, settings.rows, scan, progress).await?);
    }
    if settings.has(Phase::Latency) {
        quantities.extend(latency::measure(&world, settings.rows, progress).await?);
    }
    Ok(quantities)
}

/// How many steps are told.
fn steps(settings: &ExchangeSettings) -> u64 {
    let runs = u64::from(settings.runs);
    let of = |phase, steps| if settings.has(phase) { steps } else { 0 };
    let world = if settings.is_more_than_memory() { 2 } else { 0 };
    1 + world
        + of(Phase::Load, 3 * runs)
        + of(Phase::Pull, 2 * runs)
        + of(Phase::Scan, 2)
        + of(Phase::Changes, 6)
        + of(Phase::Latency, 3)
        + of(Phase::Memory, 4)
}

#[expect(clippy::cast_precision_loss, reason = "counts and sizes are far below 2^52")]
fn float(count: u64) -> f64 {
    count as f64
}
