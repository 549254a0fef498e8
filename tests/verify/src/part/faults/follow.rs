//! Shows how far a long run is, from the log that it writes.

use std::{
    fs::File,
    io::{Read as _, Seek as _, SeekFrom},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use crate::report;

/// How often the log is looked at.
const LOOK: Duration = Duration::from_secs(1);
/// Of the rounds of kills, one in so many is shown.
const ROUNDS: usize = 20;

/// Reads along until it is dropped.
#[derive(Debug)]
pub(super) struct Follow {
    is_over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Follow {
    pub(super) fn start(log: PathBuf) -> Self {
        let is_over = Arc::new(AtomicBool::new(false));
        let told = is_over.clone();
        let thread = thread::spawn(move || follow(&log, &told));
        Self { is_over, thread: Some(thread) }
    }
}

fn follow(log: &Path, is_over: &AtomicBool) {
    let mut from = 0;
    loop {
        // What was written last is read too.
        let is_last = is_over.load(Ordering::Acquire);
        let lines = new_lines(log, &mut from);
        for line in lines.iter().filter(|line| is_worth_showing(line)) {
            report::aside(&format!("  {line}"));
        }
        if is_last {
            return;
        }
        thread::park_timeout(LOOK);
    }
}

impl Drop for Follow {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Release);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            // A thread that panicked has shown nothing; what counts stands in the log.
            let _ = thread.join();
        }
    }
}

/// The whole lines since the last look. A log that cannot be read has none.
fn new_lines(log: &Path, from: &mut u64) -> Vec<String> {
    let mut bytes = Vec::new();
    let read = File::open(log).and_then(|mut file| {
        file.seek(SeekFrom::Start(*from))?;
        file.read_to_end(&mut bytes)
    });
    let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |last| last + 1);
    if read.is_err() || whole == 0 {
        return Vec::new();
    }
    *from += whole as u64;
    String::from_utf8_lossy(&bytes[..whole]).lines().map(str::to_owned).collect()
}

/// What a fault says of itself, what failed, and some of the rounds.
fn is_worth_showing(line: &str) -> bool {
    let round = line.strip_prefix("round ").and_then(|rest| rest.split(' ').next());
    let round = round.and_then(|number| number.parse::<usize>().ok());
    line.starts_with("fault ")
        || line.starts_with("Error: ")
        || line.starts_with("test faults::") && line.ends_with("FAILED")
        || round.is_some_and(|round| round % ROUNDS == 0)
}

#[cfg(test)]
mod tests {
    use std::{fs, io::Write as _};

    use super::*;

    #[test]
    fn seeds_faults_and_some_rounds_are_shown() {
        for line in ["fault seed 7, 200 kills", "round 40 (SQLite): hub aimed at", "Error: kill -9"]
        {
            assert!(is_worth_showing(line), "{line}");
        }
        for line in ["round 41 (SQLite): hub", "running 9 tests", "round", "test faults::a ... ok"]
        {
            assert!(!is_worth_showing(line), "{line}");
        }
    }

    #[test]
    fn a_line_is_read_once_it_is_whole_and_only_once() {
        let log = std::env::temp_dir().join(format!("rmd-verify-follow-{}", std::process::id()));
        let mut file = fs::File::create(&log).unwrap();
        let mut from = 0;
        file.write_all(b"one\ntw").unwrap();
        assert_eq!(new_lines(&log, &mut from), ["one"]);
        assert!(new_lines(&log, &mut from).is_empty());
        file.write_all(b"o\n").unwrap();
        assert_eq!(new_lines(&log, &mut from), ["two"]);
        fs::remove_file(log).unwrap();
    }
}
