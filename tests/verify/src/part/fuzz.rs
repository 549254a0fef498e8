//! The part that gives readers of foreign bytes what nobody would write: the stable form
//! of the targets in `tests/fuzz`, short in the ordinary run.

use std::time::Duration;

use anyhow::Result;

use super::cargo;
use crate::{house::House, log::Log};

/// How much is drawn, as the command line says.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Fuzz {
    /// Over all targets.
    pub(crate) seconds: Option<u32>,
    /// Of everything that is drawn.
    pub(crate) seed: Option<u64>,
}

impl Fuzz {
    /// Longer than this is hung: a build, twice the time, and what shrinking takes.
    pub(super) const fn limit(self) -> Duration {
        let seconds = match self.seconds {
            Some(seconds) => seconds,
            None => 0,
        };
        Duration::from_mins(15).saturating_add(Duration::from_secs(2 * seconds as u64))
    }

    fn variables(self) -> Vec<(&'static str, String)> {
        let seconds = self.seconds.map(|seconds| ("RMD_FUZZ_SECONDS", seconds.to_string()));
        let seed = self.seed.map(|seed| ("RMD_FUZZ_SEED", seed.to_string()));
        [seconds, seed].into_iter().flatten().collect()
    }
}

/// The note has what every target says of itself: inputs, memory, seed.
pub(crate) fn check(house: &House, log: &mut Log) -> Result<String> {
    let counted = cargo::fuzz(house, log, &house.fuzz.variables())?;
    let mut notes = vec![counted];
    notes.extend(told(&log.text()?));
    Ok(notes.join("\n  "))
}

/// The lines of the targets, in the order of their names. The harness writes the name
/// of a test in front of the first line that it prints.
fn told(log: &str) -> Vec<String> {
    let line = |line: &str| line.split_once("fuzz ").map(|(_, told)| told.to_owned());
    let mut told: Vec<String> =
        log.lines().filter(|line| line.contains(" inputs, ")).filter_map(line).collect();
    told.sort();
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_note_has_what_each_target_says() {
        let log = "running 2 tests\ntest a ... fuzz frame: 7 inputs, 1 taken\nok\n\
                   fuzz entry: 9 inputs, 2 taken\n$ cargo test -p rmd-fuzz --test\n";
        assert_eq!(told(log), ["entry: 9 inputs, 2 taken", "frame: 7 inputs, 1 taken"]);
        assert!(told("nothing here").is_empty());
    }

    #[test]
    fn the_command_line_reaches_the_targets() {
        let long = Fuzz { seconds: Some(600), seed: Some(7) };
        let texts = [("RMD_FUZZ_SECONDS", "600"), ("RMD_FUZZ_SEED", "7")];
        assert_eq!(long.variables(), texts.map(|(name, value)| (name, value.to_owned())));
        assert!(Fuzz::default().variables().is_empty());
        assert!(long.limit() > Fuzz::default().limit());
    }
}
