//! How a run of frames is cut into parts.
//!
//! A manifest names every part, so a sender looks through its frames once before
//! it writes the first file. Frames are never cut: a part ends before the frame
//! that would make it too large, and a single frame may be larger than that.

use prost::Message as _;
use rand::{RngCore as _, rngs::OsRng};
use rmd_proto::v1;
use sha2::{Digest as _, Sha256};

use super::{BUNDLE_ID_BYTES, Error, PARTS_MAX};

/// Compressed bytes of a frame; in smaller parts it is a part's.
const FRAME_BYTES: usize = 256 * 1024;

/// What one part holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// seq of its first entry.
    pub first_seq: u64,
    /// seq of its last entry; `first_seq - 1` where it holds none.
    pub last_seq: u64,
    /// Frames in it.
    pub frames: u64,
    /// Bytes of these frames with their lengths.
    pub bytes: u64,
    /// SHA-256 over these bytes.
    pub sha256: [u8; 32],
}

/// Sums up frames: how many, how many bytes, which digest.
#[derive(Debug, Clone, Default)]
pub(super) struct Tally {
    pub(super) frames: u64,
    pub(super) bytes: u64,
    digest: Sha256,
}

impl Tally {
    /// Counts one frame as it stands in a file.
    pub(super) fn add(&mut self, length: [u8; 4], frame: &[u8]) {
        self.frames += 1;
        self.bytes += 4 + frame.len() as u64;
        self.digest.update(length);
        self.digest.update(frame);
    }

    pub(super) fn sha256(&self) -> [u8; 32] {
        self.digest.clone().finalize().into()
    }
}

/// The announced length of a frame and its bytes.
pub(super) fn framed(frame: &v1::Frame) -> Result<([u8; 4], Vec<u8>), Error> {
    let bytes = frame.encode_to_vec();
    let (seen, limit) = (bytes.len() as u64, super::FRAME_MESSAGE_BYTES_MAX as u64);
    match u32::try_from(bytes.len()) {
        Ok(length) if seen <= limit => Ok((length.to_be_bytes(), bytes)),
        _ => Err(Error::Oversized { what: "frame", seen, limit }),
    }
}

/// Cuts a run of frames into parts as they come.
#[derive(Debug)]
pub struct Planner {
    part_bytes: u64,
    after_seq: u64,
    last_seq: u64,
    tally: Tally,
    parts: Vec<Part>,
}

impl Planner {
    /// Begins after a seq; parts have at most so many bytes of frames.
    pub fn new(after_seq: u64, part_bytes: u64) -> Self {
        let tally = Tally::default();
        Self { part_bytes, after_seq, last_seq: after_seq, tally, parts: Vec::new() }
    }

    /// Takes the next frame.
    pub fn push(&mut self, frame: &v1::Frame) -> Result<(), Error> {
        let (length, bytes) = framed(frame)?;
        let is_full = self.tally.bytes + 4 + bytes.len() as u64 > self.part_bytes;
        if self.tally.frames > 0 && is_full {
            self.close();
        }
        if self.parts.len() >= PARTS_MAX {
            return Err(Error::Parts { limit: PARTS_MAX });
        }
        if self.tally.frames == 0 {
            self.after_seq = frame.first_seq.saturating_sub(1);
        }
        self.last_seq = frame.last_seq;
        self.tally.add(length, &bytes);
        Ok(())
    }

    /// The parts: at least one, which holds no frame if there was none.
    pub fn finish(mut self) -> Vec<Part> {
        if self.tally.frames > 0 || self.parts.is_empty() {
            self.close();
        }
        self.parts
    }

    fn close(&mut self) {
        let tally = std::mem::take(&mut self.tally);
        self.parts.push(Part {
            first_seq: self.after_seq + 1,
            last_seq: self.last_seq,
            frames: tally.frames,
            bytes: tally.bytes,
            sha256: tally.sha256(),
        });
    }
}

/// The name of a part's file: `ends` says from whom or to whom. Names sort as the
/// parts follow one another.
pub fn part_name(
    ends: &str,
    manifest: &v1::BundleManifest,
    parts: &[Part],
    index: usize,
) -> String {
    let state = manifest.state.as_ref().map_or("", |state| &state.feed);
    let id = hex::encode(manifest.bundle_id.get(..4).unwrap_or_default());
    let (number, count) = (index + 1, parts.len());
    let (first, last) = parts.get(index).map_or((0, 0), |part| (part.first_seq, part.last_seq));
    format!("{ends}_{state}_{first:012}-{last:012}_{number}of{count}_{id}.age")
}

/// Compressed bytes of a frame in parts of so many bytes.
pub fn frame_bytes(part_bytes: u64) -> usize {
    usize::try_from(part_bytes).unwrap_or(FRAME_BYTES).min(FRAME_BYTES)
}

/// A new number for all parts of a bundle.
pub fn new_bundle_id() -> Vec<u8> {
    let mut id = vec![0; BUNDLE_ID_BYTES];
    OsRng.fill_bytes(&mut id);
    id
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_sort_as_the_parts_follow_one_another() {
        let state = v1::FeedState { feed: "shared".to_owned(), ..v1::FeedState::default() };
        let (state, bundle_id) = (Some(state), vec![0xab; BUNDLE_ID_BYTES]);
        let manifest = v1::BundleManifest { state, bundle_id, ..v1::BundleManifest::default() };
        let parts: Vec<Part> = [(8, 99), (100, 1200)]
            .map(|(first_seq, last_seq)| Part {
                first_seq,
                last_seq,
                frames: 1,
                bytes: 1,
                sha256: [0; 32],
            })
            .into();
        let names = [0, 1].map(|index| part_name("COD-cod-mines", &manifest, &parts, index));
        assert_eq!(names[0], "COD-cod-mines_shared_000000000008-000000000099_1of2_abababab.age");
        assert!(names.is_sorted());
    }

    #[test]
    fn a_frame_fits_into_a_small_part() {
        assert_eq!((frame_bytes(4096), frame_bytes(u64::MAX)), (4096, FRAME_BYTES));
    }
}
