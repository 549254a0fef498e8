//! A frame with one altered byte is refused, whichever byte it is.

use prost::Message;
use rmd_feed::{Follower, frame};
use rmd_proto::v1;

use crate::common::{FEED, blocks, follower, key, log};

/// A frame of two blocks, and a follower that would take it.
fn frame_and_follower() -> (v1::Frame, Follower) {
    let (mut log, key) = (log(), key());
    let blocks = blocks(&mut log, &key, &[1, 2]);
    (frame::build(FEED, 1, &blocks, 0).unwrap(), follower(&key))
}

/// Every byte of the encoded frame, with every other value: what a peer or a
/// broken disk could make of it. Either it is no frame any more, or it is refused.
#[test]
fn a_frame_with_one_altered_byte_is_refused_at_every_position() {
    let (frame, follower) = frame_and_follower();
    assert_eq!(follower.clone().accept(&frame).unwrap().len(), 3);
    let bytes = frame.encode_to_vec();
    for position in 0..bytes.len() {
        for mask in 1..=255 {
            let mut altered = bytes.clone();
            altered[position] ^= mask;
            let Ok(altered) = v1::Frame::decode(altered.as_slice()) else { continue };
            let mut follower = follower.clone();
            let taken = follower.accept(&altered);
            assert!(taken.is_err(), "byte {position} of {} ^ {mask:#04x} was taken", bytes.len());
            assert_eq!(follower.cursor(), 0);
        }
    }
}

#[test]
fn a_frame_that_is_cut_off_anywhere_is_refused() {
    let (frame, follower) = frame_and_follower();
    let bytes = frame.encode_to_vec();
    for length in 0..bytes.len() {
        let Ok(cut) = v1::Frame::decode(&bytes[..length]) else { continue };
        assert!(follower.clone().accept(&cut).is_err(), "{length} of {} bytes", bytes.len());
    }
}
