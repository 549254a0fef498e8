//! Power cuts at named phases and at any moment, of node and hub, while software writes.
//!
//! The victim writes a line to its log when it enters a phase of its work; the kill
//! follows after a time drawn over the length that the phase was measured to have. One
//! round in four is aimed at no phase. What counts is the phase in which the log says
//! that the victim died. After each round everything is compared.

use std::{
    collections::BTreeMap,
    path::Path,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};
use rand::{Rng as _, SeedableRng as _, rngs::StdRng};

use super::{Fault, Line, Make, form, writers::Writers};
use crate::kill::log;

/// Longest time after the begin of a phase at which a kill may be drawn: what
/// follows is waiting, not work.
const DELAY_US_MAX: u64 = 20_000;
/// A moment at which no phase is looked for.
const MOMENT_US_MAX: u64 = 600_000;
/// So many rounds a phase, and each of them must have been met.
const ROUNDS_A_PHASE: usize = 4;

/// Who is killed, and in what.
#[derive(Debug, Clone, Copy)]
struct Victim {
    name: &'static str,
    is_hub: bool,
    phases: &'static [&'static str],
}

const VICTIMS: [Victim; 2] = [
    Victim {
        name: "node",
        is_hub: false,
        phases: &["source-open", "mid-batch", "committed", "mid-frame", "mid-push"],
    },
    Victim { name: "hub", is_hub: true, phases: &["mid-frame", "committed", "mid-push"] },
];

#[tokio::test(flavor = "multi_thread")]
async fn kills_with_the_hub_on_sqlite_lose_and_double_nothing() -> Result<()> {
    let fault = Fault {
        name: "kill -9, hub on SQLite",
        done: "node and hub are killed in turn at named phases and at any moment",
        holds: "after each round the regional view is the source, every seq once, roots equal",
    };
    kills(fault, Make { sites: 500, lots: 500, log: LOG, ..Make::default() }).await
}

#[tokio::test(flavor = "multi_thread")]
async fn kills_with_the_hub_on_postgresql_lose_and_double_nothing() -> Result<()> {
    let fault = Fault {
        name: "kill -9, hub on PostgreSQL",
        done: "node and hub are killed in turn at named phases and at any moment",
        holds: "after each round the regional view is the source, every seq once, roots equal",
    };
    let make = Make { sites: 500, lots: 500, hub_on_postgres: true, log: LOG, ..Make::default() };
    kills(fault, make).await
}

const LOG: Option<&str> = Some("info,rmd_node=debug,rmd_hub=debug");

/// Kills of one victim by the phase in which it was.
type Hits = BTreeMap<&'static str, BTreeMap<String, usize>>;

async fn kills(fault: Fault, make: Make) -> Result<()> {
    let rounds = form().rounds.div_ceil(2);
    let first = form().from_round;
    ensure!(first <= rounds, "a run of {rounds} rounds a store has no round {first}");
    let store: u64 = if make.hub_on_postgres { 0x5051 } else { 0x5351 };
    fault
        .run(make, async |line| {
            let mut hits = Hits::new();
            line.decide(0).await?;
            line.settle().await?;
            for round in first..=rounds {
                let victim = VICTIMS[round % 2];
                // Each round draws for itself, so that a run can be taken up again anywhere.
                let drawn = form().seed ^ store.rotate_left(32) ^ round as u64;
                let mut random = StdRng::seed_from_u64(drawn);
                let hit = round_of(line, victim, &mut hits, round, &mut random)
                    .await
                    .with_context(|| again(round, rounds))?;
                *hits.entry(victim.name).or_default().entry(hit).or_default() += 1;
            }
            every_phase(&hits, rounds + 1 - first)?;
            Ok(format!("{} rounds, seed {}, {hits:?}", rounds + 1 - first, form().seed))
        })
        .await
}

/// How to take a run up again at a round.
fn again(round: usize, rounds: usize) -> String {
    format!(
        "round {round} of {rounds}; again from there: cargo verify -- --faults --fault kills \
         --rounds {} --from-round {round} --seed {}",
        form().rounds,
        form().seed
    )
}

/// Enough rounds have met every phase of each victim.
fn every_phase(hits: &Hits, rounds: usize) -> Result<()> {
    for victim in VICTIMS {
        let met = hits.get(victim.name);
        let missed: Vec<&&str> = victim
            .phases
            .iter()
            .filter(|phase| !met.is_some_and(|met| met.contains_key(**phase)))
            .collect();
        let is_enough = rounds / VICTIMS.len() >= ROUNDS_A_PHASE * victim.phases.len();
        ensure!(
            missed.is_empty() || !is_enough,
            "{} never killed in {missed:?}: {hits:?}",
            victim.name
        );
    }
    Ok(())
}

/// One kill, and everything in order again after it: the phase that it met.
#[expect(clippy::print_stdout, reason = "a run reports each round, so that it can be repeated")]
async fn round_of(
    line: &mut Line,
    victim: Victim,
    hits: &mut Hits,
    round: usize,
    random: &mut StdRng,
) -> Result<String> {
    let file = line.log_of(victim.is_hub).to_owned();
    let aim = aim(victim, hits, &file, random)?;
    let from = log::length(&file)?;
    let writers = Writers::start(line.state(), random.r#gen());
    if aim.phase == Some("mid-push") {
        line.decide(round).await?;
    }
    let watched = (file.clone(), aim);
    tokio::task::spawn_blocking(move || watched.1.wait(&watched.0, from)).await??;
    let network = &mut line.network;
    if victim.is_hub {
        network.hub.kill()?;
        network.restart_hub()?;
    } else {
        network.nodes[0].process.kill()?;
        network.restart_node(0)?;
    }
    let hit = log::last_phase(&file, from)?.unwrap_or_else(|| "idle".to_owned());
    let wrote = writers.stop().await?;
    println!(
        "round {round} ({}): {} aimed at {} + {} µs, hit {hit}, {wrote} writes",
        line.store_name(),
        victim.name,
        aim.phase.unwrap_or("any moment"),
        aim.delay.as_micros()
    );
    ensure!(wrote > 0, "nothing was written");
    line.settle().await.with_context(|| format!("{} killed in {hit}", victim.name))?;
    Ok(hit)
}

/// When the kill comes.
#[derive(Debug, Clone, Copy)]
struct Aim {
    /// None for no matter which.
    phase: Option<&'static str>,
    delay: Duration,
}

impl Aim {
    fn wait(self, log: &Path, from: u64) -> Result<()> {
        if let Some(phase) = self.phase {
            log::wait_for(log, from, phase)?;
        }
        let begun = Instant::now();
        // A timer of the runtime is coarser than most phases.
        while begun.elapsed() < self.delay {
            std::hint::spin_loop();
        }
        Ok(())
    }
}

fn aim(victim: Victim, hits: &Hits, log: &Path, random: &mut StdRng) -> Result<Aim> {
    if random.gen_ratio(1, 4) {
        let delay = Duration::from_micros(random.gen_range(0..MOMENT_US_MAX));
        return Ok(Aim { phase: None, delay });
    }
    let count = |phase: &&&str| {
        hits.get(victim.name).and_then(|hits| hits.get(**phase)).copied().unwrap_or_default()
    };
    let phase = *victim.phases.iter().min_by_key(count).context("find a phase")?;
    let lengths = log::lengths(log)?;
    let length = lengths.get(phase).copied().unwrap_or(1_000).clamp(1, DELAY_US_MAX);
    Ok(Aim { phase: Some(phase), delay: Duration::from_micros(random.gen_range(0..length)) })
}
