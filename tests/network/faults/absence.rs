//! Long away: weeks of changes before the hub sees any of them.

use anyhow::{Result, ensure};

use super::{Fault, Make, clock::Clocks, proxy::Profile, source};

/// Of every hundred lots, so many have three revisions before the first pull.
const PART: usize = 5;
const LOTS: usize = 600;
const DAYS: u64 = 14;
const DAY_US: i64 = 24 * 3_600 * 1_000_000;

#[tokio::test(flavor = "multi_thread")]
async fn a_feed_with_revisions_before_its_first_pull_arrives_whole() -> Result<()> {
    let make = Make { sites: 100, lots: LOTS, is_apart: true, ..Make::default() };
    Fault {
        name: "revisions before the first pull",
        done: "5 % of the lots have three revisions before the hub reaches the node",
        holds: "the hub takes every revision in its order and shows the last",
    }
    .run(make, async |line| {
        let changed = LOTS * PART / 100;
        line.captured().await?;
        let size = line.size()?;
        for revision in 2..=3 {
            line.state().execute(&source::masses(100 * revision, (1, changed))).await?;
            line.captured().await?;
        }
        let added = line.size()? - size;
        ensure!(added == 2 * changed as u64, "{added} entries for {changed} lots changed twice");
        ensure!(line.applied()? == 0, "the hub has reached the node before");
        line.connect(Profile::PLAIN)?;
        Ok(format!("{changed} of {LOTS} lots, {} entries", size + added))
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn fourteen_days_without_a_network_cost_nothing_but_age() -> Result<()> {
    let clocks = Clocks::new()?;
    let make = Make {
        sites: 100,
        lots: 300,
        is_apart: true,
        binaries: Some(clocks.binaries()?),
        ..Make::default()
    };
    Fault {
        name: "14 days of absence",
        done: "the link is gone for 14 days by both clocks, with changes on each of them",
        holds: "the node signs every day's changes, and the hub takes them all at once",
    }
    .run(make, async |line| {
        line.connect(Profile::PLAIN)?;
        line.settle().await?;
        line.proxy = None;
        let size = line.size()?;
        for day in 1..=DAYS {
            let offset_us = DAY_US * i64::try_from(day)?;
            clocks.set_node(offset_us)?;
            line.offset_us = offset_us;
            let first = 1 + usize::try_from(day)?;
            line.state().execute(&source::masses(100 + day, (first, first + 19))).await?;
            line.captured().await?;
        }
        let added = line.size()? - size;
        ensure!(added == 20 * DAYS, "{added} entries for 20 changes on each of {DAYS} days");
        clocks.set_hub(line.offset_us)?;
        line.connect(Profile::PLAIN)?;
        Ok(format!("{added} entries in {DAYS} days"))
    })
    .await
}
