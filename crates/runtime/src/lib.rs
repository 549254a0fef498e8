//! What both binaries need to live, and nothing about minerals.
//!
//! Owns the process: its clock, configuration, tasks and signals, logs, retries,
//! exit codes, standard output, progress and secret files. Refuses to know any other crate
//! of the network. Each module is the only place of its kind: elsewhere nobody
//! reads the system's time or environment, detaches a task or prints.

pub mod clock;
pub mod config;
pub mod exit;
pub mod files;
pub mod lifecycle;
pub mod output;
pub mod progress;
pub mod retry;
pub mod telemetry;

pub use clock::{Clock, SharedClock};
pub use lifecycle::{Handle, Lifecycle};
