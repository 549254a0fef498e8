//! The programs from the Python registry: an environment of their own under
//! `target/tools/python`, pinned with hashes by the lock file in
//! `tests/verify/python`. The network tests look for them there.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};

use crate::{house::House, log::Log};

/// Name of the lock file; its copy in the environment marks a complete installation.
const LOCK: &str = "requirements.txt";

/// Whether Python can make an environment; Debian ships that apart.
pub(super) fn is_complete(house: &House) -> bool {
    let mut python = house.command("python3");
    python.args(["-c", "import ensurepip, venv"]);
    python.output().is_ok_and(|output| output.status.success())
}

/// Installs what the lock file names, unless it is there.
pub(super) fn install(house: &House, log: &mut Log) -> Result<()> {
    let lock = house.root.join("tests/verify/python").join(LOCK);
    let folder = house.tools().join("python");
    let mark = folder.join(LOCK);
    let wanted = fs::read(&lock).with_context(|| format!("read {}", lock.display()))?;
    if fs::read(&mark).is_ok_and(|installed| installed == wanted) {
        return log.line(format!("python tools: {}", folder.display()));
    }
    let _ = fs::remove_file(&mark);
    log.run(house.command("python3").args(["-m", "venv", "--clear"]).arg(&folder))?;
    let mut pip = house.command(program(&folder, "pip"));
    pip.args(["install", "--quiet", "--disable-pip-version-check", "--no-deps"]);
    log.run(pip.args(["--require-hashes", "--requirement"]).arg(&lock))?;
    fs::write(&mark, wanted).with_context(|| format!("write {}", mark.display()))
}

fn program(folder: &Path, name: &str) -> PathBuf {
    folder.join("bin").join(name)
}
