//! Hosts of their own on one machine: a network namespace for the node, and a cable.
//!
//! The cable is a pair of virtual interfaces whose addresses lie in the block that is
//! kept for measurements (RFC 2544) and routed nowhere. It takes root; a kernel that
//! refuses is named by the error.

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::Command,
    sync::atomic::{AtomicU32, Ordering},
};

use anyhow::{Context as _, Result, bail};
use rmd_demo::binaries::Binaries;

/// A namespace with one cable to this host; both go with the value.
#[derive(Debug)]
pub(crate) struct Namespace {
    pub(crate) name: String,
    /// This host's end of the cable.
    cable: String,
    /// Address of this end.
    pub(crate) own: String,
    /// Address of the other end.
    pub(super) address: String,
}

impl Namespace {
    pub(crate) fn new() -> Result<Self> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let process = std::process::id();
        // A block of four addresses for each.
        let block = (process.wrapping_mul(8).wrapping_add(number)) % 0x4000;
        let address = |host: u32| {
            let number = block * 4 + host;
            format!("198.18.{}.{}", number / 256, number % 256)
        };
        let (name, cable) = (format!("rmd-{process}-{number}"), format!("rmd{process}-{number}"));
        let namespace = Self { name, cable, own: address(1), address: address(2) };
        namespace.lay().context("a network namespace takes root and a kernel that has them")?;
        Ok(namespace)
    }

    fn lay(&self) -> Result<()> {
        let (name, cable, own) = (&self.name, &self.cable, &self.own);
        let inner = "eth0";
        ip(&["netns", "add", name])?;
        ip(&["link", "add", cable, "type", "veth", "peer", "name", inner, "netns", name])?;
        ip(&["addr", "add", &format!("{own}/30"), "dev", cable])?;
        ip(&["-n", name, "addr", "add", &format!("{}/30", self.address), "dev", inner])?;
        ip(&["-n", name, "link", "set", "lo", "up"])?;
        ip(&["-n", name, "link", "set", inner, "up"])?;
        ip(&["link", "set", cable, "up"])
    }

    /// Pulls the cable out, or puts it in.
    pub(super) fn set_cable(&self, is_in: bool) -> Result<()> {
        ip(&["link", "set", "dev", &self.cable, if is_in { "up" } else { "down" }])
    }

    /// Has the kernel make the cable bad, in both directions; fails where it cannot.
    pub(super) fn shape(&self, netem: &[&str]) -> Result<()> {
        let add = ["qdisc", "add", "dev"];
        let bad = ["root", "netem"];
        run("tc", &[&add[..], &[&self.cable], &bad, netem].concat())?;
        run("tc", &[&["-n", &self.name][..], &add, &["eth0"], &bad, netem].concat())
    }

    /// The binaries, with a node whose `run` is on the other end of the cable.
    pub(super) fn binaries(&self, folder: &Path, binaries: &Binaries) -> Result<Binaries> {
        let prefix = format!("ip netns exec {}", self.name);
        let node = wrapped(folder, "rmd-node", &binaries.node, &prefix, true)?;
        Ok(Binaries { node, hub: binaries.hub.clone() })
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        // The cable goes with its other end.
        let _ = ip(&["netns", "delete", &self.name]);
        let _ = Command::new("ip").args(["link", "delete", &self.cable]).output();
    }
}

/// A script that starts a binary behind a prefix; with `only_run`, no other command.
pub(super) fn wrapped(
    folder: &Path,
    name: &str,
    binary: &Path,
    prefix: &str,
    only_run: bool,
) -> Result<PathBuf> {
    let (script, binary) = (folder.join(name), binary.display());
    let others = if only_run {
        format!("exec {binary} \"$@\"")
    } else {
        format!("exec {prefix} {binary} \"$@\"")
    };
    let text = format!(
        "#!/bin/sh\ncase \"$1\" in\nrun) exec {prefix} {binary} \"$@\" ;;\n*) {others} ;;\nesac\n"
    );
    fs::write(&script, text)?;
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755))?;
    Ok(script)
}

fn ip(arguments: &[&str]) -> Result<()> {
    run("ip", arguments)
}

fn run(program: &str, arguments: &[&str]) -> Result<()> {
    let output =
        Command::new(program).args(arguments).output().with_context(|| format!("run {program}"))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        bail!("{program} {}: {}", arguments.join(" "), said.trim());
    }
    Ok(())
}
