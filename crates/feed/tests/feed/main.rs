//! The feed against published vectors, a second crate, damage and chance.
//!
//! Cheapest first: single facts, then every byte of a frame, then random lives
//! of an owner and a follower with the invariants checked after every step.

#![expect(clippy::unwrap_used, reason = "a helper of a test fails as a test does")]

mod arbitrary_bytes;
mod bundles;
mod common;
mod erasing;
mod following;
mod frames;
mod leaves;
mod life;
mod messages;
mod one_altered_byte;
mod packings;
mod second_crate;
mod stored_feeds;
mod vectors;
mod writing;
