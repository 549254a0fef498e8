//! What a person sees while it is measured, on standard error: a bar on a terminal,
//! a line a step elsewhere.

use std::{
    io::Write as _,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use anyhow::Result;
use indicatif::{ProgressBar, ProgressStyle};

/// How often a long step says how far it is, where there is no bar.
const EVERY: Duration = Duration::from_secs(30);

/// The bar, or the lines.
#[derive(Debug)]
pub(super) struct Progress {
    bar: ProgressBar,
    begun: Instant,
    step: Mutex<Step>,
}

#[derive(Debug)]
struct Step {
    name: String,
    told: Instant,
}

impl Progress {
    pub(super) fn new(steps: u64) -> Result<Self> {
        let style = ProgressStyle::with_template("{bar:30} {pos}/{len} {elapsed_precise} {msg}")?;
        let bar = ProgressBar::new(steps).with_style(style);
        bar.enable_steady_tick(Duration::from_secs(1));
        let step = Mutex::new(Step { name: String::new(), told: Instant::now() });
        Ok(Self { bar, begun: Instant::now(), step })
    }

    /// Begins a step; the one before has ended.
    pub(super) fn step(&self, name: impl Into<String>) {
        let mut step = self.step.lock().unwrap_or_else(PoisonError::into_inner);
        if !step.name.is_empty() {
            self.bar.inc(1);
        }
        *step = Step { name: name.into(), told: Instant::now() };
        self.bar.set_message(step.name.clone());
        self.line(&step.name);
    }

    /// How far the step is.
    pub(super) fn at(&self, count: u64, of: u64) {
        let mut step = self.step.lock().unwrap_or_else(PoisonError::into_inner);
        let far = format!("{}: {count} of {of}", step.name);
        if step.told.elapsed() >= EVERY {
            step.told = Instant::now();
            self.line(&far);
        }
        self.bar.set_message(far);
    }

    fn line(&self, text: &str) {
        if self.bar.is_hidden() {
            // A reader that is gone has had enough.
            let _ = writeln!(std::io::stderr(), "{:5} s  {text}", self.begun.elapsed().as_secs());
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.line("end");
        self.bar.finish_and_clear();
    }
}
