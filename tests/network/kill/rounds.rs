//! The rounds: change the source, wait for a phase, kill, start again.

use std::{
    collections::BTreeMap,
    path::PathBuf,
    time::{Duration, Instant},
};

use anyhow::Result;
use rand::{Rng as _, SeedableRng as _, rngs::StdRng};
use rmd_demo::{binaries::Binaries, exchange, states::State};

use super::log;
use crate::harness::{Make, World, now_us};

/// Who is killed.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Victim {
    Node,
    Hub,
}

/// One run.
pub(crate) struct Plan<'a> {
    pub(crate) victim: Victim,
    pub(crate) phases: &'a [&'a str],
    pub(crate) rounds: usize,
    /// Binaries with a fault built in, whose hub takes over after the first exchange.
    pub(crate) mutant: Option<Binaries>,
}

/// What a run showed.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) seed: u64,
    /// Kills, for each phase in which the victim was.
    pub(crate) hits: BTreeMap<String, usize>,
    /// Rounds that did not end, differences, stores that do not verify.
    pub(crate) faults: Vec<String>,
}

impl Outcome {
    /// The phase to aim at next.
    fn least_hit<'a>(&self, phases: &[&'a str]) -> &'a str {
        let hits = |phase: &&&str| self.hits.get(**phase).copied().unwrap_or_default();
        phases.iter().min_by_key(hits).copied().unwrap_or("committed")
    }

    pub(crate) fn assert_sound(&self, phases: &[&str]) {
        assert!(self.faults.is_empty(), "seed {}: {:#?}", self.seed, self.faults);
        for phase in phases {
            assert!(
                self.hits.contains_key(*phase),
                "seed {}: {phase} was never hit: {:?}",
                self.seed,
                self.hits
            );
        }
    }
}

/// Longest time after the begin of a phase at which a kill may be drawn: what
/// follows is waiting, not work.
const DELAY_US_MAX: u64 = 20_000;

/// Runs every round and compares at the end.
#[expect(clippy::print_stdout, reason = "a run reports its seed and the phase of each round")]
pub(crate) async fn run(plan: Plan<'_>) -> Result<Outcome> {
    let given = std::env::var("RMD_KILL_SEED").ok().and_then(|text| text.parse().ok());
    let seed = given.unwrap_or_else(rand::random);
    let mut random = StdRng::seed_from_u64(seed);
    let log = Some("info,rmd_node=debug,rmd_hub=debug");
    // A quarter of the sites changes in each round.
    let make = Make { log, more: Some(many_sites), unbraked: true, ..Make::default() };
    let mut world = World::new(make).await?;
    work(&mut world, 0).await?;
    let mut lengths = log::lengths(&log_of(&world, plan.victim))?;
    println!("seed {seed}, {:?}, median length of each phase in µs: {lengths:?}", plan.victim);
    if let Some(mutant) = plan.mutant {
        world.network.binaries.hub = mutant.hub;
        world.network.hub.kill()?;
        world.network.restart_hub()?;
    }

    let mut outcome = Outcome { seed, hits: BTreeMap::new(), faults: Vec::new() };
    for round in 1..=plan.rounds {
        let aimed = outcome.least_hit(plan.phases);
        let length = lengths.entry(aimed.to_owned()).or_insert(1000);
        *length = (*length).clamp(1, DELAY_US_MAX);
        let delay = Duration::from_micros(random.gen_range(0..*length));
        match kill(&mut world, plan.victim, round, aimed, delay).await {
            Ok(hit) => {
                println!("round {round}: aimed at {aimed} + {} µs, hit {hit}", delay.as_micros());
                // The first load took longer over the phase than a round does.
                if hit != aimed {
                    *length /= 2;
                }
                *outcome.hits.entry(hit).or_default() += 1;
            }
            Err(error) => {
                outcome.faults.push(format!("round {round}, aimed at {aimed}: {error:#}"));
                return Ok(outcome);
            }
        }
    }
    println!("hits: {:?}", outcome.hits);
    if let Err(error) = work(&mut world, plan.rounds + 1).await {
        outcome.faults.push(format!("after the last round: {error:#}"));
    }
    outcome.faults.extend(world.differences().await?);
    if let Err(error) = world.verify_stores() {
        outcome.faults.push(format!("{error:#}"));
    }
    Ok(outcome)
}

/// One kill, and everything in order again after it.
async fn kill(
    world: &mut World,
    victim: Victim,
    round: usize,
    aimed: &str,
    delay: Duration,
) -> Result<String> {
    let file = log_of(world, victim);
    let from = log::length(&file)?;
    world.states[0].execute(&change(round)).await?;
    if aimed == "mid-push" {
        decide(world, round)?;
    }
    let watched = (file.clone(), aimed.to_owned());
    tokio::task::spawn_blocking(move || {
        log::wait_for(&watched.0, from, &watched.1)?;
        let begun = Instant::now();
        // A timer of the runtime is coarser than most phases.
        while begun.elapsed() < delay {
            std::hint::spin_loop();
        }
        anyhow::Ok(())
    })
    .await??;
    let begun = now_us();
    match victim {
        Victim::Node => {
            world.network.nodes[0].process.kill()?;
            world.network.restart_node(0)?;
        }
        Victim::Hub => {
            world.network.hub.kill()?;
            world.network.restart_hub()?;
        }
    }
    let hit = log::last_phase(&file, from)?.unwrap_or_else(|| "idle".to_owned());
    world.exchange_since(begun).await?;
    Ok(hit)
}

/// A change and a decision, carried out to the end.
async fn work(world: &mut World, round: usize) -> Result<()> {
    let begun = now_us();
    world.states[0].execute(&change(round)).await?;
    decide(world, round)?;
    world.exchange_since(begun).await?;
    exchange::bulletins_applied(&mut world.network).await
}

fn decide(world: &World, round: usize) -> Result<()> {
    let document = world.folder.path().join("decision.txt");
    std::fs::write(&document, format!("Decision {round}\n"))?;
    let document = document.display().to_string();
    let status = ["red", "yellow"][round % 2];
    let reason = format!("Round {round}");
    let decision = ["site", "set-status", "RW-1.7402+29.9901-1002", status, "--by", "Officer"];
    world
        .network
        .hub_command(&[&decision[..], &["--reason", &reason, "--document", &document]].concat())?;
    Ok(())
}

fn log_of(world: &World, victim: Victim) -> PathBuf {
    match victim {
        Victim::Node => world.network.nodes[0].process.log.clone(),
        Victim::Hub => world.network.hub.log.clone(),
    }
}

/// Two thousand more sites in COD, so that every phase takes its time.
fn many_sites(state: &State) -> String {
    if state.country != "COD" {
        return String::new();
    }
    "INSERT INTO visites (vid, pcode, name, visit_date, longitude, latitude, province, territoire, workers_numb,
                          mineral1, mineral2, mineral3, qualification, source, project)
     WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)
     SELECT 100000 + i, printf('round%06d', i), 'Site ' || i, '2016-05-01', 27.5 + i * 0.0007, -2.0 - i * 0.0003,
            'Maniema', 'Kailo', '10', 'Or', '', '', 'Vert', 'Ministère des Mines', 'Rounds'
     FROM n"
        .to_owned()
}

fn change(round: usize) -> String {
    format!(
        "UPDATE visites SET workers_numb = '{}', modifie_le = strftime('%Y-%m-%d %H:%M:%S', 'now', '+2 hours')
         WHERE vid > 100000 AND vid % 4 = {}",
        11 + round,
        round % 4
    )
}
