//! How long `rmd-hub custody` takes for long lines of lots.
//!
//! Lots are written straight into the tables of a hub on each store; then the command is
//! called as an analyst calls it, with its start and with its answer as JSON. What it
//! answers is checked. The median of some calls counts.

use std::{
    path::{Path, PathBuf},
    time::Instant,
};

use anyhow::{Context as _, Result, ensure};
use clap::Parser;
use rmd_demo::{
    binaries::Binaries,
    network::command,
    servers::{Postgres, free_port},
};
use rmd_runtime::output::{self, Format};
use serde::Serialize;
use serde_json::Value;
use sqlx::{AnyConnection, Connection as _};

/// Measures how long a question about custody takes, beside what is to be reached.
#[derive(Debug, Parser)]
#[command(
    name = "rmd-bench-custody",
    version,
    after_help = "Examples:\n  \
        cargo bench-custody          chains and a blend on both stores\n  \
        cargo bench-custody --json   the same as one list"
)]
struct Arguments {
    /// The hub's program, built for release if absent.
    #[arg(long, value_name = "FILE")]
    hub: Option<PathBuf>,
    /// Calls of each question.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..))]
    calls: u32,
    /// Print one JSON list.
    #[arg(long)]
    json: bool,
}

/// Seconds to stay below.
const SECONDS: f64 = 1.0;

const DATABASE: &str = "regional";

/// Numbers from 1 to `$1`, in both stores.
const NUMBERS: &str = "WITH RECURSIVE n (i) AS (
    SELECT CAST(1 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < $1) ";

/// Lots, and what they take of each other.
struct Line {
    name: &'static str,
    count: i64,
    /// What stands behind `NUMBERS` for the keys, numbers and creators of the lots.
    lots: &'static str,
    inputs: &'static str,
    /// Way, key, and lots of the answer.
    asked: &'static [(&'static str, &'static str, usize)],
}

const LINES: [Line; 4] = [
    Line {
        name: "chain of 10000 lots",
        count: 10_000,
        lots: "SELECT 'RW/A/C-' || i AS key, 'C-' || i AS number, 'A' AS creator, i FROM n",
        inputs: "SELECT 'RW/A/C-' || i AS key, 'C-' || (i - 1) AS number, NULL AS creator
                 FROM n WHERE i > 1",
        asked: &[("ancestors", "RW/A/C-10000", 10_000), ("descendants", "RW/A/C-1", 10_000)],
    },
    Line {
        name: "blend of 5000 inputs",
        count: 5_001,
        lots: "SELECT 'RW/B/B-' || i AS key, 'B-' || i AS number, 'B' AS creator, i FROM n",
        inputs: "SELECT 'RW/B/B-5001' AS key, 'B-' || i AS number, NULL AS creator
                 FROM n WHERE i < 5001",
        asked: &[("ancestors", "RW/B/B-5001", 5_001), ("descendants", "RW/B/B-17", 2)],
    },
    Line {
        name: "5000 hands, creators told",
        count: 5_000,
        lots: "SELECT 'RW/H-' || i || '/S' AS key, 'S' AS number, 'H-' || i AS creator, i FROM n",
        inputs: "SELECT 'RW/H-' || i || '/S' AS key, 'S' AS number, 'H-' || (i - 1) AS creator
                 FROM n WHERE i > 1",
        asked: &[("ancestors", "RW/H-5000/S", 5_000), ("descendants", "RW/H-1/S", 5_000)],
    },
    Line {
        name: "5000 hands, bare number",
        count: 5_000,
        lots: "SELECT 'RW/K-' || i || '/T' AS key, 'T' AS number, 'K-' || i AS creator, i FROM n",
        inputs: "SELECT 'RW/K-' || i || '/T' AS key, 'T' AS number, NULL AS creator
                 FROM n WHERE i > 1",
        asked: &[("ancestors", "RW/K-5000/T", 5_000), ("descendants", "RW/K-1/T", 5_000)],
    },
];

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
    let program = match &arguments.hub {
        Some(hub) => hub.clone(),
        None => Binaries::build(&[])?.hub,
    };
    let mut quantities = Vec::new();
    for store in ["sqlite", "postgres"] {
        quantities.extend(measure(&program, store, arguments.calls).await?);
    }
    Format::from_flag(arguments.json).print(&quantities, |all| table(all))?;
    Ok(())
}

async fn measure(program: &Path, store: &str, calls: u32) -> Result<Vec<Quantity>> {
    let folder = tempfile::tempdir().context("make a folder")?;
    let server = match store {
        "postgres" => Some(Postgres::start(folder.path()).await?),
        _ => None,
    };
    if let Some(server) = &server {
        server.create_database(DATABASE).await?;
    }
    let dir = folder.path().join("hub");
    init(program, &dir, folder.path(), server.as_ref())?;
    let url = match &server {
        Some(server) => server.url(DATABASE),
        None => format!("sqlite:{}", dir.join("hub.sqlite").display()),
    };
    fill(&url).await?;
    let mut quantities = Vec::new();
    for line in &LINES {
        for (way, key, lots) in line.asked {
            let mut seconds = Vec::new();
            for _ in 0..calls {
                let begun = Instant::now();
                let answer = command(program, &dir, &["custody", way, key])?;
                seconds.push(begun.elapsed().as_secs_f64());
                check(&answer, *lots).with_context(|| format!("{way} of {key} on {store}"))?;
            }
            seconds.sort_by(f64::total_cmp);
            let ours = seconds[seconds.len() / 2];
            quantities.push(Quantity {
                name: format!("{}, {way}, on {store}", line.name),
                unit: "s",
                better: "lower",
                reference: SECONDS,
                ours,
                ratio: SECONDS / ours,
            });
        }
    }
    Ok(quantities)
}

fn check(answer: &Value, lots: usize) -> Result<()> {
    let nodes = answer["nodes"].as_array().context("read the lots")?;
    ensure!(nodes.len() == lots, "{} lots instead of {lots}", nodes.len());
    let traced = nodes.iter().all(|node| node["traced_ppm"] == 1_000_000);
    ensure!(traced && answer["is_cut"] == false, "not all of it is traced");
    Ok(())
}

/// A hub without a process.
fn init(program: &Path, dir: &Path, folder: &Path, server: Option<&Postgres>) -> Result<()> {
    let [enrol, portal] = [free_port()?, free_port()?].map(|port| format!("127.0.0.1:{port}"));
    let mut words = ["init", "--network", "bench", "--as-of", "2026-11-01"].to_vec();
    words.extend(["--enrol-listen", &enrol, "--advertise-enrol", &enrol]);
    words.extend(["--portal-listen", &portal]);
    let password = folder.join("hub.password").display().to_string();
    let url = server.map(|server| server.public_url(DATABASE));
    if let (Some(server), Some(url)) = (server, &url) {
        rmd_runtime::files::write_secret(&password, &server.password)?;
        words.extend(["--store-url", url, "--password-file", &password]);
    }
    command(program, dir, &words)?;
    command(program, dir, &["migrate"])?;
    Ok(())
}

/// Writes all lines. The first lots are mined; the others change hands, or are mixed.
async fn fill(url: &str) -> Result<()> {
    sqlx::any::install_default_drivers();
    let mut store = AnyConnection::connect(url).await.context("open the store")?;
    for line in &LINES {
        let lots = format!(
            "INSERT INTO lot (record_key, lot_number, creator_identifier, registered_at_us, rev,
                 void, country, mineral, mass_mg, originating_operation)
             {NUMBERS} SELECT made.*, 1, 0, 'RW', '260900', 1000000, CASE
                 WHEN made.i = 1 OR ({} = 5001 AND made.i < 5001) THEN 'production'
                 ELSE 'storage' END
             FROM ({}) AS made",
            line.count, line.lots
        );
        let inputs = format!(
            "INSERT INTO lot_input (record_key, lot_number, creator_identifier, position,
                 contributed_mass_mg)
             {NUMBERS} SELECT taken.*, ROW_NUMBER() OVER (PARTITION BY taken.key
                 ORDER BY taken.number) - 1, CASE WHEN {} = 5001 THEN 200 ELSE 1000000 END
             FROM ({}) AS taken",
            line.count, line.inputs
        );
        for statement in [lots, inputs] {
            let statement = sqlx::AssertSqlSafe(statement);
            sqlx::query(statement).bind(line.count).execute(&mut store).await?;
        }
    }
    store.close().await.context("close the store")
}

fn table(quantities: &[Quantity]) -> String {
    let row = |one: &Quantity| {
        vec![one.name.clone(), format!("{:.2}", one.ours), format!("{:.1} x", one.ratio)]
    };
    let heads = ["quantity", "s", "of 1 s"];
    output::table(&heads, &quantities.iter().map(row).collect::<Vec<_>>())
}
