//! Processes that stand still: a machine that swaps, a debugger, a snapshot of its disk.

use std::{
    process::Command,
    time::{Duration, Instant},
};

use anyhow::{Result, ensure};
use rmd_demo::network::Process;

use super::{
    Fault, Line, Make, form,
    line::{PATIENCE, until},
    source,
    writers::Writers,
};

/// Longer than the link waits for a sign of life (30 s, and 40 s for its answer).
const LONG: Duration = Duration::from_secs(100);
const SHORT: Duration = Duration::from_secs(3);

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_stood_still_goes_on() -> Result<()> {
    Fault {
        name: "SIGSTOP, node",
        done: "the node is stopped while software writes, and continued",
        holds: "the hub shows what it has, and then everything",
    }
    .run(Make { sites: 100, lots: 100, ..Make::default() }, async |line| {
        stop_between_readings(line).await?;
        let writers = Writers::start(line.state(), form().seed);
        let lasting = lasting().await;
        // The hub answers by its command line and serves its pages all the while.
        line.seen(0)?;
        let wrote = writers.stop().await?;
        signal(&line.network.nodes[0].process, "CONT")?;
        ensure!(wrote > 0, "nothing was written");
        Ok(format!("{lasting} s, {wrote} writes"))
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hub_that_stood_still_goes_on() -> Result<()> {
    Fault {
        name: "SIGSTOP, hub",
        done: "the hub is stopped while software writes, and continued",
        holds: "the node captures and signs meanwhile",
    }
    .run(Make { sites: 100, lots: 100, ..Make::default() }, async |line| {
        let before = line.size()?;
        let writers = Writers::start(line.state(), form().seed);
        signal(&line.network.hub, "STOP")?;
        let lasting = lasting().await;
        until("the node captures without the hub", PATIENCE, || {
            Ok((line.size()? > before).then_some(()))
        })
        .await?;
        let wrote = writers.stop().await?;
        signal(&line.network.hub, "CONT")?;
        ensure!(wrote > 0, "nothing was written");
        Ok(format!("{lasting} s, {wrote} writes, {} entries meanwhile", line.size()? - before))
    })
    .await
}

/// As long as the form of the run says.
async fn lasting() -> u64 {
    let lasting = if form().is_long { LONG } else { SHORT };
    tokio::time::sleep(lasting).await;
    lasting.as_secs()
}

/// Stops the node at a moment at which it does not read: SQLite lets nobody write while
/// somebody reads, and who stands still in the middle of it would keep the ministry's
/// software waiting.
async fn stop_between_readings(line: &Line) -> Result<()> {
    let node = &line.network.nodes[0].process;
    let begun = Instant::now();
    loop {
        signal(node, "STOP")?;
        match line.state().execute(&source::masses(501, (1, 1))).await {
            Ok(()) => return Ok(()),
            Err(error) if format!("{error:#}").contains("locked") => signal(node, "CONT")?,
            Err(error) => return Err(error),
        }
        ensure!(begun.elapsed() < PATIENCE, "the node reads without end");
    }
}

pub(super) fn signal(process: &Process, name: &str) -> Result<()> {
    let status = Command::new("kill").args(["-s", name, &process.id().to_string()]).status()?;
    ensure!(status.success(), "{} takes no {name}", process.name);
    Ok(())
}
