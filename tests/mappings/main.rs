//! The example mappings of `deploy/mappings`, each on its real database through the
//! real binary, and the way of a newcomer from an unknown file to a checked mapping.
//!
//! Nothing here knows a mapping from within: what becomes of each row stands in
//! `expected.toml` beside it, and is compared with what the node's own commands say,
//! nothing more and nothing less.

mod compare;
mod example;
mod examples;
mod expected;
mod ipis;
mod newcomer;
mod outcome;
mod tell;
