//! The workspace that is verified: its folders, its manifests, its files.
//!
//! Read once, through `cargo metadata` and `git ls-files`. Owns the environment of
//! every command that a part runs.

use std::{
    env,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context as _, Result, ensure};
use serde::Deserialize;

use crate::part::{faults::Faults, fuzz::Fuzz};

/// What `cargo run` sets for this program and what must not reach the commands it
/// runs: build scripts watch some of these, and would build their crates again.
const INHERITED: [&str; 6] =
    ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_", "CARGO_PRIMARY_", "OUT_DIR"];

#[derive(Debug)]
pub(crate) struct House {
    pub(crate) root: PathBuf,
    pub(crate) target: PathBuf,
    pub(crate) packages: Vec<Package>,
    /// Whether part deny asks the database of advisories.
    pub(crate) advisories: bool,
    /// Whether part generated writes what it would compare.
    pub(crate) write_generated: bool,
    /// How much part faults does.
    pub(crate) faults: Faults,
    /// How much part fuzz does.
    pub(crate) fuzz: Fuzz,
}

/// A member of the workspace.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) manifest_path: PathBuf,
    pub(crate) dependencies: Vec<Dependency>,
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Dependency {
    pub(crate) name: String,
    /// `dev`, `build`, or none for what is built in.
    pub(crate) kind: Option<String>,
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    workspace_root: PathBuf,
    target_directory: PathBuf,
}

impl House {
    pub(crate) fn open(
        advisories: bool,
        write_generated: bool,
        faults: Faults,
        fuzz: Fuzz,
    ) -> Result<Self> {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut cargo = command("cargo", here);
        cargo.args(["metadata", "--format-version=1", "--no-deps"]);
        let metadata: Metadata =
            serde_json::from_str(&output(&mut cargo)?).context("read the workspace's metadata")?;
        Ok(Self {
            root: metadata.workspace_root,
            target: metadata.target_directory,
            packages: metadata.packages,
            advisories,
            write_generated,
            faults,
            fuzz,
        })
    }

    /// A command in the root of the workspace, without standard input.
    pub(crate) fn command(&self, program: impl AsRef<Path>) -> Command {
        command(program, &self.root)
    }

    pub(crate) fn cargo<const N: usize>(&self, args: [&str; N]) -> Command {
        let mut cargo = self.command("cargo");
        cargo.args(args);
        cargo
    }

    /// Where tools are installed that the build itself does not need.
    pub(crate) fn tools(&self) -> PathBuf {
        self.target.join("tools")
    }

    /// The files of the repository, with those that are new and not ignored,
    /// relative to its root and in order.
    pub(crate) fn files(&self) -> Result<Vec<PathBuf>> {
        let mut git = self.command("git");
        git.args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
        let list = output(&mut git)?;
        let mut files: Vec<PathBuf> =
            list.split('\0').filter(|path| !path.is_empty()).map(PathBuf::from).collect();
        // A file that was deleted and not yet committed is still listed.
        files.retain(|path| self.root.join(path).is_file());
        files.sort();
        files.dedup();
        Ok(files)
    }
}

/// What a command prints; an error with its last words if it fails.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let name = command.get_program().display().to_string();
    let output = command.output().with_context(|| format!("start {name}"))?;
    let fault = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{name} failed: {}", fault.trim());
    String::from_utf8(output.stdout).with_context(|| format!("read the output of {name}"))
}

fn command(program: impl AsRef<Path>, folder: &Path) -> Command {
    let mut command = Command::new(program.as_ref());
    command.current_dir(folder).stdin(Stdio::null());
    for (name, _) in env::vars_os() {
        let text = name.to_string_lossy();
        if INHERITED.iter().any(|prefix| text.starts_with(prefix)) {
            command.env_remove(&name);
        }
    }
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_house_finds_itself() {
        let house = House::open(false, false, Faults::default(), Fuzz::default()).unwrap();
        assert!(house.packages.iter().any(|package| package.name == "rmd-verify"));
        let files = house.files().unwrap();
        assert!(files.contains(&PathBuf::from("Cargo.toml")));
        assert!(files.is_sorted());
    }

    #[test]
    fn a_command_that_fails_says_what_it_said() {
        let mut shell = command("sh", Path::new("."));
        shell.args(["-c", "echo no such table >&2; exit 3"]);
        assert!(output(&mut shell).unwrap_err().to_string().contains("no such table"));
    }
}
