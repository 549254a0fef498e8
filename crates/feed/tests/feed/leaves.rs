//! What the tree commits to: the header as it travels, then the digest.

use prost::Message;
use rmd_feed::{Body, Error, Follower, StoredEntry, frame, verify::Replay};
use rmd_proto::{Code, v1};

use crate::common::{FEED, entries, follower, key, log, origin, repacked, single};

/// Header of seq 1 of master-data, epoch 1, encoded by hand: a tombstone of
/// `MineSite` K, schema rmd.v1, mapping ab.
const HEADER: &str = "0a0b6d61737465722d646174611001180122084d696e65536974652a014b\
     3001380250015a06726d642e763162026162";

fn header() -> Vec<u8> {
    hex::decode(HEADER).unwrap()
}

fn field(entry: v1::Entry) -> &'static str {
    StoredEntry::decode(entry).unwrap_err().field
}

/// A follower, and a frame of three entries that it would take.
fn follower_and_frame() -> (Follower, v1::Frame) {
    let key = key();
    (follower(&key), single(&log().append(&entries(3), &key).unwrap()))
}

fn second_erased(frame: &v1::Frame, digest: [u8; 32]) -> v1::Frame {
    repacked(frame, |block| {
        let header = std::mem::take(&mut block.entry[1].header);
        let erased_digest = digest.to_vec();
        block.entry[1] = v1::Entry { header, erased_digest, ..v1::Entry::default() };
    })
}

/// Computed apart from this crate: `printf 00‖header‖7220‖sha256("") | sha256sum`.
#[test]
fn the_leaf_is_the_header_then_the_digest_as_field_14() {
    let entry = v1::Entry { header: header(), ..v1::Entry::default() };
    let entry = StoredEntry::decode(entry).unwrap();
    let digest = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    assert_eq!(hex::encode(entry.digest()), digest);
    assert_eq!(hex::encode(entry.leaf_bytes()), format!("{HEADER}7220{digest}"));
    assert_eq!(
        hex::encode(entry.leaf_hash()),
        "18321e518a2c78dba89617d13d2ed54e523cf5f74c5cd6acb3dc96da2ff9d3cf"
    );
    assert_eq!(entry.header_bytes, header());
}

#[test]
fn a_leaf_is_itself_a_header_with_its_digest() {
    let (_, frame) = follower_and_frame();
    for entry in frame::open(&frame).unwrap() {
        let sent = v1::EntryHeader::decode(entry.header_bytes.as_slice()).unwrap();
        assert_eq!(sent.payload_digest, None, "it does not travel");
        let leaf = v1::EntryHeader::decode(entry.leaf_bytes().as_slice()).unwrap();
        assert_eq!(leaf.payload_digest, Some(entry.digest().to_vec()));
        assert_eq!(leaf, entry.header);
        assert_eq!(leaf.encode_to_vec(), entry.leaf_bytes(), "no field comes after it");
    }
}

/// Even the right digest, even an empty one, even under a key of needless length.
#[test]
fn a_header_that_brings_its_digest_along_is_refused() {
    let right = StoredEntry::decode(v1::Entry { header: header(), ..v1::Entry::default() });
    let right = right.unwrap().leaf_bytes();
    let empty = [header(), vec![0x72, 0x00]].concat();
    let long = [header(), vec![0xF2, 0x00, 0x00]].concat();
    let first = [vec![0x72, 0x01, 0xFF], header()].concat();
    for header in [right, empty, long, first] {
        assert_eq!(field(v1::Entry { header, ..v1::Entry::default() }), "payload_digest");
    }
}

#[test]
fn an_erased_entry_has_the_leaf_that_it_had() {
    let (mut follower, whole) = follower_and_frame();
    let before = frame::open(&whole).unwrap();
    let erased = second_erased(&whole, before[1].digest());
    let after = frame::open(&erased).unwrap();
    assert_eq!((&after[1].body, after[1].payload()), (&Body::Erased, None));
    assert_eq!(after[1].leaf_hash(), before[1].leaf_hash());
    assert_eq!(after[1].header, before[1].header);
    assert_eq!(follower.accept(&erased).unwrap().len(), 3);
}

#[test]
fn an_erased_digest_that_the_owner_did_not_sign_is_refused() {
    let (mut follower, whole) = follower_and_frame();
    let forged = second_erased(&whole, [7; 32]);
    assert!(frame::open(&forged).is_ok(), "one entry alone does not show it");
    assert_eq!(follower.accept(&forged).unwrap_err().code, Code::RootMismatch);
}

#[test]
fn an_erased_entry_has_32_bytes_of_digest_and_nothing_else() {
    let entry = |erased_digest: Vec<u8>| v1::Entry {
        header: header(),
        erased_digest,
        ..v1::Entry::default()
    };
    assert!(StoredEntry::decode(entry(vec![1; 32])).is_ok());
    for length in [1, 31, 33, 64] {
        assert_eq!(field(entry(vec![1; length])), "erased_digest");
    }
    assert_eq!(field(v1::Entry { salt: vec![1; 16], ..entry(vec![1; 32]) }), "salt");
    assert_eq!(field(v1::Entry { payload: vec![1], ..entry(vec![1; 32]) }), "payload");
}

#[test]
fn a_payload_or_salt_that_was_exchanged_does_not_lead_to_the_signed_root() {
    type Change = fn(&mut v1::Entry);
    let changes: [Change; 3] = [
        |entry| entry.payload[0] ^= 1,
        |entry| entry.salt[15] ^= 0x80,
        |entry| entry.payload.push(0),
    ];
    for change in changes {
        let key = key();
        let block = log().append(&entries(3), &key).unwrap();
        let altered = repacked(&single(&block), |block| change(&mut block.entry[1]));
        let mut follower = follower(&key);
        assert_eq!(follower.accept(&altered).unwrap_err().code, Code::RootMismatch);
        assert_eq!(follower.cursor(), 0);
        // The owner, who has the hashes, finds the very entry.
        let stored = rmd_feed::Block { body: altered.body, ..block };
        let mut replay = Replay::new(FEED, 1, origin(), key.verifier());
        let broken = replay.push((&stored).into()).unwrap_err();
        assert!(matches!(broken.error, Error::Leaf { seq: 2, .. }), "{broken}");
    }
}
