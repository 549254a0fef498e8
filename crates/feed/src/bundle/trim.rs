//! A frame without the blocks that a follower has.
//!
//! Two senders may cut one feed into frames at different blocks: the network
//! brought the first blocks of a frame that a bundle carries whole. A frame is
//! whole blocks end to end, so the rest is a frame again: the exact bytes of its
//! blocks, under the same checkpoint. Nothing is encoded anew.

use rmd_proto::v1;

use crate::{Error, frame, packing};

/// The part of a frame after a seq, which must be the end of one of its blocks; the
/// whole frame if it begins after it. Its root is for the follower to check.
pub fn trimmed(frame: v1::Frame, after_seq: u64) -> Result<v1::Frame, Error> {
    if frame.first_seq > after_seq || frame.last_seq <= after_seq {
        return Ok(frame);
    }
    let starts = packing::starts(frame::place(&frame), &frame.body)?;
    // The later it begins, the fewer entries are in the rest.
    let (mut low, mut high) = (0, starts.len());
    while low < high {
        let middle = low.midpoint(high);
        let rest = v1::Frame {
            first_seq: after_seq + 1,
            body: frame.body[starts[middle]..].to_vec(),
            ..frame.clone()
        };
        match frame::open(&rest) {
            Ok(_) => return Ok(rest),
            Err(Error::Count { expected, seen, .. }) if seen > expected => low = middle + 1,
            Err(Error::Count { .. }) => high = middle,
            Err(error) => return Err(error),
        }
    }
    Err(Error::Gap { feed: frame.feed, expected: after_seq + 1, seen: frame.first_seq })
}
