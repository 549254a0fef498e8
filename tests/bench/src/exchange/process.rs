//! What a process has used of the machine.

use std::fs;

use anyhow::{Context as _, Result};
use rmd_demo::network::Process;

/// Ticks of the kernel in a second, on every machine that Linux runs on here.
const TICKS: f64 = 100.0;

/// Processor time of a process, all its threads together.
#[derive(Debug, Clone, Copy)]
pub(super) struct Used {
    pub(super) seconds: f64,
}

impl Used {
    /// User and system time since its start.
    pub(super) fn by(process: &Process) -> Result<Self> {
        let path = format!("/proc/{}/stat", process.id());
        let text = fs::read_to_string(&path).with_context(|| format!("read {path}"))?;
        // The name of the program stands in brackets and may hold blanks.
        let (_, rest) = text.rsplit_once(')').context("find the name of the program")?;
        let ticks = |field: usize| -> Result<f64> {
            let text = rest.split_whitespace().nth(field).context("find the processor time")?;
            Ok(text.parse()?)
        };
        Ok(Self { seconds: (ticks(11)? + ticks(12)?) / TICKS })
    }
}
