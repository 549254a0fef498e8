//! Draws inputs for one target until its time is up.

use std::{
    env, fs,
    path::Path,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use proptest::{
    prelude::*,
    test_runner::{Config, RngAlgorithm, TestError, TestRng, TestRunner},
};
use rmd_fuzz::{Answer, TARGETS, Target, seeds};

use crate::{MEMORY, corpus, damage::damaged, shapes};

/// Memory is counted for the whole process.
pub(crate) static ALONE: Mutex<()> = Mutex::new(());

/// Over all targets, unless the environment says otherwise.
const SECONDS: u64 = 20;

/// Inputs that are drawn from one seed, so that one can be tried again soon.
const BATCH: u32 = 64;

/// What C code holds (zstd, zlib) is not counted one by one; this is the process.
const RESIDENT_KIB_MAX: u64 = 512 << 10;

/// What a hunt has seen.
#[derive(Default)]
struct Tally {
    inputs: u64,
    taken: u64,
    memory: usize,
}

/// Tries what is kept, then what is drawn. Prints one line of what was done.
pub(crate) fn hunt(name: &str) {
    // One hunt that failed does not fail the others.
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let target = *TARGETS.iter().find(|target| target.name == name).unwrap();
    let mut seeds = seeds::of(name);
    let mut tally = Tally::default();
    for seed in &seeds {
        let answer = tally.try_input(target, seed).unwrap();
        assert_eq!(answer, Answer::Taken, "what its own writers write is taken");
    }
    let kept = corpus::kept(name);
    for (file, bytes) in &kept {
        tally.try_input(target, bytes).unwrap_or_else(|fault| panic!("{name}/{file}: {fault}"));
    }
    seeds.extend(kept.into_iter().map(|(_, bytes)| bytes));
    let first_seed = number("RMD_FUZZ_SEED").unwrap_or_else(rand::random::<u64>);
    let seconds = number("RMD_FUZZ_SECONDS").unwrap_or(SECONDS);
    let time = Duration::from_secs(seconds) / u32::try_from(TARGETS.len()).unwrap();
    let inputs = inputs(name, seeds);
    let end = Instant::now() + time;
    let mut seed = first_seed;
    loop {
        batch(target, &inputs, seed, &mut tally);
        if Instant::now() >= end {
            break;
        }
        seed = seed.wrapping_add(1);
    }
    let Tally { inputs, taken, memory } = tally;
    println!(
        "fuzz {name}: {inputs} inputs, {taken} taken, {} KiB held at most, seed {first_seed}",
        memory >> 10
    );
    if let Some(resident) = resident_kib() {
        assert!(resident < RESIDENT_KIB_MAX, "{name}: {resident} KiB are resident");
    }
}

impl Tally {
    /// Runs the target once, and holds what it took in memory against its limit.
    fn try_input(&mut self, target: Target, bytes: &[u8]) -> Result<Answer, String> {
        let before = MEMORY.current_usage();
        MEMORY.reset_peak_usage();
        let answer = (target.run)(bytes);
        let held = MEMORY.peak_usage().saturating_sub(before);
        self.inputs += 1;
        self.taken += u64::from(answer == Answer::Taken);
        self.memory = self.memory.max(held);
        if held > target.memory_max {
            let (length, limit) = (bytes.len(), target.memory_max);
            return Err(format!("{length} bytes of input made it hold {held}, {limit} at most"));
        }
        Ok(answer)
    }
}

/// Damaged inputs, drawn ones, drawn ones that were damaged, and noise.
fn inputs(name: &str, seeds: Vec<Vec<u8>>) -> BoxedStrategy<Vec<u8>> {
    let noise = prop::collection::vec(any::<u8>(), 0..300);
    match shapes::of(name) {
        Some(shape) => {
            let mut runner = TestRunner::deterministic();
            let mut drawn = seeds.clone();
            drawn.extend((0..50).map(|_| shape.new_tree(&mut runner).unwrap().current()));
            prop_oneof![
                5 => damaged(seeds),
                4 => shape,
                2 => damaged(drawn),
                1 => noise,
            ]
            .boxed()
        }
        None => prop_oneof![9 => damaged(seeds), 1 => noise].boxed(),
    }
}

/// Draws a batch from a seed. What fails is shrunk, kept in the folder of the build,
/// and printed with what is needed to try it again.
fn batch(target: Target, inputs: &BoxedStrategy<Vec<u8>>, seed: u64, tally: &mut Tally) {
    let config = Config { cases: BATCH, failure_persistence: None, ..Config::default() };
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let tally = Mutex::new(tally);
    let result = TestRunner::new_with_rng(config, rng).run(inputs, |bytes| {
        let mut tally = tally.lock().unwrap_or_else(PoisonError::into_inner);
        tally.try_input(target, &bytes).map(drop).map_err(TestCaseError::fail)
    });
    match result {
        Ok(()) => {}
        Err(TestError::Fail(reason, input)) => {
            let name = target.name;
            let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{seed}"));
            fs::write(&path, &input).unwrap();
            panic!(
                "{name} broke its promise: {reason}\n\
                 {} bytes of input are in {}; keep them as corpus/{name}/found-NAME\n\
                 again: RMD_FUZZ_SEED={seed} cargo test -p rmd-fuzz --test stable\n{:?}",
                input.len(),
                path.display(),
                String::from_utf8_lossy(&input[..input.len().min(400)]),
            );
        }
        Err(TestError::Abort(reason)) => {
            panic!("{}: nothing could be drawn: {reason}", target.name)
        }
    }
}

fn number(variable: &str) -> Option<u64> {
    let text = env::var(variable).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{variable}={text} is no number")))
}

/// The most that this process held resident; none where there is no `/proc`.
fn resident_kib() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}
