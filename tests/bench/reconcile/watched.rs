//! A command that is watched while it runs: its memory, and what it takes of processors.

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
    thread,
    time::Duration,
};

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use super::usage::Usage;

/// How often it is looked at; what it takes in the end of that is not seen.
const LOOK: Duration = Duration::from_millis(20);

/// How a command went.
pub(super) struct Watched {
    /// What it said.
    pub(super) said: Value,
    /// The most memory that it had, as the kernel counts it.
    pub(super) memory_bytes: u64,
    /// Processor time.
    pub(super) usage: Usage,
}

impl Watched {
    /// Runs it to its end; `server` is the process that started a server's others.
    pub(super) fn run(
        program: &Path,
        folder: &Path,
        arguments: &[&str],
        server: Option<u32>,
    ) -> Result<Self> {
        let mut child = Command::new(program)
            .args(arguments)
            .arg("--dir")
            .arg(folder)
            .arg("--json")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("start {}", program.display()))?;
        let begun = Usage::of(child.id(), server)?;
        let (mut memory_bytes, mut last) = (0, begun);
        while child.try_wait()?.is_none() {
            // It may end while we look.
            if let (Some(bytes), Ok(usage)) = (peak(child.id()), Usage::of(child.id(), server)) {
                (memory_bytes, last) = (bytes, usage);
            }
            thread::sleep(LOOK);
        }
        let output = child.wait_with_output()?;
        ensure!(output.status.success(), "{arguments:?} ended with {}", output.status);
        let said = serde_json::from_slice(&output.stdout).context("read what the hub said")?;
        Ok(Self { said, memory_bytes, usage: last - begun })
    }

    /// Seconds, as the command itself tells them.
    pub(super) fn seconds(&self) -> Result<f64> {
        self.said["seconds"].as_f64().context("read the seconds")
    }
}

/// The most memory that a process had; none of one that ended.
fn peak(id: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{id}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes * 1024)
}
