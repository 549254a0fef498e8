//! How long the hub takes to judge what states say about each other.
//!
//! A hub takes lots with their parents, certificates and customs lines into its store
//! over mutual TLS, and leaves them unjudged; then it is ended and `rmd-hub reconcile run`
//! judges everything, and once more after some of the lots were corrected. The seconds
//! are those that the command itself tells, memory and processor time those that the
//! kernel counts; what it judged is checked.

mod chain;
mod feed;
mod hub;
#[path = "../landing/lots.rs"]
mod lots;
#[path = "../landing/node.rs"]
mod node;
mod quantity;
#[path = "../landing/usage.rs"]
mod usage;
mod watched;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Instant,
};

use anyhow::{Context as _, Result, ensure};
use clap::Parser;
use rmd_demo::{binaries::Binaries, servers::Postgres};
use rmd_runtime::output::Format;
use sqlx::{Connection as _, PgConnection};

use self::{
    feed::Feed,
    hub::{DATABASE, Hub},
    node::Served,
    quantity::{Quantity, table},
    watched::Watched,
};

/// Measures how fast a hub reconciles lots, beside what is to be reached.
#[derive(Debug, Parser)]
#[command(
    name = "rmd-bench-reconcile",
    version,
    after_help = "Examples:\n  \
        cargo bench-reconcile --store postgres --write      a million lots on PostgreSQL\n  \
        cargo bench-reconcile --store sqlite --json         and on SQLite\n  \
        cargo bench-reconcile --lots 100000                 a tenth of them on both"
)]
struct Arguments {
    /// Lots in the store.
    #[arg(long, default_value_t = 1_000_000, value_parser = clap::value_parser!(u64).range(10..))]
    lots: u64,
    /// Lots that are corrected, each with the line at customs that its chain ends in.
    #[arg(long, default_value_t = 10_000, value_parser = clap::value_parser!(u64).range(1..))]
    changed: u64,
    /// Where the hub keeps them; both if absent.
    #[arg(long, value_enum)]
    store: Option<Kind>,
    /// The hub's program, built for release if absent.
    #[arg(long, value_name = "FILE")]
    hub: Option<PathBuf>,
    /// Seed of the made-up lots.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Write the table of each store to `docs/performance-reconcile-STORE.md`.
    #[arg(long)]
    write: bool,
    /// Print one JSON list, as the last line.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Kind {
    Postgres,
    Sqlite,
}

impl Kind {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Postgres => "postgres",
            Self::Sqlite => "sqlite",
        }
    }
}

const NODE_ID: &str = "COD/cod-bench";

/// Seconds to reach for a million lots, and for ten thousand that changed.
const WHOLE_SECONDS: f64 = 60.0;
/// See [`WHOLE_SECONDS`].
const CHANGED_SECONDS: f64 = 5.0;

/// Megabytes that the hub may take, however many lots there are.
const MEMORY_MB: f64 = 256.0;

#[tokio::main]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let hub = match &arguments.hub {
        Some(hub) => hub.clone(),
        None => Binaries::build(&[])?.hub,
    };
    let kinds =
        arguments.store.map_or_else(|| vec![Kind::Postgres, Kind::Sqlite], |kind| vec![kind]);
    let mut quantities = Vec::new();
    for kind in kinds {
        let of_store = measure(&hub, kind, &arguments).await?;
        if arguments.write {
            write(kind, &arguments, &of_store)?;
        }
        quantities.extend(of_store);
    }
    Format::from_flag(arguments.json).print(&quantities, |all| table(all))?;
    Ok(())
}

fn write(kind: Kind, arguments: &Arguments, quantities: &[Quantity]) -> Result<()> {
    let (store, lots, changed) = (kind.as_str(), arguments.lots, arguments.changed);
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs");
    let command =
        format!("cargo bench-reconcile --store {store} --lots {lots} --changed {changed} --write");
    quantity::write(&docs.join(format!("performance-reconcile-{store}.md")), &command, quantities)
}

async fn measure(program: &Path, kind: Kind, arguments: &Arguments) -> Result<Vec<Quantity>> {
    let begun = Instant::now();
    let feed = Arc::new(Feed::make(arguments.lots, arguments.changed, arguments.seed)?);
    let made = begun.elapsed().as_secs_f64();
    let folder = tempfile::tempdir().context("make a folder")?;
    let server = match kind {
        Kind::Postgres => {
            let server = Postgres::start(folder.path()).await?;
            server.create_database(DATABASE).await?;
            Some(server)
        }
        Kind::Sqlite => None,
    };
    let hub = Hub::make(program, folder.path(), server.as_ref())?;
    let postmaster = match &server {
        Some(server) => {
            let mut connection = PgConnection::connect(&server.url(DATABASE)).await?;
            Some(usage::postmaster(&mut connection).await?)
        }
        None => None,
    };
    let mut process = hub.start().await?;
    let invited = hub.call(&["node", "invite", "COD", "cod-bench"])?;
    let token = invited["token"].as_str().context("read the invitation")?.to_owned();
    let node = Served::enrol(folder.path(), &token, Arc::clone(&feed)).await?;
    let begun = Instant::now();
    hub.call(&["node", "entitle", NODE_ID, "transactions", "live"])?;
    node.asked().await;
    hub.wait_for(&mut process, feed.first).await?;
    let loaded = begun.elapsed().as_secs_f64();
    ensure!(process.stop()?, "the hub did not end well");
    let all = hub.watch(&["reconcile", "run", "--all"], postmaster)?;
    let judged = all.said["subjects"].as_u64().unwrap_or(0);
    ensure!(judged >= arguments.lots, "{judged} subjects of {} lots were judged", arguments.lots);
    feed.open();
    let mut process = hub.start().await?;
    hub.wait_for(&mut process, feed.size()).await?;
    ensure!(process.stop()?, "the hub did not end well");
    let changed = hub.watch(&["reconcile", "run"], postmaster)?;
    let (said, judged) = (&changed.said, changed.said["subjects"].as_u64().unwrap_or(0));
    ensure!(said["whole"] == false, "everything was judged again: {said}");
    ensure!(judged >= arguments.changed, "{judged} subjects were judged: {said}");
    let whole = ("full run", arguments.lots, WHOLE_SECONDS / 1e6);
    let part = ("incremental run", arguments.changed, CHANGED_SECONDS / 1e4);
    let mut quantities = figures(kind, whole, &all)?;
    quantities.extend(figures(kind, part, &changed)?);
    let name = |what: &str| format!("{what} {} lots on {}", arguments.lots, kind.as_str());
    quantities.push(Quantity::told(name("making up"), "s", made));
    quantities.push(Quantity::told(name("taking in"), "s", loaded));
    Ok(quantities)
}

/// Time, rate, memory and processor time of a run; `seconds` may be taken for each lot.
fn figures(
    kind: Kind,
    (what, lots, seconds): (&str, u64, f64),
    run: &Watched,
) -> Result<Vec<Quantity>> {
    let name = |of: &str| format!("{what} over {lots} lots on {}, {of}", kind.as_str());
    let (took, lots) = (run.seconds()?, f64_of(lots));
    let megabytes = f64_of(run.memory_bytes) / 1e6;
    let of_lot = |time: std::time::Duration| time.as_secs_f64() * 1e6 / lots;
    let mut quantities = vec![
        Quantity::lower(name("time"), "s", took, seconds * lots),
        Quantity::higher(name("rate"), "lots/s", lots / took, 1.0 / seconds),
        Quantity::lower(name("largest memory of the hub"), "MB", megabytes, MEMORY_MB),
        Quantity::told(name("processor time of the hub a lot"), "µs", of_lot(run.usage.program)),
    ];
    if kind == Kind::Postgres {
        let server = of_lot(run.usage.server);
        quantities.push(Quantity::told(name("processor time of the server a lot"), "µs", server));
    }
    Ok(quantities)
}

#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
const fn f64_of(count: u64) -> f64 {
    count as f64
}
