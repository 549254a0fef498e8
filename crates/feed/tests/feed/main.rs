//! The feed against published vectors, a second crate, damage and chance.
//!
//! Cheapest first: single facts, then every byte of a frame, then random lives
//! of an owner and a follower with the invariants checked after every step.

mod arbitrary_bytes;
mod common;
mod following;
mod frames;
mod life;
mod one_altered_byte;
mod second_crate;
mod stored_feeds;
mod vectors;
mod writing;
