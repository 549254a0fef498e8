//! One node over a national PostgreSQL, one hub over a regional one, and the way
//! back to the moment before their first exchange.
//!
//! Both databases have a server of their own with the same settings; commits wait
//! for the disk on both. Between node and hub stands a wire that counts bytes.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};
use rmd_demo::{
    binaries::Binaries,
    network::{Process, command},
    servers::free_port,
};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection};

use super::{
    national::{self, Content, Watch},
    process::Used,
    progress::Progress,
    server::Server,
    wire::Wire,
};
use crate::rest::Target;

/// The regional database, and what it is made from again.
pub(super) const REGIONAL: &str = "regional";
const EMPTY: &str = "regional_empty";

const NODE_ID: &str = "RWA/rwa-bench";

/// How often the hub's cursor is looked at.
const LOOK: Duration = Duration::from_millis(20);

/// How long one exchange may take: ten million lots at a tenth of the aim, and more.
const PATIENCE: Duration = Duration::from_hours(1);

/// What the service files set for the allocators: milliseconds until the hub gives back
/// what it does not use, and the node.
const PURGE_DELAY: [&str; 2] = ["10", "10"];
/// See [`PURGE_DELAY`].
const ARENAS: (&str, &str) = ("MALLOC_ARENA_MAX", "1");

/// Servers, folders and programs.
#[derive(Debug)]
pub(super) struct World {
    pub(super) national: Server,
    pub(super) regional: Server,
    pub(super) wire: Wire,
    /// The hub's own REST API, with a key to its lots.
    pub(super) api: Target,
    binaries: Binaries,
    folder: PathBuf,
    ports: Ports,
}

#[derive(Debug)]
struct Ports {
    enrol: String,
    portal: String,
    node: String,
}

/// A running program, ended with the value.
#[derive(Debug)]
pub(super) struct Running {
    pub(super) process: Process,
    pub(super) since: Instant,
}

/// Hub and node at work.
#[derive(Debug)]
pub(super) struct Pair {
    pub(super) hub: Running,
    pub(super) node: Running,
}

impl Pair {
    /// Ends both.
    pub(super) fn stop(self) -> Result<()> {
        for mut one in [self.hub, self.node] {
            ensure!(one.process.stop()?, "{} did not end well", one.process.name);
        }
        Ok(())
    }

    /// Ends the hub, which judges for minutes what it took; the node goes on.
    pub(super) fn node_alone(mut self) -> Result<Running> {
        ensure!(self.hub.process.stop()?, "{} did not end well", self.hub.process.name);
        Ok(self.node)
    }

    pub(super) fn check(&mut self) -> Result<()> {
        self.hub.process.check()?;
        self.node.process.check()
    }

    /// What everyone has used so far.
    pub(super) fn used(&self, world: &World) -> Result<Used> {
        Used::now(world, Some(self.node.process.id()), Some(self.hub.process.id()))
    }
}

impl World {
    /// Makes everything and enrols the node; nothing has been exchanged yet.
    pub(super) async fn create(
        folder: &Path,
        (lots, binaries): (u64, Binaries),
        progress: &Progress,
    ) -> Result<Self> {
        progress.step("servers, node and hub");
        let national = Server::start(&folder.join("source")).await?;
        let regional = Server::start(&folder.join("region")).await?;
        regional.create_database(REGIONAL).await?;
        let port = || -> Result<String> { Ok(format!("127.0.0.1:{}", free_port()?)) };
        let ports = Ports { enrol: port()?, portal: port()?, node: port()? };
        let api = Target { address: port()?, token: String::new() };
        let wire = Wire::start(ports.node.clone()).await?;
        let folder = folder.to_owned();
        let mut world = Self { national, regional, wire, api, binaries, folder, ports };
        progress.step(format!("{lots} lots"));
        national::create(&world.national, lots).await?;
        world.national.audit(national::DATABASE).await?;
        world.enrol().await?;
        world.regional.audit(EMPTY).await?;
        Ok(world)
    }

    async fn enrol(&mut self) -> Result<()> {
        let (ports, regional) = (&self.ports, self.regional.public_url(REGIONAL));
        let password = self.secret("regional.password", &self.regional.password)?;
        let mut init = vec!["init", "--network", "bench", "--enrol-listen", &ports.enrol];
        init.extend(["--advertise-enrol", &ports.enrol, "--portal-listen", &ports.portal]);
        init.extend(["--store-url", &regional, "--password-file", &password]);
        init.extend(["--as-of", "2018-01-01"]);
        self.hub(&init)?;
        self.hub(&["migrate"])?;
        let mut hub = self.start_hub()?;
        let enrolment = || -> Result<Option<std::net::TcpStream>> {
            hub.process.check()?;
            Ok(std::net::TcpStream::connect(&ports.enrol).ok())
        };
        rmd_demo::wait::until("the hub listens for enrolments", enrolment).await?;

        let mapping = self.secret("mapping.toml", &Watch::Cursor.mapping())?;
        let national = self.national.public_url(national::DATABASE);
        let password = self.secret("national.password", &self.national.password)?;
        let mut init = vec!["init", "--country", "RWA", "--name", "rwa-bench", "--source"];
        init.extend([national.as_str(), "--password-file", &password, "--mapping", &mapping]);
        init.extend(["--listen", &ports.node, "--as-of", "2018-01-01", "--capture-interval", "1s"]);
        self.node(&init)?;
        let invitation = self.hub(&["node", "invite", "RWA", "rwa-bench"])?;
        let token = invitation["token"].as_str().context("read the invitation")?;
        let token = self.secret("token", token)?;
        self.node(&["enrol", "--token-file", &token, "--advertise", &self.wire.address])?;
        self.node(&["entitlement", "grant", "transactions"])?;
        self.hub(&["node", "entitle", NODE_ID, "transactions", "live"])?;
        let key = self.hub(&["key", "create", "--name", "bench", "--scope", "lots"])?;
        key["key"].as_str().context("read the key")?.clone_into(&mut self.api.token);
        ensure!(hub.process.stop()?, "the hub did not end well");
        copy_folder(&self.node_folder(), &self.folder.join("node-empty"))?;
        self.on_regional(&format!("ALTER DATABASE {REGIONAL} RENAME TO {EMPTY}")).await
    }

    /// A file that its owner alone can read.
    fn secret(&self, name: &str, text: &str) -> Result<String> {
        let file = self.folder.join(name);
        fs::write(&file, text)?;
        fs::set_permissions(&file, fs::Permissions::from_mode(0o600))?;
        Ok(file.display().to_string())
    }

    /// A hub that has never seen the node's feeds.
    pub(super) async fn fresh_hub(&self) -> Result<()> {
        self.on_regional(&format!("DROP DATABASE IF EXISTS {REGIONAL} WITH (FORCE)")).await?;
        self.on_regional(&format!("CREATE DATABASE {REGIONAL} TEMPLATE {EMPTY}")).await?;
        self.on_regional("CHECKPOINT").await
    }

    /// A node that has never read its source, with a mapping of that mode.
    pub(super) fn fresh_node(&self, watch: Watch) -> Result<()> {
        let folder = self.node_folder();
        fs::remove_dir_all(&folder)?;
        copy_folder(&self.folder.join("node-empty"), &folder)?;
        fs::write(folder.join("mapping.toml"), watch.mapping())?;
        Ok(())
    }

    /// Puts into the national database what the node's mode needs, or takes it away.
    pub(super) fn capture(&self, what: &str) -> Result<()> {
        let url = self.national.public_url(national::DATABASE);
        let password = self.folder.join("national.password").display().to_string();
        self.node(&["capture", what, "--yes", "--url", &url, "--password-file", &password])?;
        Ok(())
    }

    pub(super) fn start_hub(&self) -> Result<Running> {
        let address = ("RMD_HUB_API__LISTEN", self.api.address.clone());
        let [hub, _] = PURGE_DELAY;
        let since = Instant::now();
        let folder = self.folder.join("hub");
        let process =
            Process::start("hub", &self.binaries.hub, &folder, &allocating(&[address], hub))?;
        Ok(Running { process, since })
    }

    pub(super) fn start_node(&self, variables: &[(&str, String)]) -> Result<Running> {
        let [_, node] = PURGE_DELAY;
        let (folder, variables) = (self.node_folder(), allocating(variables, node));
        let since = Instant::now();
        let process = Process::start("node", &self.binaries.node, &folder, &variables)?;
        Ok(Running { process, since })
    }

    /// The hub first, so that it waits for the node.
    pub(super) fn start(&self, variables: &[(&str, String)]) -> Result<Pair> {
        Ok(Pair { hub: self.start_hub()?, node: self.start_node(variables)? })
    }

    /// Runs a command of the hub.
    pub(super) fn hub(&self, arguments: &[&str]) -> Result<serde_json::Value> {
        command(&self.binaries.hub, &self.folder.join("hub"), arguments)
    }

    /// Runs a command of the node.
    pub(super) fn node(&self, arguments: &[&str]) -> Result<serde_json::Value> {
        command(&self.binaries.node, &self.node_folder(), arguments)
    }

    /// A connection to the source.
    pub(super) async fn source(&self) -> Result<PgConnection> {
        Ok(PgConnection::connect(&self.national.url(national::DATABASE)).await?)
    }

    /// A connection to the regional view.
    pub(super) async fn region(&self) -> Result<PgConnection> {
        Ok(PgConnection::connect(&self.regional.url(REGIONAL)).await?)
    }

    /// Waits until the hub has applied so many entries of the transactions, and compares
    /// every row that is visible at that instant with the source's: the clock stops
    /// at the snapshot that is compared. Gives the time since `since`, and what
    /// everyone had used.
    pub(super) async fn arrived(
        &self,
        (entries, expected): (u64, Option<&Content>),
        since: Instant,
        pair: &mut Pair,
        progress: &Progress,
    ) -> Result<(Duration, Used)> {
        let mut region = self.region().await?;
        loop {
            sqlx::raw_sql("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
                .execute(&mut region)
                .await?;
            let cursor: Option<i64> = sqlx::query_scalar(
                "SELECT cursor FROM feed_cursor WHERE node_id = $1 AND feed = 'transactions'",
            )
            .bind(NODE_ID)
            .fetch_optional(&mut region)
            .await?;
            let cursor = u64::try_from(cursor.unwrap_or_default())?;
            if cursor >= entries {
                let (took, used) = (since.elapsed(), pair.used(self)?);
                compare(&mut region, expected).await?;
                return Ok((took, used));
            }
            sqlx::raw_sql("ROLLBACK").execute(&mut region).await?;
            pair.check()?;
            progress.at(cursor, entries);
            ensure!(since.elapsed() < PATIENCE, "{entries} entries not applied: at {cursor}");
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Waits until the hub has judged so many entries and the node has every verdict, so
    /// that neither is at work any more. Fails where a lot has one: the made-up lots are
    /// complete, and whoever sends verdicts about each of them measures those.
    pub(super) async fn judged(&self, entries: u64, pair: &mut Pair) -> Result<()> {
        let mut region = self.region().await?;
        let since = Instant::now();
        loop {
            let (is_done, of_lots): (bool, i64) = sqlx::query_as(
                "SELECT EXISTS (SELECT 1 FROM verdict_cursor
                                WHERE node_id = $1 AND feed = 'transactions' AND seq >= $2)
                        AND NOT EXISTS (SELECT 1 FROM shared_log l
                                        WHERE l.feed = 'verdicts/' || $1 AND l.size > COALESCE(
                                            (SELECT MAX(d.cursor) FROM delivery d
                                             WHERE d.node_id = $1 AND d.feed LIKE 'verdicts%'), 0)),
                        (SELECT COUNT(*) FROM verdict WHERE entity = 'Lot')",
            )
            .bind(NODE_ID)
            .bind(i64::try_from(entries)?)
            .fetch_one(&mut region)
            .await?;
            ensure!(of_lots == 0, "the hub finds something on {of_lots} lots");
            if is_done {
                return Ok(());
            }
            pair.check()?;
            ensure!(since.elapsed() < PATIENCE, "{entries} entries not judged");
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Waits until the hub has judged so many entries by what records of several states
    /// say about each other.
    pub(super) async fn reconciled(
        &self,
        entries: u64,
        pair: &mut Pair,
        progress: &Progress,
    ) -> Result<()> {
        let mut region = self.region().await?;
        let since = Instant::now();
        loop {
            let (seq, looked_at): (i64, i64) = sqlx::query_as(
                "SELECT COALESCE((SELECT seq FROM reconcile_cursor
                                  WHERE node_id = $1 AND feed = 'transactions'), 0),
                        (SELECT n_live_tup FROM pg_stat_user_tables
                         WHERE relname = 'judged_record')",
            )
            .bind(NODE_ID)
            .fetch_one(&mut region)
            .await?;
            if seq >= i64::try_from(entries)? {
                return Ok(());
            }
            pair.check()?;
            progress.at(u64::try_from(looked_at)?, entries);
            ensure!(since.elapsed() < PATIENCE, "{entries} entries not reconciled");
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Waits until the node takes connections.
    pub(super) async fn serving(&self, node: &mut Process) -> Result<()> {
        let connected = || -> Result<Option<std::net::TcpStream>> {
            node.check()?;
            Ok(std::net::TcpStream::connect(&self.ports.node).ok())
        };
        rmd_demo::wait::until("the node takes connections", connected).await?;
        Ok(())
    }

    async fn on_regional(&self, statement: &str) -> Result<()> {
        let mut connection = PgConnection::connect(&self.regional.url("postgres")).await?;
        sqlx::raw_sql(AssertSqlSafe(statement.to_owned())).execute(&mut connection).await?;
        connection.close().await?;
        Ok(())
    }

    fn node_folder(&self) -> PathBuf {
        self.folder.join("node")
    }
}

/// Fails unless the snapshot shows what is expected, where something is.
async fn compare(region: &mut PgConnection, expected: Option<&Content>) -> Result<()> {
    let Some(expected) = expected else { return Ok(()) };
    let shown = national::shown(region).await?;
    ensure!(shown == *expected, "the source has {expected:?}, the hub {shown:?}");
    Ok(())
}

fn allocating<'a>(variables: &[(&'a str, String)], purge_delay: &str) -> Vec<(&'a str, String)> {
    let allocators = [("MIMALLOC_PURGE_DELAY", purge_delay), ARENAS];
    let allocators = allocators.map(|(name, value)| (name, value.to_owned()));
    variables.iter().cloned().chain(allocators).collect()
}

/// Copies a state directory, modes included: keys are for their owner alone.
fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    fs::set_permissions(to, fs::metadata(from)?.permissions())?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
