//! The command line of `cargo verify`.

use clap::Parser;

use crate::part::{
    Part,
    faults::{Fault, Faults},
    fuzz::Fuzz,
};

const EXAMPLES: &str = "\
Examples:
  cargo verify                              everything, as CI does
  cargo verify -- --list                    the parts in their order
  cargo verify -- --only tidy               one part
  cargo verify -- --only fmt --only clippy  two parts
  cargo verify -- --json                    one JSON object at the end
  cargo verify -- --only deny --advisories  known faults of dependencies too
  cargo verify -- --faults                  the faults at length: 200 kills, hours of bad network
  cargo verify -- --faults --rounds 2000    more kills
  cargo verify -- --faults --seed 7         a run once more, with the seed that it printed
  cargo verify -- --faults --fault clock    one kind of fault
  cargo verify -- --faults --fault kills --rounds 2000 --from-round 640 --seed 7
                                            kills that were broken off, from there on
  cargo verify -- --only fuzz --fuzz-seconds 600
                                            ten minutes of inputs for every reader
  cargo verify -- --only generated --write-generated
                                            write the generated documents anew

The output of each part is kept in target/verify/PART.log. The exit code is 0 if all
parts passed and 1 if one failed. Parts that need other programs install them as root
on Debian, and elsewhere print the command that does.";

/// Runs every check and test, and prints the time of each part
#[derive(Debug, Parser)]
#[command(name = "cargo verify --", bin_name = "cargo verify --", after_help = EXAMPLES)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub(crate) struct Cli {
    /// Run this part only; may be given more than once
    #[arg(long, value_enum, value_name = "PART")]
    only: Vec<Part>,

    /// List the parts in their order, and end
    #[arg(long)]
    pub(crate) list: bool,

    /// Print one JSON object on standard output, progress on standard error
    #[arg(long)]
    pub(crate) json: bool,

    /// In part deny, ask the database of advisories too; it has to be reachable
    #[arg(long)]
    pub(crate) advisories: bool,

    /// Run part faults in its long form, and no other part unless it is named
    #[arg(long)]
    faults: bool,

    /// In part faults, kill so many times
    #[arg(long, value_name = "N")]
    rounds: Option<u32>,

    /// In part faults, this kind alone
    #[arg(long, value_enum, value_name = "FAULT")]
    fault: Option<Fault>,

    /// In part faults, begin the kills of each store at this round
    #[arg(long, value_name = "N")]
    from_round: Option<u32>,

    /// In the parts faults and fuzz, draw from this seed
    #[arg(long, value_name = "S")]
    seed: Option<u64>,

    /// In part fuzz, draw inputs for so many seconds, over all readers
    #[arg(long, value_name = "N")]
    fuzz_seconds: Option<u32>,

    /// In part generated, write the files anew instead of comparing them
    #[arg(long)]
    pub(crate) write_generated: bool,
}

impl Cli {
    /// The parts to run, always in the one order.
    pub(crate) fn parts(&self) -> impl Iterator<Item = Part> + '_ {
        Part::ALL.into_iter().filter(|part| {
            let is_chosen = self.only.is_empty() && !self.faults || self.only.contains(part);
            is_chosen || self.faults && matches!(part, Part::Tools | Part::Faults)
        })
    }

    /// How much part fuzz does.
    pub(crate) const fn fuzz(&self) -> Fuzz {
        Fuzz { seconds: self.fuzz_seconds, seed: self.seed }
    }

    /// How much part faults does.
    pub(crate) const fn faults(&self) -> Faults {
        Faults {
            is_long: self.faults,
            only: self.fault,
            rounds: self.rounds,
            from_round: self.from_round,
            seed: self.seed,
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn parts_run_in_their_order_whatever_order_they_are_named_in() {
        let cli = Cli::parse_from(["verify", "--only", "tidy", "--only", "fmt"]);
        assert_eq!(cli.parts().collect::<Vec<_>>(), [Part::Fmt, Part::Tidy]);
        assert_eq!(Cli::parse_from(["verify"]).parts().count(), Part::ALL.len());
    }

    #[test]
    fn the_long_faults_run_alone_with_their_tools() {
        let cli = Cli::parse_from(["verify", "--faults", "--rounds", "2000"]);
        assert_eq!(cli.parts().collect::<Vec<_>>(), [Part::Tools, Part::Faults]);
        assert!(cli.faults().is_long);
    }

    #[test]
    fn one_kind_of_fault_can_be_named() {
        let cli = Cli::parse_from(["verify", "--faults", "--fault", "clock"]);
        assert_eq!(cli.faults().only, Some(Fault::Clock));
        assert!(Cli::try_parse_from(["verify", "--faults", "--fault", "flood"]).is_err());
    }

    #[test]
    fn a_part_that_does_not_exist_is_bad_usage() {
        assert!(Cli::try_parse_from(["verify", "--only", "nothing"]).is_err());
    }
}
