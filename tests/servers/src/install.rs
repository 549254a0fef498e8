//! Finds server programs and installs what is missing where that is possible.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::{Mutex, PoisonError},
};

use anyhow::{Context as _, Result, bail};

use crate::account::is_root;

/// Tests of one process install one after another.
static INSTALLING: Mutex<()> = Mutex::new(());

/// The newest PostgreSQL installation's folder of programs.
pub(crate) fn postgres_programs() -> Result<PathBuf> {
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

/// The MariaDB server program. Debian packages no MySQL beside it: its
/// `default-mysql-server` is this one.
pub(crate) fn mariadb_server() -> Result<PathBuf> {
    find_or_install("mariadb-server", || {
        ["/usr/sbin/mariadbd", "/usr/libexec/mariadbd"]
            .into_iter()
            .map(PathBuf::from)
            .find(|path| path.is_file())
    })
}

fn find_or_install(package: &str, find: impl Fn() -> Option<PathBuf>) -> Result<PathBuf> {
    if let Some(found) = find() {
        return Ok(found);
    }
    let _installing = INSTALLING.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(found) = find() {
        return Ok(found);
    }
    install(package, is_root() && Path::new("/etc/debian_version").exists())?;
    find().with_context(|| {
        format!("{package} was installed, but its server is not where Debian puts it")
    })
}

/// Installs a package, or says how somebody else does.
pub(crate) fn install(package: &str, can_install: bool) -> Result<()> {
    let by_hand =
        format!("apt-get update && apt-get install --yes --no-install-recommends {package}");
    if !can_install {
        bail!("{package} is not installed; install it with: {by_hand}");
    }
    for arguments in [vec!["update"], vec!["install", "--yes", "--no-install-recommends", package]]
    {
        let status = Command::new("apt-get")
            // Another process may be installing too.
            .args(["-o", "DPkg::Lock::Timeout=600"])
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
    Ok(())
}
