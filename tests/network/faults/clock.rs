//! Clocks that jump: of the node alone, of the hub alone.
//!
//! The processes run under libfaketime, which reads from a file by how much their clock
//! is off. Instants follow, certificates and time outs too, as they would on a machine
//! whose battery is empty.

use std::{fs, path::Path};

use anyhow::{Context as _, Result, ensure};
use rmd_demo::binaries::Binaries;
use serde_json::Value;
use tempfile::TempDir;

use super::{
    Fault, Line, Make,
    line::{PATIENCE, until},
    namespace::wrapped,
    source,
};
use crate::harness::binaries;

const HOUR_US: i64 = 3_600 * 1_000_000;

/// Clocks that can be set.
#[derive(Debug)]
pub(super) struct Clocks {
    folder: TempDir,
}

impl Clocks {
    pub(super) fn new() -> Result<Self> {
        let clocks = Self { folder: tempfile::tempdir()? };
        clocks.set_node(0)?;
        clocks.set_hub(0)?;
        Ok(clocks)
    }

    /// The binaries under these clocks.
    pub(super) fn binaries(&self) -> Result<Binaries> {
        let library = library()?;
        let under = |name: &str, binary: &Path| {
            let file = self.folder.path().join(format!("{name}.clock"));
            let prefix = format!(
                "env LD_PRELOAD={library} FAKETIME_TIMESTAMP_FILE={} FAKETIME_NO_CACHE=1 \
                 FAKETIME_DONT_FAKE_MONOTONIC=1 DONT_FAKE_MONOTONIC=1 NO_FAKE_STAT=1",
                file.display()
            );
            wrapped(self.folder.path(), name, binary, &prefix, false)
        };
        let Binaries { node, hub } = binaries();
        Ok(Binaries { node: under("rmd-node", &node)?, hub: under("rmd-hub", &hub)? })
    }

    /// By how much the clock of the node is off.
    pub(super) fn set_node(&self, offset_us: i64) -> Result<()> {
        self.set("rmd-node", offset_us)
    }

    pub(super) fn set_hub(&self, offset_us: i64) -> Result<()> {
        self.set("rmd-hub", offset_us)
    }

    fn set(&self, name: &str, offset_us: i64) -> Result<()> {
        // Under another name first: a reader never sees half a number.
        let (file, new) = (format!("{name}.clock"), format!("{name}.new"));
        let new = self.folder.path().join(new);
        fs::write(&new, format!("{:+}\n", offset_us / 1_000_000))?;
        Ok(fs::rename(new, self.folder.path().join(file))?)
    }
}

/// Debian's package puts it into the folder of the architecture.
fn library() -> Result<String> {
    let folders = fs::read_dir("/usr/lib").context("read /usr/lib")?;
    let places =
        folders.filter_map(|entry| Some(entry.ok()?.path().join("faketime/libfaketimeMT.so.1")));
    let found = places.into_iter().find(|place| place.is_file());
    let found =
        found.context("libfaketime is missing; install it as root: apt-get install -y faketime")?;
    Ok(found.display().to_string())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_whose_clock_goes_back_appends_nothing_until_it_is_right() -> Result<()> {
    let clocks = Clocks::new()?;
    let make = Make { lots: 100, binaries: Some(clocks.binaries()?), ..Make::default() };
    Fault {
        name: "clock back, node",
        done: "the node's clock goes back by an hour, and then is set right",
        holds: "the node says by how much it is behind and appends nothing meanwhile",
    }
    .run(make, async |line| {
        let size = line.size()?;
        clocks.set_node(-HOUR_US)?;
        line.state().execute(&source::masses(500, (1, 10))).await?;
        let said = until("the node says that its clock is behind", PATIENCE, || {
            Ok(capture_error(line)?.filter(|error| error.contains("behind")))
        })
        .await?;
        ensure!(line.size()? == size, "entries were appended");
        clocks.set_node(0)?;
        Ok(said.lines().next().unwrap_or_default().chars().take(90).collect())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_whose_clock_is_a_day_ahead_is_refused_by_name() -> Result<()> {
    let clocks = Clocks::new()?;
    let make = Make { lots: 100, binaries: Some(clocks.binaries()?), ..Make::default() };
    Fault {
        name: "clock ahead, node",
        done: "the node's clock goes 36 hours ahead, and then is set right",
        holds: "the exchange is refused as CLOCK_UNSOUND and goes on by itself",
    }
    .run(make, async |line| {
        clocks.set_node(36 * HOUR_US)?;
        let code = refused(line).await?;
        clocks.set_node(0)?;
        Ok(code)
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hub_whose_clock_is_a_day_behind_is_refused_by_name() -> Result<()> {
    let clocks = Clocks::new()?;
    let make = Make { lots: 100, binaries: Some(clocks.binaries()?), ..Make::default() };
    Fault {
        name: "clock back, hub",
        done: "the hub's clock goes back by 36 hours, and then is set right",
        holds: "the exchange is refused as CLOCK_UNSOUND and goes on by itself",
    }
    .run(make, async |line| {
        clocks.set_hub(-36 * HOUR_US)?;
        let code = refused(line).await?;
        clocks.set_hub(0)?;
        Ok(code)
    })
    .await
}

/// The code with which the exchange is refused.
async fn refused(line: &Line) -> Result<String> {
    until("the exchange is refused for the clock", PATIENCE, || {
        let error = line.seen(0)?["last_error"]["code"].as_str().map(str::to_owned);
        Ok(error.filter(|code| code.to_uppercase().contains("CLOCK")))
    })
    .await
}

/// What the last pass over a source says went wrong.
fn capture_error(line: &Line) -> Result<Option<String>> {
    let status = line.node_status(0)?;
    let passes = status["capture"].as_array().context("read the capture of a node")?;
    Ok(passes.iter().find_map(|pass| match &pass["last_error"] {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }))
}
