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
    servers::{Postgres, free_port},
};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, Row as _};

use super::{
    national::{self, Content, Watch},
    wire::Wire,
};

/// The regional database, and what it is made from again.
pub(super) const REGIONAL: &str = "regional";
const EMPTY: &str = "regional_empty";

const NODE_ID: &str = "RWA/rwa-bench";

/// How often the hub's cursor is looked at.
const LOOK: Duration = Duration::from_millis(20);

/// How long one exchange may take: ten million lots at a fifth of the aim.
const PATIENCE: Duration = Duration::from_mins(30);

/// What the service files set for the allocators.
const ALLOCATORS: [(&str, &str); 2] = [("MIMALLOC_PURGE_DELAY", "0"), ("MALLOC_ARENA_MAX", "1")];

/// Servers, folders and programs.
#[derive(Debug)]
pub(super) struct World {
    pub(super) national: Postgres,
    pub(super) regional: Postgres,
    pub(super) wire: Wire,
    binaries: Binaries,
    folder: PathBuf,
    ports: Ports,
}

#[derive(Debug)]
struct Ports {
    enrol: String,
    portal: String,
    hub_api: String,
    node: String,
}

/// A running node, ended with the value.
#[derive(Debug)]
pub(super) struct Running {
    pub(super) process: Process,
    pub(super) since: Instant,
}

impl World {
    /// Makes everything and enrols the node; nothing has been exchanged yet.
    pub(super) async fn create(folder: &Path, lots: u64) -> Result<Self> {
        let settings = ["wal_level=logical", "max_wal_size=4GB", "shared_buffers=512MB"];
        let (national, regional) = (folder.join("source"), folder.join("region"));
        fs::create_dir_all(&national)?;
        fs::create_dir_all(&regional)?;
        let national = Postgres::start_with(&national, &settings).await?;
        let regional = Postgres::start_with(&regional, &settings).await?;
        national::create(&national, lots).await?;
        regional.create_database(REGIONAL).await?;
        let port = || -> Result<String> { Ok(format!("127.0.0.1:{}", free_port()?)) };
        let ports = Ports { enrol: port()?, portal: port()?, hub_api: port()?, node: port()? };
        let wire = Wire::start(ports.node.clone()).await?;
        let binaries = Binaries::build(&[])?;
        let world = Self { national, regional, wire, binaries, folder: folder.to_owned(), ports };
        world.enrol().await?;
        Ok(world)
    }

    async fn enrol(&self) -> Result<()> {
        let secret = |name: &str, text: &str| -> Result<String> {
            let file = self.folder.join(name);
            fs::write(&file, text)?;
            fs::set_permissions(&file, fs::Permissions::from_mode(0o600))?;
            Ok(file.display().to_string())
        };
        let (ports, regional) = (&self.ports, self.regional.public_url(REGIONAL));
        let password = secret("regional.password", &self.regional.password)?;
        let mut init = vec!["init", "--network", "bench", "--enrol-listen", &ports.enrol];
        init.extend(["--advertise-enrol", &ports.enrol, "--portal-listen", &ports.portal]);
        init.extend(["--store-url", &regional, "--password-file", &password]);
        init.extend(["--as-of", "2018-01-01"]);
        self.hub(&init)?;
        self.hub(&["migrate"])?;
        let mut hub = self.start_hub(&[])?;
        let enrolment = || -> Result<Option<std::net::TcpStream>> {
            hub.process.check()?;
            Ok(std::net::TcpStream::connect(&ports.enrol).ok())
        };
        rmd_demo::wait::until("the hub listens for enrolments", enrolment).await?;

        let mapping = self.folder.join("mapping.toml");
        fs::write(&mapping, Watch::Cursor.mapping())?;
        let (mapping, national) =
            (mapping.display().to_string(), self.national.public_url(national::DATABASE));
        let password = secret("national.password", &self.national.password)?;
        let mut init = vec!["init", "--country", "RWA", "--name", "rwa-bench", "--source"];
        init.extend([national.as_str(), "--password-file", &password, "--mapping", &mapping]);
        init.extend(["--listen", &ports.node, "--as-of", "2018-01-01", "--capture-interval", "1s"]);
        self.node(&init)?;
        let invitation = self.hub(&["node", "invite", "RWA", "rwa-bench"])?;
        let token = invitation["token"].as_str().context("read the invitation")?;
        let token = secret("token", token)?;
        self.node(&["enrol", "--token-file", &token, "--advertise", &self.wire.address])?;
        self.node(&["entitlement", "grant", "transactions"])?;
        self.hub(&["node", "entitle", NODE_ID, "transactions", "live"])?;
        ensure!(hub.process.stop()?, "the hub did not end well");
        copy_folder(&self.node_folder(), &self.folder.join("node-empty"))?;
        self.on_regional(&format!("ALTER DATABASE {REGIONAL} RENAME TO {EMPTY}")).await
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

    pub(super) fn start_hub(&self, variables: &[(&str, String)]) -> Result<Running> {
        let mut variables = with_allocators(variables);
        variables.push(("RMD_HUB_API__LISTEN", self.ports.hub_api.clone()));
        let since = Instant::now();
        let folder = self.folder.join("hub");
        let process = Process::start("hub", &self.binaries.hub, &folder, &variables)?;
        Ok(Running { process, since })
    }

    pub(super) fn start_node(&self, variables: &[(&str, String)]) -> Result<Running> {
        let since = Instant::now();
        let process = Process::start("node", &self.binaries.node, &self.node_folder(), variables)?;
        Ok(Running { process, since })
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

    /// Waits until the hub has applied so many entries of the transactions; gives
    /// the time since `since`.
    pub(super) async fn applied(
        &self,
        entries: u64,
        since: Instant,
        processes: &mut [&mut Process],
    ) -> Result<Duration> {
        let mut region = self.region().await?;
        loop {
            let cursor: Option<i64> = sqlx::query_scalar(
                "SELECT cursor FROM feed_cursor WHERE node_id = $1 AND feed = 'transactions'",
            )
            .bind(NODE_ID)
            .fetch_optional(&mut region)
            .await?;
            if cursor.is_some_and(|cursor| u64::try_from(cursor).is_ok_and(|at| at >= entries)) {
                return Ok(since.elapsed());
            }
            processes.iter_mut().try_for_each(|process| process.check())?;
            ensure!(since.elapsed() < PATIENCE, "{entries} entries not applied: at {cursor:?}");
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Fails unless the regional view holds what the source does.
    pub(super) async fn compare(&self) -> Result<()> {
        let expected = national::content(&mut self.source().await?).await?;
        let row = sqlx::query(
            "SELECT (SELECT COUNT(*) FROM lot) AS lots,
                    (SELECT CAST(COALESCE(SUM(mass_mg), 0) AS BIGINT) FROM lot) AS mass_mg,
                    (SELECT COUNT(*) FROM lot_tag) AS tags",
        )
        .fetch_one(&mut self.region().await?)
        .await?;
        let seen =
            Content { lots: row.try_get(0)?, mass_mg: row.try_get(1)?, tags: row.try_get(2)? };
        ensure!(seen == expected, "the source has {expected:?}, the regional view {seen:?}");
        Ok(())
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

fn with_allocators<'a>(variables: &[(&'a str, String)]) -> Vec<(&'a str, String)> {
    let allocators = ALLOCATORS.map(|(name, value)| (name, value.to_owned()));
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
