//! One ministry and the Secretariat, and the comparison that ends every fault.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};
use rmd_demo::{
    binaries::Binaries,
    compare::Comparison,
    exchange,
    network::{Addresses, Network, Options, Store},
    servers::{Postgres, free_port},
    states::{self, State},
};
use serde_json::Value;
use tempfile::TempDir;

use super::{
    disk::{Disk, Under},
    form,
    proxy::{Profile, Proxy},
    source,
};
use crate::harness::{AS_OF, binaries, now_us, verify_stores};

/// A thousandth of the pace of a ministry: what is tested is not how long one waits.
const PACE: [(&str, &str); 4] = [
    ("RMD_NODE_CAPTURE__INTERVAL", "300ms"),
    ("RMD_HUB_LINK__RETRY_INITIAL", "200ms"),
    ("RMD_HUB_LINK__RETRY_MAX", "1s"),
    ("RMD_HUB_SHARE__POLL", "500ms"),
];

/// Longest wait for what takes seconds.
pub(super) const PATIENCE: Duration = Duration::from_mins(2);

/// What a line is made of.
#[derive(Debug, Default)]
pub(super) struct Make {
    /// Sites and lots beside those of the demonstration, there before the first load.
    pub(super) sites: usize,
    pub(super) lots: usize,
    /// States in the order of the demonstration, at least one.
    pub(super) more_states: usize,
    /// The hub keeps its tables on PostgreSQL.
    pub(super) hub_on_postgres: bool,
    /// The hub's way to the first node ends at a port where nobody listens until
    /// [`Line::connect`].
    pub(super) is_apart: bool,
    /// Where the first node listens, if not on a loopback port.
    pub(super) addresses: Option<Addresses>,
    /// Node and hub as they are to be started, where it is not as they are.
    pub(super) binaries: Option<Binaries>,
    /// Whose folder lies on a small disk of its own.
    pub(super) disk: Option<Under>,
    /// Over the variables of every line.
    pub(super) variables: Vec<(&'static str, String)>,
    /// Log filter of every process.
    pub(super) log: Option<&'static str>,
}

/// A running network with one way in it that can be made bad. Fields are dropped in
/// this order: processes, relay, servers, disk, folder.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) network: Network,
    pub(super) proxy: Option<Proxy>,
    hub_url: String,
    /// Where the first node really listens.
    listen: String,
    _postgres: Option<Postgres>,
    pub(super) disk: Option<Disk>,
    pub(super) folder: TempDir,
    /// By how much the first node's clock is off.
    pub(super) offset_us: i64,
}

impl Line {
    /// Starts everything; waits for the first exchange unless the node is apart.
    pub(super) async fn new(make: Make) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let disk = make.disk.map(|under| Disk::mount(folder.path(), under)).transpose()?;
        let all = states::create(folder.path(), None, None).await?;
        let states = &all[..=make.more_states.min(all.len() - 1)];
        let more = source::sites(make.sites) + &source::lots(make.lots);
        states[0].execute(&more).await?;

        let mut hub_url = format!("sqlite://{}", folder.path().join("hub/hub.sqlite").display());
        let (mut postgres, mut store) = (None, None);
        if make.hub_on_postgres {
            let server = Postgres::start(folder.path()).await?;
            server.create_database("regional").await?;
            hub_url = server.url("regional");
            let public_url = server.public_url("regional");
            store = Some(Store { public_url, password: server.password.clone() });
            postgres = Some(server);
        }
        let addresses = make.addresses.map_or_else(|| addresses(make.is_apart), Ok)?;
        let listen = addresses.listen.clone();
        let paced = PACE.iter().map(|(name, value)| (*name, (*value).to_owned()));
        let options = Options {
            as_of: AS_OF.to_owned(),
            store,
            log: make.log,
            variables: paced.chain(make.variables).collect(),
            addresses: vec![addresses],
            ..Options::default()
        };
        let binaries = make.binaries.unwrap_or_else(binaries);
        let network = Network::start(folder.path(), binaries, states, options).await?;
        let mut line = Self {
            network,
            proxy: None,
            hub_url,
            listen,
            _postgres: postgres,
            disk,
            folder,
            offset_us: 0,
        };
        if !make.is_apart {
            exchange::complete(&mut line.network, 0).await?;
        }
        Ok(line)
    }

    /// Where the hub keeps its tables.
    pub(super) fn store_name(&self) -> &'static str {
        if self.hub_url.starts_with("sqlite") { "SQLite" } else { "PostgreSQL" }
    }

    /// The first state.
    pub(super) fn state(&self) -> &State {
        &self.network.nodes[0].state
    }

    /// Puts a relay on the hub's way to the first node, in the place of one that was there.
    pub(super) fn connect(&mut self, profile: Profile) -> Result<&Proxy> {
        self.proxy = None;
        let address = &self.network.nodes[0].address;
        Ok(self.proxy.insert(Proxy::open(address, &self.listen, profile, form().seed)?))
    }

    /// What a node says of itself.
    pub(super) fn node_status(&self, index: usize) -> Result<Value> {
        self.network.node_command(&self.network.nodes[index], &["status"])
    }

    /// What the hub says of a node.
    pub(super) fn seen(&self, index: usize) -> Result<Value> {
        let status = self.network.hub_command(&["status"])?;
        let id = self.network.nodes[index].state.node_id();
        let seen = status["nodes"].as_array().context("read the nodes of the hub")?;
        let seen = seen.iter().find(|seen| seen["id"] == id.as_str());
        seen.cloned().with_context(|| format!("find {id} at the hub"))
    }

    /// Entries of all feeds of the first node.
    pub(super) fn size(&self) -> Result<u64> {
        sum(&self.node_status(0)?["feeds"], "size")
    }

    /// Entries of the first node that the hub has applied.
    pub(super) fn applied(&self) -> Result<u64> {
        sum(&self.seen(0)?["feeds"], "cursor")
    }

    /// Waits until the first node has read its source from begin to end from now on.
    pub(super) async fn captured(&self) -> Result<()> {
        let since = now_us() + self.offset_us;
        let mapping = std::fs::read_to_string(&self.state().mapping)?;
        let records = mapping.lines().filter(|line| line.trim() == "[[record]]").count();
        let is_read = |status: &Value| -> Option<bool> {
            let passes = status["capture"].as_array()?;
            let is_done = |pass: &Value| {
                pass["last_started_us"].as_i64() > Some(since)
                    && pass["last_finished_us"].as_i64() >= pass["last_started_us"].as_i64()
                    && pass["last_error"].is_null()
            };
            let entities: BTreeSet<&str> =
                passes.iter().filter_map(|pass| pass["entity"].as_str()).collect();
            Some(entities.len() == records && passes.iter().all(is_done))
        };
        until("the node has read its source", PATIENCE, || {
            Ok(is_read(&self.node_status(0)?).unwrap_or_default().then_some(()))
        })
        .await
    }

    /// What must hold after every fault. Everything runs again by now.
    pub(super) async fn settle(&mut self) -> Result<()> {
        exchange::complete(&mut self.network, now_us() + self.offset_us).await?;
        let comparisons = exchange::compared(&self.network, &self.hub_url).await?;
        let compared: usize = comparisons.values().flat_map(|c: &Comparison| c.rows.values()).sum();
        ensure!(compared > 50, "only {compared} rows were compared");
        let differences = exchange::differences(&comparisons);
        let shown = &differences[..differences.len().min(5)];
        ensure!(differences.is_empty(), "{} differences, as {shown:#?}", differences.len());
        verify_stores(&self.network)?;
        every_seq_once(&self.network)
    }

    /// Where the log of the first node, or of the hub, goes.
    pub(super) fn log_of(&self, is_hub: bool) -> &std::path::Path {
        if is_hub { &self.network.hub.log } else { &self.network.nodes[0].process.log }
    }

    /// Decides on a site, so that the hub pushes to every node.
    pub(super) async fn decide(&self, number: usize) -> Result<()> {
        let document = self.folder.path().join("decision.txt");
        std::fs::write(&document, format!("Decision {number}\n"))?;
        let document = document.display().to_string();
        let status = ["red", "yellow"][number % 2];
        let reason = format!("Round {number}");
        let site = self.a_site().await?;
        let decision = ["site", "set-status", &site, status, "--by", "Officer"];
        let more = ["--reason", &reason, "--document", &document];
        self.network.hub_command(&[&decision[..], &more].concat())?;
        Ok(())
    }

    async fn a_site(&self) -> Result<String> {
        use sqlx::{AnyConnection, Connection as _};
        let mut store = AnyConnection::connect(&self.hub_url).await?;
        let site =
            sqlx::query_scalar("SELECT MIN(icglr_id) FROM mine_site WHERE address_country = 'CD'")
                .fetch_one(&mut store)
                .await?;
        store.close().await?;
        Ok(site)
    }
}

/// Each entry of each feed is in the hub's ledger, once: replayed from the first to
/// the last, it is as long as the feed.
fn every_seq_once(network: &Network) -> Result<()> {
    let ledger = network.hub_command(&["ledger", "verify"])?;
    let kept = ledger["feeds"].as_array().context("read the ledger")?;
    for node in &network.nodes {
        let status = network.node_command(node, &["status"])?;
        for feed in status["feeds"].as_array().context("read the feeds of a node")? {
            let (id, name) = (node.state.node_id(), &feed["feed"]);
            let of_feed =
                kept.iter().filter(|kept| kept["node_id"] == id.as_str() && kept["feed"] == *name);
            let entries: Vec<&Value> = of_feed.map(|kept| &kept["entries"]).collect();
            let is_once = match entries.as_slice() {
                [] => feed["size"] == 0,
                [entries] => **entries == feed["size"],
                _ => false,
            };
            ensure!(is_once, "{id} {name} has {} entries, the ledger {entries:?}", feed["size"]);
        }
    }
    Ok(())
}

fn addresses(is_apart: bool) -> Result<Addresses> {
    let listen = format!("127.0.0.1:{}", free_port()?);
    let other = format!("127.0.0.1:{}", free_port()?);
    Ok(Addresses { advertise: if is_apart { other } else { listen.clone() }, listen })
}

fn sum(list: &Value, field: &str) -> Result<u64> {
    let list = list.as_array().context("read a list")?;
    Ok(list.iter().filter_map(|element| element[field].as_u64()).sum())
}

/// Asks until there is an answer, for so long.
pub(super) async fn until<T>(
    name: &str,
    patience: Duration,
    mut ask: impl FnMut() -> Result<Option<T>>,
) -> Result<T> {
    let begun = Instant::now();
    loop {
        if let Some(answer) = ask()? {
            return Ok(answer);
        }
        ensure!(begun.elapsed() < patience, "waited {} s in vain until {name}", patience.as_secs());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}
