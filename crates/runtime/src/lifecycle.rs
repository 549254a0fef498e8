//! The life of the process: its tasks, its signals, its end.
//!
//! Owns every task, and is the only place that spawns one. The end comes in two
//! steps: the soft token asks each task to finish what it does; after the grace
//! period the hard token drops those that have not. A second signal does not wait.
//! A task that fails or panics ends the whole process with exit code 1: a process
//! that lives on without one of its parts looks healthy and is not.

use std::{
    error::Error,
    future::Future,
    process::ExitCode,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    task::JoinHandle,
    time::timeout,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing::{Instrument as _, error, info, warn};

use crate::exit;

/// How long dropped tasks may take: they end at their next await, so what lasts
/// longer is blocked for good.
const HARD_WAIT: Duration = Duration::from_secs(2);

/// The one lifecycle of a process; held by its main function.
#[derive(Debug)]
pub struct Lifecycle {
    handle: Handle,
    grace: Duration,
}

/// What the parts of a process get of its lifecycle. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Handle {
    soft: CancellationToken,
    hard: CancellationToken,
    tracker: TaskTracker,
    has_failed: Arc<AtomicBool>,
}

impl Lifecycle {
    /// A lifecycle without tasks. `grace` is how long tasks may take to finish
    /// once the end was asked for.
    pub fn new(grace: Duration) -> Self {
        let handle = Handle {
            soft: CancellationToken::new(),
            hard: CancellationToken::new(),
            tracker: TaskTracker::new(),
            has_failed: Arc::new(AtomicBool::new(false)),
        };
        Self { handle, grace }
    }

    /// For parts that spawn tasks of their own.
    pub fn handle(&self) -> Handle {
        self.handle.clone()
    }

    /// See [`Handle::spawn`].
    pub fn spawn<F, E>(&self, name: &'static str, task: F) -> JoinHandle<()>
    where
        F: Future<Output = Result<(), E>> + Send + 'static,
        E: Error + Send + 'static,
    {
        self.handle.spawn(name, task)
    }

    /// Cancelled when the end is asked for: finish what you do.
    pub fn soft(&self) -> CancellationToken {
        self.handle.soft()
    }

    /// Runs until SIGTERM, SIGINT, a failed task or [`Handle::stop`], then ends
    /// the tasks. Exit code 0 after an end that was asked for and kept the grace
    /// period, else 1.
    pub async fn run_until_signal(self) -> ExitCode {
        match Signals::listen() {
            Ok(signals) => self.run(signals).await,
            Err(error) => {
                error!(error = chain(&error), "signals cannot be listened to");
                self.handle.fail();
                self.end(std::future::pending()).await
            }
        }
    }

    /// Ends the tasks without a signal; for commands that are done, and for tests.
    pub async fn shutdown(self) -> ExitCode {
        self.end(std::future::pending()).await
    }

    async fn run(self, mut signals: Signals) -> ExitCode {
        tokio::select! {
            name = signals.next() => info!(signal = name, "shutting down"),
            () = self.handle.soft.cancelled() => info!("shutting down"),
        }
        self.end(async move {
            let name = signals.next().await;
            warn!(signal = name, "second signal, not waiting any longer");
        })
        .await
    }

    /// Soft, grace, hard. `abort` cuts the grace period short.
    async fn end(self, abort: impl Future<Output = ()>) -> ExitCode {
        let Handle { soft, hard, tracker, has_failed } = &self.handle;
        soft.cancel();
        tracker.close();
        tokio::select! {
            () = tracker.wait() => {}
            () = tokio::time::sleep(self.grace) => {
                warn!(tasks = tracker.len(), grace_ms = self.grace.as_millis(), "grace period over");
            }
            () = abort => {}
        }
        let was_cut = !tracker.is_empty();
        hard.cancel();
        if timeout(HARD_WAIT, tracker.wait()).await.is_err() {
            warn!(tasks = tracker.len(), "tasks are blocked and left behind");
        }
        let is_failure = was_cut || has_failed.load(Ordering::Acquire);
        exit::code(if is_failure { exit::FAILURE } else { exit::OK })
    }
}

impl Handle {
    /// Starts a task in the current span. If it returns an error or panics, the
    /// process ends with exit code 1; a task that returns `Ok` has done its work.
    /// The handle that comes back may be dropped: the task goes on.
    pub fn spawn<F, E>(&self, name: &'static str, task: F) -> JoinHandle<()>
    where
        F: Future<Output = Result<(), E>> + Send + 'static,
        E: Error + Send + 'static,
    {
        let watch = Watch { name, handle: self.clone() };
        let hard = self.hard.clone();
        let watched = async move {
            tokio::select! {
                biased;
                () = hard.cancelled() => warn!(task = watch.name, "task dropped"),
                result = task => {
                    if let Err(error) = result {
                        error!(task = watch.name, error = chain(&error), "task failed");
                        watch.handle.fail();
                    }
                }
            }
            drop(watch);
        };
        self.tracker.spawn(watched.in_current_span())
    }

    /// Cancelled when the end is asked for: finish what you do.
    pub fn soft(&self) -> CancellationToken {
        self.soft.clone()
    }

    /// Cancelled when the grace period is over: drop what you do.
    pub fn hard(&self) -> CancellationToken {
        self.hard.clone()
    }

    /// Asks for the end, as a signal does.
    pub fn stop(&self) {
        self.soft.cancel();
    }

    /// Whether the end was asked for.
    pub fn is_stopping(&self) -> bool {
        self.soft.is_cancelled()
    }

    fn fail(&self) {
        self.has_failed.store(true, Ordering::Release);
        self.soft.cancel();
    }
}

/// Lies in a task and sees it panic: unwinding drops it.
struct Watch {
    name: &'static str,
    handle: Handle,
}

impl Drop for Watch {
    fn drop(&mut self) {
        if thread::panicking() {
            error!(task = self.name, "task panicked");
            self.handle.fail();
        }
    }
}

struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    fn listen() -> std::io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
        })
    }

    async fn next(&mut self) -> &'static str {
        tokio::select! {
            _ = self.terminate.recv() => "SIGTERM",
            _ = self.interrupt.recv() => "SIGINT",
        }
    }
}

/// An error with all its causes, for a log line.
pub fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests;
