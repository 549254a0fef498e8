//! The server processes of tests.
//!
//! Each runs under a shell that kills it as soon as the shell's standard input
//! is closed, which happens when the test process ends in whatever way.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::{MetadataExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// Longest start of a server on a busy machine.
const START_MAX: Duration = Duration::from_mins(1);

/// A running server with its data.
pub(super) struct Server {
    pub(super) port: u16,
    shell: Child,
    _data: TempDir,
}

impl Server {
    pub(super) fn postgres() -> Self {
        Self::postgres_with(&[])
    }

    /// A server whose log can be decoded.
    pub(super) fn logical() -> Self {
        Self::postgres_with(&[
            "wal_level=logical",
            "max_slot_wal_keep_size=4GB",
            "max_replication_slots=100",
        ])
    }

    fn postgres_with(settings: &[&str]) -> Self {
        let data = data_dir("postgres");
        let folder = data.path().join("data");
        run(as_user("postgres", &find("initdb"))
            .args(["--no-sync", "--auth=trust", "--username=postgres", "--encoding=UTF8"])
            .args(["--locale=C.UTF-8", "-D"])
            .arg(&folder));
        let port = free_port();
        let mut command = as_user("postgres", &find("postgres"));
        command.arg("-D").arg(&folder).arg("-k").arg(data.path());
        command.args(["-h", "127.0.0.1", "-c", "fsync=off", "-p", &port.to_string()]);
        command.args(settings.iter().flat_map(|setting| ["-c", setting]));
        Self::start("QUIT", &command, port, data)
    }

    pub(super) fn mariadb() -> Self {
        let data = data_dir("mysql");
        let folder = data.path().join("data");
        let user = if is_root() { "--user=mysql" } else { "--user=nobody" };
        run(Command::new(find("mariadb-install-db"))
            .args(["--no-defaults", user, "--auth-root-authentication-method=normal"])
            .args(["--skip-test-db", "--skip-name-resolve"])
            .arg(format!("--datadir={}", folder.display()))
            // Servers that start at the same time must not share temporary files.
            .arg(format!("--tmpdir={}", data.path().display())));
        let port = free_port();
        let mut command = Command::new(find("mariadbd"));
        command.args(["--no-defaults", user, "--bind-address=127.0.0.1", "--skip-name-resolve"]);
        command.args(["--innodb-flush-log-at-trx-commit=0", "--innodb-buffer-pool-size=64M"]);
        command.arg(format!("--datadir={}", folder.display()));
        command.arg(format!("--tmpdir={}", data.path().display()));
        command.arg(format!("--socket={}/mysql.sock", data.path().display()));
        command.arg(format!("--pid-file={}/mysql.pid", data.path().display()));
        command.arg(format!("--port={port}"));
        Self::start("KILL", &command, port, data)
    }

    fn start(signal: &str, command: &Command, port: u16, data: TempDir) -> Self {
        let log = fs::File::create(data.path().join("log")).expect("the log can be written");
        let script = format!("\"$@\" & server=$!; cat >/dev/null; kill -{signal} $server; wait");
        let mut shell = Command::new("sh")
            .args(["-c", &script, "sh"])
            .arg(command.get_program())
            .args(command.get_args())
            .stdin(Stdio::piped())
            .stdout(log.try_clone().expect("the log can be shared"))
            .stderr(log)
            .spawn()
            .expect("a shell can be started");
        let until = Instant::now() + START_MAX;
        // The port answers before the server accepts a login, so the log has the last word.
        let is_ready = || {
            let log = fs::read_to_string(data.path().join("log")).unwrap_or_default();
            log.contains("ready") && TcpStream::connect(("127.0.0.1", port)).is_ok()
        };
        while !is_ready() {
            if Instant::now() > until {
                drop(shell.stdin.take());
                let log = fs::read_to_string(data.path().join("log")).unwrap_or_default();
                panic!("the server did not start:\n{log}");
            }
            std::thread::park_timeout(Duration::from_millis(20));
        }
        Self { port, shell, _data: data }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.shell.stdin.take());
        // Nothing is left to be done if the shell is gone already.
        let _ = self.shell.wait();
    }
}

fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0)
}

/// A folder that belongs to the user under whom the server runs.
fn data_dir(user: &str) -> TempDir {
    let dir = tempfile::tempdir().expect("a temporary folder can be made");
    if is_root() {
        let (uid, gid) = ids_of(user);
        chown(dir.path(), Some(uid), Some(gid)).expect("root may give a folder away");
    }
    dir
}

fn ids_of(user: &str) -> (u32, u32) {
    let users = fs::read_to_string("/etc/passwd").expect("the list of users can be read");
    let line = users.lines().find(|line| line.starts_with(&format!("{user}:")));
    let fields: Vec<&str> = line
        .unwrap_or_else(|| panic!("no user {user}; install its server for these tests"))
        .split(':')
        .collect();
    (fields[2].parse().expect("a uid"), fields[3].parse().expect("a gid"))
}

/// A command under another user; PostgreSQL refuses to run as root.
fn as_user(user: &str, program: &Path) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let (uid, gid) = ids_of(user);
    let mut command = Command::new("setpriv");
    command.arg(format!("--reuid={uid}")).arg(format!("--regid={gid}")).arg("--clear-groups");
    command.arg(program);
    command
}

fn run(command: &mut Command) {
    let output = command.current_dir("/").output().expect("the program can be started");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {said}");
}

/// A program on the path, or where Debian keeps it.
fn find(program: &str) -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    folders.push(PathBuf::from("/usr/sbin"));
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    folders.extend(versions.map(|version| version.path().join("bin")));
    let found = folders.into_iter().map(|folder| folder.join(program)).find(|file| file.exists());
    found.unwrap_or_else(|| panic!("{program} is not installed; these tests need it"))
}

fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("loopback has a free port");
    listener.local_addr().expect("a bound socket has an address").port()
}
