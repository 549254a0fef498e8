//! Links that are far and narrow, and cut again and again.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};

use super::{Fault, Line, Make, form, line::until, proxy::Profile};

/// Lots of the first load: a frame larger than what comes between two cuts.
const SHORT: usize = 10_000;
const LONG: usize = 40_000;

/// The ordinary run has the same link in a hurry: four times the rate, cut so much sooner.
const HURRY: u32 = 4;

/// Frames are asked for at first like this, and a quarter as large after each session
/// that brought none.
const FRAME_BYTES: [u64; 3] = [256 << 10, 64 << 10, 16 << 10];

/// What a connection costs beside frames: certificates both ways, HTTP/2, and Hello every
/// ten seconds.
const CONNECTION_BYTES: u64 = 4 << 10;

#[tokio::test(flavor = "multi_thread")]
async fn a_first_load_over_the_second_generation_loses_and_repeats_next_to_nothing() -> Result<()> {
    Fault {
        name: "2G",
        done: "a first load over 600 ms and 30 kbit/s, with stalls and a cut every 20 s",
        holds: "none lost, none doubled, at most one frame repeated for each cut",
    }
    .run(first_load(), async |line| over(line, two_g(), Duration::from_mins(40)).await)
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

fn two_g() -> Profile {
    let real = Profile::TWO_G;
    if form().is_long {
        return real;
    }
    Profile {
        bits_per_second: real.bits_per_second.map(|bits| bits * u64::from(HURRY)),
        // Room for the handshakes, which do not hurry.
        cut_every: real.cut_every.map(|every| every / HURRY + Duration::from_secs(2)),
        ..real
    }
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
    let (cuts, connections, down) = (proxy.cuts(), proxy.connections(), proxy.bytes_down());
    let beside = CONNECTION_BYTES * u64::try_from(connections)?;
    let repeated = down.saturating_sub(bytes + beside);
    let bound = repeated_max(profile, cuts);
    let note = format!(
        "{size} records in {frames} frames of {bytes} B, {down} B over the link in {:.0} s, {cuts} cuts, \
         {connections} connections, {repeated} B repeated where one frame a cut is {bound} B; by the relay",
        took.as_secs_f64()
    );
    ensure!(repeated <= bound, "{note}");
    ensure!(cuts > 0 || profile.cut_every.is_none(), "no cut met the load: {note}");
    Ok(note)
}

/// One frame for each cut, and of a frame what the link carries between two cuts.
fn repeated_max(profile: Profile, cuts: u64) -> u64 {
    let (Some(rate), Some(every)) = (profile.bits_per_second, profile.cut_every) else { return 0 };
    let carried = rate / 8 * every.as_secs();
    let last = FRAME_BYTES.len() as u64 - 1;
    (0..cuts)
        .filter_map(|cut| FRAME_BYTES.get(usize::try_from(cut.min(last)).ok()?))
        .map(|frame| carried.min(*frame))
        .sum()
}
