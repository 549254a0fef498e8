//! Private database servers for the demonstration and for tests.
//!
//! Each server gets a data directory, a free loopback port, a password of its
//! own, and ends with the value that holds it. A missing server is installed
//! where that can be done (root on Debian); elsewhere the error names the
//! command. Nothing falls back to another database in silence.

mod install;
mod mariadb;
mod postgres;

use std::{
    fs, io,
    net::{Ipv4Addr, TcpListener},
    os::unix::fs::PermissionsExt as _,
    path::Path,
    process::{Child, Command},
};

use anyhow::{Context as _, Result, bail};
use rand::{Rng as _, distributions::Alphanumeric, rngs::OsRng};

pub use mariadb::MariaDb;
pub use postgres::Postgres;

/// A loopback port that was free a moment ago.
pub fn free_port() -> io::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

/// A server process, ended with the value.
#[derive(Debug)]
struct Server {
    child: Child,
}

impl Drop for Server {
    fn drop(&mut self) {
        // Both servers treat a kill as a crash that they recover from; their
        // data directory goes away with the caller's folder anyway.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn new_password() -> String {
    OsRng.sample_iter(Alphanumeric).take(24).map(char::from).collect()
}

fn is_root() -> bool {
    fs::metadata("/proc/self")
        .is_ok_and(|metadata| std::os::unix::fs::MetadataExt::uid(&metadata) == 0)
}

/// A command that runs as `user` when we are root: both servers refuse root.
fn command_as(user: &str, program: &Path) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.arg(format!("--reuid={user}")).arg(format!("--regid={user}"));
    command.arg("--clear-groups").arg("--").arg(program);
    command
}

/// Makes a folder that `user` owns, below folders that it may pass through.
fn folder_for(user: &str, parent: &Path, name: &str) -> Result<std::path::PathBuf> {
    let folder = parent.join(name);
    fs::create_dir_all(&folder)?;
    if is_root() {
        fs::set_permissions(parent, fs::Permissions::from_mode(0o711))?;
        run(Command::new("chown").arg("-R").arg(format!("{user}:")).arg(&folder))?;
    }
    Ok(folder)
}

fn run(command: &mut Command) -> Result<()> {
    let output = command.output().with_context(|| format!("run {command:?}"))?;
    if !output.status.success() {
        bail!("{command:?} failed: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(())
}
