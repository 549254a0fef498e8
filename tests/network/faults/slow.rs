//! Links that are far and narrow, and cut again and again.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};

use super::{Fault, Line, Make, form, line::until, proxy::Profile};

/// Lots of the first load.
const SHORT: usize = 500;
const LONG: usize = 10_000;

#[tokio::test(flavor = "multi_thread")]
async fn a_first_load_over_the_second_generation_loses_and_repeats_next_to_nothing() -> Result<()> {
    Fault {
        name: "2G",
        done: "a first load over 600 ms and 30 kbit/s, with stalls and a cut every 20 s",
        holds: "none lost, none doubled, at most one frame repeated for each cut",
    }
    .run(first_load(), async |line| over(line, Profile::TWO_G, Duration::from_mins(40)).await)
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_first_load_by_satellite_uses_the_link() -> Result<()> {
    Fault {
        name: "satellite",
        done: "a first load over 1 200 ms and 512 kbit/s",
        holds: "none lost, none doubled, nothing repeated",
    }
    .run(first_load(), async |line| over(line, Profile::SATELLITE, Duration::from_mins(10)).await)
    .await
}

fn first_load() -> Make {
    let lots = if form().is_long { LONG } else { SHORT };
    Make { lots, is_apart: true, ..Make::default() }
}

async fn over(line: &mut Line, profile: Profile, patience: Duration) -> Result<String> {
    line.captured().await?;
    let size = line.size()?;
    let begun = Instant::now();
    line.connect(profile)?;
    until("the hub has everything", patience, || Ok((line.applied()? == size).then_some(())))
        .await?;
    let took = begun.elapsed();
    let seen = line.seen(0)?;
    let feeds = seen["feeds"].as_array().context("read the feeds")?;
    let total = |field: &str| feeds.iter().filter_map(|feed| feed[field].as_u64()).sum::<u64>();
    let (frames, bytes) = (total("frames"), total("bytes"));
    let proxy = line.proxy.as_ref().context("find the relay")?;
    let (cuts, connections, down) = (proxy.ended(), proxy.connections(), proxy.bytes_down());
    let note = format!(
        "{size} records, {bytes} B in {frames} frames, {down} B over the link in {:.0} s, {connections} connections, {cuts} of them cut",
        took.as_secs_f64()
    );
    ensure!(down < 2 * bytes + 1_000_000, "{note}");
    Ok(note)
}
