//! Starts networks for tests.

use std::{path::PathBuf, sync::OnceLock};

use anyhow::{Context as _, Result, ensure};
use rmd_demo::{
    binaries::Binaries,
    compare::Comparison,
    exchange,
    network::{Network, Options, Store},
    servers::{MariaDb, Postgres},
    states::{self, Servers, State},
};
use serde_json::Value;
use tempfile::TempDir;

/// Day for which every test computes.
pub(crate) const AS_OF: &str = "2018-01-01";

/// The binaries, built once for all tests, or those in the folder RMD_TEST_BINARIES:
/// what is about to be shipped is tested as it is.
pub(crate) fn binaries() -> Binaries {
    static BUILT: OnceLock<Binaries> = OnceLock::new();
    let given =
        |folder: PathBuf| Binaries { node: folder.join("rmd-node"), hub: folder.join("rmd-hub") };
    let get = || match std::env::var_os("RMD_TEST_BINARIES") {
        Some(folder) => given(folder.into()),
        None => Binaries::build(&[]).expect("build node and hub"),
    };
    BUILT.get_or_init(get).clone()
}

/// A network with its three national databases.
///
/// Fields are dropped in this order: processes, servers, folder.
pub(crate) struct World {
    pub(crate) network: Network,
    pub(crate) states: [State; 3],
    pub(crate) hub_url: String,
    _servers: Option<Servers>,
    pub(crate) folder: TempDir,
}

/// What a world is made of.
#[derive(Default)]
pub(crate) struct Make {
    /// RWA on PostgreSQL, UGA on MariaDB, the hub on PostgreSQL.
    pub(crate) servers: bool,
    pub(crate) ipis: Option<PathBuf>,
    /// More statements for the national databases, before the nodes start.
    pub(crate) more: Option<fn(&State) -> String>,
    pub(crate) log: Option<&'static str>,
    /// Nodes let any number of records change or go in a day.
    pub(crate) unbraked: bool,
}

impl World {
    /// Starts everything and waits for the first exchange.
    pub(crate) async fn new(make: Make) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let servers = if make.servers {
            Some(Servers {
                postgres: Postgres::start(folder.path()).await?,
                mariadb: MariaDb::start(folder.path()).await?,
            })
        } else {
            None
        };
        let states = states::create(folder.path(), make.ipis.as_deref(), servers.as_ref()).await?;
        if let Some(more) = make.more {
            for state in &states {
                state.execute(&more(state)).await?;
            }
        }
        let mut store = None;
        let mut hub_url = format!("sqlite://{}", folder.path().join("hub/hub.sqlite").display());
        if let Some(servers) = &servers {
            servers.postgres.create_database("regional").await?;
            hub_url = servers.postgres.url("regional");
            let public_url = servers.postgres.public_url("regional");
            store = Some(Store { public_url, password: servers.postgres.password.clone() });
        }
        let mut variables = Vec::new();
        if make.unbraked {
            variables.push(("RMD_NODE_BRAKE__CHANGES_PERCENT", "100".to_owned()));
            variables.push(("RMD_NODE_BRAKE__DELETES_PERCENT", "100".to_owned()));
        }
        let log = make.log;
        let options =
            Options { as_of: AS_OF.to_owned(), store, log, variables, ..Options::default() };
        let begun = now_us();
        let network = Network::start(folder.path(), binaries(), &states, options).await?;
        let mut world = Self { network, states, hub_url, _servers: servers, folder };
        world.exchange_since(begun).await?;
        Ok(world)
    }

    /// Waits until everything written before `since_us` is in the regional view.
    pub(crate) async fn exchange_since(&mut self, since_us: i64) -> Result<()> {
        exchange::complete(&mut self.network, since_us).await
    }

    /// Waits for an exchange that begins now.
    pub(crate) async fn exchange(&mut self) -> Result<()> {
        self.exchange_since(now_us()).await
    }

    /// Every difference between sources and regional view, as text.
    pub(crate) async fn differences(&self) -> Result<Vec<String>> {
        let comparisons = exchange::compared(&self.network, &self.hub_url).await?;
        let compared: usize = comparisons.values().flat_map(|c: &Comparison| c.rows.values()).sum();
        assert!(compared > 100, "only {compared} rows were compared");
        Ok(exchange::differences(&comparisons)
            .iter()
            .map(|difference| format!("{difference:?}"))
            .collect())
    }

    /// See [`verify_stores`].
    pub(crate) fn verify_stores(&self) -> Result<()> {
        verify_stores(&self.network)
    }
}

/// Node and hub agree that nothing stored was altered, and on every root.
pub(crate) fn verify_stores(network: &Network) -> Result<()> {
    let hub = network.hub_command(&["status"])?;
    network.hub_command(&["ledger", "verify"])?;
    for node in &network.nodes {
        network.node_command(node, &["journal", "verify"])?;
        let status = network.node_command(node, &["status"])?;
        let seen = named(&hub["nodes"], "id", &node.state.node_id())
            .context("find the node at the hub")?;
        for feed in status["feeds"].as_array().context("read the feeds of a node")? {
            let name = feed["feed"].as_str().context("read the name of a feed")?;
            agree(feed, named(&seen["feeds"], "feed", name))
                .with_context(|| format!("{} {name}", node.state.node_id()))?;
        }
    }
    Ok(())
}

/// The element of a list whose `field` is `name`.
fn named<'a>(list: &'a Value, field: &str, name: &str) -> Option<&'a Value> {
    list.as_array()?.iter().find(|element| element[field] == name)
}

/// Owner and follower have the same feed.
fn agree(owned: &Value, followed: Option<&Value>) -> Result<()> {
    let Some(followed) = followed else {
        ensure!(owned["size"] == 0, "the hub does not follow it");
        return Ok(());
    };
    ensure!(
        followed["cursor"] == owned["size"],
        "cursor {} of {}",
        followed["cursor"],
        owned["size"]
    );
    ensure!(owned["size"] == 0 || followed["root"] == owned["root"], "roots differ");
    ensure!(followed["state"] == "following", "state {}", followed["state"]);
    Ok(())
}

/// This instant, in microseconds of UTC.
#[expect(clippy::disallowed_methods, reason = "the processes under test use the real clock")]
pub(crate) fn now_us() -> i64 {
    jiff::Timestamp::now().as_microsecond()
}
