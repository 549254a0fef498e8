//! National software that writes all the time.
//!
//! Changes few records many times, so that what happens is the fault and not the
//! brake of the node.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use anyhow::{Context as _, Result};
use rand::{Rng as _, SeedableRng as _, rngs::StdRng};
use rmd_demo::states::State;
use tokio::{task::JoinSet, time::interval};

use super::source::NOW;

/// A clerk needs longer; ten of them do not.
const PAUSE: Duration = Duration::from_millis(25);
/// Records that are changed: the sites and lots with the first numbers.
const RECORDS: u32 = 25;

/// Writers at work; they stop when told, or with the value.
#[derive(Debug)]
pub(super) struct Writers {
    tasks: JoinSet<Result<usize>>,
    is_over: Arc<AtomicBool>,
}

impl Writers {
    /// Starts two of them on the database of a state.
    pub(super) fn start(state: &State, seed: u64) -> Self {
        let is_over = Arc::new(AtomicBool::new(false));
        let mut tasks = JoinSet::new();
        for number in 0..2 {
            let random = StdRng::seed_from_u64(seed.wrapping_add(number));
            tasks.spawn(write(state.clone(), random, is_over.clone()));
        }
        Self { tasks, is_over }
    }

    /// Lets each finish what it does; how much they wrote.
    pub(super) async fn stop(mut self) -> Result<usize> {
        self.is_over.store(true, Ordering::Relaxed);
        let mut written = 0;
        while let Some(ended) = self.tasks.join_next().await {
            written += ended.context("join a writer")??;
        }
        Ok(written)
    }
}

async fn write(state: State, mut random: StdRng, is_over: Arc<AtomicBool>) -> Result<usize> {
    let mut turns = interval(PAUSE);
    let mut written = 0;
    while !is_over.load(Ordering::Relaxed) {
        turns.tick().await;
        match state.execute(&statement(&mut random)).await {
            Ok(()) => written += 1,
            // Somebody else writes, or reads for long: the clerk tries again.
            Err(error) if format!("{error:#}").contains("locked") => {}
            Err(error) => return Err(error),
        }
    }
    Ok(written)
}

/// What a clerk does next: a value, a child row, two tables at once, or two changes
/// of the same record in one transaction.
fn statement(random: &mut StdRng) -> String {
    let record = 100_000 + random.gen_range(1..=RECORDS);
    let number = random.gen_range(1..900);
    let site = format!(
        "UPDATE visites SET workers_numb = '{number}', modifie_le = {NOW} WHERE vid = {record};"
    );
    let lot =
        format!("UPDATE lots SET poids_kg = '{number}.5', modifie_le = {NOW} WHERE id = {record};");
    let tag = format!(
        "INSERT INTO etiquettes VALUES ({record}, 'W-{number}', 'CD-SAEMAPE', '2017-09-05', '09:00:00', {NOW})
         ON CONFLICT (lot, numero) DO UPDATE SET heure = '09:{:02}:00', modifie_le = {NOW};",
        number % 60
    );
    match random.gen_range(0..5) {
        0 => site,
        1 => lot,
        2 => tag,
        3 => format!("BEGIN IMMEDIATE; {site} {lot} COMMIT;"),
        _ => format!(
            "BEGIN IMMEDIATE; {lot} UPDATE lots SET nombre_colis = {number}, modifie_le = {NOW} WHERE id = {record}; {tag} COMMIT;"
        ),
    }
}
