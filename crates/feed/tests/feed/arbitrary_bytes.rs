//! No bytes make a parser panic or take more memory than its limits.

use proptest::prelude::*;
use prost::Message;
use rmd_feed::{
    Checkpoint, FeedKey, FeedVerifier, RightEdge, StoredEntry, evidence, frame,
    verify::{Replay, Stored},
};
use rmd_proto::v1;

use crate::common::{FEED, follower, key, origin};

fn header() -> impl Strategy<Value = v1::EntryHeader> {
    let words = ("[a-z-]{0,12}", 0_u32..3, any::<u64>(), "\\PC{0,12}", "\\PC{0,12}", 0_u64..3);
    let rest = (0_i32..6, any::<i64>(), 0_u64..3, prop::option::weighted(0.2, bytes(40)));
    (words, rest).prop_map(|((feed, epoch, seq, entity, key, rev), (op, time, before, digest))| {
        v1::EntryHeader {
            feed,
            epoch,
            seq,
            entity,
            key,
            rev,
            op,
            captured_at_us: time,
            previous_seq: before,
            payload_digest: digest,
            schema_id: "rmd.v1".to_owned(),
            ..v1::EntryHeader::default()
        }
    })
}

fn bytes(most: usize) -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>(), 0..most)
}

fn erased_digest() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![Just(Vec::new()), prop::collection::vec(any::<u8>(), 32), bytes(40)]
}

/// Bodies that get past the packing: entries of any content, packed as they should be.
fn body() -> impl Strategy<Value = Vec<u8>> {
    let entry = (header(), bytes(20), bytes(40), erased_digest()).prop_map(
        |(header, salt, payload, erased_digest)| v1::Entry {
            header: header.encode_to_vec(),
            salt,
            payload,
            erased_digest,
        },
    );
    let packed = prop::collection::vec(entry, 0..5).prop_map(|entry| {
        let mut compressor = zstd::bulk::Compressor::new(1).unwrap();
        compressor.set_parameter(zstd::zstd_safe::CParameter::ChecksumFlag(true)).unwrap();
        compressor.compress(&v1::EntryBlock { entry }.encode_to_vec()).unwrap()
    });
    let raw = bytes(200).prop_map(|bytes| {
        let mut body = vec![0x28, 0xB5, 0x2F, 0xFD, 0x24];
        body.extend(bytes);
        body
    });
    prop_oneof![packed, raw, bytes(200)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn opening_any_frame_never_panics(
        body in body(),
        feed in "[a-z-]{0,12}",
        first in prop_oneof![0_u64..4, any::<u64>()],
        last in prop_oneof![0_u64..8, any::<u64>()],
        checkpoint in "\\PC{0,80}",
    ) {
        let frame = v1::Frame { feed, epoch: 1, first_seq: first, last_seq: last, body, checkpoint };
        if let Ok(entries) = frame::open(&frame) {
            prop_assert_eq!(entries.len() as u64, last - first + 1);
            for (entry, seq) in entries.iter().zip(first..) {
                prop_assert_eq!(entry.seq(), seq);
            }
        }
        let key = key();
        let followed = v1::Frame { feed: FEED.to_owned(), ..frame };
        prop_assert!(follower(&key).accept(&followed).is_err());
        let stored = Stored {
            first_seq: 1,
            last_seq: followed.last_seq,
            body: &followed.body,
            checkpoint: &followed.checkpoint,
            hashes: Some(&followed.body),
        };
        prop_assert!(Replay::new(FEED, 1, origin(), key.verifier()).push(stored).is_err());
    }

    #[test]
    fn decoding_any_entry_never_panics(
        header in prop_oneof![header().prop_map(|header| header.encode_to_vec()), bytes(120)],
        salt in bytes(20),
        payload in bytes(40),
        erased_digest in erased_digest(),
    ) {
        let entry = v1::Entry { header: header.clone(), salt, payload, erased_digest };
        match StoredEntry::decode(entry) {
            Ok(entry) => {
                let leaf = v1::EntryHeader::decode(entry.leaf_bytes().as_slice());
                prop_assert_eq!(leaf.as_ref(), Ok(&entry.header));
                prop_assert_eq!(entry.header_bytes, header);
            }
            Err(defect) => prop_assert!(defect.seen.len() < 500 && defect.expected.len() < 500),
        }
    }

    #[test]
    fn reading_any_text_never_panics(text in "\\PC{0,200}", lines in "([a-z0-9+/=— ]{0,40}\n){0,6}", size: u64) {
        let key = key();
        for text in [text.as_str(), lines.as_str()] {
            prop_assert!(Checkpoint::open(text, &origin(), &key.verifier(), size).is_err());
            prop_assert!(FeedVerifier::parse(text).is_err());
            prop_assert!(FeedKey::from_secret(text).is_err());
            let _ = evidence::read(text.as_bytes());
        }
        let _ = RightEdge::from_bytes(size, text.as_bytes());
    }
}
