//! Finds server programs and installs what is missing where that is possible.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context as _, Result, bail};

use super::is_root;

/// The newest PostgreSQL installation's folder of programs.
pub(super) fn postgres_programs() -> Result<PathBuf> {
    find_or_install("postgresql", || {
        let mut versions: Vec<(u32, PathBuf)> = fs::read_dir("/usr/lib/postgresql")
            .ok()?
            .filter_map(Result::ok)
            .filter_map(|entry| {
                let version = entry.file_name().to_str()?.parse().ok()?;
                let programs = entry.path().join("bin");
                programs.join("postgres").is_file().then_some((version, programs))
            })
            .collect();
        versions.sort();
        versions.pop().map(|(_, programs)| programs)
    })
}

/// The MariaDB server program.
pub(super) fn mariadb_server() -> Result<PathBuf> {
    find_or_install("mariadb-server", || {
        ["/usr/sbin/mariadbd", "/usr/sbin/mysqld", "/usr/libexec/mariadbd"]
            .into_iter()
            .map(PathBuf::from)
            .find(|path| path.is_file())
    })
}

fn find_or_install(package: &str, find: impl Fn() -> Option<PathBuf>) -> Result<PathBuf> {
    if let Some(found) = find() {
        return Ok(found);
    }
    let by_hand =
        format!("apt-get update && apt-get install --yes --no-install-recommends {package}");
    if !is_root() || !Path::new("/etc/debian_version").exists() {
        bail!("{package} is not installed; install it with: {by_hand}");
    }
    for arguments in [vec!["update"], vec!["install", "--yes", "--no-install-recommends", package]]
    {
        let status = Command::new("apt-get")
            .args(&arguments)
            .env("DEBIAN_FRONTEND", "noninteractive")
            // The package must not start a server of its own beside ours.
            .env("RUNLEVEL", "1")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .status()
            .context("run apt-get")?;
        if !status.success() {
            bail!("apt-get {} failed; install it by hand with: {by_hand}", arguments.join(" "));
        }
    }
    find().with_context(|| {
        format!("{package} was installed, but its server is not where Debian puts it")
    })
}
