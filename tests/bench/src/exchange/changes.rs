//! A thousand changes among more and more rows: what they cost, and how long they take.

use std::time::Instant;

use anyhow::{Result, ensure};
use sqlx::AssertSqlSafe;

use super::{
    float,
    national::{self, Watch},
    process,
    progress::Progress,
    scan::{next_pass, passes},
    world::World,
};
use crate::quantity::{Better, Quantity};

/// Rows that change at once.
const CHANGES: u64 = 1_000;
/// How often they do; no row twice.
const ROUNDS: u64 = 5;
/// The fewest rows among which they are.
const LEAST: u64 = 10_000;

/// With tables of several sizes, by the two ways that read what has changed alone;
/// beside them what a scan of the largest took of the node's processors, if it was made.
pub(super) async fn measure(
    world: &World,
    rows: u64,
    scan: Option<f64>,
    progress: &Progress,
) -> Result<Vec<Quantity>> {
    let mut sizes = vec![rows / 100, rows / 10, rows];
    sizes.retain(|size| *size >= LEAST);
    if !sizes.contains(&LEAST) {
        sizes.insert(0, LEAST);
    }
    let mut quantities = Vec::new();
    for watch in [Watch::Cursor, Watch::Triggers] {
        let mut fewest: Option<Cost> = None;
        for size in &sizes {
            progress.step(format!("changes among {size} lots, {}", watch.name()));
            let cost = changes(world, watch, *size, progress).await?;
            let name = |what: &str| {
                format!("{CHANGES} changes among {size} rows, {}, {what}", watch.name())
            };
            let scan = scan.filter(|_| *size == rows);
            let least = fewest.get_or_insert_with(|| cost.clone());
            quantities.extend(cost.quantities(name, least, scan));
        }
    }
    Ok(quantities)
}

/// What a round takes, seconds.
#[derive(Debug, Clone, Default)]
struct Cost {
    /// Of the node's processors, the mean over the rounds: ticks are coarse.
    cpu: f64,
    /// Of the clock, from the commit to the regional view.
    wall: Vec<f64>,
}

impl Cost {
    fn quantities(
        &self,
        name: impl Fn(&str) -> String,
        fewest: &Self,
        scan: Option<f64>,
    ) -> Vec<Quantity> {
        let (cpu, wall) = (name("processor time of the node"), name("commit to regional view"));
        let same = "the same among the fewest rows";
        let scan = scan.map(|seconds| [seconds]);
        [
            Quantity::new((cpu.clone(), "s", Better::Lower), &[self.cpu], (same, &[fewest.cpu])),
            scan.and_then(|scan| {
                let whole = ("one scan of the whole table", scan.as_slice());
                Quantity::new((cpu, "s", Better::Lower), &[self.cpu], whole)
            }),
            Quantity::new((wall, "s", Better::Lower), &self.wall, (same, &fewest.wall)),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

async fn changes(world: &World, watch: Watch, rows: u64, progress: &Progress) -> Result<Cost> {
    let mut source = world.source().await?;
    national::resize(&mut source, rows).await?;
    let expected = national::content(&mut source).await?;
    world.fresh_hub().await?;
    world.fresh_node(watch)?;
    if watch.is_installed() {
        world.capture("install")?;
    }
    // What is measured is not the brake.
    let mut pair = world.start(&[("RMD_NODE_BRAKE__CHANGES_PERCENT", "100".to_owned())])?;
    let since = pair.node.since;
    world.arrived((rows, Some(&expected)), since, &mut pair, progress).await?;
    // Whatever the first load leaves behind is no cost of a change.
    world.judged(rows, &mut pair).await?;
    let seen = passes(world)?.0;
    next_pass(world, &mut pair.node.process, seen).await?;
    let before = process::seconds(pair.node.process.id())?;
    let mut wall = Vec::new();
    for round in 1..=ROUNDS {
        let every = rows / CHANGES;
        let sql = format!(
            "UPDATE lots SET mass_kg = mass_kg + 0.001, updated_at = clock_timestamp()
             WHERE id IN (SELECT n * {every} - {round} + 1 FROM generate_series(1, {CHANGES}) n)"
        );
        let changed = sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut source).await?.rows_affected();
        let since = Instant::now();
        ensure!(changed == CHANGES, "{changed} rows changed");
        let entries = rows + CHANGES * round;
        let (took, _) = world.arrived((entries, None), since, &mut pair, progress).await?;
        wall.push(took.as_secs_f64());
    }
    let cpu = (process::seconds(pair.node.process.id())? - before) / float(ROUNDS);
    let all = (rows + CHANGES * ROUNDS, Some(national::content(&mut source).await?));
    world.arrived((all.0, all.1.as_ref()), Instant::now(), &mut pair, progress).await?;
    pair.stop()?;
    if watch.is_installed() {
        world.capture("remove")?;
    }
    Ok(Cost { cpu, wall })
}
