//! Private database servers for the demonstration and for tests.
//!
//! Each server gets a data directory and a free loopback port, runs as another user
//! than root, and ends with the value that holds it: when that is dropped, when its
//! thread panics, and when its process is killed. A missing server is installed where
//! that can be done (root on Debian); elsewhere the error names the command. Nothing
//! falls back to another database in silence, and nothing is skipped.

mod account;
mod install;
mod mariadb;
mod port;
mod postgres;
mod setup;
#[cfg(test)]
mod tests;
mod watch;

pub use mariadb::MariaDb;
pub use port::free_port;
pub use postgres::Postgres;
pub use setup::{Certificate, Setup};
