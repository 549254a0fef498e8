//! Stores for tests: SQLite in a temporary file, and PostgreSQL, really.
//!
//! A test is a function over a [`Store`] and runs on both. One PostgreSQL server
//! serves all tests of the process, each with a database of its own. It is
//! watched by a shell that holds the other end of a pipe, so that it ends with
//! the tests even if they are killed.

use std::{
    io::{BufRead as _, BufReader},
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
};

use super::{Store, sqlite_url};

/// Makes a cluster, starts the server, says so, and waits for the end of its input.
const WATCH: &str = r#"
set -e
dir=$1 bin=$2 port=$3
"$bin/initdb" -D "$dir/data" -U postgres -A trust -E UTF8 --locale=C -N >&2
"$bin/pg_ctl" -D "$dir/data" -w -l "$dir/log" \
    -o "-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c fsync=off" start >&2
echo ready
cat >/dev/null || true
"$bin/pg_ctl" -D "$dir/data" -m immediate stop >&2 || true
rm -rf "$dir"
"#;

/// Runs a test on a fresh, migrated store of each kind.
pub(crate) async fn on_each_store(test: impl AsyncFn(Store)) {
    let (store, _file) = sqlite().await;
    store.migrate().await.unwrap();
    test(store.clone()).await;
    store.close().await;
    let store = postgres().await;
    store.migrate().await.unwrap();
    test(store.clone()).await;
    store.close().await;
}

/// An empty SQLite store, gone with the folder.
pub(crate) async fn sqlite() -> (Store, tempfile::TempDir) {
    let dir = tempfile::tempdir().unwrap();
    let store = Store::connect(&sqlite_url(&dir.path().join("hub.sqlite")), None).await.unwrap();
    (store, dir)
}

/// An empty database on the PostgreSQL server of this process.
pub(crate) async fn postgres() -> Store {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let server = Server::shared();
    let admin = Store::connect(&server.url("postgres"), None).await.unwrap();
    let name = format!("hub_{}", NUMBER.fetch_add(1, Ordering::Relaxed));
    let create = format!("CREATE DATABASE {name}");
    sqlx::query(sqlx::AssertSqlSafe(create))
        .execute(&mut *admin.acquire().await.unwrap())
        .await
        .unwrap();
    admin.close().await;
    Store::connect(&server.url(&name), None).await.unwrap()
}

struct Server {
    port: u16,
    /// Its input is the pipe that the watch waits on.
    _watch: Child,
}

impl Server {
    fn shared() -> &'static Self {
        static SERVER: OnceLock<Server> = OnceLock::new();
        SERVER.get_or_init(Self::start)
    }

    fn start() -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let dir = tempfile::Builder::new().prefix("rmd-hub-postgres-").tempdir().unwrap().keep();
        let mut command = as_unprivileged(&dir);
        command.args(["-c", WATCH, "watch"]).arg(&dir).arg(programs()).arg(port.to_string());
        let mut watch = command
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(watch.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert_eq!(line, "ready\n", "PostgreSQL did not start; look into {}", dir.display());
        Self { port, _watch: watch }
    }

    fn url(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}", self.port)
    }
}

/// A shell that is not root, because PostgreSQL refuses to run as root.
fn as_unprivileged(dir: &Path) -> Command {
    let is_root = Command::new("id").arg("-u").output().unwrap().stdout == b"0\n";
    if !is_root {
        return Command::new("sh");
    }
    let owned = Command::new("chown").arg("postgres").arg(dir).status().unwrap();
    assert!(owned.success(), "the user postgres is needed to run PostgreSQL");
    let mut command = Command::new("setpriv");
    command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups", "sh"]);
    command
}

/// The folder of the newest server's programs.
fn programs() -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut found: Vec<(u32, PathBuf)> = versions
        .filter_map(|entry| {
            let version = entry.file_name().to_str()?.parse().ok()?;
            let bin = entry.path().join("bin");
            bin.join("initdb").is_file().then_some((version, bin))
        })
        .collect();
    found.sort();
    found.pop().expect("the tests need PostgreSQL's server: apt-get install postgresql").1
}
