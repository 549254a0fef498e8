//! The log that carries records: append-only, signed, without a gap.
//!
//! One number keeps it simple: the seq of an entry is its leaf index in the
//! Merkle tree plus one, the follower's cursor, and the size of the signed
//! tree. An owner appends blocks ([`Log`]) and sends them as frames
//! ([`frame::build`]); a follower holds a cursor and the right edge of the tree
//! and applies a frame only if its leaves lead to the owner's signed root
//! ([`Follower`]). Exact bytes are stored and forwarded, never re-encoded.
//!
//! This crate decides and computes. It has no network, no clock and no
//! database; whoever calls it persists what it returns in one transaction.
//!
//! Sources: the tree is RFC 6962 section 2.1 (and RFC 9162 section 2.1), by the
//! crate `tlog_tiles`; the checkpoint is C2SP tlog-checkpoint inside a C2SP
//! signed-note, by the crate `signed_note`.

mod adopt;
pub mod bundle;
mod checkpoint;
mod cosignature;
pub mod dictionary;
mod edge;
mod entry;
pub mod erase;
mod error;
pub mod evidence;
mod follower;
pub mod frame;
mod key;
pub mod limits;
mod log;
mod origin;
mod packing;
pub mod proof;
pub mod verify;

pub use adopt::Adopted;
pub use checkpoint::{Checkpoint, notes};
pub use cosignature::{CosignatureVerifier, Cosigner};
pub use edge::RightEdge;
pub use entry::{Body, NewEntry, StoredEntry};
pub use error::{Defect, Error, Measure, NoteFault, StoreFault};
pub use follower::{Follower, Refusal, Standing};
pub use key::{FeedKey, FeedVerifier};
pub use limits::{
    BLOCK_ENTRIES_MAX, DECODED_BYTES_MAX, FRAME_BYTES_DEFAULT, FRAME_BYTES_MAX, FRAME_BYTES_MIN,
};
pub use log::{Block, Log};
pub use origin::Origin;
