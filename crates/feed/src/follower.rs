//! The state machine of one followed feed.
//!
//! It owns the cursor, the right edge and the last verified checkpoint, which
//! always stand at the same seq. A frame is applied as a whole or not at all:
//! every entry is checked, the leaves after the cursor extend the edge, and the
//! root that comes out must be the one that the owner signed at the frame's
//! last seq. So each applied frame proves that nothing before it was changed.
//!
//! It refuses a gap, another root, another key, another feed or epoch, and
//! everything once it is frozen. A repeat is no fault: any frame may come twice.
//! Nothing changes on a refusal.

mod refusal;

use rmd_proto::v1;

pub use refusal::Refusal;

use crate::{
    Checkpoint, Error, FeedVerifier, Origin, RightEdge, StoredEntry,
    error::{StoreFault, shown},
    evidence, frame,
};

/// The reading end of one epoch of one feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Follower {
    feed: String,
    epoch: u32,
    origin: Origin,
    verifier: FeedVerifier,
    edge: RightEdge,
    checkpoint: Option<String>,
    frozen: Option<Vec<u8>>,
}

/// How an owner's feed stands to what a follower has applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// The owner has as much or more; whether the prefix agrees shows with the next frame.
    Normal {
        /// Entries that the follower does not have yet.
        behind: u64,
    },
    /// The owner has less than the follower: it was restored from a backup, or lost its store.
    OwnerSmaller,
    /// The same size with another root: history was rewritten.
    Rewritten {
        /// Both signed checkpoints, see [`evidence::read`].
        evidence: Vec<u8>,
    },
    /// The owner writes another epoch.
    EpochChanged,
    /// The owner's checkpoint is not signed by the pinned key at the size it states.
    Unsigned,
}

impl Follower {
    /// A feed of which nothing was applied yet.
    pub fn new(
        feed: impl Into<String>,
        epoch: u32,
        origin: Origin,
        verifier: FeedVerifier,
    ) -> Self {
        Self {
            feed: feed.into(),
            epoch,
            origin,
            verifier,
            edge: RightEdge::default(),
            checkpoint: None,
            frozen: None,
        }
    }

    /// A feed as the store has it. The store must not contradict itself: the
    /// checkpoint is signed, stands at the cursor, and has the edge's root.
    pub fn restore(
        feed: impl Into<String>,
        epoch: u32,
        origin: Origin,
        verifier: FeedVerifier,
        cursor: u64,
        edge: RightEdge,
        checkpoint: Option<String>,
    ) -> Result<Self, Error> {
        let mut follower = Self::new(feed, epoch, origin, verifier);
        let inconsistent =
            |fault| Error::Inconsistent { feed: follower.feed.clone(), size: cursor, fault };
        if edge.size() != cursor {
            return Err(inconsistent(StoreFault::Cursor));
        }
        match &checkpoint {
            None if cursor > 0 => return Err(inconsistent(StoreFault::CheckpointMissing)),
            None => {}
            Some(note) => {
                let held = Checkpoint::open(note, &follower.origin, &follower.verifier, cursor)?;
                if held.size != cursor {
                    return Err(inconsistent(StoreFault::CheckpointSize));
                }
                if held.root != edge.root() {
                    return Err(inconsistent(StoreFault::Root));
                }
            }
        }
        follower.edge = edge;
        follower.checkpoint = checkpoint;
        Ok(follower)
    }

    /// Refuses every further frame with [`rmd_proto::Code::FeedFrozen`] and this
    /// evidence. Only a person undoes it, by restoring without it.
    pub fn freeze(&mut self, evidence: Vec<u8>) {
        self.frozen = Some(evidence);
    }

    /// The evidence for which the feed was frozen.
    pub fn frozen(&self) -> Option<&[u8]> {
        self.frozen.as_deref()
    }

    /// Name of the feed.
    pub fn feed(&self) -> &str {
        &self.feed
    }

    /// Epoch of the feed.
    pub fn epoch(&self) -> u32 {
        self.epoch
    }

    /// The last seq that was applied; 0 if none was.
    pub fn cursor(&self) -> u64 {
        self.edge.size()
    }

    /// The right edge of the tree at the cursor.
    pub fn edge(&self) -> &RightEdge {
        &self.edge
    }

    /// The owner's signed checkpoint at the cursor; none at cursor 0.
    pub fn checkpoint(&self) -> Option<&str> {
        self.checkpoint.as_deref()
    }

    /// Verifies a frame and advances over it. Returns the entries after the old
    /// cursor, oldest first: none for a repeat, the tail alone for an overlap. The
    /// body of a repeat is not opened; its checkpoint must be signed, and at the
    /// cursor have our root.
    ///
    /// The caller applies the entries and stores cursor, edge and checkpoint in
    /// one transaction; it clones the follower before, and goes on with the clone
    /// if the transaction fails.
    pub fn accept(&mut self, frame: &v1::Frame) -> Result<Vec<StoredEntry>, Refusal> {
        self.extend(frame).map_err(|error| {
            let evidence = match &error {
                Error::Frozen { .. } => self.frozen.clone().unwrap_or_default(),
                Error::Root { .. } | Error::Unsigned { .. } => {
                    evidence::pair(self.checkpoint(), &frame.checkpoint)
                }
                _ => Vec::new(),
            };
            Refusal::new(&error, evidence)
        })
    }

    /// Compares what an owner says in Hello with what was applied. The feed's
    /// name is the caller's to match; one of another feed counts as unsigned.
    pub fn compare(&self, owner: &v1::FeedState) -> Standing {
        if owner.epoch != self.epoch {
            return Standing::EpochChanged;
        }
        if owner.size == 0 && owner.checkpoint.is_empty() {
            return match self.cursor() {
                0 => Standing::Normal { behind: 0 },
                _ => Standing::OwnerSmaller,
            };
        }
        let opened = Checkpoint::open(&owner.checkpoint, &self.origin, &self.verifier, owner.size);
        let Some(theirs) = opened.ok().filter(|theirs| theirs.size == owner.size) else {
            return Standing::Unsigned;
        };
        match theirs.size.checked_sub(self.cursor()) {
            None => Standing::OwnerSmaller,
            Some(0) if theirs.root != self.edge.root() => Standing::Rewritten {
                evidence: evidence::pair(self.checkpoint(), &owner.checkpoint),
            },
            Some(behind) => Standing::Normal { behind },
        }
    }

    fn extend(&mut self, frame: &v1::Frame) -> Result<Vec<StoredEntry>, Error> {
        let cursor = self.cursor();
        let feed = || self.feed.clone();
        if self.frozen.is_some() {
            return Err(Error::Frozen { feed: feed(), cursor });
        }
        if frame.feed != self.feed {
            return Err(Error::OtherFeed { expected: feed(), seen: shown(&frame.feed) });
        }
        if frame.epoch != self.epoch {
            let (expected, seen) = (self.epoch, frame.epoch);
            return Err(Error::OtherEpoch { feed: feed(), expected, seen });
        }
        frame::check(frame)?;
        let signed = self.signed_end(frame)?;
        if frame.last_seq < cursor {
            return Ok(Vec::new());
        }
        if frame.last_seq == cursor {
            self.check_root(signed, &self.edge)?;
            return Ok(Vec::new());
        }
        if frame.first_seq > cursor + 1 {
            return Err(Error::Gap { feed: feed(), expected: cursor + 1, seen: frame.first_seq });
        }
        let mut entries = frame::open(frame)?;
        entries.retain(|entry| entry.seq() > cursor);
        let mut edge = self.edge.clone();
        for entry in &entries {
            edge.push(entry.leaf_hash());
        }
        self.check_root(signed, &edge)?;
        self.edge = edge;
        self.checkpoint = Some(frame.checkpoint.clone());
        Ok(entries)
    }

    /// The owner's signed statement at the frame's last seq.
    fn signed_end(&self, frame: &v1::Frame) -> Result<Checkpoint, Error> {
        let signed =
            Checkpoint::open(&frame.checkpoint, &self.origin, &self.verifier, frame.last_seq)?;
        if signed.size != frame.last_seq {
            return Err(Error::CheckpointSize {
                origin: self.origin.as_str().to_owned(),
                expected: frame.last_seq,
                seen: signed.size,
            });
        }
        Ok(signed)
    }

    fn check_root(&self, signed: Checkpoint, edge: &RightEdge) -> Result<(), Error> {
        let expected = edge.root();
        if signed.root == expected {
            return Ok(());
        }
        let origin = self.origin.as_str().to_owned();
        Err(Error::Root { origin, size: signed.size, expected, seen: signed.root })
    }
}
