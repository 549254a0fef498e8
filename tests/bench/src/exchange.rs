//! The exchange: a national database to the regional view, beside PostgreSQL's
//! own means for the same rows.
//!
//! Everything runs in one go on servers of its own. What has a reference is
//! measured in turns, reference and ours, and after each turn of ours the
//! regional view is compared with the source: a wrong answer is a failure, not a
//! figure.

mod national;
mod process;
mod references;
mod steady;
mod wire;
mod world;

use anyhow::{Context as _, Result};
use indicatif::{ProgressBar, ProgressStyle};

use self::{national::Watch, process::Used, world::World};
use crate::{
    cli::ExchangeSettings,
    quantity::{Better, Quantity},
};

/// The standard's JSON of a lot with its parties, bytes.
const JSON_BYTES: f64 = 3020.0;
/// Peaks that are to be kept, MB.
const NODE_MEMORY: f64 = 64.0;
const HUB_MEMORY: f64 = 256.0;

/// What the turns came to.
#[derive(Debug, Default)]
struct Turns {
    first_load: Vec<f64>,
    pull: Vec<f64>,
    copied: Vec<f64>,
    replicated: Vec<f64>,
    replicated_regional: Vec<f64>,
    read_out: Vec<f64>,
    bytes: Vec<f64>,
    node_memory: Vec<f64>,
    hub_memory: Vec<f64>,
    node_cpu: Vec<f64>,
    hub_cpu: Vec<f64>,
}

/// Measures everything that was asked for.
pub(crate) async fn measure(settings: &ExchangeSettings) -> Result<Vec<Quantity>> {
    let folder = tempfile::tempdir().context("make a folder")?;
    let bar = ProgressBar::new(u64::from(settings.runs) + 2)
        .with_style(ProgressStyle::with_template("{bar:30} {pos}/{len} {msg} {elapsed}")?);
    bar.set_message("servers, sites and lots");
    let world = World::create(folder.path(), settings.rows).await?;
    bar.inc(1);
    let mut turns = Turns::default();
    for run in 0..settings.runs {
        bar.set_message(format!("turn {} of {}", run + 1, settings.runs));
        turns.take(&world, settings, run).await?;
        bar.inc(1);
    }
    let mut quantities = turns.quantities(settings.rows);
    bar.set_message("changes, scans, latency");
    quantities.extend(steady::measure(&world, settings, &turns.read_out).await?);
    bar.finish_and_clear();
    Ok(quantities)
}

impl Turns {
    /// One turn: each reference once, the first load once, the hub alone once.
    async fn take(&mut self, world: &World, settings: &ExchangeSettings, run: u32) -> Result<()> {
        let lots = settings.rows;
        let rate = |took| crate::report::rate(lots, took);
        self.copied.push(rate(references::copied(world).await?));
        self.read_out.push(references::read_out(world)?.as_secs_f64());
        self.first_load(world, lots).await?;
        self.replicated.push(rate(references::replicated(world).await?));
        if run == 0 {
            references::publish_regional(world, world::REGIONAL).await?;
        }
        self.replicated_regional
            .push(rate(references::replicated_regional(world, world::REGIONAL).await?));
        self.pull(world, lots).await
    }

    /// A node that reads its source for the first time, and a hub that follows it.
    async fn first_load(&mut self, world: &World, lots: u64) -> Result<()> {
        world.fresh_hub().await?;
        world.fresh_node(Watch::Cursor)?;
        let before = world.wire.bytes();
        let mut hub = world.start_hub(&[])?;
        let mut node = world.start_node(&[])?;
        let processes = &mut [&mut hub.process, &mut node.process];
        let took = world.applied(lots, node.since, processes).await?;
        self.first_load.push(crate::report::rate(lots, took));
        self.bytes.push(float(world.wire.bytes() - before) / float(lots));
        self.node_memory.push(float(node.process.peak_memory_bytes()?) / 1e6);
        self.hub_memory.push(float(hub.process.peak_memory_bytes()?) / 1e6);
        self.node_cpu.push(Used::by(&node.process)?.seconds * 1e6 / float(lots));
        self.hub_cpu.push(Used::by(&hub.process)?.seconds * 1e6 / float(lots));
        world.compare().await?;
        stop([hub, node])
    }

    /// A hub that pulls what a node has ready.
    async fn pull(&mut self, world: &World, lots: u64) -> Result<()> {
        world.fresh_hub().await?;
        let mut node = world.start_node(&[])?;
        world.serving(&mut node.process).await?;
        let mut hub = world.start_hub(&[])?;
        let took =
            world.applied(lots, hub.since, &mut [&mut hub.process, &mut node.process]).await?;
        self.pull.push(crate::report::rate(lots, took));
        world.compare().await?;
        stop([hub, node])
    }

    fn quantities(&self, lots: u64) -> Vec<Quantity> {
        use Better::{Higher, Lower};
        let first =
            |more: &str| format!("first load of {lots} lots, source to regional view{more}");
        let memory = |who: &str| format!("{who}, peak memory in the first load of {lots} lots");
        let rows = [
            Quantity::new(
                (format!("hub: pull, verify, check and apply {lots} lots"), "lots/s", Higher),
                &self.pull,
                ("logical replication, initial copy of the same tables", &self.replicated_regional),
            ),
            Quantity::new(
                (first(""), "lots/s", Higher),
                &self.first_load,
                ("psql COPY out | COPY in", &self.copied),
            ),
            Quantity::new(
                (first(""), "lots/s", Higher),
                &self.first_load,
                ("logical replication, initial copy", &self.replicated),
            ),
            Quantity::new(
                ("TCP payload of a lot", "bytes", Lower),
                &self.bytes,
                ("the standard's JSON", &[JSON_BYTES]),
            ),
            Quantity::new(
                ("node, processor time of a lot", "µs", Lower),
                &self.node_cpu,
                ("both cores at 90 000 lots/s", &[22.0]),
            ),
            Quantity::new(
                ("hub, processor time of a lot, without its database", "µs", Lower),
                &self.hub_cpu,
                ("both cores at 90 000 lots/s", &[22.0]),
            ),
            Quantity::new(
                (memory("node"), "MB", Lower),
                &self.node_memory,
                ("to be kept", &[NODE_MEMORY]),
            ),
            Quantity::new(
                (memory("hub"), "MB", Lower),
                &self.hub_memory,
                ("to be kept", &[HUB_MEMORY]),
            ),
        ];
        rows.into_iter().flatten().collect()
    }
}

fn stop<const N: usize>(running: [world::Running; N]) -> Result<()> {
    for mut one in running {
        anyhow::ensure!(one.process.stop()?, "{} did not end well", one.process.name);
    }
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "counts and sizes are far below 2^52")]
fn float(count: u64) -> f64 {
    count as f64
}
