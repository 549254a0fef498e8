//! The contract: `buf lint`, and `buf breaking` against the last release.
//!
//! The binary comes from the npm registry, pinned by the lock file in
//! `tests/verify/npm`, and is installed under `target/tools`. The packages of the two
//! platforms are named there, not the one that chooses among them all.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};

use crate::{
    house::{House, output},
    log::Log,
};

/// As the packages call it.
const ARCHITECTURE: &str = if cfg!(target_arch = "aarch64") { "aarch64" } else { "x64" };

pub(crate) fn check(house: &House, log: &mut Log) -> Result<String> {
    let buf = install(house, log)?;
    log.run(house.command(&buf).args(["lint", "proto"]))?;
    let Some(release) = last_release(house)? else {
        log.line("no release yet: nothing that the contract could break")?;
        return Ok("no release yet".to_owned());
    };
    let against = format!(".git#tag={release},subdir=proto");
    log.run(house.command(&buf).args(["breaking", "proto", "--against", &against]))?;
    Ok(format!("compatible with {release}"))
}

fn install(house: &House, log: &mut Log) -> Result<PathBuf> {
    let source = house.root.join("tests/verify/npm");
    let folder = house.tools().join("npm");
    let program = folder.join(format!("node_modules/@bufbuild/buf-linux-{ARCHITECTURE}/bin/buf"));
    if program.is_file() && same(&source, &folder, "package-lock.json") {
        return Ok(program);
    }
    fs::create_dir_all(&folder).with_context(|| format!("create {}", folder.display()))?;
    // The lock file last: it is the mark of a complete installation.
    let _ = fs::remove_file(folder.join("package-lock.json"));
    for name in ["package.json", "package-lock.json"] {
        fs::copy(source.join(name), folder.join(name)).with_context(|| format!("copy {name}"))?;
    }
    let mut npm = house.command("npm");
    npm.current_dir(&folder).args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]);
    if let Err(error) = log.run(&mut npm) {
        let _ = fs::remove_file(folder.join("package-lock.json"));
        return Err(error);
    }
    Ok(program)
}

fn same(source: &Path, folder: &Path, name: &str) -> bool {
    let read = |folder: &Path| fs::read(folder.join(name)).ok();
    read(source).is_some_and(|text| read(folder) == Some(text))
}

/// The newest tag `v*` by version; none if there is no release.
fn last_release(house: &House) -> Result<Option<String>> {
    let tags = output(house.command("git").args(["tag", "--list", "v*", "--sort=-v:refname"]))?;
    Ok(tags.lines().next().map(str::to_owned))
}
