//! The turns of ours and of each reference, one after the other, as often as asked for.

use std::time::Duration;

use anyhow::Result;

use super::{
    HUB_MEMORY, NODE_MEMORY, float, json,
    national::{self, Content, Watch},
    process::{Split, Used},
    progress::Progress,
    references,
    world::{Pair, World},
};
use crate::{
    cli::{ExchangeSettings, Phase},
    quantity::{
        Better::{Higher, Lower},
        Quantity,
    },
};

/// A lot on the wire, as it is to be.
const WIRE_BYTES: f64 = 90.0;

/// What a bulk loader may bring that checks nothing and keeps no history, lots a second: a
/// number to be compared with, which is not run here.
const BULK_LOADER: f64 = 90_000.0;

/// What the turns came to.
#[derive(Debug, Default)]
pub(super) struct Turns {
    first_load: Vec<f64>,
    pull: Vec<f64>,
    copied: Vec<f64>,
    replicated: Vec<f64>,
    replicated_regional: Vec<f64>,
    bytes: Vec<f64>,
    json: Vec<f64>,
    node_memory: Vec<f64>,
    hub_memory: Vec<f64>,
    load_split: Split,
    pull_split: Split,
}

/// What every turn is given.
struct Turn<'a> {
    world: &'a World,
    progress: &'a Progress,
    lots: u64,
    expected: Content,
    number: String,
}

impl Turn<'_> {
    fn step(&self, name: &str) {
        self.progress.step(format!("{name}, {}", self.number));
    }

    fn rate(&self, took: Duration) -> f64 {
        crate::report::rate(self.lots, took)
    }
}

impl Turns {
    /// Each reference once and ours once, as often as asked for.
    pub(super) async fn take(
        &mut self,
        world: &World,
        settings: &ExchangeSettings,
        progress: &Progress,
    ) -> Result<()> {
        let (has_load, has_pull) = (settings.has(Phase::Load), settings.has(Phase::Pull));
        if !has_load && !has_pull {
            return Ok(());
        }
        let expected = national::content(&mut world.source().await?).await?;
        let lots = settings.rows;
        let mut turn = Turn { world, progress, lots, expected, number: String::new() };
        for run in 0..settings.runs {
            turn.number = format!("turn {} of {}", run + 1, settings.runs);
            // The hub alone needs a node that has read its source.
            if has_load || run == 0 {
                self.one_load(&turn, has_load, run == 0).await?;
            }
            if has_pull {
                self.one_pull(&turn, run == 0).await?;
            }
        }
        Ok(())
    }

    /// The first load, between its two references where they are asked for.
    async fn one_load(
        &mut self,
        turn: &Turn<'_>,
        is_asked_for: bool,
        is_first: bool,
    ) -> Result<()> {
        if is_asked_for {
            turn.step("COPY out, COPY in");
            self.copied.push(turn.rate(references::copied(turn.world).await?));
        }
        self.first_load(turn, is_first).await?;
        if is_asked_for {
            turn.step("logical replication of the source");
            self.replicated.push(turn.rate(references::replicated(turn.world).await?));
        }
        Ok(())
    }

    /// The hub alone, after its reference.
    async fn one_pull(&mut self, turn: &Turn<'_>, is_first: bool) -> Result<()> {
        turn.step("logical replication of the hub's tables");
        if is_first {
            references::publish_regional(turn.world).await?;
        }
        let took = references::replicated_regional(turn.world).await?;
        self.replicated_regional.push(turn.rate(took));
        self.pull(turn).await
    }

    /// A node that reads its source for the first time, and a hub that follows it.
    async fn first_load(&mut self, turn: &Turn<'_>, is_first: bool) -> Result<()> {
        turn.step("first load, source to regional view");
        let Turn { world, progress, lots, expected, .. } = turn;
        world.fresh_hub().await?;
        world.fresh_node(Watch::Cursor)?;
        let (bytes, before) = (world.wire.bytes(), Used::now(world, None, None)?);
        let mut pair = world.start(&[])?;
        let since = pair.node.since;
        let (took, used) =
            world.arrived((*lots, Some(expected)), since, &mut pair, progress).await?;
        self.first_load.push(turn.rate(took));
        self.bytes.push(float(world.wire.bytes() - bytes) / float(*lots));
        self.node_memory.push(float(pair.node.process.peak_memory_bytes()?) / 1e6);
        self.hub_memory.push(float(pair.hub.process.peak_memory_bytes()?) / 1e6);
        self.load_split.push(used - before, *lots);
        if is_first {
            self.json.push(json::bytes_of_a_lot(&world.api).await?);
        }
        pair.stop()
    }

    /// A hub that pulls what a node has ready.
    async fn pull(&mut self, turn: &Turn<'_>) -> Result<()> {
        turn.step("the hub alone");
        let Turn { world, progress, lots, expected, .. } = turn;
        world.fresh_hub().await?;
        let mut node = world.start_node(&[])?;
        world.serving(&mut node.process).await?;
        let before = Used::now(world, Some(node.process.id()), None)?;
        let hub = world.start_hub()?;
        let (since, mut pair) = (hub.since, Pair { hub, node });
        let (took, used) =
            world.arrived((*lots, Some(expected)), since, &mut pair, progress).await?;
        self.pull.push(turn.rate(took));
        self.pull_split.push(used - before, *lots);
        pair.stop()
    }

    pub(super) fn quantities(&self, settings: &ExchangeSettings) -> Vec<Quantity> {
        let mut quantities = Vec::new();
        if settings.has(Phase::Pull) {
            quantities.extend(self.of_the_hub(settings.rows));
        }
        if settings.has(Phase::Load) {
            quantities.extend(self.of_the_first_load(settings.rows));
        }
        quantities
    }

    fn of_the_hub(&self, lots: u64) -> Vec<Quantity> {
        let name = format!("hub: pull, verify, check and apply {lots} lots");
        let against = (
            "logical replication, initial copy of the same tables and indexes",
            self.replicated_regional.as_slice(),
        );
        let rate = Quantity::new((name, "lots/s", Higher), &self.pull, against);
        rate.into_iter().chain(self.pull_split.quantities("hub alone")).collect()
    }

    fn of_the_first_load(&self, lots: u64) -> Vec<Quantity> {
        let load = || format!("first load of {lots} lots, source to regional view");
        let memory = |who: &str| format!("{who}, peak memory in the first load of {lots} lots");
        let copied = ("psql, COPY out to COPY in", self.copied.as_slice());
        let replicated = ("logical replication, initial copy", self.replicated.as_slice());
        let bulk =
            ("a bulk loader that checks nothing: a number, not run", [BULK_LOADER].as_slice());
        let json = ("the standard's JSON, from the hub's API", self.json.as_slice());
        let frames = ("to be reached at 1 MiB frames", [WIRE_BYTES].as_slice());
        let node = ("to be kept", [NODE_MEMORY].as_slice());
        let hub = ("to be kept", [HUB_MEMORY].as_slice());
        let rows = [
            Quantity::new((load(), "lots/s", Higher), &self.first_load, copied),
            Quantity::new((load(), "lots/s", Higher), &self.first_load, replicated),
            Quantity::new((load(), "lots/s", Higher), &self.first_load, bulk),
            Quantity::new(("TCP payload of a lot", "bytes", Lower), &self.bytes, json),
            Quantity::new(("TCP payload of a lot", "bytes", Lower), &self.bytes, frames),
            Quantity::new((memory("node"), "MB", Lower), &self.node_memory, node),
            Quantity::new((memory("hub"), "MB", Lower), &self.hub_memory, hub),
        ];
        rows.into_iter().flatten().chain(self.load_split.quantities("first load")).collect()
    }
}
