//! Recomputes a stored feed from its bytes.
//!
//! For `journal verify` at the owner and `ledger verify` at a follower. Nothing
//! that is stored about the bytes is believed: each entry is decoded and its
//! digest computed, each leaf is hashed again, and the root that comes out must
//! be the signed one at the end of every block or frame. Where the owner's
//! stored hashes are given, they are compared leaf by leaf, so that the first bad
//! seq is named; without them it is the first of the block that holds it.

use rmd_proto::v1;

use crate::{
    Checkpoint, Error, FeedVerifier, Origin, RightEdge, StoredEntry,
    packing::{self, Place},
};

/// A reading of one epoch of one feed from seq 1, block by block.
#[derive(Debug, Clone)]
pub struct Replay {
    feed: String,
    epoch: u32,
    origin: Origin,
    verifier: FeedVerifier,
    edge: RightEdge,
}

/// One block or frame as a store holds it.
#[derive(Debug, Clone, Copy)]
pub struct Stored<'a> {
    /// seq of the first entry.
    pub first_seq: u64,
    /// seq of the last entry.
    pub last_seq: u64,
    /// zstd of an `EntryBlock`.
    pub body: &'a [u8],
    /// The signed checkpoint at `last_seq`.
    pub checkpoint: &'a str,
    /// The stored hashes of the tree for these entries, where the store has them.
    pub hashes: Option<&'a [u8]>,
}

/// The first place at which a stored feed does not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("first bad entry is among seq {first_seq} to {last_seq}: {error}")]
pub struct Broken {
    /// The first seq that may be bad; everything before it holds.
    pub first_seq: u64,
    /// The last seq that may be the first bad one; the same as `first_seq` where it is known.
    pub last_seq: u64,
    /// What does not hold.
    pub error: Error,
}

impl Replay {
    /// Begins at seq 1.
    pub fn new(
        feed: impl Into<String>,
        epoch: u32,
        origin: Origin,
        verifier: FeedVerifier,
    ) -> Self {
        Self { feed: feed.into(), epoch, origin, verifier, edge: RightEdge::default() }
    }

    /// Entries verified so far.
    pub fn size(&self) -> u64 {
        self.edge.size()
    }

    /// Root over the entries verified so far.
    pub fn root(&self) -> [u8; 32] {
        self.edge.root()
    }

    /// Right edge over the entries verified so far, to be compared with the stored one.
    pub fn edge(&self) -> &RightEdge {
        &self.edge
    }

    /// Verifies the next block or frame and returns its entries.
    pub fn push(&mut self, stored: Stored<'_>) -> Result<Vec<StoredEntry>, Broken> {
        let next = self.size() + 1;
        let broken = |first_seq, last_seq, error| Broken { first_seq, last_seq, error };
        let whole = |error| broken(next, stored.last_seq.max(next), error);
        if stored.first_seq != next {
            let (expected, seen) = (next, stored.first_seq);
            return Err(broken(next, next, Error::Gap { feed: self.feed.clone(), expected, seen }));
        }
        let place = Place {
            feed: &self.feed,
            epoch: self.epoch,
            first: stored.first_seq,
            last: stored.last_seq,
        };
        let entries = packing::open(place, stored.body).map_err(|error| match error {
            Error::Entry { seq, .. } => broken(seq, seq, error),
            _ => whole(error),
        })?;
        let edge = self.extended(&entries, stored.hashes).map_err(|error| match error {
            Error::Leaf { seq, .. } => broken(seq, seq, error),
            _ => whole(error),
        })?;
        self.check(&edge, stored).map_err(whole)?;
        self.edge = edge;
        Ok(entries)
    }

    /// Verifies the next frame of a ledger.
    pub fn push_frame(&mut self, frame: &v1::Frame) -> Result<Vec<StoredEntry>, Broken> {
        let next = self.size() + 1;
        let broken = |error| Broken { first_seq: next, last_seq: next, error };
        if frame.feed != self.feed {
            let seen = crate::error::shown(&frame.feed);
            return Err(broken(Error::OtherFeed { expected: self.feed.clone(), seen }));
        }
        if frame.epoch != self.epoch {
            let (expected, seen) = (self.epoch, frame.epoch);
            return Err(broken(Error::OtherEpoch { feed: self.feed.clone(), expected, seen }));
        }
        self.push(Stored {
            first_seq: frame.first_seq,
            last_seq: frame.last_seq,
            body: &frame.body,
            checkpoint: &frame.checkpoint,
            hashes: None,
        })
    }

    /// The edge after these entries; every stored hash must be the one that comes out.
    fn extended(&self, entries: &[StoredEntry], hashes: Option<&[u8]>) -> Result<RightEdge, Error> {
        let mut edge = self.edge.clone();
        let mut rest = hashes;
        for entry in entries {
            let computed = edge.push(entry.leaf_hash()).concat();
            rest = match rest.map(|rest| rest.strip_prefix(computed.as_slice())) {
                Some(None) => {
                    return Err(Error::Leaf { feed: self.feed.clone(), seq: entry.seq() });
                }
                other => other.flatten(),
            };
        }
        match (rest, entries.last()) {
            (Some(rest), Some(last)) if !rest.is_empty() => {
                Err(Error::Leaf { feed: self.feed.clone(), seq: last.seq() })
            }
            _ => Ok(edge),
        }
    }

    fn check(&self, edge: &RightEdge, stored: Stored<'_>) -> Result<(), Error> {
        let size = edge.size();
        let origin = || self.origin.as_str().to_owned();
        let signed = Checkpoint::open(stored.checkpoint, &self.origin, &self.verifier, size)?;
        if signed.size != size {
            return Err(Error::CheckpointSize {
                origin: origin(),
                expected: size,
                seen: signed.size,
            });
        }
        let expected = edge.root();
        if signed.root != expected {
            return Err(Error::Root { origin: origin(), size, expected, seen: signed.root });
        }
        Ok(())
    }
}
