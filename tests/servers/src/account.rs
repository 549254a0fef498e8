//! The account under which a server runs: both servers refuse root.

use std::{
    fs,
    os::unix::fs::{MetadataExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result, bail};
use tempfile::TempDir;

use crate::{Setup, setup::Certificate};

pub(crate) fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|metadata| metadata.uid() == 0)
}

/// A command that runs as `user` when we are root.
pub(crate) fn command_as(user: &str, program: &Path) -> Command {
    let mut command = if is_root() {
        let mut command = Command::new("setpriv");
        command.arg(format!("--reuid={user}")).arg(format!("--regid={user}"));
        command.arg("--clear-groups").arg("--").arg(program);
        command
    } else {
        Command::new(program)
    };
    command.current_dir("/");
    command
}

/// The folders of one server.
#[derive(Debug)]
pub(crate) struct Home {
    /// Owned by us; the account may pass through it.
    pub(crate) folder: PathBuf,
    /// Owned by the account.
    pub(crate) data: PathBuf,
    /// Set while nobody else sees to it that the folder goes away.
    own: Option<TempDir>,
}

impl Home {
    /// Makes them for `user`, the data under `name`.
    pub(crate) fn make(setup: &Setup, user: &str, name: &str) -> Result<Self> {
        let (folder, own) = if let Some(folder) = &setup.folder {
            (folder.clone(), None)
        } else {
            let own = tempfile::Builder::new().prefix("rmd-server-").tempdir()?;
            (own.path().to_owned(), Some(own))
        };
        let data = folder_for(user, &folder, name)?;
        Ok(Self { folder, data, own })
    }

    /// Writes certificate and key so that the account alone reads the key.
    pub(crate) fn certificate(&self, user: &str, pem: &Certificate) -> Result<(PathBuf, PathBuf)> {
        let folder = folder_for(user, &self.folder, "tls")?;
        let (certificate, key) = (folder.join("server.pem"), folder.join("server.key"));
        fs::write(&certificate, &pem.certificate)?;
        fs::write(&key, &pem.key)?;
        fs::set_permissions(&key, fs::Permissions::from_mode(0o600))?;
        give(user, &folder)?;
        Ok((certificate, key))
    }

    /// Leaves the folder to whoever ends the server: its path if it has to go.
    pub(crate) fn hand_over(&mut self) -> Option<PathBuf> {
        self.own.take().map(TempDir::keep)
    }
}

/// Makes a folder that `user` owns, below a folder that it may pass through.
pub(crate) fn folder_for(user: &str, parent: &Path, name: &str) -> Result<PathBuf> {
    let folder = parent.join(name);
    fs::create_dir_all(&folder)?;
    if is_root() {
        fs::set_permissions(parent, fs::Permissions::from_mode(0o711))?;
    }
    give(user, &folder)?;
    Ok(folder)
}

fn give(user: &str, folder: &Path) -> Result<()> {
    if is_root() {
        run(Command::new("chown").arg("-R").arg(format!("{user}:")).arg(folder))?;
    }
    Ok(())
}

pub(crate) fn run(command: &mut Command) -> Result<()> {
    let output = command.output().with_context(|| format!("run {command:?}"))?;
    if !output.status.success() {
        bail!("{command:?} failed: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(())
}
