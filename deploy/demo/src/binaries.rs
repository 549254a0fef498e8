//! The binaries of node and hub: built once, then started as they are.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context as _, Result, bail};

/// Where the two binaries are.
#[derive(Debug, Clone)]
pub struct Binaries {
    /// `rmd-node`.
    pub node: PathBuf,
    /// `rmd-hub`.
    pub hub: PathBuf,
}

impl Binaries {
    /// Builds both binaries beside the running program, with these features of theirs.
    pub fn build(features: &[&str]) -> Result<Self> {
        let own = std::env::current_exe().context("find the running program")?;
        // Tests run from `deps/`, one folder below the binaries.
        let folder = own
            .ancestors()
            .skip(1)
            .find(|folder| folder.file_name().is_some_and(|name| name != "deps"))
            .context("find the folder of the running program")?;
        let profile = if folder.ends_with("release") { "release" } else { "dev" };
        let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        command.args([
            "build",
            "--quiet",
            "--profile",
            profile,
            "--package",
            "rmd-node",
            "--package",
            "rmd-hub",
        ]);
        if !features.is_empty() {
            command.arg("--features").arg(features.join(","));
            command.arg("--target-dir").arg(folder.join("mutants"));
        }
        let output = command
            .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")))
            .stdin(Stdio::null())
            .output()
            .context("run cargo build")?;
        if !output.status.success() {
            bail!("cargo build failed:\n{}", String::from_utf8_lossy(&output.stderr));
        }
        let built =
            if features.is_empty() { folder.to_owned() } else { folder.join("mutants/debug") };
        Ok(Self { node: built.join("rmd-node"), hub: built.join("rmd-hub") })
    }
}
