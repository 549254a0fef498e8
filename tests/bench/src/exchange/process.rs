//! What processes have used of the machine, and who used what of an exchange.

use std::{
    fs,
    ops::Sub,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result};

use super::{float, world::World};
use crate::quantity::{Better, Quantity};

/// Ticks of the kernel in a second, on every machine that Linux runs on here.
const TICKS: f64 = 100.0;

/// A first load at 90 000 lots a second has so much of two cores for a lot, µs.
const AIM: f64 = 22.2;

/// Processor time of a process, all its threads together.
pub(super) fn seconds(id: u32) -> Result<f64> {
    Ok(Stat::read(id)?.own)
}

/// Processor time of a server: that of its first process, of those that it has and of
/// those that have ended.
pub(super) fn seconds_of_server(id: u32) -> Result<f64> {
    let mut sum = Stat::read(id)?.with_ended;
    for entry in fs::read_dir("/proc")?.filter_map(Result::ok) {
        let Some(other) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else {
            continue;
        };
        // One may end while we look.
        if let Ok(found) = Stat::read(other)
            && found.parent == id
        {
            sum += found.with_ended;
        }
    }
    Ok(sum)
}

/// Who started a process.
pub(super) fn parent(id: u32) -> Result<u32> {
    Ok(Stat::read(id)?.parent)
}

struct Stat {
    parent: u32,
    own: f64,
    with_ended: f64,
}

impl Stat {
    fn read(id: u32) -> Result<Self> {
        let path = format!("/proc/{id}/stat");
        let text = fs::read_to_string(&path).with_context(|| format!("read {path}"))?;
        // The name of the program stands in brackets and may hold blanks.
        let (_, rest) = text.rsplit_once(')').context("find the name of the program")?;
        let fields: Vec<&str> = rest.split_whitespace().collect();
        let field = |number: usize| fields.get(number).context("find a field of a process");
        let ticks = |number: usize| -> Result<f64> { Ok(field(number)?.parse::<f64>()? / TICKS) };
        let own = ticks(11)? + ticks(12)?;
        let with_ended = own + ticks(13)? + ticks(14)?;
        Ok(Self { parent: field(1)?.parse()?, own, with_ended })
    }
}

/// Processor time of everyone who has a part in an exchange, seconds, and the clock.
#[derive(Debug, Clone, Copy)]
pub(super) struct Used {
    node: f64,
    source: f64,
    hub: f64,
    region: f64,
    at: Instant,
}

impl Used {
    /// So far; of processes that were not started yet, nothing.
    pub(super) fn now(world: &World, node: Option<u32>, hub: Option<u32>) -> Result<Self> {
        let of = |id: Option<u32>| id.map_or(Ok(0.0), seconds);
        Ok(Self {
            node: of(node)?,
            source: seconds_of_server(world.national.id)?,
            hub: of(hub)?,
            region: seconds_of_server(world.regional.id)?,
            at: Instant::now(),
        })
    }
}

impl Sub for Used {
    type Output = Parts;

    fn sub(self, before: Self) -> Parts {
        Parts {
            node: self.node - before.node,
            source: self.source - before.source,
            hub: self.hub - before.hub,
            region: self.region - before.region,
            took: self.at - before.at,
        }
    }
}

/// Who used how much between two instants, seconds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Parts {
    node: f64,
    source: f64,
    hub: f64,
    region: f64,
    took: Duration,
}

/// The parts of several turns, µs a lot.
#[derive(Debug, Default)]
pub(super) struct Split {
    node: Vec<f64>,
    source: Vec<f64>,
    hub: Vec<f64>,
    region: Vec<f64>,
    busy: Vec<f64>,
}

impl Split {
    pub(super) fn push(&mut self, parts: Parts, lots: u64) {
        let of_a_lot = |seconds: f64| seconds * 1e6 / float(lots);
        self.node.push(of_a_lot(parts.node));
        self.source.push(of_a_lot(parts.source));
        self.hub.push(of_a_lot(parts.hub));
        self.region.push(of_a_lot(parts.region));
        let all = parts.node + parts.source + parts.hub + parts.region;
        let cores = thread::available_parallelism().map_or(1, usize::from);
        self.busy.push(all / (parts.took.as_secs_f64() * float(cores as u64)));
    }

    /// A row for each part, and how much of all cores they used together.
    pub(super) fn quantities(&self, during: &str) -> Vec<Quantity> {
        let parts = [
            ("the source's server", &self.source),
            ("the node", &self.node),
            ("the hub", &self.hub),
            ("the hub's server", &self.region),
        ];
        // Who has no part in it is left out.
        let takes_part = |(_, spent): &(_, &Vec<f64>)| spent.iter().any(|spent| *spent > 0.0);
        let parts = parts.into_iter().filter(takes_part).filter_map(|(who, spent)| {
            let name = format!("{during}: processor time of a lot, {who}");
            let against = ("two cores at 90 000 lots/s", [AIM].as_slice());
            Quantity::new((name, "µs", Better::Lower), spent, against)
        });
        let name = format!("{during}: part of all cores that these four use");
        let against = ("all of every core", [1.0].as_slice());
        parts.chain(Quantity::new((name, "of 1", Better::Higher), &self.busy, against)).collect()
    }
}
