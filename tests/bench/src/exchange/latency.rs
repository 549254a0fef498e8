//! How long a change is on its way: from its commit to the regional view, Follow open.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use rand::{Rng as _, SeedableRng as _, rngs::StdRng};
use sqlx::PgConnection;

use super::{
    national::{self, Watch},
    progress::Progress,
    world::{Pair, World},
};
use crate::quantity::{Better, Quantity};

/// Changes of one row, each on its own.
const SINGLES: u64 = 100;
/// Most rows of the table in which they are.
const ROWS: u64 = 100_000;
/// Between two changes, up to so long: they meet the node at any moment of its turn.
const PAUSE_MS: u64 = 600;
/// How often the regional view is looked at.
const LOOK: Duration = Duration::from_millis(5);
const PATIENCE: Duration = Duration::from_mins(2);
/// What is to be reached, seconds.
const MEDIAN: [f64; 1] = [1.0];
const NINETY_NINE: [f64; 1] = [3.0];

/// By each way to notice that a row has changed, with the shipped pace of each but for
/// the change times, which are looked at twice a second instead of every 10 s.
pub(super) async fn measure(
    world: &World,
    rows: u64,
    progress: &Progress,
) -> Result<Vec<Quantity>> {
    let rows = rows.min(ROWS);
    let mut quantities = Vec::new();
    for (watch, interval) in
        [(Watch::Cursor, "500ms"), (Watch::Triggers, "10s"), (Watch::Log, "10s")]
    {
        progress.step(format!("latency among {rows} lots, {}", watch.name()));
        quantities.extend(latency(world, (watch, interval), rows, progress).await?);
    }
    Ok(quantities)
}

async fn latency(
    world: &World,
    (watch, interval): (Watch, &str),
    rows: u64,
    progress: &Progress,
) -> Result<Vec<Quantity>> {
    let mut source = world.source().await?;
    national::resize(&mut source, rows).await?;
    let expected = national::content(&mut source).await?;
    world.fresh_hub().await?;
    world.fresh_node(watch)?;
    if watch.is_installed() {
        world.capture("install")?;
    }
    let mut pair = world.start(&[("RMD_NODE_CAPTURE__INTERVAL", interval.to_owned())])?;
    let since = pair.node.since;
    world.arrived((rows, Some(&expected)), since, &mut pair, progress).await?;
    world.judged(rows, &mut pair).await?;
    let mut region = world.region().await?;
    let mut random = StdRng::seed_from_u64(1);
    let mut times = Vec::new();
    for change in 1..=SINGLES {
        tokio::time::sleep(Duration::from_millis(random.gen_range(0..PAUSE_MS))).await;
        let id = i32::try_from(1 + change * 97 % rows)?;
        let (lot, mass) = change_one(&mut source, id).await?;
        times.push(seen(&mut region, &lot, mass, &mut pair).await?.as_secs_f64());
        progress.at(change, SINGLES);
    }
    let expected = national::content(&mut source).await?;
    let since = Instant::now();
    world.arrived((rows + SINGLES, Some(&expected)), since, &mut pair, progress).await?;
    pair.stop()?;
    if watch.is_installed() {
        world.capture("remove")?;
    }
    Ok(quantities(watch, rows, &mut times))
}

fn quantities(watch: Watch, rows: u64, times: &mut [f64]) -> Vec<Quantity> {
    times.sort_by(f64::total_cmp);
    // The nearest rank: of a hundred, so many are no later.
    let at = |hundredth: usize| times[(times.len() * hundredth).div_ceil(100) - 1];
    let name = |which: &str| {
        format!(
            "a commit among {rows} rows visible in the regional view, {}, {which}",
            watch.name()
        )
    };
    let of = |which: &str, hundredth, aim: &'static [f64]| {
        let name = (name(which), "s", Better::Lower);
        Quantity::new(name, &[at(hundredth)], ("to be reached", aim))
            .map(|quantity| quantity.with_all(times))
    };
    [of("median", 50, &MEDIAN), of("99 of 100", 99, &NINETY_NINE)].into_iter().flatten().collect()
}

/// Changes a lot and commits: its number, and the mass that the regional view is to show.
async fn change_one(source: &mut PgConnection, id: i32) -> Result<(String, i64)> {
    let changed = sqlx::query_as(
        "UPDATE lots SET mass_kg = mass_kg + 0.001, updated_at = clock_timestamp() WHERE id = $1
         RETURNING lot_no, CAST(mass_kg * 1000000 AS BIGINT)",
    );
    Ok(changed.bind(id).fetch_one(source).await?)
}

/// Waits until the regional view shows that mass.
async fn seen(
    region: &mut PgConnection,
    lot: &str,
    mass: i64,
    pair: &mut Pair,
) -> Result<Duration> {
    let since = Instant::now();
    loop {
        let shown: Option<i64> =
            sqlx::query_scalar("SELECT mass_mg FROM lot WHERE LOWER(lot_number) = LOWER($1)")
                .bind(lot)
                .fetch_optional(&mut *region)
                .await?;
        if shown == Some(mass) {
            return Ok(since.elapsed());
        }
        pair.check()?;
        ensure!(since.elapsed() < PATIENCE, "{lot} shows {shown:?} mg, not {mass}");
        tokio::time::sleep(LOOK).await;
    }
}
