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

/// What was measured, and what could not be.
#[derive(Debug, Default)]
pub(crate) struct Measured {
    pub(crate) quantities: Vec<Quantity>,
    /// Measurements that failed, each with its reason.
    pub(crate) failures: Vec<String>,
}

impl Measured {
    /// What a measurement came to: one that fails leaves the others' figures standing.
    fn take(&mut self, name: &str, measured: Result<Vec<Quantity>>) {
        match measured {
            Ok(quantities) => self.quantities.extend(quantities),
            Err(error) => self.failures.push(format!("{name}: {error:#}")),
        }
    }
}

/// Measures everything that was asked for. Fails where nothing could be measured at all.
pub(crate) async fn measure(settings: &ExchangeSettings) -> Result<Measured> {
    let progress = Progress::new(steps(settings))?;
    progress.step("building what is measured");
    let binaries = settings.binaries()?;
    let mut measured = Measured::default();
    if settings.is_more_than_memory() {
        with_lots(settings, binaries.clone(), &progress, &mut measured).await?;
    }
    if settings.has(Phase::Memory) {
        let memory = memory::measure(settings.memory_rows(), binaries, &progress).await;
        measured.take("memory", memory);
    }
    Ok(measured)
}

/// What is measured with the common number of lots, on the same servers.
async fn with_lots(
    settings: &ExchangeSettings,
    binaries: Binaries,
    progress: &Progress,
    measured: &mut Measured,
) -> Result<()> {
    let folder = tempfile::tempdir().context("make a folder")?;
    let world = World::create(folder.path(), (settings.rows, binaries), progress).await?;
    let mut turns = Turns::default();
    let taken = turns.take(&world, settings, progress).await;
    measured.take("turns", taken.map(|()| Vec::new()));
    // The turns before one that failed stand; the table says how many they were.
    measured.quantities.extend(turns.quantities(settings));
    let mut scan = None;
    if settings.has(Phase::Scan) {
        let scanned = scan::measure(&world, settings.rows, progress).await;
        scan = scanned.as_ref().ok().map(|(_, seconds)| *seconds);
        measured.take("scan", scanned.map(|(quantities, _)| quantities));
    }
    if settings.has(Phase::Changes) {
        let changed = changes::measure(&world, settings.rows, scan, progress).await;
        measured.take("changes", changed);
    }
    if settings.has(Phase::Latency) {
        measured.take("latency", latency::measure(&world, settings.rows, progress).await);
    }
    Ok(())
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
        + of(Phase::Memory, 5)
}

#[expect(clippy::cast_precision_loss, reason = "counts and sizes are far below 2^52")]
fn float(count: u64) -> f64 {
    count as f64
}
