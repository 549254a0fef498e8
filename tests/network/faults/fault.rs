//! What a fault is called, and how much of it is done.

use std::{fmt::Display, sync::OnceLock};

use anyhow::{Context as _, Result};

use super::{Line, Make};

/// Rounds of kills of the ordinary run, over all stores.
const ROUNDS_SHORT: usize = 8;
/// And of the long one.
const ROUNDS_LONG: usize = 200;

/// How much is done.
#[derive(Debug, Clone, Copy)]
pub(super) struct Form {
    /// Hours of a bad network instead of seconds.
    pub(super) is_long: bool,
    /// Kills, over all stores.
    pub(super) rounds: usize,
    /// The round of each store at which a run begins that was broken off.
    pub(super) from_round: usize,
    /// Of everything that is drawn.
    pub(super) seed: u64,
}

/// The form of this run, from RMD_FAULTS and the variables that begin with it.
pub(super) fn form() -> Form {
    static FORM: OnceLock<Form> = OnceLock::new();
    *FORM.get_or_init(|| {
        let variable = |name: &str| std::env::var(name).ok().filter(|text| !text.is_empty());
        let number = |name: &str| {
            variable(name)
                .map(|text| text.parse::<u64>().unwrap_or_else(|error| panic!("{name}: {error}")))
        };
        let is_long = variable("RMD_FAULTS").is_some_and(|form| form == "long");
        let count = |name: &str| number(name).and_then(|rounds| usize::try_from(rounds).ok());
        let rounds = if is_long { ROUNDS_LONG } else { ROUNDS_SHORT };
        let form = Form {
            is_long,
            rounds: count("RMD_FAULTS_ROUNDS").unwrap_or(rounds),
            from_round: count("RMD_FAULTS_FROM_ROUND").unwrap_or(1).max(1),
            seed: number("RMD_FAULTS_SEED").unwrap_or_else(rand::random),
        };
        // First of all: a run that is ended from outside can be repeated too.
        say(&format!("seed {}, {} kills", form.seed, form.rounds));
        form
    })
}

#[expect(clippy::print_stdout, reason = "a run reports what it did")]
fn say(what: &str) {
    println!("fault {what}");
}

/// One fault.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fault {
    pub(super) name: &'static str,
    /// What is done.
    pub(super) done: &'static str,
    /// What must hold, beside what holds after every fault.
    pub(super) holds: &'static str,
}

impl Fault {
    /// Starts a network, does the fault to it, and settles.
    pub(super) async fn run(
        &self,
        make: Make,
        act: impl AsyncFnOnce(&mut Line) -> Result<String>,
    ) -> Result<()> {
        let mut line = Line::new(make).await.with_context(|| self.told())?;
        let note = act(&mut line).await.with_context(|| self.told())?;
        line.settle().await.with_context(|| self.told())?;
        self.note(note);
        Ok(())
    }

    /// A line for the log, and for the note of `cargo verify`.
    pub(super) fn note(&self, note: impl Display) {
        say(&format!("{}: {note}", self.name));
    }

    fn told(&self) -> String {
        let Self { name, done, holds } = self;
        format!("{name} ({done}; {holds}), seed {}", form().seed)
    }
}
