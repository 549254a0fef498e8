//! What can be wrong with a feed, its bytes or its keys.
//!
//! Each variant carries what a person needs to find the place: feed, seq, what
//! was expected and what was seen; `Display` says it in English.
//! [`Error::english`] and [`Error::french`] add what to do about it, and
//! [`Error::code`] is the word from the network's closed list. Text of a
//! peer is quoted, escaped and cut before it gets into a message.

mod wording;

use rmd_proto::Code;

/// A rule that an entry breaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Defect {
    /// The field of the entry or its header, by its proto name.
    pub field: &'static str,
    /// What the rule wants.
    pub expected: String,
    /// What the entry has, cut to a readable length.
    pub seen: String,
}

/// A fault of a feed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// A key text is not a C2SP Ed25519 key.
    #[error("the text is no C2SP Ed25519 key")]
    Key,
    /// A key name holds a blank or a plus sign, or is empty.
    #[error("key name {name:?} is empty or holds a blank or a plus sign")]
    KeyName {
        /// The name.
        name: String,
    },
    /// An origin cannot stand on a checkpoint, because it is empty, too long or has control characters.
    #[error("origin {origin:?} is empty, too long or holds control characters")]
    Origin {
        /// The origin.
        origin: String,
    },
    /// A block must hold 1 to 256 entries.
    #[error("feed {feed}: a block of {count} entries, expected 1 to 256")]
    BlockCount {
        /// Feed to which the block was to be appended.
        feed: String,
        /// Entries given.
        count: usize,
    },
    /// The entries of a block take too many bytes; give fewer at once.
    #[error("feed {feed}: the entries of a block take {bytes} bytes, expected at most 1000000")]
    BlockOversized {
        /// Feed to which the block was to be appended.
        feed: String,
        /// Bytes before compression.
        bytes: usize,
    },
    /// An entry to append breaks a rule.
    #[error("feed {feed}, {entity} {key:?}: {}", .defect.english())]
    NewEntry {
        /// Feed to which the entry was to be appended.
        feed: String,
        /// Entity of the record.
        entity: String,
        /// Key of the record.
        key: String,
        /// The rule and what the entry has.
        defect: Box<Defect>,
    },
    /// The epoch holds as many entries as it may.
    #[error("feed {feed}: the epoch holds as many entries as it may")]
    Full {
        /// The feed.
        feed: String,
    },
    /// A right edge does not have the bytes that its size needs.
    #[error("the right edge of a tree of size {size} takes {expected} bytes, got {seen}")]
    Edge {
        /// Size of the tree.
        size: u64,
        /// Bytes that it needs; 0 if no tree may have this size.
        expected: usize,
        /// Bytes given.
        seen: usize,
    },
    /// What a store gave back does not fit together: checkpoint and right edge differ.
    #[error("feed {feed}: the store at seq {size} contradicts itself: {}", .fault.english())]
    Inconsistent {
        /// The feed.
        feed: String,
        /// Cursor or size in the store.
        size: u64,
        /// What differs.
        fault: StoreFault,
    },
    /// A frame or a block is of another feed.
    #[error("feed {expected}: the frame is of feed {seen}")]
    OtherFeed {
        /// The feed that is followed.
        expected: String,
        /// The feed in the frame.
        seen: String,
    },
    /// A frame or a block is of another epoch.
    #[error("feed {feed}: expected epoch {expected}, got {seen}")]
    OtherEpoch {
        /// The feed.
        feed: String,
        /// The epoch that is followed.
        expected: u32,
        /// The epoch in the frame.
        seen: u32,
    },
    /// A frame's first and last seq are no range.
    #[error("feed {feed}: first_seq {first} and last_seq {last} are no range of entries")]
    Range {
        /// The feed.
        feed: String,
        /// First seq in the frame.
        first: u64,
        /// Last seq in the frame.
        last: u64,
    },
    /// A frame is larger than the protocol allows.
    #[error("feed {feed}, frame from seq {first}: {} {seen}, expected at most {limit}", .what.english())]
    Oversized {
        /// The feed.
        feed: String,
        /// First seq in the frame.
        first: u64,
        /// What is too large.
        what: Measure,
        /// How much there is; when decoding stopped, how much there was by then.
        seen: u64,
        /// How much is allowed.
        limit: u64,
    },
    /// A body is no zstd of an `EntryBlock`.
    #[error("feed {feed}, seq {first} to {last}: the body is no zstd of an EntryBlock: {detail}")]
    Packing {
        /// The feed.
        feed: String,
        /// First seq in the frame.
        first: u64,
        /// Last seq in the frame.
        last: u64,
        /// What the decoder found.
        detail: String,
    },
    /// A body does not hold the entries that the frame announces.
    #[error("feed {feed}, frame from seq {first}: expected {expected} entries, got {seen}")]
    Count {
        /// The feed.
        feed: String,
        /// First seq in the frame.
        first: u64,
        /// Entries announced.
        expected: u64,
        /// Entries found.
        seen: u64,
    },
    /// An entry breaks a rule.
    #[error("feed {feed}, seq {seq}: {}", .defect.english())]
    Entry {
        /// The feed.
        feed: String,
        /// The seq that the entry has by its place.
        seq: u64,
        /// The rule and what the entry has.
        defect: Box<Defect>,
    },
    /// Blocks or frames do not follow one another.
    #[error("feed {feed}: expected seq {expected} next, got {seen}")]
    Gap {
        /// The feed.
        feed: String,
        /// The seq that should come next.
        expected: u64,
        /// The seq that came.
        seen: u64,
    },
    /// A checkpoint is not a note that the pinned key signed for this feed and epoch.
    #[error("checkpoint of {origin} at size {size}: {}", .fault.english())]
    Unsigned {
        /// Origin that it should have.
        origin: String,
        /// Size at which it should stand.
        size: u64,
        /// What is wrong with it.
        fault: NoteFault,
    },
    /// A checkpoint is signed, but at another size than the frame's last seq.
    #[error("checkpoint of {origin}: expected size {expected}, got {seen}")]
    CheckpointSize {
        /// Origin of the checkpoint.
        origin: String,
        /// The last seq of the frame.
        expected: u64,
        /// The size on the checkpoint.
        seen: u64,
    },
    /// The leaves do not lead to the signed root.
    #[error("{origin} at size {size}: the entries give root {}, the owner signed {}", hex::encode(.expected), hex::encode(.seen))]
    Root {
        /// Origin of the checkpoint.
        origin: String,
        /// Size of both trees.
        size: u64,
        /// The root that we computed.
        expected: [u8; 32],
        /// The root that is signed.
        seen: [u8; 32],
    },
    /// A stored leaf hash differs from the one that the stored bytes give.
    #[error("feed {feed}, seq {seq}: the stored bytes do not give the stored leaf hash")]
    Leaf {
        /// The feed.
        feed: String,
        /// The seq of the entry.
        seq: u64,
    },
    /// The feed was frozen and nothing is applied any more.
    #[error("feed {feed} is frozen at seq {cursor}")]
    Frozen {
        /// The feed.
        feed: String,
        /// The cursor at which it stands.
        cursor: u64,
    },
    /// No such proof: the numbers are not within the tree.
    #[error("no proof for {asked} in a tree of size {size}")]
    ProofRange {
        /// Size of the tree.
        size: u64,
        /// The seq or the older size that was asked for.
        asked: u64,
    },
    /// A hash that a proof needs was not given.
    #[error("stored hash {index} is missing")]
    HashMissing {
        /// Index of the stored hash.
        index: u64,
    },
    /// A proof does not hold.
    #[error("the proof for {asked} in the tree of size {size} does not hold")]
    ProofInvalid {
        /// Size of the tree.
        size: u64,
        /// The seq or the older size that it is about.
        asked: u64,
    },
}

/// Why a checkpoint does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoteFault {
    /// It is no C2SP signed note around a checkpoint.
    Malformed,
    /// It names another owner, feed or epoch.
    OtherOrigin,
    /// The pinned key has not signed it.
    OtherKey,
    /// The signature that should be the pinned key's does not hold.
    Signature,
}

/// How a store contradicts itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StoreFault {
    /// The cursor and the size of the right edge differ.
    Cursor,
    /// Entries were applied, but no checkpoint was kept.
    CheckpointMissing,
    /// The checkpoint stands at another size than the right edge.
    CheckpointSize,
    /// The right edge gives another root than the checkpoint.
    Root,
}

/// What of a frame is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// Bytes as they came.
    CompressedBytes,
    /// Bytes after decompression.
    DecodedBytes,
    /// Entries.
    Entries,
    /// Bytes of the checkpoint.
    CheckpointBytes,
}

impl Error {
    /// The code of the network's closed list.
    pub fn code(&self) -> Code {
        match self {
            Self::OtherEpoch { .. } => Code::EpochUnknown,
            Self::Oversized { .. } => Code::FrameOversized,
            Self::OtherFeed { .. }
            | Self::Range { .. }
            | Self::Packing { .. }
            | Self::Count { .. }
            | Self::Entry { .. }
            | Self::CheckpointSize { .. } => Code::FrameMalformed,
            Self::Gap { .. } => Code::FrameGap,
            Self::Unsigned { .. } => Code::CheckpointUnsigned,
            Self::Root { .. } | Self::Leaf { .. } | Self::ProofInvalid { .. } => Code::RootMismatch,
            Self::Frozen { .. } => Code::FeedFrozen,
            Self::ProofRange { .. } => Code::CursorBeyondSize,
            Self::Key | Self::KeyName { .. } | Self::Origin { .. } => Code::RequestInvalid,
            Self::BlockCount { .. }
            | Self::BlockOversized { .. }
            | Self::NewEntry { .. }
            | Self::Full { .. }
            | Self::Edge { .. }
            | Self::Inconsistent { .. }
            | Self::HashMissing { .. } => Code::Internal,
        }
    }

    /// The first seq that the fault is about, where there is one.
    pub fn seq(&self) -> Option<u64> {
        match self {
            Self::Range { first: seq, .. }
            | Self::Oversized { first: seq, .. }
            | Self::Packing { first: seq, .. }
            | Self::Count { first: seq, .. }
            | Self::Entry { seq, .. }
            | Self::Leaf { seq, .. }
            | Self::Gap { expected: seq, .. }
            | Self::Unsigned { size: seq, .. }
            | Self::CheckpointSize { expected: seq, .. }
            | Self::Root { size: seq, .. } => Some(*seq),
            _ => None,
        }
    }
}

/// A peer's text as it may stand in a message: quoted, escaped, cut.
pub(crate) fn shown(text: &str) -> String {
    const CHARACTERS_MAX: usize = 60;
    let mut cut: String = text.chars().take(CHARACTERS_MAX).collect();
    if cut.len() < text.len() {
        cut.push('…');
    }
    format!("{cut:?}")
}
