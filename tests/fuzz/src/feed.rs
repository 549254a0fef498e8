//! Frames, the blocks inside them, and single entries.

use prost::Message as _;
use rmd_feed::{
    Body, StoredEntry, bundle, frame as frames,
    limits::{DECODED_BYTES_MAX, FRAME_BYTES_MAX, FRAME_ENTRIES_MAX, PAYLOAD_BYTES_MAX},
    verify::{Replay, Stored},
};
use rmd_proto::v1;

use crate::{
    Answer,
    owner::{self, FEED},
};

/// A `Frame` as a peer sends it.
pub fn frame(bytes: &[u8]) -> Answer {
    let Ok(frame) = v1::Frame::decode(bytes) else { return Answer::Refused };
    opened(&frame);
    judged(&frame)
}

/// The bytes of an `EntryBlock` before compression, packed as they must be and put
/// into a frame that fits: what no flipped byte of a checksummed frame ever reaches.
pub fn block(bytes: &[u8]) -> Answer {
    let entries = v1::EntryBlock::decode(bytes).map_or(1, |block| block.entry.len() as u64);
    let body = packed(bytes);
    let (feed, checkpoint) = (FEED.to_owned(), String::new());
    let last_seq = entries.max(1);
    let frame = v1::Frame { feed, epoch: 1, first_seq: 1, last_seq, body, checkpoint };
    assert_ne!(judged(&frame), Answer::Taken, "a frame without a checkpoint was taken");
    if opened(&frame) { Answer::Taken } else { Answer::Refused }
}

/// A part in columns before compression, behind the length of its rows, packed as it
/// must be and put into a frame that fits.
pub fn columns(bytes: &[u8]) -> Answer {
    let length = bytes.iter().take(10).position(|byte| *byte < 0x80).map_or(0, |last| last + 1);
    let (length, columns) = bytes.split_at(length);
    let zstd = zstd::bulk::compress(columns, 1).expect("zstd compresses any bytes");
    let head = [&[0x43], length].concat();
    let checksum = crc32fast::hash(&[head.as_slice(), &zstd].concat()).to_le_bytes();
    let body = [head.as_slice(), &checksum, &zstd].concat();
    // Columns begin with how many entries there are.
    let entries = columns.first().map_or(1, |count| u64::from(*count & 0x7F));
    let (feed, checkpoint) = (FEED.to_owned(), String::new());
    let last_seq = entries.max(1);
    let frame = v1::Frame { feed, epoch: 1, first_seq: 1, last_seq, body, checkpoint };
    assert_ne!(judged(&frame), Answer::Taken, "a frame without a checkpoint was taken");
    if opened(&frame) { Answer::Taken } else { Answer::Refused }
}

/// An `Entry` alone.
pub fn entry(bytes: &[u8]) -> Answer {
    let Ok(message) = v1::Entry::decode(bytes) else { return Answer::Refused };
    let (header, is_erased) = (message.header.clone(), !message.erased_digest.is_empty());
    match StoredEntry::decode(message.clone()) {
        Ok(entry) => {
            assert_eq!(entry.header_bytes, header, "a header is kept as it came");
            let leaf = v1::EntryHeader::decode(entry.leaf_bytes().as_slice());
            assert_eq!(leaf.as_ref(), Ok(&entry.header), "a leaf is a header with its digest");
            assert_eq!(entry.body == Body::Erased, is_erased);
            assert_eq!(StoredEntry::decode(written(&entry)).as_ref(), Ok(&entry));
            Answer::Taken
        }
        Err(defect) => {
            assert!(!defect.field.is_empty() && !defect.expected.is_empty(), "{defect:?}");
            assert!(defect.seen.len() + defect.expected.len() < 1000, "{defect:?}");
            Answer::Refused
        }
    }
}

/// zstd with a checksum, as a body must be.
pub(crate) fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut compressor = zstd::bulk::Compressor::new(1).expect("level 1 exists");
    let checksum = zstd::zstd_safe::CParameter::ChecksumFlag(true);
    compressor.set_parameter(checksum).expect("zstd has checksums");
    compressor.compress(bytes).expect("zstd compresses any bytes")
}

/// Opens a frame; whether that went well.
fn opened(frame: &v1::Frame) -> bool {
    let entries = match frames::open(frame) {
        Ok(entries) => entries,
        Err(error) => {
            owner::named(&error.english(), &error.french());
            return false;
        }
    };
    assert!(frame.body.len() <= FRAME_BYTES_MAX && entries.len() as u64 <= FRAME_ENTRIES_MAX);
    assert_eq!(entries.len() as u64, frame.last_seq - frame.first_seq + 1);
    let held = entries.iter().map(|entry| entry.payload().map_or(0, <[u8]>::len));
    assert!(held.clone().all(|bytes| bytes <= PAYLOAD_BYTES_MAX));
    assert!(held.sum::<usize>() <= DECODED_BYTES_MAX);
    for (entry, seq) in entries.iter().zip(frame.first_seq..) {
        assert_eq!((entry.seq(), &entry.header.feed), (seq, &frame.feed));
    }
    // Written back as a block, it opens to the same entries.
    let entry = entries.iter().map(written).collect();
    let body = packed(&v1::EntryBlock { entry }.encode_to_vec());
    if body.len() <= FRAME_BYTES_MAX {
        let again = v1::Frame { body, ..frame.clone() };
        assert_eq!(frames::open(&again).as_ref(), Ok(&entries));
    }
    true
}

/// Gives a frame to everybody who takes frames of a peer.
fn judged(frame: &v1::Frame) -> Answer {
    let mut follower = owner::follower();
    let taken = follower.accept(frame);
    let reached = if taken.is_ok() { frame.last_seq } else { 0 };
    assert_eq!(follower.cursor(), reached, "a refused frame moves nothing");
    let stored = Stored {
        first_seq: frame.first_seq,
        last_seq: frame.last_seq,
        body: &frame.body,
        checkpoint: &frame.checkpoint,
        hashes: None,
    };
    let is_ours = frame.feed == FEED && frame.epoch == 1 && frame.first_seq == 1;
    let mut replay = Replay::new(FEED, 1, owner::origin(), owner::key().verifier());
    let replayed = replay.push(stored);
    if is_ours {
        assert_eq!(replayed.is_ok(), taken.is_ok(), "{replayed:?} and {taken:?}");
    }
    if let Ok(rest) = bundle::trimmed(frame.clone(), 1) {
        assert!(rest == *frame || rest.first_seq == 2, "trimmed after 1");
    }
    match taken {
        Ok(_) => Answer::Taken,
        Err(refusal) => {
            owner::named(&refusal.message, &refusal.message_fr);
            Answer::Refused
        }
    }
}

fn written(entry: &StoredEntry) -> v1::Entry {
    let header = entry.header_bytes.clone();
    let (salt, payload, erased_digest) = match &entry.body {
        Body::Released { salt, payload } => (salt.clone(), payload.clone(), Vec::new()),
        Body::Erased => (Vec::new(), Vec::new(), entry.digest().to_vec()),
    };
    v1::Entry { header, salt, payload, erased_digest }
}
