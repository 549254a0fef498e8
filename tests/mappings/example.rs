//! Starts an example: its database with schema and rows, its node, and the hub that
//! a node needs to be one.

use std::{
    path::{Path, PathBuf},
    sync::OnceLock,
};

use anyhow::{Context as _, Result};
use rmd_demo::{
    binaries::Binaries,
    exchange,
    network::{Network, Node, Options},
    servers::{MariaDb, Postgres},
    states::State,
};
use tempfile::TempDir;

/// Day for which every example is expected.
pub(crate) const AS_OF: &str = "2018-01-01";

/// The binaries, built once for all tests.
pub(crate) fn binaries() -> Binaries {
    static BUILT: OnceLock<Binaries> = OnceLock::new();
    BUILT.get_or_init(|| Binaries::build(&[]).expect("build node and hub")).clone()
}

/// What an example's rows lie in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Engine {
    Sqlite,
    Postgres,
    MariaDb,
}

/// One folder of `deploy/mappings`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Example {
    pub(crate) name: &'static str,
    pub(crate) country: &'static str,
    pub(crate) engine: Engine,
}

/// The example as it runs.
///
/// Fields are dropped in this order: processes, server, folder.
pub(crate) struct Running {
    pub(crate) network: Network,
    _server: Option<Server>,
    _folder: TempDir,
}

/// A server, held until the example ends.
#[expect(dead_code, reason = "ended by being dropped")]
enum Server {
    Postgres(Postgres),
    MariaDb(MariaDb),
}

impl Example {
    pub(crate) fn folder(self) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../deploy/mappings").join(self.name)
    }

    /// Reads one of its files.
    pub(crate) fn file(self, name: &str) -> Result<String> {
        let path = self.folder().join(name);
        std::fs::read_to_string(&path).with_context(|| format!("read {}", path.display()))
    }

    /// Its database with its schema and its rows, and a node that has read all of it.
    pub(crate) async fn run(self) -> Result<Running> {
        self.run_on(&[self.file("data.sql")?]).await
    }

    /// The same with other rows.
    pub(crate) async fn run_on(self, rows: &[String]) -> Result<Running> {
        let folder = tempfile::tempdir()?;
        let (state, server) = self.database(folder.path()).await?;
        state.execute(&self.file("schema.sql")?).await?;
        for statements in rows {
            state.execute(statements).await?;
        }
        let options = Options { as_of: AS_OF.to_owned(), ..Options::default() };
        let begun = now_us();
        let mut network = Network::start(folder.path(), binaries(), &[state], options).await?;
        exchange::complete(&mut network, begun).await?;
        Ok(Running { network, _server: server, _folder: folder })
    }

    async fn database(self, folder: &Path) -> Result<(State, Option<Server>)> {
        let file = folder.join("national.sqlite").display().to_string();
        let mut state = State {
            country: self.country,
            name: "example-mines",
            url: format!("sqlite://{file}?mode=rwc"),
            public_url: format!("sqlite://{file}"),
            password: None,
            mapping: self.folder().join("mapping.toml"),
        };
        let server = match self.engine {
            Engine::Sqlite => None,
            Engine::Postgres => {
                let server = Postgres::start(folder).await?;
                server.create_database("national").await?;
                state.url = server.url("national");
                state.public_url = server.public_url("national");
                state.password = Some(server.password.clone());
                Some(Server::Postgres(server))
            }
            Engine::MariaDb => {
                let server = MariaDb::start(folder).await?;
                state.url = server.url("national");
                state.public_url = server.public_url("national");
                state.password = Some(server.password.clone());
                Some(Server::MariaDb(server))
            }
        };
        Ok((state, server))
    }
}

impl Running {
    pub(crate) fn node(&self) -> &Node {
        &self.network.nodes[0]
    }
}

/// This instant, in microseconds of UTC.
#[expect(clippy::disallowed_methods, reason = "the processes under test use the real clock")]
fn now_us() -> i64 {
    jiff::Timestamp::now().as_microsecond()
}
