//! Bundles: parts of a feed in files, for where no network reaches.
//!
//! A bundle is a run of exact frames with a manifest in front, cut into parts of
//! a size that a carrier can take. Each part is one file: encrypted with `age` to
//! the receiver, signed by the sender's feed key ([`Writer`], [`open`]). The
//! frames go through the same [`crate::Follower`] as those of the network, so an
//! overlap is harmless; what is missing is named ([`schedule`]).
//!
//! Reading is a stream: one frame is in memory at a time, no announced length is
//! believed beyond its limit, and frames are handed out only after sender,
//! receiver and signature hold. A file is whole once its last frame was read; so
//! whoever applies frames reads the file through before, then once more.
//!
//! Sources: the file is age v1 (C2SP age), by the crate `age`; the layout inside
//! stands in `rmd/v1/bundle.proto`.

mod error;
mod key;
mod manifest;
mod part;
mod read;
mod report;
mod schedule;
mod trim;
mod write;

pub use error::Error;
pub use key::{BundleKey, Recipient};
pub use manifest::Manifest;
pub use part::{Part, Planner, frame_bytes, new_bundle_id, part_name};
pub use read::{Expected, Frames, Opened, open};
pub use report::{Exported, FileReport, FileReports, Outcome, Shown};
pub use schedule::{Missing, Schedule, schedule};
pub use trim::trimmed;
pub use write::Writer;

use crate::limits::{CHECKPOINT_BYTES_MAX, FRAME_BYTES_MAX, NAME_BYTES_MAX};

/// What a decrypted part begins with.
const MAGIC: &[u8; 16] = b"rmd.v1 bundle 1\n";

/// Most bytes of an age header: one recipient takes some 200, and a stanza without
/// meaning, which age adds to keep readers honest, a few hundred.
pub const AGE_HEADER_BYTES_MAX: usize = 16 << 10;

/// Most bytes of a manifest: [`PARTS_MAX`] parts and the counts of every rule.
pub const MANIFEST_BYTES_MAX: usize = 128 << 10;

/// Most parts of a bundle: at 16 MiB each some 700 million lots.
pub const PARTS_MAX: usize = 4096;

/// Bytes of frames in a part when nobody says how many: a mail takes that.
pub const PART_BYTES_DEFAULT: u64 = 16 << 20;

/// Fewest bytes of frames that a part may be limited to.
pub const PART_BYTES_MIN: u64 = 4 << 10;

/// Most bytes of a frame with its name, its checkpoint and its numbers.
pub const FRAME_MESSAGE_BYTES_MAX: usize =
    FRAME_BYTES_MAX + CHECKPOINT_BYTES_MAX + NAME_BYTES_MAX + 64;

/// Most bytes of an envelope: manifest, signature, and their keys.
const ENVELOPE_BYTES_MAX: usize = MANIFEST_BYTES_MAX + 128;

/// Bytes of the number that all parts of a bundle carry.
pub const BUNDLE_ID_BYTES: usize = 16;
