//! One process of the network: started, watched, ended.

use std::{
    fs::{self, OpenOptions},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

/// A process of the network; it ends with the value.
#[derive(Debug)]
pub struct Process {
    /// What it is called in reports.
    pub name: &'static str,
    /// Where its log goes.
    pub log: PathBuf,
    child: Child,
}

impl Process {
    /// Starts `program run --dir folder`; its log goes to `folder/log`.
    /// `variables` override the configuration in the folder.
    pub fn start(
        name: &'static str,
        program: &Path,
        folder: &Path,
        variables: &[(&str, String)],
    ) -> Result<Self> {
        let log = folder.join("log");
        let file = OpenOptions::new().create(true).append(true).open(&log)?;
        let mut command = Command::new(program);
        let child = command
            .arg("run")
            .arg("--dir")
            .arg(folder)
            .envs(variables.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(file.try_clone()?)
            .stderr(file)
            .spawn()
            .with_context(|| format!("start {}", program.display()))?;
        Ok(Self { name, log, child })
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Fails with the end of its log if it ended by itself.
    pub fn check(&mut self) -> Result<()> {
        if let Some(status) = self.child.try_wait()? {
            let log = fs::read_to_string(&self.log).unwrap_or_default();
            let tail: Vec<&str> = log.lines().rev().take(20).collect();
            let tail: Vec<&str> = tail.into_iter().rev().collect();
            bail!("{} ended with {status}:\n{}", self.name, tail.join("\n"));
        }
        Ok(())
    }

    /// Largest resident memory so far, in bytes, as the kernel counts it.
    pub fn peak_memory_bytes(&self) -> Result<u64> {
        let path = format!("/proc/{}/status", self.id());
        let status = fs::read_to_string(&path).with_context(|| format!("read {path}"))?;
        let kilobytes: u64 = status
            .lines()
            .find_map(|line| line.strip_prefix("VmHWM:"))
            .and_then(|rest| rest.trim().strip_suffix("kB"))
            .and_then(|number| number.trim().parse().ok())
            .with_context(|| format!("find VmHWM in {path}"))?;
        Ok(kilobytes * 1024)
    }

    /// Ends it at once, as a power cut would.
    pub fn kill(&mut self) -> Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// Asks it to end and waits; returns whether it ended with code 0.
    pub fn stop(&mut self) -> Result<bool> {
        let signal = Command::new("kill").args(["-TERM", &self.id().to_string()]).status()?;
        if !signal.success() {
            bail!("{} is not running", self.name);
        }
        Ok(self.child.wait()?.success())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Ended already, or ended here: either way nothing stays behind.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs one command of a binary with `--json` and reads the object it prints.
pub fn command(program: &Path, folder: &Path, arguments: &[&str]) -> Result<Value> {
    let output = Command::new(program)
        .args(arguments)
        .arg("--dir")
        .arg(folder)
        .arg("--json")
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("run {}", program.display()))?;
    if !output.status.success() {
        // What does not hold is a result, and stands where results do.
        let said = if output.stderr.is_empty() { &output.stdout } else { &output.stderr };
        bail!(
            "{} {} failed ({}): {}",
            program.file_name().unwrap_or_default().to_string_lossy(),
            arguments.join(" "),
            output.status,
            String::from_utf8_lossy(said).trim()
        );
    }
    let text = String::from_utf8(output.stdout).context("read what the command printed")?;
    let last = text.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("null");
    serde_json::from_str(&text)
        .or_else(|_| serde_json::from_str(last))
        .with_context(|| format!("read the JSON of {}", arguments.join(" ")))
}
