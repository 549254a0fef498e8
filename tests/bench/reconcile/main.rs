//! How long the hub takes to judge what states say about each other.
//!
//! A hub takes lots with their parents, certificates and customs lines into its store
//! over mutual TLS; then it is ended and `rmd-hub reconcile run` judges everything, and
//! once more after some of the lots were corrected. The seconds are those that the
//! command itself tells; what it judged is checked.

mod chain;
mod feed;
#[path = "../landing/lots.rs"]
mod lots;
#[path = "../landing/node.rs"]
mod node;

use std::{
    net::TcpStream,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use anyhow::{Context as _, Result, ensure};
use clap::Parser;
use rmd_demo::{
    binaries::Binaries,
    network::{Process, command},
    servers::{Postgres, free_port},
    wait,
};
use rmd_runtime::output::{self, Format};
use serde::Serialize;
use serde_json::Value;

use self::{feed::Feed, node::Served};

/// Measures how fast a hub reconciles lots, beside what is to be reached.
#[derive(Debug, Parser)]
#[command(
    name = "rmd-bench-reconcile",
    version,
    after_help = "Examples:\n  \
        cargo bench-reconcile                               a million lots on both stores\n  \
        cargo bench-reconcile --lots 100000 --store sqlite  a tenth of them on one"
)]
struct Arguments {
    /// Lots in the store.
    #[arg(long, default_value_t = 1_000_000, value_parser = clap::value_parser!(u64).range(10..))]
    lots: u64,
    /// Lots that are corrected.
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
    /// Print one JSON list.
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
const DATABASE: &str = "regional";

/// Seconds to reach for a million lots, and for ten thousand that changed.
const WHOLE_SECONDS: f64 = 60.0;
/// See [`WHOLE_SECONDS`].
const CHANGED_SECONDS: f64 = 5.0;

/// How often the hub's cursor is looked at.
const LOOK: Duration = Duration::from_millis(250);

/// A figure beside what is to be reached; more than 1 is better.
#[derive(Debug, Serialize)]
struct Quantity {
    #[serde(rename = "quantity")]
    name: String,
    unit: &'static str,
    better: &'static str,
    reference: f64,
    ours: f64,
    ratio: f64,
}

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
        quantities.extend(measure(&hub, kind, &arguments).await?);
    }
    Format::from_flag(arguments.json).print(&quantities, |all| table(all))?;
    Ok(())
}

async fn measure(hub: &Path, kind: Kind, arguments: &Arguments) -> Result<Vec<Quantity>> {
    let feed = Arc::new(Feed::make(arguments.lots, arguments.changed, arguments.seed)?);
    let folder = tempfile::tempdir().context("make a folder")?;
    let server = match kind {
        Kind::Postgres => {
            let server = Postgres::start(folder.path()).await?;
            server.create_database(DATABASE).await?;
            Some(server)
        }
        Kind::Sqlite => None,
    };
    let hub = Hub::make(hub, folder.path(), server.as_ref())?;
    let mut process = hub.start().await?;
    let made = hub.call(&["node", "invite", "COD", "cod-bench"])?;
    let token = made["token"].as_str().context("read the invitation")?.to_owned();
    let node = Served::enrol(folder.path(), &token, Arc::clone(&feed)).await?;
    hub.call(&["node", "entitle", NODE_ID, "transactions", "live"])?;
    node.asked().await;
    hub.wait_for(&mut process, feed.first).await?;
    ensure!(process.stop()?, "the hub did not end well");
    let all = hub.call(&["reconcile", "run", "--all"])?;
    let judged = all["subjects"].as_u64().unwrap_or(0);
    ensure!(judged >= arguments.lots, "{judged} subjects of {} lots were judged", arguments.lots);
    feed.open();
    let mut process = hub.start().await?;
    hub.wait_for(&mut process, feed.size()).await?;
    ensure!(process.stop()?, "the hub did not end well");
    let changed = hub.call(&["reconcile", "run"])?;
    let judged = changed["subjects"].as_u64().unwrap_or(0);
    ensure!(changed["whole"] == false, "everything was judged again: {changed}");
    ensure!(judged >= arguments.changed, "{judged} subjects were judged: {changed}");
    let of = |value: &Value| value["seconds"].as_f64().context("read the seconds");
    let share = |of: u64, by: u64| f64_of(of) / f64_of(by);
    Ok([
        figures(
            kind,
            "full run",
            of(&all)?,
            arguments.lots,
            WHOLE_SECONDS * share(arguments.lots, 1_000_000),
        ),
        figures(
            kind,
            "incremental run",
            of(&changed)?,
            arguments.changed,
            CHANGED_SECONDS * share(arguments.changed, 10_000),
        ),
    ]
    .into_iter()
    .flatten()
    .collect())
}

fn figures(kind: Kind, what: &str, seconds: f64, lots: u64, reference: f64) -> [Quantity; 2] {
    let name = |of: &str| format!("{what} over {lots} lots on {}, {of}", kind.as_str());
    let (rate, aim) = (f64_of(lots) / seconds, f64_of(lots) / reference);
    [
        Quantity {
            name: name("time"),
            unit: "s",
            better: "lower",
            reference,
            ours: seconds,
            ratio: reference / seconds,
        },
        Quantity {
            name: name("rate"),
            unit: "lots/s",
            better: "higher",
            reference: aim,
            ours: rate,
            ratio: rate / aim,
        },
    ]
}

#[expect(clippy::cast_precision_loss, reason = "counts are far below 2^52")]
const fn f64_of(count: u64) -> f64 {
    count as f64
}

/// A hub on a folder of its own.
struct Hub {
    program: PathBuf,
    folder: PathBuf,
    enrol: String,
    api: String,
}

impl Hub {
    fn make(program: &Path, folder: &Path, server: Option<&Postgres>) -> Result<Self> {
        let [enrol, portal, api] =
            [free_port()?, free_port()?, free_port()?].map(|port| format!("127.0.0.1:{port}"));
        let hub = Self { program: program.to_owned(), folder: folder.join("hub"), enrol, api };
        let enrol = hub.enrol.clone();
        let mut init = ["init", "--network", feed::NETWORK, "--as-of", "2018-01-01"].to_vec();
        init.extend(["--enrol-listen", &enrol, "--advertise-enrol", &enrol]);
        init.extend(["--portal-listen", &portal]);
        let password = folder.join("hub.password").display().to_string();
        let url = server.map(|server| server.public_url(DATABASE));
        if let (Some(server), Some(url)) = (server, &url) {
            rmd_runtime::files::write_secret(&password, &server.password)?;
            init.extend(["--store-url", url, "--password-file", &password]);
        }
        hub.call(&init)?;
        hub.call(&["migrate"])?;
        Ok(hub)
    }

    fn call(&self, arguments: &[&str]) -> Result<Value> {
        command(&self.program, &self.folder, arguments)
    }

    async fn start(&self) -> Result<Process> {
        let variables = [("RMD_HUB_API__LISTEN", self.api.clone())];
        let mut process = Process::start("hub", &self.program, &self.folder, &variables)?;
        wait::until("the hub listens for enrolments", || {
            process.check()?;
            Ok(TcpStream::connect(&self.enrol).ok())
        })
        .await?;
        Ok(process)
    }

    /// Until the hub has applied the feed up to a seq.
    async fn wait_for(&self, process: &mut Process, seq: u64) -> Result<()> {
        loop {
            let status = self.call(&["status"])?;
            let feeds = status["nodes"][0]["feeds"].as_array().cloned().unwrap_or_default();
            let own = feeds.iter().find(|one| one["feed"] == feed::FEED);
            if own.and_then(|one| one["cursor"].as_u64()).is_some_and(|cursor| cursor >= seq) {
                return Ok(());
            }
            process.check()?;
            tokio::time::sleep(LOOK).await;
        }
    }
}

fn table(quantities: &[Quantity]) -> String {
    let row = |one: &Quantity| {
        vec![
            one.name.clone(),
            one.unit.to_owned(),
            format!("{:.1}", one.reference),
            format!("{:.1}", one.ours),
            format!("{:.2} x", one.ratio),
        ]
    };
    let heads = ["quantity", "unit", "to reach", "ours", "ratio"];
    output::table(&heads, &quantities.iter().map(row).collect::<Vec<_>>())
}
