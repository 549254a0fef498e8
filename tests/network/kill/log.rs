//! Reads phases out of the log of a process while it is written.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{Read as _, Seek as _, SeekFrom},
    path::Path,
    time::{Duration, Instant},
};

use anyhow::{Result, bail};
use serde_json::Value;

/// Longest wait for a phase to begin.
const PATIENCE: Duration = Duration::from_mins(1);

/// How far the log has been written.
pub(crate) fn length(log: &Path) -> Result<u64> {
    Ok(fs::metadata(log)?.len())
}

/// Waits, without giving up the processor, until a line after `from` enters `phase`.
pub(crate) fn wait_for(log: &Path, from: u64, phase: &str) -> Result<()> {
    let mark = format!("\"phase\":\"{phase}\"");
    let mut file = File::open(log)?;
    file.seek(SeekFrom::Start(from))?;
    let begun = Instant::now();
    let mut seen = String::new();
    let mut bytes = Vec::new();
    while begun.elapsed() < PATIENCE {
        bytes.clear();
        file.read_to_end(&mut bytes)?;
        seen.push_str(&String::from_utf8_lossy(&bytes));
        if seen.contains(&mark) {
            return Ok(());
        }
        // A mark may be cut in two by the end of what is written so far.
        let keep = seen.char_indices().rev().nth(mark.len()).map_or(0, |(at, _)| at);
        seen.drain(..keep);
    }
    bail!("no line of {} entered the phase {phase}", log.display())
}

/// The last phase that a line after `from` entered.
pub(crate) fn last_phase(log: &Path, from: u64) -> Result<Option<String>> {
    let text = fs::read(log)?;
    let text = String::from_utf8_lossy(&text[usize::try_from(from)?..]).into_owned();
    Ok(text.lines().rev().find_map(|line| phase_of(line).map(|(phase, _)| phase)))
}

/// The median of how long each phase lasted, in microseconds: from its line
/// to the next line with a phase.
pub(crate) fn lengths(log: &Path) -> Result<BTreeMap<String, u64>> {
    let text = fs::read_to_string(log)?;
    let marks: Vec<(String, i64)> = text.lines().filter_map(phase_of).collect();
    let mut all: BTreeMap<String, Vec<u64>> = BTreeMap::new();
    for pair in marks.windows(2) {
        let took = u64::try_from(pair[1].1 - pair[0].1).unwrap_or_default();
        all.entry(pair[0].0.clone()).or_default().push(took);
    }
    let median = |mut took: Vec<u64>| {
        took.sort_unstable();
        took[took.len() / 2]
    };
    Ok(all.into_iter().map(|(phase, took)| (phase, median(took))).collect())
}

fn phase_of(line: &str) -> Option<(String, i64)> {
    let event: Value = serde_json::from_str(line).ok()?;
    let at: jiff::Timestamp = event["timestamp"].as_str()?.parse().ok()?;
    Some((event["phase"].as_str()?.to_owned(), at.as_microsecond()))
}
