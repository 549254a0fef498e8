//! Every limit of a feed, with its argument.
//!
//! A parser of this crate never allocates more than these numbers allow,
//! whatever a peer sends.

/// Most entries in a block. A block is one row in the owner's store and the
/// unit of signing: 256 lots are about 15 KB compressed, one or two seconds on
/// the slowest links.
pub const BLOCK_ENTRIES_MAX: usize = 256;

/// Most bytes of a block before compression. zstd never adds more than 0.4 % to
/// what it cannot compress, so that a block always fits into one frame.
pub const BLOCK_BYTES_MAX: usize = 1_000_000;

/// Most compressed bytes in a frame: 1 MiB.
pub const FRAME_BYTES_MAX: usize = 1 << 20;

/// Fewest bytes that a follower may ask a frame to be limited to: 16 KiB.
pub const FRAME_BYTES_MIN: usize = 16 << 10;

/// The limit of a frame when the follower names none: 256 KiB.
pub const FRAME_BYTES_DEFAULT: usize = 256 << 10;

/// Most bytes in a frame when decoded: 8 MiB.
pub const DECODED_BYTES_MAX: usize = 8 << 20;

/// Most bytes of a block that is packed by column, as rows and as columns: what a
/// block may hold and its framing.
pub(crate) const COLUMNS_BYTES_MAX: usize = 1 << 20;

/// Most entries in a frame: 256 whole blocks. 8 MiB hold as many entries of 128
/// bytes, and header, salt and record together take more than that.
pub const FRAME_ENTRIES_MAX: u64 = 65_536;

/// Most bytes in a header: the longest key of the standard has three
/// identifiers of at most 255 characters; a reason may take as much again.
pub const HEADER_BYTES_MAX: usize = 4 << 10;

/// Most bytes in a payload: half of what a block may hold, so that any entry fits.
pub const PAYLOAD_BYTES_MAX: usize = 480 << 10;

/// Bytes of a payload's digest, SHA-256.
pub const DIGEST_BYTES: usize = 32;

/// Bytes of the salt in front of a payload under its digest.
pub const SALT_BYTES: usize = 16;

/// Most bytes in a signed checkpoint: origin, size, root and a few signatures.
pub const CHECKPOINT_BYTES_MAX: usize = 4 << 10;

/// Most bytes in the name of a feed or in an origin.
pub const NAME_BYTES_MAX: usize = 255;

/// Most entries in one epoch of a feed. Twice this, the number of stored
/// hashes, still fits into the signed 64-bit integers of a database.
pub const SIZE_MAX: u64 = (1 << 62) - 1;

/// Most hashes in a right edge or in a proof: one a bit of the size, and a
/// consistency proof has one more.
pub const PROOF_HASHES_MAX: usize = 64;
