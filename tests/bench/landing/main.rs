//! The hub's intake alone: frames that lie ready, over mutual TLS, into its store.
//!
//! A node that captures and packs would take the same processors; so the frames
//! are made before, by the log's own code, and served out of memory. What the
//! hub and its database spend is read from the kernel's accounts, because the
//! wall clock of a shared machine says little. The reference is COPY from table
//! to table of the very rows that the hub wrote, into tables with the same keys
//! and indexes: what the initial copy of logical replication does.

mod feed;
mod lots;
mod node;
mod reference;
mod store;
mod usage;

use std::{
    net::TcpStream,
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};
use clap::Parser;
use rmd_demo::{
    binaries::Binaries,
    network::{Process, command},
    servers::free_port,
    wait,
};
use rmd_runtime::output::{self, Format};
use serde::Serialize;

use self::{
    feed::Feed,
    node::Served,
    store::{Kind, Look, Store},
    usage::Usage,
};

/// Measures how fast a hub takes lots into its store, beside COPY of the same rows.
#[derive(Debug, Parser)]
#[command(
    name = "rmd-bench-landing",
    version,
    after_help = "Examples:\n  \
        cargo bench-landing                              a million lots, the hub of this source\n  \
        cargo bench-landing --lots 200000 --hub A --hub B  two hubs in turn\n  \
        cargo bench-landing --store sqlite               into SQLite, which has no reference"
)]
struct Arguments {
    /// Lots in the feed.
    #[arg(long, default_value_t = 1_000_000, value_parser = clap::value_parser!(u64).range(1..))]
    lots: u64,
    /// Turns of each hub.
    #[arg(long, default_value_t = 1)]
    runs: u32,
    /// Where the hub keeps the lots.
    #[arg(long, value_enum, default_value_t = Kind::Postgres)]
    store: Kind,
    /// A hub's program, built for release if absent; several take turns.
    #[arg(long, value_name = "FILE")]
    hub: Vec<PathBuf>,
    /// Seed of the made-up lots.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Folder for each hub's log.
    #[arg(long, value_name = "FOLDER")]
    logs: Option<PathBuf>,
    /// Print one JSON list.
    #[arg(long)]
    json: bool,
}

const NODE_ID: &str = "COD/cod-bench";

/// What the service file sets for the allocators.
const ALLOCATORS: [(&str, &str); 2] = [("MIMALLOC_PURGE_DELAY", "10"), ("MALLOC_ARENA_MAX", "1")];

/// How often the hub's cursor is looked at.
const LOOK: Duration = Duration::from_millis(20);

/// What one run found; times are microseconds a lot.
#[derive(Debug, Serialize)]
struct Run {
    hub: String,
    lots: u64,
    /// What the hub says of a lot, on average.
    findings_bytes: i64,
    lots_per_second: f64,
    wall_us: f64,
    hub_us: f64,
    postgres_us: f64,
    hub_peak_mib: u64,
    /// COPY of the same rows: lot alone, lot and lot_tag, and every table that is written.
    reference_lot_us: Option<f64>,
    reference_lot_and_tags_us: Option<f64>,
    reference_all_us: Option<f64>,
}

/// Lands the same feed with each hub in turn.
#[tokio::main]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let hubs = match arguments.hub.as_slice() {
        [] => vec![Binaries::build(&[])?.hub],
        given => given.to_vec(),
    };
    let feed = Arc::new(Feed::make(arguments.lots, arguments.seed)?);
    let mut runs = Vec::new();
    for _ in 0..arguments.runs {
        for hub in &hubs {
            runs.push(land(hub, &feed, &arguments).await?);
        }
    }
    Format::from_flag(arguments.json).print(&runs, |runs| table(runs))?;
    Ok(())
}

async fn land(hub: &Path, feed: &Arc<Feed>, arguments: &Arguments) -> Result<Run> {
    let folder = tempfile::tempdir().context("make a folder")?;
    let store = Store::make(arguments.store, folder.path()).await?;
    let mut started = start(hub, folder.path(), &store).await?;
    let node = Served::enrol(folder.path(), &started.invite()?, Arc::clone(feed)).await?;
    started.entitle()?;
    let mut look = store.look(folder.path()).await?;
    let server = look.server().await?;
    node.asked().await;
    let (begun, before) = (Instant::now(), Usage::of(started.process.id(), server)?);
    wait_for(&mut look, &mut started.process, feed.size()).await?;
    let (took, used) = (begun.elapsed(), Usage::of(started.process.id(), server)? - before);
    let peak = started.process.peak_memory_bytes()?;
    let landed = look.number("SELECT COUNT(*) FROM lot").await?.unwrap_or(0);
    ensure!(landed.unsigned_abs() == feed.size(), "{landed} lots of {} are there", feed.size());
    let findings = "SELECT CAST(AVG(LENGTH(findings)) AS BIGINT) FROM record";
    let findings_bytes = look.number(findings).await?.unwrap_or(0);
    if let Some(folder) = &arguments.logs {
        std::fs::copy(&started.process.log, folder.join("hub.log"))?;
    }
    ensure!(started.process.stop()?, "the hub did not end well");
    let reference = store.reference().await?;
    let of_reference = |place: usize| reference.map(|times| each(times[place], feed.size()));
    Ok(Run {
        hub: hub.display().to_string(),
        lots: feed.size(),
        findings_bytes,
        lots_per_second: 1e6 / each(took, feed.size()),
        wall_us: each(took, feed.size()),
        hub_us: each(used.program, feed.size()),
        postgres_us: each(used.server, feed.size()),
        hub_peak_mib: peak >> 20,
        reference_lot_us: of_reference(0),
        reference_lot_and_tags_us: of_reference(1),
        reference_all_us: of_reference(2),
    })
}

/// A hub that runs.
struct Started {
    program: PathBuf,
    folder: PathBuf,
    process: Process,
}

async fn start(program: &Path, folder: &Path, store: &Store) -> Result<Started> {
    let hub = folder.join("hub");
    let [enrol, portal, api] =
        [free_port()?, free_port()?, free_port()?].map(|port| format!("127.0.0.1:{port}"));
    let of_store = store.arguments(folder)?;
    let mut init = vec!["init", "--network", "bench", "--as-of", "2018-01-01"];
    init.extend(["--enrol-listen", &enrol, "--advertise-enrol", &enrol]);
    init.extend(["--portal-listen", &portal]);
    init.extend(of_store.iter().map(String::as_str));
    command(program, &hub, &init)?;
    command(program, &hub, &["migrate"])?;
    let mut variables = vec![
        ("RMD_HUB_API__LISTEN", api),
        ("RMD_HUB_LOG__FILTER", std::env::var("RMD_BENCH_LOG").unwrap_or_else(|_| "info".into())),
    ];
    variables.extend(ALLOCATORS.map(|(name, value)| (name, value.to_owned())));
    let process = Process::start("hub", program, &hub, &variables)?;
    let mut started = Started { program: program.to_owned(), folder: hub, process };
    wait::until("the hub listens for enrolments", || {
        started.process.check()?;
        Ok(TcpStream::connect(&enrol).ok())
    })
    .await?;
    Ok(started)
}

impl Started {
    fn invite(&self) -> Result<String> {
        let invite = ["node", "invite", "COD", "cod-bench"];
        let made = command(&self.program, &self.folder, &invite)?;
        Ok(made["token"].as_str().context("read the invitation")?.to_owned())
    }

    fn entitle(&self) -> Result<()> {
        let entitle = ["node", "entitle", NODE_ID, "transactions", "live"];
        command(&self.program, &self.folder, &entitle).map(drop)
    }
}

/// Until the hub has applied the whole feed.
async fn wait_for(look: &mut Look, hub: &mut Process, size: u64) -> Result<()> {
    let query = "SELECT cursor FROM feed_cursor WHERE feed = 'transactions'";
    loop {
        let cursor = look.number(query).await?;
        if cursor.is_some_and(|cursor| cursor.unsigned_abs() >= size) {
            return Ok(());
        }
        hub.check()?;
        tokio::time::sleep(LOOK).await;
    }
}

/// Microseconds for each of so many.
#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
fn each(took: Duration, count: u64) -> f64 {
    took.as_secs_f64() * 1e6 / count as f64
}

fn table(runs: &[Run]) -> String {
    let heads = [
        "hub",
        "lots/s",
        "wall",
        "hub µs",
        "postgres µs",
        "peak MiB",
        "COPY lot",
        "COPY lot, tags",
        "COPY all",
    ];
    let rows: Vec<Vec<String>> = runs
        .iter()
        .map(|run| {
            let number = |value: f64| format!("{value:.1}");
            let known = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), number);
            vec![
                run.hub.clone(),
                format!("{:.0}", run.lots_per_second),
                number(run.wall_us),
                number(run.hub_us),
                number(run.postgres_us),
                run.hub_peak_mib.to_string(),
                known(run.reference_lot_us),
                known(run.reference_lot_and_tags_us),
                known(run.reference_all_us),
            ]
        })
        .collect();
    format!("microseconds a lot\n\n{}", output::table(&heads, &rows))
}
