//! The binaries of node and hub: built once, then started as they are.

use std::{
    env, fs,
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
    /// Builds both binaries and puts them aside, so that a later build changes
    /// nothing under a running network. `features` are those of a test, as
    /// `rmd-hub/mutant-no-cursor`; none for what is shipped.
    pub fn build(features: &[&str]) -> Result<Self> {
        let own = env::current_exe().context("find the running program")?;
        // Tests run from `deps/`, one folder below the binaries.
        let built = own
            .ancestors()
            .skip(1)
            .find(|folder| folder.file_name().is_some_and(|name| name != "deps"))
            .context("find the folder of the running program")?;
        let profile = if built.ends_with("release") { "release" } else { "dev" };
        cargo_build(profile, features)?;

        let variant = if features.is_empty() {
            "shipped".to_owned()
        } else {
            features.join("+").replace('/', "-")
        };
        let aside = built.join("network").join(variant);
        fs::create_dir_all(&aside)?;
        let put = |name: &str| -> Result<PathBuf> {
            let place = aside.join(name);
            // Under another name first: a running program's file cannot be written.
            let new = aside.join(format!("{name}.{}", std::process::id()));
            fs::copy(built.join(name), &new).with_context(|| format!("copy {name}"))?;
            fs::rename(new, &place)?;
            Ok(place)
        };
        Ok(Self { node: put("rmd-node")?, hub: put("rmd-hub")? })
    }
}

fn cargo_build(profile: &str, features: &[&str]) -> Result<()> {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    // By name, not by package: the features are then those of the whole
    // workspace, and what other commands built serves here too.
    command.args([
        "build",
        "--quiet",
        "--profile",
        profile,
        "--bin",
        "rmd-node",
        "--bin",
        "rmd-hub",
    ]);
    if !features.is_empty() {
        command.arg("--features").arg(features.join(","));
    }
    for (name, _) in env::vars_os() {
        // What cargo tells the running program is not for the programs it builds.
        let told = ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_"];
        if told.iter().any(|prefix| name.to_string_lossy().starts_with(prefix)) {
            command.env_remove(name);
        }
    }
    let output = command
        // At the root of the workspace every binary can be named.
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../.."))
        .stdin(Stdio::null())
        .output()
        .context("run cargo build")?;
    if !output.status.success() {
        bail!("cargo build failed:\n{}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(())
}
