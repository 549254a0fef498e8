//! The part that does to the network what goes wrong in a ministry: short in the
//! ordinary run, long behind `--faults`.

mod follow;

use std::time::Duration;

use anyhow::Result;
use clap::ValueEnum;

use self::follow::Follow;
use super::cargo;
use crate::{house::House, log::Log};

/// Kills of the long form, unless the command line names another number.
const ROUNDS_LONG: u32 = 200;

/// The kinds of faults, as their tests are called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Fault {
    /// Weeks without a network, and revisions before the first pull
    Absence,
    /// Links of the second generation, and by satellite
    Afar,
    /// Clocks that jump
    Clock,
    /// Cables pulled out
    Cut,
    /// Disks that are full or read-only
    Disk,
    /// Kills at named phases and at any moment
    Kills,
    /// Processes that stand still
    Pause,
    /// The relay that shapes, measured
    Proxy,
    /// Peers that do not answer
    Retry,
}

/// How much is done, as the command line says.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Faults {
    pub(crate) is_long: bool,
    /// One kind; all without it.
    pub(crate) only: Option<Fault>,
    /// Kills, over all stores.
    pub(crate) rounds: Option<u32>,
    /// The round of each store at which the kills begin.
    pub(crate) from_round: Option<u32>,
    /// Of everything that is drawn.
    pub(crate) seed: Option<u64>,
}

impl Faults {
    /// Longer than this is hung: an hour for the slow links, and half a minute a kill.
    pub(super) const fn limit(self) -> Duration {
        let rounds = match self.rounds {
            Some(rounds) => rounds,
            None => ROUNDS_LONG,
        };
        let kills = Duration::from_secs(30 * rounds as u64);
        if self.is_long || self.rounds.is_some() {
            Duration::from_hours(1).saturating_add(kills)
        } else {
            Duration::from_mins(25)
        }
    }

    fn variables(self) -> Vec<(&'static str, String)> {
        let form = self.is_long.then(|| ("RMD_FAULTS", "long".to_owned()));
        let rounds = self.rounds.map(|rounds| ("RMD_FAULTS_ROUNDS", rounds.to_string()));
        let from = self.from_round.map(|round| ("RMD_FAULTS_FROM_ROUND", round.to_string()));
        let seed = self.seed.map(|seed| ("RMD_FAULTS_SEED", seed.to_string()));
        [form, rounds, from, seed].into_iter().flatten().collect()
    }
}

/// The note has what every fault says of itself: rounds, seeds, phases, and what shaped.
pub(crate) fn check(house: &House, log: &mut Log) -> Result<String> {
    let faults = house.faults;
    // Hours go by: who waits sees how far it is, and the seed, while it runs.
    let follow = faults.is_long.then(|| Follow::start(log.path().to_owned()));
    let kind = faults.only.and_then(|kind| kind.to_possible_value());
    let kind = kind.as_ref().map(clap::builder::PossibleValue::get_name);
    let counted = cargo::faults(house, log, kind, &faults.variables());
    drop(follow);
    let counted = counted?;
    let mut notes = vec![counted];
    notes.extend(told(&log.text()?));
    Ok(notes.join("\n  "))
}

/// What the faults say of themselves, in the order of their names.
fn told(log: &str) -> Vec<String> {
    let mut told: Vec<String> =
        log.lines().filter_map(|line| line.strip_prefix("fault ").map(str::to_owned)).collect();
    told.sort();
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_note_has_what_each_fault_says() {
        let log =
            "running 2 tests\nfault kill -9: 4 rounds, seed 7\ntest a ... ok\nfault 2G: slow\n";
        assert_eq!(told(log), ["2G: slow", "kill -9: 4 rounds, seed 7"]);
        assert!(told("no fault here").is_empty());
    }

    #[test]
    fn the_command_line_reaches_the_tests() {
        let long = Faults {
            is_long: true,
            rounds: Some(2_000),
            from_round: Some(640),
            seed: Some(7),
            ..Faults::default()
        };
        let texts = [
            ("RMD_FAULTS", "long"),
            ("RMD_FAULTS_ROUNDS", "2000"),
            ("RMD_FAULTS_FROM_ROUND", "640"),
            ("RMD_FAULTS_SEED", "7"),
        ];
        assert_eq!(long.variables(), texts.map(|(name, value)| (name, value.to_owned())));
        assert!(Faults::default().variables().is_empty());
        assert!(long.limit() > Faults { is_long: true, ..Faults::default() }.limit());
    }
}
