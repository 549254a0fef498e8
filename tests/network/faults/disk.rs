//! A disk that is full, and one that goes read-only under a running process.
//!
//! The state directory lies on a small file system of its own, an ext4 image, so that the
//! machine's disk stays as it is. It is made full to the last block, or aborted as the
//! kernel does after an error of the medium: every write fails from then on, also those
//! to files that are open.

use std::{
    fs::{self, File},
    io::{ErrorKind, Write as _},
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result, bail, ensure};
use rmd_demo::network::Network;

use super::{
    Fault, Line, Make, form,
    line::{PATIENCE, until},
    source,
    writers::Writers,
};

/// Whose folder lies on the small disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Under {
    Node,
    Hub,
}

/// Enough for the state of a demonstration a few times over.
const DISK_BYTES: u64 = 48 * 1024 * 1024;

/// A small file system, mounted. It goes with the value.
#[derive(Debug)]
pub(super) struct Disk {
    image: PathBuf,
    folder: PathBuf,
}

impl Disk {
    /// Mounts a new one where the state directory will be. The log of the process goes
    /// beside it: what it says must be readable when nothing can be written.
    pub(super) fn mount(parent: &Path, under: Under) -> Result<Self> {
        let name = if under == Under::Node { "cod-mines" } else { "hub" };
        let (image, folder) = (parent.join(format!("{name}.ext4")), parent.join(name));
        File::create(&image)?.set_len(DISK_BYTES)?;
        fs::create_dir(&folder)?;
        // No blocks for root alone: the processes may be root.
        run(Command::new("mkfs.ext4").args(["-q", "-m", "0"]).arg(&image))?;
        let disk = Self { image, folder };
        disk.attach()?;
        fs::remove_dir(disk.folder.join("lost+found"))?;
        let log = parent.join(format!("{name}.log"));
        File::create(&log)?;
        std::os::unix::fs::symlink(log, disk.folder.join("log"))?;
        Ok(disk)
    }

    fn attach(&self) -> Result<()> {
        let mut mount = Command::new("mount");
        run(mount.args(["-o", "loop,errors=remount-ro"]).arg(&self.image).arg(&self.folder))
            .context("mounting a small disk takes root; run the tests as root, as CI does")
    }

    fn detach(&self) -> Result<()> {
        run(Command::new("umount").arg(&self.folder))
    }

    /// Writes until nothing more fits.
    fn fill(&self) -> Result<()> {
        let mut ballast = File::options().create(true).append(true).open(self.ballast())?;
        for piece in [1024 * 1024, 4096, 1] {
            let bytes = vec![7; piece];
            let mut last = Ok(0);
            while last.is_ok() {
                last = ballast.write(&bytes);
            }
            let full = last.err().context("fill the disk")?;
            ensure!(full.kind() == ErrorKind::StorageFull, "fill the disk: {full}");
        }
        ballast.sync_all().context("fill the disk")
    }

    fn free(&self) -> Result<()> {
        fs::remove_file(self.ballast()).context("free the disk")
    }

    fn ballast(&self) -> PathBuf {
        self.folder.join("ballast")
    }

    /// From now on every write fails, as after an error of the medium.
    fn abort(&self) -> Result<()> {
        run(Command::new("mount").args(["-o", "remount,abort"]).arg(&self.folder))
    }

    /// What an operator does after that: no process has it open any more.
    fn repair(&self) -> Result<()> {
        self.detach()?;
        // Code 1: faults were found and corrected.
        let checked = Command::new("fsck.ext4").args(["-p", "-f"]).arg(&self.image).output()?;
        let is_sound = matches!(checked.status.code(), Some(0 | 1));
        ensure!(is_sound, "fsck: {}", String::from_utf8_lossy(&checked.stdout));
        self.attach()
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Nothing is open any more: the processes are gone.
        let _ = self.detach();
    }
}

fn run(command: &mut Command) -> Result<()> {
    let output = command.output().with_context(|| format!("run {command:?}"))?;
    if !output.status.success() {
        bail!("{command:?} failed: {}", String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_whose_disk_is_full_says_so_and_goes_on_when_there_is_room() -> Result<()> {
    Fault {
        name: "disk full, node",
        done: "the node's disk is filled while software writes, and freed",
        holds: "the node says that it cannot write, and loses nothing",
    }
    .run(make(Under::Node), async |line| full(line, Under::Node).await)
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hub_whose_disk_is_full_says_so_and_goes_on_when_there_is_room() -> Result<()> {
    Fault {
        name: "disk full, hub",
        done: "the hub's disk is filled while frames arrive, and freed",
        holds: "the hub says that it cannot write, and acknowledges nothing that it has not",
    }
    .run(make(Under::Hub), async |line| full(line, Under::Hub).await)
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_whose_disk_goes_read_only_says_so_and_goes_on_after_the_repair() -> Result<()> {
    Fault {
        name: "read-only disk, node",
        done: "the node's file system is aborted while software writes, then repaired",
        holds: "the node says that it cannot write, and loses nothing",
    }
    .run(make(Under::Node), async |line| read_only(line, Under::Node).await)
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hub_whose_disk_goes_read_only_says_so_and_goes_on_after_the_repair() -> Result<()> {
    Fault {
        name: "read-only disk, hub",
        done: "the hub's file system is aborted while frames arrive, then repaired",
        holds: "the hub says that it cannot write, and acknowledges nothing that it has not",
    }
    .run(make(Under::Hub), async |line| read_only(line, Under::Hub).await)
    .await
}

fn make(under: Under) -> Make {
    Make { sites: 300, lots: 300, disk: Some(under), ..Make::default() }
}

async fn full(line: &mut Line, under: Under) -> Result<String> {
    let disk = line.disk.as_ref().context("find the small disk")?;
    let writers = Writers::start(line.state(), form().seed);
    let from = written(line, under)?;
    disk.fill()?;
    // Room in pages that a file already has is used up by many new records.
    line.state().execute(&source::lots_from(1_000, 2_000)).await?;
    let said = complaint(line, under, from, &["full"]).await?;
    line.disk.as_ref().context("find the small disk")?.free()?;
    let wrote = writers.stop().await?;
    let ended = revive(&mut line.network, under)?;
    Ok(format!("{wrote} writes, said \"{said}\"{ended}"))
}

async fn read_only(line: &mut Line, under: Under) -> Result<String> {
    let writers = Writers::start(line.state(), form().seed);
    let from = written(line, under)?;
    line.disk.as_ref().context("find the small disk")?.abort()?;
    let said =
        complaint(line, under, from, &["read-only", "readonly", "I/O", "unable to open"]).await?;
    let wrote = writers.stop().await?;
    kill(&mut line.network, under)?;
    line.disk.as_ref().context("find the small disk")?.repair()?;
    revive(&mut line.network, under)?;
    Ok(format!("{wrote} writes, said \"{said}\""))
}

fn written(line: &Line, under: Under) -> Result<usize> {
    Ok(usize::try_from(fs::metadata(line.log_of(under == Under::Hub))?.len())?)
}

/// The words with which the log names the fault, once it does.
async fn complaint(line: &Line, under: Under, from: usize, words: &[&str]) -> Result<String> {
    let log = line.log_of(under == Under::Hub);
    until("the log says that nothing can be written", PATIENCE, || {
        let text = fs::read(log)?;
        let text = String::from_utf8_lossy(&text[from..]);
        let is_fault =
            |line: &&str| line.contains("ERROR") || line.contains("WARN") || line.contains("INFO");
        let word = |line: &str| words.iter().find(|word| line.contains(**word)).copied();
        Ok(text.lines().filter(is_fault).find_map(word).map(str::to_owned))
    })
    .await
}

fn kill(network: &mut Network, under: Under) -> Result<()> {
    match under {
        Under::Node => network.nodes[0].process.kill(),
        Under::Hub => network.hub.kill(),
    }
}

/// Starts again what ended by itself, as a supervisor does.
fn revive(network: &mut Network, under: Under) -> Result<&'static str> {
    let process = match under {
        Under::Node => &mut network.nodes[0].process,
        Under::Hub => &mut network.hub,
    };
    if process.check().is_ok() {
        return Ok("");
    }
    match under {
        Under::Node => network.restart_node(0)?,
        Under::Hub => network.restart_hub()?,
    }
    Ok(", ended and was started again")
}
